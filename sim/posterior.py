"""The calibrated parameters: draws that every run takes one of, shipped as a table.

One row of the table is one set of parameters that the record of the training periods left
standing (docs/validation.md); all rows count alike.  A run takes one whole row, so that parameters
which the record knows only together stay together.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance import Keys, named, uniform
from sim.parameters import Parameters

Array = NDArray[Any]

FILE = Path(__file__).parent / "data" / "posterior.csv"
BEFORE = -1  # the day on which draws that belong to no day are made


@dataclass(frozen=True)
class Posterior:
    """Sets of parameters that are equally credible.

    names   of the parameters, K
    values  (N, K) float64, one set in each row
    digest  hash of the whole table; it stays when `without` leaves names out
    """

    names: tuple[str, ...]
    values: Array
    digest: str

    def without(self, names: Collection[str]) -> Posterior:
        """The same sets, of the other parameters alone."""
        kept = [i for i, name in enumerate(self.names) if name not in names]
        return Posterior(tuple(self.names[i] for i in kept), self.values[:, kept], self.digest)

    def span(self, name: str) -> tuple[float, float] | None:
        """The values between which eight of ten sets lie; None for a parameter it has not."""
        if name not in self.names:
            return None
        ordered = np.sort(self.values[:, self.names.index(name)])
        last = len(ordered) - 1
        return float(ordered[last // 10]), float(ordered[last - last // 10])

    def draw(self, keys: Keys) -> dict[str, Array]:
        """The parameters of the runs with these keys, (R,) each."""
        row = (uniform(named(keys, BEFORE, "posterior")) * len(self.values)).astype(np.int64)
        return {name: self.values[row, i] for i, name in enumerate(self.names)}


@cache
def shipped() -> Posterior | None:
    """The posterior that comes with this version; None where it has none."""
    return read_posterior(FILE) if FILE.is_file() else None


def read_posterior(path: Path) -> Posterior:
    """A table with the parameters' names in its first line.

    Raises ValueError for a name that is no parameter, or a value outside its bounds.
    """
    text = path.read_text(encoding="utf-8")
    names, *rows = csv.reader(text.splitlines())
    values = np.array([[float(cell) for cell in row] for row in rows], np.float64)
    for row in values:
        Parameters(**dict(zip(names, row.tolist(), strict=True)))
    return Posterior(tuple(names), values, hashlib.sha256(text.encode()).hexdigest())


def write_posterior(path: Path, names: Collection[str], values: Array) -> None:
    """Write a table that `read_posterior` reads; six significant digits are kept."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([f"{value:.6g}" for value in row] for row in values)
