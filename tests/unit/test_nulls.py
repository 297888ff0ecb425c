"""The null models' rates are those of the year before the scenarios that they are compared on."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.nulls import DRIFT, SPEED_KM, Guess

ADVANCES = Path(__file__).parents[1] / "data" / "advances_2017_2018.csv"
TRAINING_ENDS = date(2018, 8, 15)


def great_circle_km(lon, lat, other_lon, other_lat):
    """The haversine formula on a sphere of 6,371 km."""
    lon, lat, other_lon, other_lat = map(math.radians, (lon, lat, other_lon, other_lat))
    across = math.sin((other_lat - lat) / 2) ** 2
    across += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(across))


@pytest.fixture(scope="module")
def advances():
    with ADVANCES.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


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


def test_the_drift_is_what_was_observed_before_the_scenarios_begin():
    """20 of 88 listed towns had another holder on 15 April 2018 than 243 days before."""
    days = (date(2018, 4, 15) - date(2017, 8, 15)).days
    assert pytest.approx(20 / 88 / days, rel=0.05) == DRIFT  # the constant has one digit


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
