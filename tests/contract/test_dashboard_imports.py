"""The dashboard stands on the public names of `sim`; what it shows is kept as texts."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim
from dashboard.texts import ENGLISH, texts

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "dashboard"
FILES = sorted(DASHBOARD.rglob("*.py"))
COUNTED = ("one", "many")  # the two forms of a text that `plural` chooses from


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> list[str]:
    """The dotted names that a file imports: modules, and what it takes from them."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """The calls of functions of those names in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if (node.func.id if isinstance(node.func, ast.Name) else called) in names:
                yield node


def literals(node: ast.AST) -> set[str]:
    """The strings that an argument can be: a literal, or each side of `a if b else c`."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def holes(name: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(texts()[name]) if field}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_the_dashboard_imports_only_public_names_of_sim(path: Path) -> None:
    public = {f"sim.{name}" for name in sim.__all__} | {"sim"}
    private = [n for n in imported(path) if n.split(".")[0] == "sim" and n not in public]
    assert private == []


def test_the_engine_knows_of_the_dashboard_only_in_the_command_that_starts_it() -> None:
    users = {
        named(path)
        for path in (ROOT / "sim").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] == "dashboard"
    }
    assert users == {"sim/cli/dashboard.py"}


def test_the_command_line_starts_without_the_dashboard() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from sim.cli.app import app\n"
        "assert CliRunner().invoke(app, ['dashboard', '--help']).exit_code == 0\n"
        "print(sorted({'dashboard', 'streamlit', 'starlette', 'pandas'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_text_that_is_asked_for_exists_and_gets_what_its_holes_need(path: Path) -> None:
    wrong = []
    for call in calls(path, "say", "plural"):
        counted = "plural" in ast.unparse(call.func)
        given = {keyword.arg for keyword in call.keywords} - {"language"}
        for stem in sorted(literals(call.args[0])):
            for name in [f"{stem}.{form}" for form in COUNTED] if counted else [stem]:
                where = f"{named(path)}:{call.lineno}: {name}"
                if name not in texts():
                    wrong.append(f"{where} does not exist")
                elif None not in given and not holes(name) <= given | ({"n"} if counted else set()):
                    wrong.append(f"{where} lacks {sorted(holes(name) - given)}")
                elif not counted and given - {None} - holes(name):
                    wrong.append(f"{where} has no hole for {sorted(given - {None} - holes(name))}")
    assert not wrong, "\n".join(wrong)


def patterns() -> list[re.Pattern[str]]:
    """What the names can be that code puts together: `f"charts.where.{point}"` and the like."""
    found = []
    for node in (node for path in FILES for node in ast.walk(tree(path))):
        if isinstance(node, ast.JoinedStr):
            pieces = [
                re.escape(str(piece.value)) if isinstance(piece, ast.Constant) else r"[\w-]+"
                for piece in node.values
            ]
            if re.match(r"[a-z]+\\\.", pieces[0]):  # begins with the name of a file of texts
                found.append(re.compile("".join(pieces) + rf"(\.({'|'.join(COUNTED)}))?"))
    return found


def test_no_text_is_left_over() -> None:
    words = {
        node.value
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    parts = {p for path in FILES for call in calls(path, "part") for p in literals(call.args[0])}
    made = patterns()
    unused = [
        name
        for name in texts()
        if name not in words
        and not (name.rsplit(".", 1)[-1] in COUNTED and name.rsplit(".", 1)[0] in words)
        and not any(name.startswith(prefix + ".") for prefix in parts)
        and not any(pattern.fullmatch(name) for pattern in made)
    ]
    assert unused == []


def test_what_the_map_shows_is_named_by_the_texts_that_it_is_sent() -> None:
    """The other way round too: each text of the map stands in one of its scripts."""
    scripts = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(DASHBOARD.rglob("frontend/*.js"))
    )
    names = [name.removeprefix("map.") for name in texts() if name.startswith("map.")]
    assert names
    made = {name for name in names if name.rpartition(".")[0] + ".${" in scripts}
    assert [name for name in names if name not in scripts and name not in made] == []


def test_every_file_of_texts_can_be_read_alone() -> None:
    files = sorted((DASHBOARD / "texts" / ENGLISH).glob("*.yaml"))
    assert {name.split(".")[0] for name in texts()} == {file.stem for file in files}
