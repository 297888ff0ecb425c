"""The reference of the format says what the schema says."""

from __future__ import annotations

import json

import pytest

from sim.parameters import Parameters
from sim.scenario import schema
from sim.scenario.compiled import EventKind
from sim.scenario.find import list_scenarios
from sim.scenario.load import load_scenario
from sim.scenario.reference import DOCS, fill, schema_text


def test_the_generated_parts_of_the_docs_are_current() -> None:
    page = (DOCS / "scenario.md").read_text(encoding="utf-8")
    assert page == fill(page), "run python -m sim.scenario.reference"


def test_the_json_schema_is_current_and_whole() -> None:
    text = (DOCS / "scenario.schema.json").read_text(encoding="utf-8")
    assert text == schema_text(), "run python -m sim.scenario.reference"
    definitions = json.loads(text)["$defs"]
    assert {"Scenario", "Report", "Observation"} <= set(definitions)
    assert set(definitions["Scenario"]["properties"]["parameters"]["properties"]) == set(
        Parameters.model_fields
    )


def test_every_field_is_described() -> None:
    models = [
        m for m in vars(schema).values() if isinstance(m, type) and issubclass(m, schema.Spec)
    ]
    bare = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert len(models) == 17
    assert bare == []


def test_every_kind_of_event_has_its_keys() -> None:
    kinds = {kind.name.lower().replace("_", "-") for kind in EventKind}
    assert kinds == set(schema.KINDS) == set(schema.EVENT_KEYS)
    keys = {f.alias or name for name, f in schema.EventSpec.model_fields.items()}
    told = {key for needs, may in schema.EVENT_KEYS.values() for key in (*needs, *may)}
    assert told | set(schema.COMMON) == keys


@pytest.mark.parametrize("name", list_scenarios())
def test_bundled_scenarios_load(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.forces
    assert scenario.questions
