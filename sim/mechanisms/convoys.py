"""Convoys: transfers that take days and can be caught, and reinforcements from abroad."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class Convoys(Rule):
    """Forces ordered elsewhere leave, travel for days, may be caught, and arrive.

    The risk on the road saturates with the enemies near it; its size is assumed.  Reinforcements
    are transfers from outside the theatre, by default without days on its roads.  Nobody on the
    road fights, eats or holds ground.  Draws: event, slot; the number of persons belongs to no day.
    """

    name = "convoys"
    reads = (
        "covert",
        "day",
        "fighters",
        "holder",
        "incident_count",
        "incidents",
        "joined",
        "losses",
        "since",
        "stance",
        "transit",
    )
    writes = ("fighters", "incident_count", "incidents", "joined", "losses", "transit")
