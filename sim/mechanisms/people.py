"""People: displacement, support and recruitment, cohesion and desertion."""

from __future__ import annotations

from sim.mechanisms.rules import Rule


class People(Rule):
    """People flee and return, lean to one side or another, join it, and leave it.

    Displacement has Flee's rules and numbers (Groen 2016) at the scale of districts: who leaves
    today is a guest elsewhere tonight, and no civilian is lost or born.  Support follows control
    (Kalyvas 2006; speed assumed) and leaflets (size assumed, sign contested); supporters join.
    Cohesion mends with time and suffers from hunger, and fighters desert where it is low (form:
    Koehler et al. 2016); losses in battle wear it down elsewhere, in engagement.
    Draws: displacement by cell or sector, recruits by sector and faction, desertion by segment and
    faction, each under its own name.
    """

    name = "people"
    reads = (
        *("active", "cohesion", "combat", "day", "depot", "displaced", "fighters", "holder"),
        *("joined", "losses", "population", "support", "suppressed", "will"),
    )
    writes = (
        *("cohesion", "displaced", "fighters", "joined", "losses", "population", "support"),
        "will",
    )
