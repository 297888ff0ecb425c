"""The docs say what the code does: tables, order of the day, constants, headings, links."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sim.mechanisms import every_mechanism
from sim.parameters import Parameters
from sim.state import State
from sim.theatre import syria

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# kernels' files without numbers of a rule
NO_RULE = ("__init__", "bundles", "chance", "codes", "compiler", "detours", "marks", "muster")
# numbers of no meaning to the model: the largest, signs for what is not known, a guard of roundings
SIGNS = {"ways.FAR", "supply.ANEW", "supply.PLENTY", "policing.UNKNOWN"}
ELSEWHERE = {
    "mesh": "sim.theatre.mesh",
    "graph": "sim.theatre.graph",
    "syria": "sim.theatre.syria",
    "compile": "sim.scenario.compile",
    "state": "sim.state",
}


def build() -> ModuleType:
    """docs/build.py, which is a script and no part of the package."""
    spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def model_text() -> str:
    return (DOCS / "model.md").read_text(encoding="utf-8")


def headings(text: str) -> set[str]:
    """Headings without their numbers."""
    return set(re.findall(r"^#+ (?:[\d.]+ )?(.+)$", text, re.MULTILINE))


def constants_told() -> dict[str, str]:
    """module.NAME -> value, as the table of constants has them."""
    return dict(re.findall(r"^\| `([a-z]+\.[A-Z_]+)` \| ([^|]+) \|", model_text(), re.MULTILINE))


def constants_of_kernels() -> set[str]:
    """Every number of a rule that stands at the top of a kernel's file."""
    found = set()
    for path in sorted((ROOT / "sim" / "kernels").glob("*.py")):
        if path.stem in NO_RULE:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            name = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(name, ast.Name) and name.id.isupper():
                found.add(f"{path.stem}.{name.id}")
    return found - SIGNS


def test_the_generated_tables_are_those_of_the_code() -> None:
    text = model_text()
    assert build().refreshed(text) == text, "out of date: run `python docs/build.py`"


def test_the_tables_hold_every_parameter_and_every_array_of_the_state() -> None:
    parts = build().GENERATED
    for name in Parameters.model_fields:
        assert f"| `{name}` |" in parts["parameters"]()
    told = set(
        re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]+) \|", parts["state"](), re.M)))
    )
    assert told == set(State.__dataclass_fields__)


def test_a_table_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="generated: state"):
        build().refreshed("no marks")


def test_every_constant_of_the_kernels_is_told() -> None:
    told = constants_told()
    assert constants_of_kernels() <= set(told)
    assert {name for name in told if name.split(".")[0] not in ELSEWHERE} <= constants_of_kernels()


@pytest.mark.parametrize("name", sorted(constants_told()))
def test_a_constant_has_the_value_that_is_told(name: str) -> None:
    module, constant = name.split(".")
    where = ELSEWHERE.get(module, f"sim.kernels.{module}")
    value = getattr(importlib.import_module(where), constant)
    numbers = value.values() if isinstance(value, Mapping) else np.atleast_1d(value)
    assert constants_told()[name] == ", ".join(f"{float(number):g}" for number in numbers)


def test_the_order_of_the_day_is_told() -> None:
    told = re.findall(r"^\| (\d+) \| ([a-z]+) \|", model_text(), re.MULTILINE)
    assert told == [(str(i), rule.name) for i, rule in enumerate(every_mechanism(), 1)]


@pytest.mark.parametrize("resolution", [5, 6, 7])
def test_the_sizes_of_the_meshes_are_told(resolution: int) -> None:
    mesh = syria(resolution).mesh
    row = re.search(rf"^\| Syria, resolution {resolution}\b.*\|$", model_text(), re.MULTILINE)
    assert row is not None
    median = float(np.median(mesh.area))
    digits = 0 if median >= 10 else 1
    assert f" {mesh.cells:,} cells, median {median:.{digits}f} km2 " in row[0]
    whole = f"{mesh.area.astype(float).sum():,.0f} km2, {mesh.segments} segments"
    assert whole in model_text()


def test_sections_that_the_code_names_exist() -> None:
    named = set()
    for path in (ROOT / "sim").rglob("*.py"):
        text = re.sub(r"\s*\n\s*#?\s*", " ", path.read_text(encoding="utf-8"))
        named |= set(re.findall(r"docs/(model|design)\.md,? \"([^\"]+)\"", text))
    assert len(named) >= 4
    for page, section in sorted(named):
        assert section in headings((DOCS / f"{page}.md").read_text(encoding="utf-8")), section


@pytest.mark.parametrize("page", ["model.md", "design.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (DOCS / target).exists(), target


@pytest.mark.parametrize("page", ["model.md", "design.md"])
def test_files_that_are_named_exist(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for name in re.findall(r"`((?:sim|tests|docs|scenarios|bench)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name
