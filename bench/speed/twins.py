"""Plain NumPy twins of compiled kernels: what one would write without a compiler.

Written as NumPy is meant to be used, whole arrays at a time and no loop over cells, so that the
ratio of a kernel to its twin says what the compiled loops are worth.  R runs, C cells, E pairs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.compiled import Stance
from sim.state import State
from sim.theatre.mesh import Crossing, MeshArrays

Array = NDArray[Any]


def picture(state: State, mesh: MeshArrays, quality: Array, parameters: Array) -> dict[str, Array]:
    """What `kernels.front.look` fills in, by name, for all runs at once."""
    runs, cells, _ = state.fighters.shape
    run = np.arange(runs)[:, None]
    held = state.holder

    origin = np.repeat(np.arange(cells), np.diff(mesh.indptr))
    a, b = held[:, origin], held[:, mesh.indices]
    somebody = (a >= 0) & (b >= 0)
    fight = np.where(somebody, state.stance[run, a, b] == Stance.HOSTILE, a != b)
    km = np.where(fight & (mesh.crossing != Crossing.CLOSED), mesh.border_km, 0.0)
    front_km = np.bincount((run * cells + origin).ravel(), km.ravel(), runs * cells)

    persons = np.add.reduceat(state.fighters, mesh.segment_start[:-1], axis=1)
    stock = np.divide(state.depot, persons, out=np.zeros(persons.shape), where=persons > 0)
    floor, knee = parameters["effect_floor"], parameters["ration_knee"]
    full = np.minimum(1.0, stock / knee[:, None, None])
    effect = floor[:, None, None] + (1.0 - floor[:, None, None]) * full
    men = state.fighters.sum(axis=2).astype(np.float64)
    cohesion = state.cohesion[:, mesh.sector]
    might = (state.fighters * quality * cohesion * effect[:, mesh.segment]).sum(axis=2)
    supply = (state.fighters * stock[:, mesh.segment]).sum(axis=2)

    # All (front cell, cell within reach of it) pairs of all runs, one after the other.
    front = np.flatnonzero((front_km > 0.0) & (held.ravel() >= 0))
    at, cell = np.divmod(front, cells)
    many = mesh.reach_indptr[cell + 1] - mesh.reach_indptr[cell]
    owner = np.repeat(np.arange(len(front)), many)
    first = np.repeat(mesh.reach_indptr[cell] - (np.cumsum(many) - many), many)
    near = at[owner] * cells + mesh.reach[first + np.arange(len(owner))]
    mine, theirs = held.ravel()[front][owner], held.ravel()[near]
    friend = (theirs >= 0) & (state.stance[at[owner], mine, theirs] == Stance.ALLIED)
    owner, near = owner[friend], near[friend]
    stretch = front_km[front][owner]
    spread_km = np.bincount(near, stretch, runs * cells)
    share = stretch / spread_km[near]

    def gathered(amount: Array) -> Array:
        found = np.zeros(runs * cells)
        found[front] = np.bincount(owner, amount.ravel()[near] * share, len(front))
        return found.reshape(runs, cells)

    ready, days = gathered(men), gathered(supply)
    weighed = (spread_km.reshape(runs, cells) > 0.0) | (state.distance < 0)
    return {
        "front_km": front_km.reshape(runs, cells),
        "men": men,
        "might": np.where(weighed, might, 0.0),
        "ready": ready,
        "ready_might": gathered(might),
        "ready_days": np.divide(days, ready, out=np.zeros(ready.shape), where=ready > 0.0),
        "spread_km": spread_km.reshape(runs, cells),
        "stock": stock,
    }
