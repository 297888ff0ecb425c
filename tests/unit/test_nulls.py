"""The null models' rates are those of the year before the scenarios that they are compared on."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.nulls import DRIFT, SPEED_KM, Guess, adjacency
from sim.scenario import load_scenario
from sim.setting import Setting

DATA = Path(__file__).parents[1] / "data"
TRAINING_ENDS = date(2018, 8, 15)


def great_circle_km(lon, lat, other_lon, other_lat):
    """The haversine formula on a sphere of 6,371 km."""
    lon, lat, other_lon, other_lat = map(math.radians, (lon, lat, other_lon, other_lat))
    across = math.sin((other_lat - lat) / 2) ** 2
    across += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(across))


def table(name):
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def advances():
    return table("advances_2017_2018.csv")


def test_ordered_ground_falls_as_fast_as_in_the_year_before(advances):
    km, days = [], []
    for leg in advances:
        ends = ("from_lon", "from_lat", "to_lon", "to_lat")
        km.append(great_circle_km(*(float(leg[end]) for end in ends)))
        days.append(
            (date.fromisoformat(leg["to_date"]) - date.fromisoformat(leg["from_date"])).days
        )
    assert len(advances) == 7
    # The constant has three digits.
    assert math.fsum(km) / sum(days) == pytest.approx(SPEED_KM, abs=0.005)
    assert (round(math.fsum(km)), sum(days)) == (393, 223)


def test_the_rates_know_nothing_of_the_wars_that_are_scored(advances):
    assert max(date.fromisoformat(leg["to_date"]) for leg in advances) < TRAINING_ENDS
    assert all(leg["source"] for leg in advances)


@pytest.mark.slow
def test_fronts_drift_as_fast_as_towns_changed_hands_in_the_year_before():
    before, after = table("towns_2017_08_15.csv"), table("towns_2018_04_15.csv")
    later = {town["town"]: town["holder"].replace("SOUTH", "REB") for town in after}  # a new name
    observed = sum(town["holder"] != later[town["town"]] for town in before)
    scenario = load_scenario("syria-2017-08")
    spots = [(float(town["lon"]), float(town["lat"])) for town in before]
    cells = np.array([scenario.theatre.cell_of(lon, lat) for lon, lat in spots])
    days = (date(2018, 4, 15) - scenario.start).days
    watched = np.unique(cells)
    past = SimpleNamespace(setting=Setting.of(scenario), days=days)
    guess = adjacency(past, watched, DRIFT)
    stays = guess.probability[days, guess.find(watched), scenario.holder[watched]]
    changed = math.fsum(1.0 - stays[np.searchsorted(watched, cells)])
    assert (observed, len(cells), days) == (20, 88, 243)
    assert changed == pytest.approx(observed, abs=1)  # the constant has two digits


def test_a_null_speaks_of_sides_and_of_parts_of_areas():
    # Cell 3 is surely the first faction's; cell 8 its or the second's; the last entry is nobody
    probability = np.array([[[1.0, 0.0, 0.0], [0.25, 0.5, 0.25]]])
    guess = Guess(np.array([3, 8]), probability, np.zeros((1, 3)))
    cells, area = np.array([3, 8]), np.arange(9)
    assert guess.expected(cells, (0,), area).tolist() == [(3 * 1.0 + 8 * 0.25) / 11]
    assert guess.expected(cells, (0, 1), area).tolist() == [(3 * 1.0 + 8 * 0.75) / 11]
    assert guess.holds(cells[:1], (0,), area).tolist() == [1.0]
    assert guess.holds(cells[1:], (-1,), area).tolist() == [0.25]
    assert guess.holds(cells, (0, 1, -1), area).tolist() == [1.0]
