"""Bombardment: campaigns from the air or with artillery over an area."""

from __future__ import annotations

from sim.kernels.bombardment import bombard
from sim.mechanisms.base import Mechanism, World
from sim.mechanisms.campaigns import campaigns
from sim.scenario.compiled import EventKind
from sim.state import State


class Bombardment(Mechanism):
    """A campaign costs open enemies in its area, holds them down, and turns people away.

    Losses are a share of those present per day, as of area fire (Deitchman 1962), less on rough
    ground; the size is assumed, below what doctrine calls suppressed (ADRP 1-02).  The bombing side
    loses support where people live under the bombs (sign: Kocher, Pepinsky & Kalyvas 2011).
    Draws: cell, faction struck, event.
    """

    name = "bombardment"
    reads = (
        "active",
        "combat",
        "day",
        "fighters",
        "holder",
        "losses",
        "population",
        "stance",
        "support",
        "suppressed",
    )
    writes = ("combat", "fighters", "losses", "support", "suppressed")

    def apply(self, state: State, world: World) -> None:
        """One day of every campaign in force, in the order of the calendar."""
        if not world.events(state, EventKind.BOMBARDMENT):
            return
        bombard(
            state.arrays(),
            state.active,
            world.mesh,
            world.factions.key,
            world.parameters,
            world.draws(state, self.name),
            campaigns(world, EventKind.BOMBARDMENT),
        )
