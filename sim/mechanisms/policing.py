"""Policing and raids: networks that hold no ground, those who hunt them, and what they do."""

from __future__ import annotations

import numpy as np

from sim.kernels.people import count_residents
from sim.kernels.policing import Campaigns, chill, police, raid
from sim.mechanisms.base import Mechanism, World
from sim.scenario.compiled import Event, EventKind
from sim.state import State


def _flat(events: list[tuple[int, Event]]) -> Campaigns:
    """Arrest campaigns as flat arrays; `active` is left empty."""
    return Campaigns(
        active=np.zeros((0, 0), np.bool_),
        faction=np.array([e.faction for _, e in events], np.int64),
        other=np.array([e.other for _, e in events], np.int64),
        intensity=np.array([e.intensity for _, e in events], np.float64),
        start=np.cumsum([0] + [len(e.cells) for _, e in events], dtype=np.int64),
        cells=np.concatenate([np.empty(0, np.int32), *(e.cells for _, e in events)]),
        weights=np.concatenate([np.empty(0), *(e.weights for _, e in events)]).astype(np.float64),
    )


def _campaigns(events: list[tuple[int, Event]], state: State, world: World) -> Campaigns:
    """Today's arrest campaigns as flat arrays."""
    these = [i for i, _ in events]
    fixed = world.once(("campaigns", *these), lambda: _flat(events))
    return fixed._replace(active=np.ascontiguousarray(state.active[:, these]))


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
        """A day of arrests, harder where a campaign is in force, then of raids."""
        events = world.events(state, EventKind.ARRESTS)
        against_networks = [(i, event) for i, event in events if not event.reconcilers]
        arrays, key = state.arrays(), world.factions.key
        residents = np.empty((state.runs, len(world.mesh.sector_key)), np.int64)
        count_residents(state.population, world.mesh.sector, residents)
        police(
            arrays,
            world.mesh,
            key,
            world.parameters,
            world.draws(state, "arrests"),
            residents,
            _campaigns(against_networks, state, world),
        )
        for i, event in events:
            if event.reconcilers:
                chill(
                    state.will,
                    state.holder,
                    state.stance,
                    state.population,
                    world.mesh.sector,
                    world.parameters,
                    residents,
                    event.cells,
                    event.weights.astype(np.float64),
                    event.faction,
                    float(event.intensity),
                    np.ascontiguousarray(state.active[:, i]),
                )
        mesh = world.mesh
        raid(
            state.fighters,
            state.covert,
            state.losses,
            state.posture,
            state.stance,
            mesh.sector,
            mesh.key,
            mesh.indptr,
            mesh.indices,
            mesh.crossing,
            key,
            world.parameters,
            world.draws(state, "raids"),
        )
