"""The generated parts of the format's reference: tables of docs/scenario.md and the JSON Schema.

`python -m sim.scenario.reference` writes them anew from the schema and the catalogue of messages;
a test fails when that was forgotten.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.scenario import schema
from sim.scenario.messages import ERRORS, WARNINGS, message_table

DOCS = Path(__file__).resolve().parents[2] / "docs"
_MARK = re.compile(r"(<!-- (?P<name>[\w ]+) begins -->\n).*?(<!-- (?P=name) ends -->)", re.S)


def key_table(model: type[BaseModel]) -> str:
    """The keys of one part of a scenario as a Markdown table."""
    properties = schema.json_schema()["$defs"][model.__name__]["properties"]
    needed = {f.alias or name for name, f in model.model_fields.items() if f.is_required()}
    rows = ["| Key | Must | Value | Meaning |", "| --- | --- | --- | --- |"]
    for name, field in model.model_fields.items():
        key = field.alias or name
        said = properties[key]
        extra = field.json_schema_extra
        unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
        value = ", ".join(part for part in (_value(name, said), _limits(said), _unit(unit)) if part)
        default = said.get("default")
        if default not in (None, [], {}, "") and not isinstance(default, dict):
            value += f"; {json.dumps(default)} if left out"
        must = "yes" if key in needed else ""
        rows.append(f"| `{key}` | {must} | {value} | {field.description} |")
    return "\n".join(rows)


def kind_table() -> str:
    """What each kind of event must and may say, as a Markdown table."""
    rows = ["| Kind | Must | May |", "| --- | --- | --- |"]
    for kind, (needs, may) in schema.EVENT_KEYS.items():
        cells = (", ".join(f"`{key}`" for key in keys) for keys in (needs, may))
        rows.append(f"| `{kind}` | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def parts() -> dict[str, str]:
    """The generated parts of docs/scenario.md by the name of their mark."""
    models: dict[str, type[BaseModel]] = {
        "scenario": schema.Scenario, "theatre": schema.TheatreSpec, "finer": schema.Finer,
        "grid place": schema.GridPlace, "area": schema.Area, "faction": schema.FactionSpec,
        "source": schema.Source, "stances": schema.Stances, "pair": schema.Pair,
        "control": schema.Control, "force": schema.ForceSpec, "support": schema.Support,
        "event": schema.EventSpec, "question": schema.Question, "report": schema.Report,
        "observation": schema.Observation,
    }  # fmt: skip
    tables = {f"{name} keys": key_table(model) for name, model in models.items()}
    return tables | {
        "kinds": kind_table(),
        "errors": message_table(ERRORS),
        "warnings": message_table(WARNINGS),
    }


def fill(text: str) -> str:
    """A document with the generated parts put between their marks."""
    known = parts()
    missing = [name for name in known if f"<!-- {name} ends -->" not in text]
    if missing:
        raise ValueError(f"docs/scenario.md lacks the marks of {missing}")
    return _MARK.sub(lambda m: f"{m.group(1)}{known[m.group('name')]}\n{m.group(3)}", text)


def schema_text() -> str:
    """The content of docs/scenario.schema.json."""
    return json.dumps(schema.json_schema(), indent=1, ensure_ascii=False) + "\n"


def _value(name: str, said: dict[str, Any]) -> str:
    """The kind of value in a few words."""
    options = [option for option in said.get("anyOf", [said]) if option.get("type") != "null"]
    return " or ".join(dict.fromkeys(_word(name, option) for option in options))


def _word(name: str, option: dict[str, Any]) -> str:
    if "$ref" in option:
        return {"except_": "an area", "stances": "see below", "theatre": "see below"}.get(
            name, "an area"
        )
    if "oneOf" in option or "anyOf" in option:
        return _value(name, {"anyOf": option.get("oneOf") or option["anyOf"]})
    if "enum" in option:
        return ", ".join(f"`{choice}`" for choice in option["enum"])
    if "const" in option:
        return f"`{json.dumps(option['const'])}`"
    kind = option.get("type")
    if kind == "string":
        if name in ("area", "except_", "origin", "refuge"):
            return "an area's name"
        if option.get("format") == "date":
            return "a date"
        return "text"
    words = {"integer": "a whole number", "number": "a number", "boolean": "`true` or `false`"}
    words |= {"array": "a list", "object": "a mapping"}
    if name in ("persons", "parameters") and kind == "array":
        return "[low, high]"
    return words[str(kind)]


def _limits(said: dict[str, Any]) -> str:
    options = [said, *said.get("anyOf", [])]
    low = next((o["minimum"] for o in options if "minimum" in o), None)
    high = next((o["maximum"] for o in options if "maximum" in o), None)
    if low is None or high is None:
        return ""
    return f"{low:,} to {high:,}"


def _unit(unit: str) -> str:
    return "" if unit in ("", "1") else unit


def main() -> None:
    """Write the generated parts anew."""
    page = DOCS / "scenario.md"
    page.write_text(fill(page.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "scenario.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
