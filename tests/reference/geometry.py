"""Degrees to kilometres, slowly."""

from __future__ import annotations

import math


def plane(lon, lat):
    """Centres on a plane about their mean latitude, to the degree; two lists of km."""
    total = 0.0
    for y in lat:
        total += float(y)
    shrink = math.cos(math.radians(math.floor(total / len(lat) + 0.5)))
    return [float(x) * 111.195 * shrink for x in lon], [float(y) * 111.195 for y in lat]
