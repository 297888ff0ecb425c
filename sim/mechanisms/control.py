"""Control: ground that has been won changes hands."""

from __future__ import annotations

from sim.kernels import control as kernels
from sim.mechanisms.base import Mechanism, World
from sim.state import State


class Control(Mechanism):
    """A cell falls when all of it has been swept; the beaten fall back, the winners move in."""

    name = "control"
    reads = (
        *("holder", "stance", "fighters", "posture", "progress", "attacker", "depot"),
        *("op_ratio", "op_margin", "held_since", "ordered", "paused"),
    )
    writes = (
        *("holder", "held_since", "lost_by", "lost_on", "progress", "attacker", "cause", "ratio"),
        *("margin", "fighters", "covert", "losses", "depot"),
    )

    def apply(self, state: State, world: World) -> None:
        """See `Mechanism.apply`."""
        kernels.settle(
            state.arrays(),
            world.mesh,
            world.factions.key,
            world.parameters,
            world.picture,
            world.draws(state, self.name),
            state.day,
        )
