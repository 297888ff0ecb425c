"""Every example in the docs that is marked `<!-- runnable -->` runs as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"<!-- runnable -->\n+```(python|console)\n(.*?)```", re.DOTALL)


def examples() -> list[tuple[str, str, str]]:
    """(place, language, text) of every marked example."""
    found = []
    for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]:
        for number, match in enumerate(BLOCK.finditer(path.read_text(encoding="utf-8")), 1):
            found.append((f"{path.name}-{number}", match.group(1), match.group(2)))
    return found


def commands(text: str) -> list[str]:
    """The commands of a console session: the lines after `$ `."""
    return [line[2:] for line in text.splitlines() if line.startswith("$ ")]


def test_the_readme_has_an_example_of_each_kind() -> None:
    kinds = {kind for name, kind, _ in examples() if name.startswith("README")}
    assert kinds == {"python", "console"}


@pytest.mark.parametrize(("place", "kind", "text"), examples(), ids=[e[0] for e in examples()])
def test_an_example_of_the_docs_runs(place: str, kind: str, text: str, tmp_path: Path) -> None:
    scripts = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    steps = [[sys.executable, "-c", text]]
    if kind == "console":
        assert commands(text), f"{place} has no line that begins with '$ '"
        steps = [["bash", "-euo", "pipefail", "-c", line] for line in commands(text)]
    for step in steps:
        done = subprocess.run(
            step, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{place}: {step[-1]}\n{done.stdout}\n{done.stderr}"
