from __future__ import annotations

import numpy as np

from sim.kernels.incidents import record
from sim.state import INCIDENT


def test_an_incident_is_kept_as_it_was_told():
    rows, count = np.zeros((2, 4), INCIDENT), np.zeros(2, np.int32)
    record(rows[1], count, 1, 4, 2, 3, 77, 12345, 1.5, -0.25)
    assert rows[1, 0].item() == (4, 2, 3, 77, 12345, 1.5, -0.25)
    assert count.tolist() == [0, 1]


def test_a_full_list_counts_on_and_writes_nothing():
    rows, count = np.zeros((1, 2), INCIDENT), np.zeros(1, np.int32)
    for persons in range(5):
        record(rows[0], count, 0, 1, 0, 1, 0, persons, np.nan, np.nan)
    assert count[0] == 5
    assert rows["persons"].tolist() == [[0, 1]]
