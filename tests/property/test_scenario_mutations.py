"""Whatever is done to a scenario's files, loading them ends in a scenario or in a clear message.

`BADIA_MUTATIONS` says how many mutations are tried, 300 unless told.
"""

from __future__ import annotations

import copy
import datetime
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.errors import ScenarioError
from sim.scenario.check import check_report
from sim.scenario.find import list_scenarios
from sim.scenario.load import load_scenario
from sim.scenario.new import TEMPLATE

MUTATIONS = int(os.environ.get("BADIA_MUTATIONS", "300"))
SEED = 20180814
NAMES = ("scenario.yaml", "scenario.yaml", "scenario.yaml", "reports.yaml", "observed.yaml")
WORDS = [
    "", "null", "true", "no", "0", "-1", "1e400", ".nan", ".inf", "9" * 30, "2018-02-30", "-0.0",
    "2018-08-14", "12:30", "[]", "{}", "[1, 2]", "[2, 1]", "{a: b}", "'", '"', "*x", "&x y", "E4",
    "!!python/object:os.system x", "!!int x", "<<: {a: b}", "? [a]", "- - -", "| x", "> y", "---",
    "\u202e", "\ufeff", "e\u0301", "الهجين", "𝔥", "\t", "%TAG", "...", "#", "0x1F", "1_000",
    "nobody", "{area: {area: {}}}", "{places: [x], except: {places: [y], except: hills}}",
    "../../etc", "x" * 300, "holder('Birch') == 'HILLS'", "day > ", "((((",
    "{polygon: [[0, 0], [1, 1], [0, 1]]}",
]  # fmt: skip


def sources() -> list[Path]:
    """Folders to mutate: the template and every bundled scenario, all with ready-made maps."""
    return [TEMPLATE, *list_scenarios().values()]


def mutate(text: str, rng: random.Random) -> bytes:
    """Damage a text in one to three of the ways in which people and disks do."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        lines = text.split("\n")
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        way = rng.randrange(12)
        if way == 0:
            del lines[i]
        elif way == 1:
            lines.insert(j, lines[i])
        elif way == 2:
            lines[i] = lines[j]
        elif way == 3:
            lines[i], lines[j] = lines[j], lines[i]
        elif way == 4:
            lines[i] = " " * rng.randrange(1, 9) + lines[i].lstrip()
        elif way == 5:
            head, colon, _ = lines[i].partition(":")
            lines[i] = f"{head}{colon} {rng.choice(WORDS)}"
        elif way == 6:
            parts = lines[i].replace("{", " { ").replace("}", " } ").replace(",", " , ").split(" ")
            parts[rng.randrange(len(parts))] = rng.choice(WORDS)
            lines[i] = " ".join(parts)
        elif way == 7:
            at = rng.randrange(len(lines[i]) + 1)
            lines[i] = lines[i][:at] + rng.choice(WORDS) + lines[i][at:]
        elif way == 8:
            lines[i] = "".join(
                chr(rng.randrange(32, 0x3000)) if rng.random() < 0.1 else c for c in lines[i]
            )
        elif way == 9:
            del lines[min(i, j) : min(max(i, j), min(i, j) + 12)]
        elif way == 10:
            lines = lines[: max(i, 1)]
        else:
            lines[i] = lines[i].replace(rng.choice("[]{}:,-'\""), rng.choice("[]{}:,-'\""), 1)
        text = "\n".join(lines)
    raw = text.encode("utf-8", "replace")
    if rng.random() < 0.05:
        at = rng.randrange(len(raw) + 1)
        raw = raw[:at] + bytes([rng.randrange(256)]) + raw[at:]
    return raw


VALUES: list[Any] = [
    None, True, False, 0, -1, 7, 10**17, 1e308, -0.5, "", "x", "hills", "2030-03-05", [], {},
    [1, 2], [[0, 0], [1, 1]], {"all": True}, {"places": ["Birch"]}, ["PLAINS"],
    datetime.date(2030, 3, 5),
]  # fmt: skip


def mutate_tree(text: str, rng: random.Random) -> bytes:
    """Delete, replace, double, move or rename one to three nodes of a well-formed document."""
    tree = yaml.load(text, Loader=yaml.CSafeLoader)
    for _ in range(rng.choice((1, 1, 2, 3))):
        nodes = list(walk(tree))
        if not nodes:
            break
        parent, key = rng.choice(nodes)
        other, elsewhere = rng.choice(nodes)
        way = rng.randrange(5)
        if way == 0:
            del parent[key]
        elif way == 1:
            parent[key] = copy.deepcopy(rng.choice(VALUES))
        elif way == 2:
            parent[key] = copy.deepcopy(other[elsewhere])
        elif isinstance(parent, list):
            parent.insert(key, copy.deepcopy(parent[key]))
        elif way == 3:
            parent[rng.choice(["", "x", 3, None, "name", "area", "nobody", "é"])] = parent.pop(key)
        else:
            parent[key] = [copy.deepcopy(parent[key])]
    return yaml.dump(tree, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False).encode()


def walk(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every value in a document, as its container and its key in there."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items if isinstance(tree, (dict, list)) else ():
        yield tree, key
        if isinstance(value, (dict, list)):
            yield from walk(value)


def told(folder: Path) -> bool:
    """Whether a folder is refused; `check` and loading must agree, and every message be whole."""
    report = check_report(folder)
    try:
        load_scenario(folder)
    except ScenarioError as error:
        assert report["errors"]
        for problem in error.problems:
            assert problem.found
            assert problem.expected
            assert str(problem).isprintable(), repr(str(problem))
        return True
    assert all("observed" in problem["file"] for problem in report["errors"])
    return False


@pytest.mark.parametrize("part", range(4))
def test_a_damaged_scenario_loads_or_says_what_is_wrong(part: int, tmp_path: Path) -> None:
    rng = random.Random(SEED + part)
    folders = sources()
    refused = 0
    for number in range(part, MUTATIONS, 4):
        # Half of them small: the national scenarios take ten times as long.
        source = TEMPLATE if number % 8 < 4 else folders[number % len(folders)]
        folder = tmp_path / "mutant"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        name = rng.choice([name for name in NAMES if (folder / name).exists()])
        text = (folder / name).read_text(encoding="utf-8")
        raw = (mutate_tree if rng.random() < 0.3 else mutate)(text, rng)
        (folder / name).write_bytes(raw)
        try:
            refused += told(folder)
        except Exception as error:
            keep = Path(os.environ.get("BADIA_MUTANTS", tmp_path)) / f"mutant-{part}-{number}"
            shutil.copytree(folder, keep, dirs_exist_ok=True)
            pytest.fail(f"mutation {number} of {source.name}/{name}: {error!r}, kept in {keep}")
    assert 0 < refused < MUTATIONS
