"""Supply: what reaches a force along its roads, and what it eats."""

from __future__ import annotations

import numpy as np

from sim.kernels import supply as kernels
from sim.mechanisms.base import Mechanism, World
from sim.mechanisms.sectors import bucket_width
from sim.scenario.compiled import EventKind
from sim.state import State


class Supply(Mechanism):
    """Access falls with the way from the sources; depots fill with access and empty by eating.

    Loss-of-strength gradient: Boulding (1962), along travel cost on held and allied ground.
    Draws no chance.
    """

    name = "supply"
    reads = ("holder", "stance", "fighters", "posture", "depot", "supplied", "active")
    writes = ("distance", "access", "supplied", "depot")

    def apply(self, state: State, world: World) -> None:
        """See `Mechanism.apply`."""
        arrays, scenario = state.arrays(), world.scenario
        kernels.reach_out(
            arrays,
            world.mesh,
            bucket_width(scenario.theatre.mesh),
            scenario.source_cell,
            scenario.source_faction,
            scenario.source_strength,
            world.parameters,
        )
        kernels.feed(arrays, world.mesh, world.parameters)
        for i, event in world.events(state, EventKind.SUPPLY):
            kernels.deliver(
                arrays,
                world.mesh,
                event.cells,
                event.faction,
                event.intensity,
                np.ascontiguousarray(state.active[:, i]),
            )
