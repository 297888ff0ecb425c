"""What a doctrine is: the pure choice of a posture for each sector, for all runs at once.

A doctrine sees a `View` and states utilities; the draw between them is the model's.  To add one,
write a frozen dataclass with a `utilities` method and register it (`sim.doctrines.register`, or an
entry point in the group `badia.doctrines`); nothing in this package needs to be touched.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.compiled import Posture

Array = NDArray[Any]


class View(NamedTuple):
    """What one faction sees of each sector this morning; every field (R, S) float64.

    fighters    own fighters in the open
    front_km    front along which it could attack into the sector
    ordered_km  ... of which its orders name
    siege_km    ... of which the defenders are cut off
    odds        ln of the combat power ratio if it attacked there, with error; 0 without contact
    threat      ln of the ratio if it were attacked there and stood, with error; 0 without contact
    stock       days of supply of its fighters
    cut_off     share of its fighters whom no supply reaches, 0 to 1
    rough       roughness of the ground they stand on, 0 to 1
    settled     share of them in towns and irrigated valleys, 0 to 1
    covert      members of its own networks
    hunted      members of hostile or rival networks on ground it holds
    """

    fighters: Array
    front_km: Array
    ordered_km: Array
    siege_km: Array
    odds: Array
    threat: Array
    stock: Array
    cut_off: Array
    rough: Array
    settled: Array
    covert: Array
    hunted: Array

    @classmethod
    def empty(cls, runs: int, sectors: int, factions: int) -> View:
        """The views of all factions, (R, S, F), to be filled each morning of decisions."""
        return cls(*(np.zeros((runs, sectors, factions)) for _ in cls._fields))

    def of(self, faction: int) -> View:
        """One faction's view, (R, S)."""
        return View(*(array[:, :, faction] for array in self))


@dataclass(frozen=True)
class Doctrine(ABC):
    """How a faction weighs its postures.  A value: it keeps nothing from day to day."""

    @abstractmethod
    def utilities(self, view: View) -> Array:
        """Utilities (R, S, P) of the postures, P = len(Posture); -inf is out of the question.

        Use sums, products, comparisons and np.where only: exp and log differ in their last bits
        between processors, and results must not (docs/design.md, "The same bits").
        """


def only_hold(view: View) -> Array:
    """Utilities in which holding is 0 and everything else is out of the question."""
    runs, sectors = view.fighters.shape
    utility = np.full((runs, sectors, len(Posture)), -np.inf)
    utility[:, :, Posture.HOLD] = 0.0
    return utility


def share_of(amount: Array, half: float) -> Array:
    """A count as a weight between 0 and 1 that is one half at `half`."""
    return amount / (amount + half)
