"""Movement: spare fighters go where the front wants them."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Movement(Rule):
    """Fighters follow the pull of fronts over their own and allied ground, at km/day.

    Pace: FM 21-18 for the foot march; shares by road and terrain assumed (docs/model.md).
    """

    name = "movement"
    reads = (
        *("holder", "stance", "fighters", "posture", "ordered", "urge", "depot"),
        "population",
    )
    writes = ("fighters", "depot")
