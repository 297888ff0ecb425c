"""Bombardment: campaigns from the air or with artillery over an area."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Bombardment(Rule):
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
