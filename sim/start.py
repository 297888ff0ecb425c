"""The first morning: a scenario's arrays become the state of R runs.

What sources disagree about (strengths, parameters) is drawn here, by name, once for each run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance import Keys, named, uniform
from sim.kernels import geometry
from sim.mechanisms.base import FactionArrays
from sim.posterior import BEFORE
from sim.scenario.compiled import CompiledScenario, Force
from sim.state import State
from sim.theatre.mesh import Mesh

Array = NDArray[Any]


def draw_parameters(
    scenario: CompiledScenario, keys: Keys, changes: Mapping[str, Any] | None
) -> NDArray[np.void]:
    """One record per run, (R,): defaults, then a draw of the posterior, then the scenario's ranges
    drawn by name, then `changes`.  What a scenario sets itself is no part of its posterior."""
    drawn: dict[str, Any] = scenario.posterior.draw(keys) if scenario.posterior else {}
    for name, (low, high) in scenario.ranges.items():
        drawn[name] = low + (high - low) * uniform(named(keys, BEFORE, f"parameter:{name}"))
    return scenario.parameters.table(len(keys), {**drawn, **(changes or {})})


def draw_strength(force: Force, keys: Keys) -> Array:
    """How many persons a force has in each run: uniform between low and high; (R,) int64."""
    share = uniform(named(keys, BEFORE, f"force:{force.id}"))
    return np.rint(force.low + (force.high - force.low) * share).astype(np.int64)


def spread(persons: Array, weights: Array) -> Array:
    """Split whole persons (R,) by weights (n,) that sum to 1, losing nobody; (R, n) int32."""
    upto = np.cumsum(weights)
    upto[-1] = 1.0
    reached = np.floor(persons[:, None] * upto[None, :] + 1e-9).astype(np.int64)
    return np.diff(reached, axis=1, prepend=0).astype(np.int32)


def first_morning(scenario: CompiledScenario, keys: Keys) -> State:
    """The state of all runs on day 0, before anything has happened."""
    mesh = scenario.theatre.mesh
    state = State.empty(
        len(keys),
        mesh.cells,
        scenario.factions,
        mesh.segments,
        mesh.sectors,
        len(scenario.events),
    )
    state.holder[:] = scenario.holder
    state.held_since[:] = -scenario.held_days
    state.stance[:] = scenario.stance
    state.support[:] = scenario.support
    state.cohesion[:] = scenario.cohesion
    state.population[:] = mesh.population
    for force in scenario.forces:
        where = state.covert if force.covert else state.fighters
        persons = spread(draw_strength(force, keys), force.weights)
        where[:, force.cells, force.faction] += persons
    persons = np.add.reduceat(state.fighters, mesh.segment_start[:-1], axis=1)
    state.depot[:] = persons * scenario.stock
    return state


def faction_arrays(scenario: CompiledScenario) -> FactionArrays:
    """What kernels know of factions, with the nearest refuge of each segment."""
    mesh = scenario.theatre.mesh
    x, y = plane(mesh)
    cell = np.full((scenario.factions, mesh.segments), -1, np.int32)
    km = np.zeros((scenario.factions, mesh.segments))
    first = mesh.segment_start[:-1]
    for f in range(scenario.factions):
        refuge = np.flatnonzero(scenario.refuge[f])
        if len(refuge):
            dx = x[first][:, None] - x[refuge][None, :]
            dy = y[first][:, None] - y[refuge][None, :]
            square = dx * dx + dy * dy
            nearest = square.argmin(axis=1)
            cell[f] = refuge[nearest]
            km[f] = np.sqrt(square[np.arange(mesh.segments), nearest])
    return FactionArrays(scenario.faction_keys, scenario.quality, cell, km)


def plane(mesh: Mesh) -> tuple[Array, Array]:
    """Coordinates of the cells' centres on a plane, km; good to about 1 % over Syria."""
    return geometry.plane(mesh.lon, mesh.lat)
