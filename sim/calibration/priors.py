"""What each parameter might be before the record of the training periods is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Parameters

Array = NDArray[Any]
Grade = Literal["source", "form", "assumed"]

# Narrower than the plausible range, where a source gives an error or a range of its own.
MEASURED: dict[str, tuple[float, float]] = {
    # The fit to 631 engagements gives 0.005 +- 1.64 x 0.114 for the ratio of persons.  Here it is
    # of combat power, with ground and trenches that most defenders of the record had too: a
    # defender worth 1.3 x 1.2 (hasty defence, rolling ground) to 2.5 raises it by 0.35 to 0.72.
    "odds_intercept": (-0.18, 0.9),
    "ordered_odds": (0.7, 2.0),  # below, a weak attacker that keeps trying wins by persistence
    "odds_slope": (0.56, 1.01),  # 0.784 +- 1.64 x 0.137
    "loss_attack": (0.01, 0.03),  # Dupuy: 1 to 3 % a day
    "loss_defence": (0.01, 0.03),
    "breakpoint": (0.15, 0.25),  # Helmbold: mean of the distribution
}

# What the record of who held which ground cannot speak of, or what belongs to the numerical scheme.
LEFT_OUT = frozenset(
    {
        "stock_full", "flight", "flight_km", "return_rate", "bomb_civilian", "bomb_support",
        "intercept", "intercept_loss", "police_density", "arrest_rate", "arrest_chill",
        "raid_rate", "raid_cost", "recruitment", "leaflet_effect", "support_drift",
        "decision_days",
    }
)  # fmt: skip
WIDE = 10.0
"""A range this many times as high as low is drawn on a logarithmic scale.  So is one that begins at
0 where the default lies below a tenth of its upper end: from a tenth to ten times the default."""


@dataclass(frozen=True)
class Prior:
    """A parameter's range, drawn evenly, or evenly in its logarithm where the range is wide.

    grade   what the range rests on: a source, a source for the form of the rule only, or nothing
    """

    name: str
    low: float
    high: float
    log: bool
    grade: Grade

    def values(self, share: Array) -> Array:
        """The values below which those shares of the prior lie; any shape."""
        if self.log:
            return np.asarray(self.low * (self.high / self.low) ** share)
        return np.asarray(self.low + (self.high - self.low) * share)

    def shares(self, values: Array) -> Array:
        """The inverse of `values`."""
        if self.log:
            return np.asarray(np.log(values / self.low) / math.log(self.high / self.low))
        return np.asarray((values - self.low) / (self.high - self.low))


def priors(names: Sequence[str] | None = None) -> list[Prior]:
    """Priors of these parameters, or of all that the record may speak of, in their order."""
    fields = Parameters.model_fields
    chosen = [n for n in fields if n not in LEFT_OUT] if names is None else list(names)
    found = []
    for name in chosen:
        extra: Any = fields[name].json_schema_extra
        low, high = MEASURED.get(name) or extra["range"]
        default = float(fields[name].default)
        if low == 0 and 0 < default <= high / WIDE:  # a small rate: its size is what is unknown
            low, high = default / WIDE, default * WIDE
        wide = low > 0 and high / low >= WIDE
        found.append(Prior(name, float(low), float(high), wide, _grade(str(extra["evidence"]))))
    return found


def _grade(evidence: str) -> Grade:
    if evidence.startswith("assumed"):
        return "assumed"
    return "form" if evidence.startswith("form:") else "source"
