"""Control: ground that has been won changes hands."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Control(Rule):
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
