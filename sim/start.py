"""The first morning: a scenario's arrays become the state of R runs.

What sources disagree about (strengths, parameters) is drawn here, by name, once for each run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance import Keys, all_named, named, uniform
from sim.kept import kept
from sim.mechanisms.base import FactionArrays
from sim.mechanisms.sectors import plane
from sim.posterior import BEFORE
from sim.scenario.compiled import CompiledScenario, Force
from sim.state import State

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


def draw_strengths(forces: Sequence[Force], keys: Keys) -> Array:
    """How many persons each force has in each run: uniform between low and high; (R, N) int64."""
    low, high = (np.array([getattr(f, end) for f in forces], np.float64) for end in ("low", "high"))
    share = uniform(all_named(keys, BEFORE, [f"force:{force.id}" for force in forces]))
    return np.rint(low + (high - low) * share).astype(np.int64)


def spread(persons: Array, weights: Sequence[Array]) -> list[Array]:
    """Split whole persons (R, N) by N lists of weights that each sum to 1, losing nobody.

    Returns N arrays (R, n) int32, one number for each weight.
    """
    upto = [np.cumsum(one) for one in weights]
    for one in upto:
        one[-1] = 1.0
    ends = np.cumsum([0, *map(len, upto)])
    expected = np.repeat(persons, np.diff(ends), axis=1) * np.concatenate([*upto, np.empty(0)])
    reached = np.floor(expected + 1e-9).astype(np.int64)
    parts = np.diff(reached, axis=1, prepend=0).astype(np.int32)
    parts[:, ends[:-1]] = reached[:, ends[:-1]]  # each list begins anew
    return [parts[:, first:last] for first, last in pairwise(ends)]


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
    forces = scenario.forces
    parts = spread(draw_strengths(forces, keys), [force.weights for force in forces])
    for force, persons in zip(forces, parts, strict=True):
        where = state.covert if force.covert else state.fighters
        where[:, force.cells, force.faction] += persons
    people = state.fighters.transpose(0, 2, 1)  # as they lie in memory
    persons = np.add.reduceat(people, mesh.segment_start[:-1], axis=2).transpose(0, 2, 1)
    state.depot[:] = persons * scenario.stock
    return state


@kept
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
