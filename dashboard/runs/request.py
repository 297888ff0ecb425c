"""What a viewer asks for: a scenario, what is changed in it, and how often it is run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashboard.texts import say
from sim import BadiaError

LARGEST_SEED = 2**63 - 1  # what fits an integer of every browser form and file format we write


@dataclass(frozen=True)
class Request:
    """One ensemble of one scenario.  Equal requests give equal numbers.

    scenario    a name that `badia scenarios` lists, or the path of a folder
    runs        1 or more
    seed        0 or more
    days        days to simulate; None: the scenario's whole calendar
    resolution  H3 resolution of the cells, 5 to 7; None: the scenario's own
    settings    parameters and their values as text, `("leak", "0.3")` or `("leak", "0.1..0.3")`;
                their order does not matter
    as_of       use only what was known on that day; None: everything

    Raises BadiaError where runs or seed are out of range or a parameter is set twice; whether the
    scenario, its days and its parameters are right, `compiled` finds out.
    """

    scenario: str
    runs: int = 200
    seed: int = 1
    days: int | None = None
    resolution: int | None = None
    settings: tuple[tuple[str, str], ...] = ()
    as_of: date | None = None

    def __post_init__(self) -> None:
        if self.runs < 1:
            raise BadiaError(say("runs.error.runs", runs=self.runs))
        if not 0 <= self.seed <= LARGEST_SEED:
            raise BadiaError(say("runs.error.seed", seed=self.seed, most=LARGEST_SEED))
        names = [name for name, _ in self.settings]
        for name in names:
            if names.count(name) > 1:
                raise BadiaError(say("runs.error.setting-twice", name=name))
        object.__setattr__(self, "settings", tuple(sorted(self.settings)))
