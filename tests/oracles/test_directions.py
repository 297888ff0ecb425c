"""Directions of the record of wars, asked of the real model with default parameters.

Figures in the tests were measured on 2026-11-23.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from sim.model import TerritoryModel
from sim.parameters import Parameters
from sim.scenario.compiled import EventKind
from tests.contract.wars import event, war
from tests.oracles.battlefield import (
    BLUE,
    RED,
    armies,
    east,
    fights,
    operations,
    plain,
    share_taken,
)

DATA = Path(__file__).parents[1] / "data"
TERRAIN = {
    "d": "desert", "s": "steppe", "v": "valley", "m": "mountain", "u": "urban", "l": "lava",
}  # fmt: skip


# --- How much ground a few can take ---


def raiders(hexagon_km, posts):
    """500 raiders in the corner of an empty desert, ordered to take all of it; km2 after 30 days.

    posts  persons of the other side, spread over more than 7,000 km2
    """
    side = round(85 / hexagon_km)
    mesh = (ground := plain("d", rows=side + 1, columns=side, hexagon_km=hexagon_km)).mesh
    corner = np.lexsort((mesh.lon, -mesh.lat))[: max(1, round(200 / mesh.area[0]))]
    holder = np.full(mesh.cells, BLUE, np.int8)
    holder[corner] = RED
    desert = np.flatnonzero(holder == BLUE)
    assert mesh.area[desert].sum() > 6000
    scenario = war(
        ground,
        holder=holder,
        forces=[(RED, corner, 500), (BLUE, desert, posts)],
        doctrines=("insurgent", "regular"),
        events=[event(EventKind.OFFENSIVE, desert, end=30)],
        source_faction=np.array([RED, BLUE], np.int8),
        source_cell=np.array([corner[0], mesh.cells - 1], np.int32),
        source_strength=np.ones(2),
    )
    model = TerritoryModel(scenario, runs=32)
    for _ in range(30):
        model.step()
    return ((model.state.holder[:, desert] == RED) * mesh.area[desert]).sum(axis=1)


@pytest.mark.parametrize("hexagon_km", [10.0, 6.0, 4.0])
def test_500_raiders_do_not_take_5000_km2_of_desert_in_a_month(hexagon_km):
    """Measured, nobody there: 1,260, 2,540 and 2,630 km2 (median), at most 3,530 in 32 runs; with
    500 men at posts 560, 1,000 and 1,190.  Coarse cells of 87 km2 halve what they take.
    """
    taken = raiders(hexagon_km, posts=0)
    assert taken.max() < 5000
    guarded = raiders(hexagon_km, posts=500)
    assert np.median(guarded) < 0.7 * np.median(taken)


# --- Persistence ---


@cache
def a_year_of_attacks(red, blue, terrain):
    """Share of the ground of a defender, dug in for half a year, that is gone after a year."""
    return share_taken(armies(red, blue, plain(terrain), dug_in_days=180), 365, runs=16)


@pytest.mark.slow
@pytest.mark.parametrize("terrain", ["s", "v"])
def test_the_weak_do_not_win_by_persistence_and_the_strong_do(terrain):
    """One against four in persons for a year; then four against one.

    Measured: the weak take nothing in any run, for they hardly ever begin (a combat power ratio of
    0.07 is far below `ordered_odds`); the strong take all of it in every run.
    """
    weak = a_year_of_attacks(500, 2000, terrain)
    strong = a_year_of_attacks(2000, 500, terrain)
    assert (weak > 0.1).mean() < 0.05
    assert (strong > 0.9).mean() > 0.95


@pytest.mark.slow
def test_equal_numbers_do_not_wear_down_a_dug_in_defender_by_persistence():
    """A power ratio of 1:4 from entrenchment and steppe: 2,000 against 2,000, for a year.

    With orders that attack at half the defender's power RED took most of the ground in nine
    runs of ten, by some 30 operations of which it won a third; hence `ordered_odds` 1.
    """
    assert (a_year_of_attacks(2000, 2000, "s") > 0.5).mean() < 0.2


# --- The outcome of operations ---


def record():
    """TDI's table: low, high, engagements, share won by the attacker; (n, 4)."""
    text = (DATA / "tdi_engagements.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in text if not line.startswith("#"))
    table = np.array([[float(value) for value in row.values()] for row in rows])
    table[:, 3] /= 100
    return table


RASH = (
    0.5  # power ratio at which orders are obeyed here, so that attacks at bad odds are there, too
)


@cache
def many_operations():
    """Operations at all odds that the record has: combat power ratio, won; (n, 2)."""
    sizes = [(500, 3000), (1000, 3000), (2000, 5000), (3000, 6000), (5000, 6000), (6000, 7000)]
    found = []
    for red, blue in zip(sizes, (2000, 2000, 2000, 1200, 600, 300), strict=True):
        found.append(operations(armies(red, blue, plain("d"), ordered_odds=RASH), 40, runs=64))
    return np.concatenate(found)


@pytest.mark.slow
def test_operations_are_won_as_often_as_the_engagements_of_the_record():
    """Each row within 3 binomial standard errors, all rows together within the 1 % point.

    The record is by persons, the model by combat power: what is shown is that operations as they
    are begun and recorded follow the table, not that the table holds for combat power.

    Measured: sum of squares 17.8 over 11 rows; furthest off above 8 to 1, 0.87 against 1.00, and at
    2.5 to 3, 0.66 against 0.83.  By persons the table holds against a defender who just came (18.9
    over 11 rows), but not on steppe against one who has been there for 90 days (88.9 over 10 rows):
    there the attacker wins 0.53 at 2.5 to 3 and 0.74 above 8 to 1.
    """
    ratio, won = many_operations().T
    total, rows = 0.0, 0
    for low, high, engagements, observed in record():
        here = won[(ratio >= low) & (ratio <= high)]
        if engagements < 5:
            continue
        assert len(here) > 100, (low, high)
        expected = here.mean()
        spread = expected * (1 - expected) * (1 / engagements + 1 / len(here))
        z = (observed - expected) / np.sqrt(spread)
        assert abs(z) < 3, (low, high, expected)
        total, rows = total + z * z, rows + 1
    assert total < chi2.ppf(0.99, rows)


# --- Losses ---


@cache
def single_fights():
    """Operations on one front of about 24 km, both sides with more men than find room on it."""
    ground = plain("d", rows=4, columns=4, segments="\n".join(["a a b b"] * 4))
    return fights(armies(6000, 6000, ground, dug_in_days=90, ordered_odds=RASH), 40, runs=300)


@pytest.mark.slow
def test_the_engaged_lose_1_to_3_percent_a_day():
    """Dupuy's verities.  On the first day, while as many defenders as attackers are engaged.

    Measured: attackers 2.3 %, defenders 2.3 %; mean of 653 operations.
    """
    first = np.array([np.divide(fight.losses[0], fight.engaged) for fight in single_fights()])
    assert len(first) > 200
    assert (first.mean(axis=0) > 0.01).all()
    assert (first.mean(axis=0) < 0.03).all()


def hill(values, share):
    """Exponent alpha of a density ~ x^-alpha, from the largest values (Hill 1975)."""
    values = np.sort(values)
    k = int(len(values) * share)
    return 1 + k / np.log(values[-k:] / values[-k - 1]).sum()


@pytest.mark.slow
def test_losses_of_operations_are_heavy_tailed():
    """p99 over median lies above an exponential's 6.6, and the tail exponent in the bounds below.

    Measured on one front of fixed length: 7.8 (its error is about a tenth).  The record of events
    has alpha about 2.5: the model's tail is thinner.  A wider severity does not help (9.0 at
    `severity_sd` 0.8): what is costly breaks off sooner.
    """
    total = np.array([np.sum(fight.losses) for fight in single_fights()])
    total = total[total > 0]
    assert np.quantile(total, 0.99) / np.median(total) > np.log(100) / np.log(2)
    assert 2.0 < hill(total, 0.1) < 4.5


# --- Advance ---


def advance(terrain, hexagon_km):
    """How far the foremost cell of an army of 9,000 came in each window of 28 days, km a day."""
    ground = plain(terrain, rows=6, columns=40, hexagon_km=hexagon_km)
    model = TerritoryModel(armies(9000, 300, ground, dug_in_days=20), runs=16)
    deep = []
    for _ in range(60):
        model.step()
        deep.append(np.where(model.state.holder == RED, east(ground.mesh), -np.inf).max(axis=1))
    deep = np.array(deep)
    return (deep[28:] - deep[:-28]) / 28, np.diff(deep, axis=0)


@pytest.mark.slow
@pytest.mark.parametrize("hexagon_km", [3.0, 6.0])
@pytest.mark.parametrize("terrain", TERRAIN)
def test_armies_advance_slower_than_those_of_the_record(terrain, hexagon_km):
    """Dupuy: 17 to 26 km a day against opposition.  Over four weeks not above the model's own rate
    either, but for a third (a cell of a broken line is won from two or three sides) and a cell.
    Measured, best month: desert 2.5, steppe 2.1, valley 0.7, mountain 0.4, town 0.2, lava 0.3.
    """
    month, day = advance(terrain, hexagon_km)
    assert day.max() < 17
    own = getattr(Parameters(), f"advance_{TERRAIN[terrain]}")
    assert month.max() <= own * 4 / 3 + hexagon_km / 28
