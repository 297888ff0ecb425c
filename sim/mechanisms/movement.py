"""Movement: spare fighters go where the front wants them."""

from __future__ import annotations

from sim.kernels import movement as kernels
from sim.mechanisms.base import Mechanism, World
from sim.mechanisms.sectors import bucket_width
from sim.state import State


class Movement(Mechanism):
    """Fighters follow the pull of fronts over their own and allied ground, at km/day.

    Pace: FM 21-18 for the foot march; shares by road and terrain assumed (docs/model.md).
    """

    name = "movement"
    reads = (
        *("holder", "stance", "fighters", "posture", "ordered", "urge", "depot"),
        "population",
    )
    writes = ("fighters", "depot")

    def apply(self, state: State, world: World) -> None:
        """See `Mechanism.apply`."""
        kernels.flow(
            state.arrays(),
            world.mesh,
            bucket_width(world.scenario.theatre.mesh),
            world.factions.key,
            world.parameters,
            world.picture,
            world.draws(state, self.name),
        )
