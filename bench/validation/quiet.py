"""Quiet fronts: how much of the country changes hands where nobody ordered an attack.

`tests/data/quiet_mask.yaml` says which ground counts as quiet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from sim import CompiledScenario
from sim.scenario.compiled import Event, EventKind, Posture
from sim.theatre.mesh import Bank
from sim.theatre.theatre import KM_PER_DEGREE, Theatre, km_per_degree_east

Array = NDArray[Any]

MASK = Path(__file__).parents[2] / "tests" / "data" / "quiet_mask.yaml"


def quiet_cells(scenario: CompiledScenario) -> Array:
    """Whether each cell counts as quiet under the rule of the mask's file; (C,) bool."""
    rule = yaml.safe_load(MASK.read_text(encoding="utf-8"))
    theatre = scenario.theatre
    ordered, badia = rule["ordered"], rule["badia"]
    loud = np.zeros(theatre.mesh.cells, np.bool_)
    for event in scenario.events:
        if _is_order(event, ordered):
            loud[event.cells] = True
    for place in ordered["campaigns"]:
        loud[theatre.cells_of_place(place)] = True
    loud = _within(theatre, np.flatnonzero(loud), ordered["km"])
    desert = theatre.cells_of_districts(badia["districts"])
    loud[desert[theatre.mesh.bank[desert] == Bank[badia["bank"].upper()]]] = True
    for area in badia["areas"]:
        loud[scenario.areas.get(area, [])] = True
    return ~loud


def _is_order(event: Event, rule: dict[str, Any]) -> bool:
    """Whether an event's area is one of an ordered campaign."""
    if event.kind == EventKind.POSTURE:
        return _name(Posture(event.posture)) in rule["postures"]
    return _name(EventKind(event.kind)) in rule["kinds"]


def _name(member: EventKind | Posture) -> str:
    """The name that a scenario's author writes."""
    return member.name.lower().replace("_", "-")


def _within(theatre: Theatre, cells: Array, km: float) -> Array:
    """Whether each cell's centre lies within `km` of the centre of one of `cells`; (C,) bool."""
    mesh = theatre.mesh
    near = np.zeros(mesh.cells, np.bool_)
    for cell in cells:
        east = (mesh.lon - mesh.lon[cell]) * km_per_degree_east(mesh.lat[cell])
        north = (mesh.lat - mesh.lat[cell]) * KM_PER_DEGREE
        near |= east * east + north * north <= km * km
    return near
