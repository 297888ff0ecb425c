"""Policing and raids: networks that hold no ground, those who hunt them, and what they do."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Policing(Rule):
    """Police arrest members of hostile and rival networks on their own ground; raiders strike.

    Arrests are limited by intelligence (Kress & Szechtman 2009) and by police per inhabitant
    (Quinlivan 1995).  Arrests of people who would reconcile lower the will to do so.  Raids are
    small blows on both sides; rate and cost are assumed.  No ground changes hands.
    Draws: arrests by cell and network, raids by the raiders' cell and faction, each under its own
    name.
    """

    name = "policing"
    reads = (
        *("active", "covert", "day", "displaced", "fighters", "holder", "incident_count"),
        *("incidents", "losses", "population", "posture", "stance", "support", "will"),
    )
    writes = ("covert", "fighters", "incident_count", "incidents", "losses", "will")
