"""Null models: what anybody would say without a model of war.  A model that does not beat them
has shown nothing.

persistence     the starting map for ever
adjacency       fronts drift: every day a cell copies the holder of a neighbour picked at random,
                at a fixed rate (a voter model; its probabilities follow exactly from the map)
force_ratio     whoever has more fighters in a cell and its neighbours on day 0 holds it from day 1,
                with the odds of the numbers
offensive_only  the areas of ordered offensives fall at a fixed speed from the starting front, and
                nothing else changes

All are free of chance and know of a result only its start and its calendar.  D days, C cells,
W watched cells; the faction axis ends with nobody, as in a result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.result import Result, area_m2
from sim.scenario.compiled import NOBODY, Stance

Array = NDArray[Any]

DRIFT = 0.013
"""Copies a cell makes a day.  20 of 88 listed towns had another holder on 15 April 2018 than on 15
August 2017; from that August's map, at its own resolution, this rate lets as many change in the 243
days between.  (Most copies are of a neighbour of the same holder, so 20 / 88 / 243 would be far too
few: 3 towns.)"""

SPEED_KM = 1.76
"""Km that an ordered offensive wins in a day: 393 km in 223 days, as the crow flies, on seven legs
from August 2017 to July 2018: from Sukhnah to Deir ez-Zor and Abu Kamal, down the left bank of the
Euphrates, through Daraa (table and sources: tests/data/advances_2017_2018.csv).  All of them were
carried through; of orders that failed there is no list."""


@dataclass(frozen=True)
class Guess:
    """What a null model says.

    watched      (W,)             cells, ascending
    probability  (D+1, W, F+1)    of each holder on every evening
    share        (D+1, F+1)       expected share of the theatre's area
    """

    watched: Array
    probability: Array
    share: Array

    def find(self, cells: Array) -> Array:
        """Where some watched cells stand; raises ValueError for one that is not watched."""
        place = np.searchsorted(self.watched, cells)
        if not np.array_equal(self.watched[np.minimum(place, len(self.watched) - 1)], cells):
            raise ValueError("a cell is not watched")
        return place

    def expected(self, cells: Array, factions: Sequence[int], area: Array) -> Array:
        """Expected share of the area of some watched cells that factions hold together; (D+1,)."""
        chance, weight = self._chance(cells, factions), area[cells].astype(np.float64)
        total = np.zeros(len(chance))
        for i in range(len(cells)):  # one after the other: the same bits everywhere
            total += chance[:, i] * weight[i]
        share: Array = total / weight.sum()
        return share

    def holds(self, cells: Array, factions: Sequence[int], area: Array) -> Array:
        """Chance that factions hold most of some watched cells, on every evening; (D+1,).

        Several cells: certain where each of them is, else the expected share of their area.
        """
        expected = self.expected(cells, factions, area)
        certain = np.isin(self._chance(cells, factions), (0.0, 1.0)).all(axis=1)
        said: Array = np.where(certain, (expected > 0.5).astype(np.float64), expected)
        return said

    def _chance(self, cells: Array, factions: Sequence[int]) -> Array:
        """Chance that one of the factions holds each cell; (D+1, n)."""
        place = self.find(cells)
        chance = np.zeros((len(self.probability), len(cells)))
        for faction in factions:
            chance += self.probability[:, place, faction]
        return chance


def persistence(result: Result, watched: Array) -> Guess:
    """The starting map for ever."""
    start = _start(result)
    return _still(result, watched, start, start)


def adjacency(result: Result, watched: Array, drift: float = DRIFT) -> Guess:
    """Every day each cell copies, with chance `drift`, the holder of a neighbour picked at random.

    The chance p(c, f) that f holds c then follows p' = (1 - drift) p + drift (mean of p over the
    neighbours of c), exactly; the closed river lets nothing through.
    """
    setting, days = result.setting, result.days
    open_ = setting.pair_open
    to, from_ = setting.pair_to[open_], setting.pair_from[open_]
    degree = np.bincount(from_, minlength=setting.cells)
    lonely = degree == 0
    first = np.concatenate([[0], np.cumsum(degree)[:-1]])[~lonely]
    now = _start(result)
    area = area_m2(setting).astype(np.float64)
    probability = np.zeros((days + 1, len(watched), setting.factions + 1))
    share = np.zeros((days + 1, setting.factions + 1))
    for entry in range(days + 1):
        probability[entry], share[entry] = now[watched], _share(now, area)
        around = now.copy()
        around[~lonely] = np.add.reduceat(now[to], first, axis=0) / degree[~lonely, None]
        now = (1.0 - drift) * now + drift * around
    return Guess(watched, probability, share)


def force_ratio(result: Result, watched: Array) -> Guess:
    """From day 1 a cell belongs to its holder or an enemy beside it, by their share of fighters.

    The share is the logistic of the log ratio of numbers.  Cells without enemies near stay.
    """
    setting = result.setting
    start = _start(result)
    fighters = result.dataset["start_fighters"].to_numpy()
    near = fighters.copy()
    open_ = setting.pair_open
    np.add.at(near, setting.pair_from[open_], fighters[setting.pair_to[open_]])
    stance = np.array(setting.stance)
    factions = setting.factions
    party = np.zeros((setting.cells, factions + 1), np.bool_)  # the holder and its enemies
    for f in range(factions):
        held = setting.holder == f
        party[held, :factions] = (stance[f] == Stance.HOSTILE)[None, :]
        party[held, f] = True
    strength = np.where(party, near, 0.0)
    total = strength.sum(axis=1)
    contested = total > 0
    later = start.copy()
    later[contested] = strength[contested] / total[contested, None]
    return _still(result, watched, start, later)


def offensive_only(result: Result, watched: Array, speed_km: float = SPEED_KM) -> Guess:
    """The areas of ordered offensives fall at `speed_km` a day from the starting front.

    Only ground that the attacker's enemies or nobody hold falls, while the order is in force;
    conditions and pauses are not asked, and what has fallen stays.
    """
    setting, days = result.setting, result.days
    open_ = setting.pair_open
    stance = np.array(setting.stance)
    when = np.full(setting.cells, np.inf)  # entry at which the cell falls
    taker = np.full(setting.cells, NOBODY, np.int64)
    for event in setting.events:
        if event.kind != "offensive":
            continue
        own = setting.holder == event.faction
        prey = np.zeros(setting.cells, np.bool_)
        prey[list(event.cells)] = True
        prey &= (setting.holder == NOBODY) | (stance[event.faction][setting.holder] == 0)
        way = open_ & (own | prey)[setting.pair_from] & prey[setting.pair_to]
        pairs = (setting.pair_from[way], setting.pair_to[way])
        graph = csr_array((setting.pair_km[way], pairs), shape=(setting.cells, setting.cells))
        if not own.any():
            continue
        km = dijkstra(graph, indices=np.flatnonzero(own), min_only=True)
        falls = event.start + np.maximum(np.ceil(km / speed_km), 1.0)
        sooner = prey & (falls < when) & (falls <= event.end + 1)
        when[sooner], taker[sooner] = falls[sooner], event.faction
    start = _start(result)
    area = area_m2(setting).astype(np.float64)
    probability = np.zeros((days + 1, len(watched), setting.factions + 1))
    share = np.zeros((days + 1, setting.factions + 1))
    for entry in range(days + 1):
        now = start.copy()
        fallen = when <= entry
        now[fallen] = 0.0
        now[fallen, taker[fallen]] = 1.0
        probability[entry], share[entry] = now[watched], _share(now, area)
    return Guess(watched, probability, share)


NULLS: dict[str, Callable[[Result, Array], Guess]] = {
    "persistence": persistence,
    "adjacency": adjacency,
    "force_ratio": force_ratio,
    "offensive_only": offensive_only,
}


def _start(result: Result) -> Array:
    """The starting map as certainties; (C, F+1)."""
    setting = result.setting
    start = np.zeros((setting.cells, setting.factions + 1))
    start[np.arange(setting.cells), setting.holder] = 1.0
    return start


def _still(result: Result, watched: Array, start: Array, later: Array) -> Guess:
    """One map at the start and one for every evening after it."""
    area = area_m2(result.setting).astype(np.float64)
    probability = np.repeat(later[None, watched], result.days + 1, axis=0)
    share = np.repeat(_share(later, area)[None], result.days + 1, axis=0)
    probability[0], share[0] = start[watched], _share(start, area)
    return Guess(watched, probability, share)


def _share(probability: Array, area: Array) -> Array:
    """Expected share of the theatre's area; (F+1,)."""
    held: Array = np.add.reduce(probability * area[:, None], axis=0) / area.sum()
    return held
