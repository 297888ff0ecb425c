"""Supply: what reaches a force along its roads, and what it eats."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Supply(Rule):
    """Access falls with the way from the sources; depots fill with access and empty by eating.

    Loss-of-strength gradient: Boulding (1962), along travel cost on held and allied ground.
    Draws no chance.
    """

    name = "supply"
    reads = ("holder", "stance", "fighters", "posture", "depot", "supplied", "active")
    writes = ("distance", "access", "supplied", "depot")
