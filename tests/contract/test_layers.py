"""A module imports only from smaller layer numbers: the one-way arrow is the architecture."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SIM = Path(__file__).parents[2] / "sim"

# From the bottom up.  `sim/__init__.py` stands above all: it only names what is public.
LAYERS = {
    "cache": 0, "kept": 0, "later": 0,
    "errors": 1, "kernels": 1, "pages": 1,
    "bundle": 2, "chance": 2, "parameters": 2, "workers": 2,
    "theatre": 3, "posterior": 3,
    "scenario": 4,
    "state": 5, "picture": 5,
    "mechanisms": 6, "doctrines": 6,
    "start": 7, "calendar": 7,
    "model": 8, "record": 8, "setting": 8,
    "result": 9,
    "ensemble": 10, "nulls": 10,
    "score": 11, "why": 11, "export": 11, "memory": 11,
    "calibration": 12,
    "cli": 13,
}  # fmt: skip


def modules() -> list[Path]:
    return sorted(path for path in SIM.rglob("*.py") if path != SIM / "__init__.py")


def part(path: Path) -> str:
    """The part of the package that a file belongs to: `sim/theatre/mesh.py` is of `theatre`."""
    return path.relative_to(SIM).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The parts of the package that a file imports when it runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module] if node.module != "sim" else [f"sim.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("sim.")}
    return found


def test_every_part_of_the_package_has_a_layer() -> None:
    assert {part(path) for path in modules()} == set(LAYERS)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SIM)))
def test_a_module_imports_only_from_smaller_layers(path: Path) -> None:
    own = part(path)
    up = [
        f"{own} (layer {LAYERS[own]}) imports {other} (layer {LAYERS[other]})"
        for other in sorted(imports(path) - {own})
        if LAYERS[other] >= LAYERS[own]
    ]
    assert not up, "\n".join(up)


def test_mesa_is_imported_by_the_model_only() -> None:
    users = [p.name for p in modules() if "mesa" in packages(p)]
    assert users == ["model.py"]


def packages(path: Path) -> set[str]:
    """The packages that a file imports from anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def test_kernels_import_numpy_and_numba_only() -> None:
    allowed = {"__future__", "heapq", "math", "numpy", "numba", "sim", "typing"}
    for path in (p for p in modules() if part(p) == "kernels" and p.name != "compiler.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert names <= allowed, f"{path.name} imports {sorted(names - allowed)}"
