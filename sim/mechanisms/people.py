"""People: displacement, support and recruitment, cohesion and desertion."""

from __future__ import annotations

import numpy as np

from sim.kernels.people import displace, persuade, settle
from sim.kernels.residents import count_residents
from sim.mechanisms.base import Mechanism, World
from sim.mechanisms.sectors import (
    cells_of_sectors,
    first_ground,
    main_sectors,
    sector_ways,
    settled,
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
        mesh, parameters = world.mesh, world.parameters
        table = world.scenario.theatre.mesh
        displace(
            state.population,
            state.displaced,
            state.combat,
            state.suppressed,
            mesh.sector,
            mesh.key,
            mesh.sector_key,
            table.population,
            sector_ways(table),
            parameters,
            world.draws(state, "displacement"),
        )
        leaflets = world.events(state, EventKind.LEAFLETS)
        if leaflets:
            residents = np.empty((state.runs, len(mesh.sector_key)), np.int64)
            count_residents(
                state.population, table.population, mesh.sector, settled(table), residents
            )
        for i, event in leaflets:
            persuade(
                state.support,
                state.will,
                state.population,
                mesh.sector,
                parameters,
                residents,
                event.cells,
                event.weights.astype(np.float64),
                event.faction,
                event.other,
                float(event.intensity),
                np.ascontiguousarray(state.active[:, i]),
            )
        settle(
            state.arrays(),
            state.joined,
            mesh,
            world.factions.key,
            world.scenario.holder,
            table.population,
            world.once("first ground", lambda: first_ground(world.scenario)),
            *cells_of_sectors(table),
            *main_sectors(table),
            parameters,
            world.draws(state, "support"),
            world.draws(state, "cohesion"),
        )
