"""People: displacement, support and recruitment, cohesion and desertion."""

from __future__ import annotations

import numpy as np

from sim.kernels.people import displace, persuade, settle
from sim.mechanisms.base import Mechanism, World
from sim.mechanisms.sectors import (
    cells_of_sectors,
    main_sectors,
    sector_ways,
)
from sim.scenario.compiled import EventKind
from sim.state import State


class People(Mechanism):
    """People flee and return, lean to one side or another, join it, and leave it.

    Displacement has Flee's rules and numbers (Groen 2016) at the scale of districts: who leaves
    today is a guest elsewhere tonight, and no civilian is lost or born.  Support follows control
    (Kalyvas 2006; speed assumed) and leaflets (size assumed, sign contested); supporters join.
    Cohesion mends with time and suffers from hunger, and fighters desert where it is low (form:
    Koehler et al. 2016); losses in battle wear it down elsewhere, in engagement.
    Draws: displacement by cell or sector, recruits by sector and faction, desertion by segment and
    faction, each under its own name.
    """

    name = "people"
    reads = (
        *("active", "cohesion", "combat", "day", "depot", "displaced", "fighters", "holder"),
        *("joined", "losses", "population", "support", "suppressed", "will"),
    )
    writes = (
        *("cohesion", "displaced", "fighters", "joined", "losses", "population", "support"),
        "will",
    )

    def apply(self, state: State, world: World) -> None:
        """A day of flight and return, leaflets, drift, recruits, mending and desertion."""
        arrays, mesh, parameters = state.arrays(), world.mesh, world.parameters
        table = world.scenario.theatre.mesh
        displace(
            arrays,
            mesh,
            table.population,
            sector_ways(table),
            parameters,
            world.draws(state, "displacement"),
        )
        for i, event in world.events(state, EventKind.LEAFLETS):
            persuade(
                arrays,
                mesh,
                parameters,
                event.cells,
                event.weights.astype(np.float64),
                event.faction,
                event.other,
                float(event.intensity),
                np.ascontiguousarray(state.active[:, i]),
            )
        settle(
            arrays,
            state.joined,
            mesh,
            world.factions.key,
            *cells_of_sectors(table),
            *main_sectors(table),
            parameters,
            world.draws(state, "support"),
            world.draws(state, "cohesion"),
        )
