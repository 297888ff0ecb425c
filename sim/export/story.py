"""What every picture needs to know of a result, gathered once and free of xarray.

D days after the start, C cells, F factions, R runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.result import Result
    from sim.setting import Setting

Array = NDArray[Any]

NOBODY_COLOUR = "#E9E8E4"
NOT_A_FORECAST = "History and teaching from public reports, not a forecast and not a targeting aid."


@dataclass(frozen=True)
class Story:
    """One ensemble as pictures tell it.

    names, colours            F+1        the factions, then nobody
    probability  (D+1, C, F+1)  float32  share of the runs in which the faction holds the cell that
                                         evening; entry 0 is the start
    share        (R, D+1, F+1)  float64  share of the theatre's area, 0 to 1
    """

    setting: Setting
    names: tuple[str, ...]
    colours: tuple[str, ...]
    probability: Array
    share: Array
    provenance: str  # scenario, digest, seed and version in one line

    @classmethod
    def of(cls, result: Result) -> Story:
        """The story of a result."""
        setting, data = result.setting, result.dataset
        return cls(
            setting=setting,
            names=(*setting.faction_names, "Nobody"),
            colours=(*setting.colours, NOBODY_COLOUR),
            probability=data["probability"].to_numpy(),
            share=data["share"].to_numpy(),
            provenance=provenance(result),
        )

    @property
    def days(self) -> int:
        """Simulated days."""
        return len(self.probability) - 1

    @property
    def runs(self) -> int:
        """Runs in the ensemble."""
        return len(self.share)

    def date(self, entry: int) -> date:
        """The date that an entry of the daily axis shows: the start, or the evening of a day."""
        return self.setting.start if entry == 0 else self.setting.evening(entry)

    def ranking(self, entry: int) -> tuple[Array, Array, Array]:
        """The most likely holder of each cell, the next, and the probability of the first; (C,).

        Ties go to the faction that the scenario names first.
        """
        p = self.probability[entry]
        order = np.argsort(-p, axis=1, kind="stable")[:, :2]
        first, second = order[:, 0], order[:, 1]
        return first, second, np.take_along_axis(p, order[:, :1], axis=1)[:, 0]


def provenance(result: Result) -> str:
    """What names a run, in one line."""
    m = result.manifest
    return (
        f"{result.setting.name} \N{MIDDLE DOT} digest {result.setting.digest[:8]} \N{MIDDLE DOT} "
        f"seed {m['seed']} \N{MIDDLE DOT} {result.runs} runs \N{MIDDLE DOT} Badia {m['version']}"
    )
