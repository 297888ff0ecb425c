"""Write the generated tables of docs/model.md: state, mesh and parameters.

    python docs/build.py

Each table stands between two marks, `<!-- generated: NAME -->` and `<!-- end of NAME -->`.  What it
says is taken from the code, where it is said once: the docstrings of `State` and `Mesh`, the fields
of `Parameters`.  A test fails while a table is out of date.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

from sim.parameters import Parameters
from sim.state import State
from sim.theatre.mesh import Mesh

MODEL = Path(__file__).parent / "model.md"
SECTION = re.compile(r"^    # --- (.+) ---$")
FIELD = re.compile(r"^    (\w+): float = ")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def fields_of(documented: type) -> str:
    """The fields that a class' docstring lists: name, shape and type, meaning.

    A line with three columns, two spaces or more apart, is a field; a line that is indented goes on
    with the one before it.
    """
    rows: list[list[str]] = []
    for line in inspect.cleandoc(documented.__doc__ or "").splitlines():
        columns = re.split(r"\s{2,}", line)
        if line.startswith(" ") and rows:
            rows[-1][-1] += " " + line.strip()
        elif len(columns) > 2:
            names = ", ".join(f"`{name}`" for name in columns[0].split(", "))
            rows.append([names, " ".join(columns[1:-1]), columns[-1]])
    return table(["field", "shape, type", "meaning"], rows)


def parameters() -> str:
    """One table for each section of `Parameters`."""
    parts: list[str] = []
    rows: list[list[str]] = []
    title = ""

    def close() -> None:
        if rows:
            head = ["parameter", "default", "range", "unit", "meaning", "evidence"]
            parts.append(f"### Parameters: {title}\n\n{table(head, rows)}")

    for line in inspect.getsource(Parameters).splitlines():
        if section := SECTION.match(line):
            close()
            title, rows = section[1], []
        elif field := FIELD.match(line):
            info = Parameters.model_fields[field[1]]
            extra = info.json_schema_extra
            assert isinstance(extra, dict)
            low, high = extra["range"]  # type: ignore[misc]
            rows.append([
                f"`{field[1]}`", f"{info.default:g}", f"{low:g} to {high:g}", str(extra["unit"]),
                info.description or "", str(extra["evidence"]),
            ])  # fmt: skip
    close()
    return "\n\n".join(parts)


GENERATED: dict[str, Callable[[], str]] = {
    "state": lambda: fields_of(State),
    "mesh": lambda: fields_of(Mesh),
    "parameters": parameters,
}


def refreshed(text: str) -> str:
    """The text with every generated table made anew; ValueError where its marks are missing."""
    for name, make in GENERATED.items():
        first, last = f"<!-- generated: {name} -->", f"<!-- end of {name} -->"
        if text.count(first) != 1 or text.count(last) != 1:
            raise ValueError(f"docs/model.md: expected '{first}' and '{last}' once each.")
        before, after = text.split(first)[0], text.split(last)[1]
        text = f"{before}{first}\n\n{make()}\n\n{last}{after}"
    return text


if __name__ == "__main__":
    MODEL.write_text(refreshed(MODEL.read_text(encoding="utf-8")), encoding="utf-8")
