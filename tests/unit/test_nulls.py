"""The null models' rates are those of the year before the scenarios that they are compared on."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

import pytest

from sim.nulls import DRIFT, SPEED_KM

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
