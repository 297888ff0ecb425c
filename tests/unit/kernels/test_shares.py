from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.kernels.shares import portion


@pytest.mark.parametrize("start", [1e-12, 0.3, 1 - 1e-12])
@pytest.mark.parametrize("weights", [[1], [3, 0, 1], [0.1] * 10, [1e9, 1, 1e-9]])
def test_portions_of_a_whole_add_up_and_stay_within_one_of_their_share(weights, start):
    total = 1000003
    shares = np.cumsum([0.0, *weights])
    shares /= shares[-1]
    parts = [portion(total, a, b, start) for a, b in pairwise(shares)]
    assert sum(parts) == total
    np.testing.assert_array_less(np.abs(parts - total * np.diff(shares)), 1.000001)
