"""Deals: offers of evacuation and of reconciliation, and whether a stretch accepts."""

from __future__ import annotations

import numpy as np

from sim.kernels.deals import deal
from sim.mechanisms.base import Mechanism, World
from sim.mechanisms.sectors import plane, touching_sectors
from sim.scenario.compiled import EventKind
from sim.state import State


class Deals(Mechanism):
    """An offer gives an opportunity; a stretch under pressure may take it, and its ground passes.

    Pressure is encirclement, hunger and the odds around; people's leaning and their will to
    reconcile count; a neighbour's surrender is contagious (Lehmann & Zhukov 2019).  The hazard's
    form is assumed.  Draws: segment, faction that is asked, event; then cell.
    """

    name = "deals"
    reads = (
        "access",
        "active",
        "cause",
        "day",
        "depot",
        "fighters",
        "held_since",
        "holder",
        "incident_count",
        "incidents",
        "joined",
        "losses",
        "margin",
        "progress",
        "ratio",
        "attacker",
        "lost_by",
        "lost_on",
        "stance",
        "support",
        "surrendered_on",
        "will",
    )
    writes = (
        "attacker",
        "cause",
        "depot",
        "fighters",
        "held_since",
        "holder",
        "incident_count",
        "incidents",
        "joined",
        "losses",
        "lost_by",
        "lost_on",
        "margin",
        "progress",
        "ratio",
        "surrendered_on",
    )

    def apply(self, state: State, world: World) -> None:
        """One day of every offer in force, in the order of the calendar."""
        offers = [
            (i, event, kind is EventKind.RECONCILIATION_OFFER)
            for kind in (EventKind.EVACUATION_OFFER, EventKind.RECONCILIATION_OFFER)
            for i, event in world.events(state, kind)
            if event.other >= 0
        ]
        if not offers:
            return
        mesh = world.scenario.theatre.mesh
        x, y = plane(mesh)
        near = touching_sectors(mesh)
        arrays, keys = state.arrays(), world.draws(state, self.name)
        for i, event, reconcile in sorted(offers, key=lambda offer: offer[0]):
            deal(
                arrays,
                world.mesh,
                world.factions,
                world.scenario.refuge,
                state.joined,
                world.parameters,
                keys,
                state.day,
                x,
                y,
                near,
                event.cells,
                event.faction,
                event.other,
                int(event.route[-1]) if len(event.route) else -1,
                reconcile,
                np.uint64(event.key),
                np.ascontiguousarray(state.active[:, i]),
            )
