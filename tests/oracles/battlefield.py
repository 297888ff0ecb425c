"""Two armies on an invented plain, and a close look at their operations: for tests of direction.

RED holds the west, BLUE the east, each with a source of supply at its edge of the map; RED is
ordered to attack.  Everything else is the real model with default parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from sim.model import TerritoryModel
from sim.scenario.compiled import EventKind
from sim.state import Incident, Loss
from sim.theatre import grid
from tests.contract.wars import event, war

RED, BLUE = 0, 1
KM_PER_DEGREE = 111.2


def plain(terrain="d", *, rows=8, columns=8, hexagon_km=6.0, **options):
    """A theatre of one terrain."""
    row = " ".join([terrain] * columns)
    return grid("\n".join([row] * rows), hexagon_km=hexagon_km, **options)


def east(mesh):
    """How far east of the middle each cell lies, km."""
    return (mesh.lon - (mesh.lon.min() + mesh.lon.max()) / 2) * KM_PER_DEGREE


def armies(red, blue, ground, *, dug_in_days=0, days=365, **parameters):
    """A scenario: `red` against `blue` persons (or (low, high)), all within 10 km of their front.

    dug_in_days  for how long both have held their ground
    parameters   that differ from the defaults
    """
    mesh = ground.mesh
    holder = (east(mesh) > 0).astype(np.int8)
    near = np.abs(east(mesh)) < 10
    order = event(EventKind.OFFENSIVE, np.flatnonzero(holder == BLUE), end=days)
    scenario = war(
        ground,
        holder=holder,
        forces=[(f, np.flatnonzero(near & (holder == f)), (red, blue)[f]) for f in (RED, BLUE)],
        events=[order],
        source_faction=np.array([RED, BLUE], np.int8),
        source_cell=np.array([mesh.lon.argmin(), mesh.lon.argmax()], np.int32),
        source_strength=np.ones(2),
        support=np.full((mesh.sectors, 2), 0.3),
        parameters=parameters,
    )
    return replace(scenario, days=days, held_days=np.full(mesh.cells, dug_in_days, np.int16))


def begun(state, run, faction):
    """The operations that a faction began today in one run."""
    today = state.incidents[run, : state.incident_count[run]]
    return today[(today["kind"] == Incident.OPERATION) & (today["faction"] == faction)]


def operations(scenario, days, *, runs):
    """RED's operations in the order of days: combat power ratio, and whether it was won; (n, 2)."""
    model = TerritoryModel(scenario, runs=runs)
    found = []
    for _ in range(days):
        model.step()
        for r in range(runs):
            found += [(each["ratio"], each["margin"] > 0) for each in begun(model.state, r, RED)]
    return np.array(found, float).reshape(-1, 2)


@dataclass
class Fight:
    """One operation of RED's, from its first day to its last.

    engaged  fighters of RED's who fought on the first day
    losses   killed and wounded of RED and BLUE on each day
    alone    whether BLUE began none of its own meanwhile
    """

    engaged: int
    losses: list = field(default_factory=list)
    alone: bool = True


def fights(scenario, days, *, runs):
    """RED's operations on a theatre that is one segment a side, so that one is fought at a time."""
    model = TerritoryModel(scenario, runs=runs)
    state = model.state
    under_way: dict[int, Fight] = {}
    over = []
    before = state.losses[:, :, Loss.COMBAT].copy()
    for _ in range(days):
        model.step()
        lost = state.losses[:, :, Loss.COMBAT] - before
        before += lost
        for r in range(runs):
            for each in begun(state, r, RED):
                under_way[r] = Fight(int(each["persons"]))
            if r not in under_way:
                continue
            under_way[r].losses.append(lost[r].tolist())
            under_way[r].alone &= len(begun(state, r, BLUE)) == 0
            if not state.op_phase[r, :, RED].any():
                over.append(under_way.pop(r))
    return [fight for fight in over if fight.alone]


def share_taken(scenario, days, *, runs):
    """Share of BLUE's ground that RED holds in the end, for each run; (R,)."""
    model = TerritoryModel(scenario, runs=runs)
    for _ in range(days):
        model.step()
    area = model.world.mesh.area * (scenario.holder == BLUE)
    return ((model.state.holder == RED) * area).sum(axis=1) / area.sum()
