"""Campaigns over areas, side by side as kernels take them."""

from __future__ import annotations

import numpy as np

from sim.kernels.campaigns import Campaigns
from sim.mechanisms.base import World
from sim.scenario.compiled import EventKind


def campaigns(world: World, kind: EventKind, *, reconcilers: bool | None = None) -> Campaigns:
    """The scenario's campaigns of one kind, in force or not; worked out once.

    reconcilers  only arrests of people who would reconcile, or only those of networks; None all
    """
    return world.once(
        ("campaigns", kind, reconcilers), lambda: _side_by_side(world, kind, reconcilers)
    )


def _side_by_side(world: World, kind: EventKind, reconcilers: bool | None) -> Campaigns:
    wanted = [
        (i, event) for i, event in world.calendar(kind) if reconcilers in (None, event.reconcilers)
    ]
    events = [event for _, event in wanted]
    return Campaigns(
        event=np.array([i for i, _ in wanted], np.int64),
        key=np.array([e.key for e in events], np.uint64),
        faction=np.array([e.faction for e in events], np.int64),
        other=np.array([e.other for e in events], np.int64),
        intensity=np.array([e.intensity for e in events], np.float64),
        start=np.cumsum([0] + [len(e.cells) for e in events], dtype=np.int64),
        cells=np.concatenate([np.empty(0, np.int32), *(e.cells for e in events)]),
        weights=np.concatenate([np.empty(0), *(e.weights for e in events)]).astype(np.float64),
    )
