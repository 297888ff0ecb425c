"""Degrees to kilometres, slowly."""

from __future__ import annotations

import math


def plane(lon, lat):
    """Centres on a plane about their mean latitude; two lists of km."""
    total = 0.0
    for y in lat:
        total += float(y)
    shrink = math.cos(math.radians(total / len(lat)))
    return [float(x) * 111.195 * shrink for x in lon], [float(y) * 111.195 for y in lat]
