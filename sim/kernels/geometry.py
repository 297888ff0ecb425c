"""Degrees to kilometres, compiled: NumPy's cosine differs in its last bits between processors."""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.compiler import kernel

KM_PER_DEGREE = 111.195  # mean radius 6371.0 km


@kernel
def plane(lon, lat):
    """Equirectangular coordinates about the mean latitude; (x, y) float64 km, shape of lon.

    The latitude is taken to the whole degree (a difference below 1 % in Syria), so that one more
    cell on the map moves no other.
    """
    middle = 0.0
    for i in range(len(lat)):
        middle += lat[i]
    scale = math.cos(math.radians(math.floor(middle / len(lat) + 0.5)))
    x = np.empty(len(lon))
    y = np.empty(len(lat))
    for i in range(len(lon)):
        x[i] = lon[i] * KM_PER_DEGREE * scale
        y[i] = lat[i] * KM_PER_DEGREE
    return x, y
