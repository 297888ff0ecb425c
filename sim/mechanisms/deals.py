"""Deals: offers of evacuation and of reconciliation, and whether a stretch accepts."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Deals(Rule):
    """An offer gives an opportunity; a stretch under pressure may take it, and its ground passes.

    Pressure is encirclement, hunger and the odds around; people's leaning and their will to
    reconcile count; a neighbour's surrender is contagious (Lehmann & Zhukov 2019).  The hazard's
    form is assumed.  Draws: segment, faction that is asked, event; then cell.
    """

    name = "deals"
    reads = (
        "access",
        "active",
        "cause",
        "day",
        "depot",
        "fighters",
        "held_since",
        "holder",
        "incident_count",
        "incidents",
        "joined",
        "losses",
        "margin",
        "progress",
        "ratio",
        "attacker",
        "lost_by",
        "lost_on",
        "stance",
        "support",
        "surrendered_on",
        "will",
    )
    writes = (
        "attacker",
        "cause",
        "depot",
        "fighters",
        "held_since",
        "holder",
        "incident_count",
        "incidents",
        "joined",
        "losses",
        "lost_by",
        "lost_on",
        "margin",
        "progress",
        "ratio",
        "surrendered_on",
    )
