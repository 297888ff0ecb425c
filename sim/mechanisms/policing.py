"""Policing and raids: networks that hold no ground, those who hunt them, and what they do."""

from __future__ import annotations

import numpy as np

from sim.kernels.policing import chill, police
from sim.mechanisms.base import Mechanism, World
from sim.mechanisms.campaigns import campaigns
from sim.scenario.compiled import EventKind
from sim.state import State


class Policing(Mechanism):
    """Police arrest members of hostile and rival networks on their own ground; raiders strike.

    Arrests are limited by intelligence (Kress & Szechtman 2009) and by police per inhabitant
    (Quinlivan 1995).  Arrests of people who would reconcile lower the will to do so.  Raids are
    small blows on both sides; rate and cost are assumed.  No ground changes hands.
    Draws: arrests by cell and network, raids by the raiders' cell and faction, each under its own
    name.
    """

    name = "policing"
    reads = (
        *("active", "covert", "day", "displaced", "fighters", "holder", "incident_count"),
        *("incidents", "losses", "population", "posture", "stance", "support", "will"),
    )
    writes = ("covert", "fighters", "incident_count", "incidents", "losses", "will")

    def apply(self, state: State, world: World) -> None:
        """A day of arrests, harder where a campaign is in force, of raids and of fear."""
        arrays = state.arrays()
        police(
            arrays,
            state.active,
            world.mesh,
            world.factions.key,
            world.parameters,
            world.draws(state, "arrests"),
            world.draws(state, "raids"),
            campaigns(world, EventKind.ARRESTS, reconcilers=False),
        )
        for i, event in world.events(state, EventKind.ARRESTS):
            if event.reconcilers:
                chill(
                    arrays,
                    world.mesh,
                    world.parameters,
                    event.cells,
                    event.weights.astype(np.float64),
                    event.faction,
                    float(event.intensity),
                    np.ascontiguousarray(state.active[:, i]),
                )
