"""Convoys: transfers that take days and can be caught, and reinforcements from abroad."""

from __future__ import annotations

import numpy as np

from sim.chance import named
from sim.kernels.convoys import convoy
from sim.mechanisms.base import Array, Mechanism, World
from sim.scenario.compiled import EventKind
from sim.state import State


def _moves(world: World) -> Array:
    """Indices of the transfers and reinforcements, in the order of the calendar."""
    kinds = (EventKind.TRANSFER, EventKind.REINFORCEMENT)
    return np.array(sorted(i for kind in kinds for i, _ in world.calendar(kind)), np.int64)


class Convoys(Mechanism):
    """Forces ordered elsewhere leave, travel for days, may be caught, and arrive.

    The risk on the road saturates with the enemies near it; its size is assumed.  Reinforcements
    are transfers from outside the theatre, by default without days on its roads.  Nobody on the
    road fights, eats or holds ground.  Draws: event, slot; the number of persons belongs to no day.
    """

    name = "convoys"
    reads = (
        "covert",
        "day",
        "fighters",
        "holder",
        "incident_count",
        "incidents",
        "joined",
        "losses",
        "since",
        "stance",
        "transit",
    )
    writes = ("fighters", "incident_count", "incidents", "joined", "losses", "transit")

    def apply(self, state: State, world: World) -> None:
        """One day of every transfer and reinforcement that leaves or is under way."""
        if not state.transit.any() and not (state.since == state.day).any():
            return  # as on most days: sooner told than which of them are busy
        moves = world.once("moves", lambda: _moves(world))
        busy = state.transit[:, moves].any(axis=0) | (state.since[:, moves] == state.day).any(
            axis=0
        )
        for i in moves[busy].tolist():
            event = world.scenario.events[i]
            low, high = event.persons
            convoy(
                state.arrays(),
                world.mesh,
                state.joined,
                state.since,
                world.parameters,
                world.draws(state, self.name),
                named(world.keys, -1, self.name),
                state.day,
                i,
                event.faction,
                np.uint64(event.key),
                float(low),
                float(high),
                event.kind is EventKind.REINFORCEMENT,
                event.origin,
                event.route,
                event.travel_days,
                event.cells,
                event.weights.astype(np.float64),
            )
