"""Engagement: operations are begun, fought and broken off."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Engagement(Rule):
    """Where hostile forces meet and somebody decides to attack, both lose and one gains ground.

    Odds: logistic fit to 672 engagements (TDI); losses: Dupuy; evaders: Deitchman (1962); breaking
    off: Helmbold (1971).  docs/model.md, "Engagement".
    """

    name = "engagement"
    reads = (
        *("holder", "stance", "fighters", "posture", "cohesion", "depot", "ordered", "paused"),
        *("urge", "air", "air_for", "suppressed", "held_since", "lost_by", "lost_on", "progress"),
        *("attacker", "op_phase", "op_days", "op_severity", "op_bears", "combat"),
    )
    writes = (
        *("fighters", "cohesion", "depot", "losses", "progress", "attacker", "combat"),
        *("op_phase", "op_days", "op_severity", "op_ratio", "op_margin", "op_bears"),
        *("incidents", "incident_count"),
    )
