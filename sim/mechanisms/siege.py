"""Siege and collapse: what becomes of those whom no supply reaches."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Siege(Rule):
    """Cut-off fighters slip away, break out at the weakest stretch, or surrender.

    Hunger line: the garrison of Deir ez-Zor lived on 18-23 % of a ration for years; contagion:
    Lehmann & Zhukov (2019).  docs/model.md, "Siege and collapse".
    """

    name = "siege"
    reads = (
        *("holder", "stance", "fighters", "posture", "depot", "distance", "cohesion"),
        *("surrendered_on", "attacker", "progress"),
    )
    writes = (
        *("fighters", "covert", "losses", "surrendered_on", "holder", "held_since", "lost_by"),
        *("lost_on", "attacker", "progress", "cause", "ratio", "margin"),
        *("incidents", "incident_count"),
    )
