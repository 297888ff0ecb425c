"""Memory of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def zeros(shape: int | tuple[int, ...], dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """Zeros that have been written.

    What `numpy.zeros` hands out is one page of the system's, shown again and again until somebody
    writes.  Most of a state stays zero, and a pass over such pages took up to eight times as long
    as one over memory: a processor's cache tells lines apart by their addresses, and here many
    addresses are one line.
    """
    return np.full(shape, 0, dtype)
