"""Whole persons by chance, from an ordinary generator."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from random import Random


def whole(expected: float, random: Random) -> int:
    """Round up or down by chance, so that the mean is kept."""
    low = math.floor(expected)
    return low + (random.random() < expected - low)


def comb(total: int, weights: Sequence[float], random: Random) -> Iterator[int]:
    """Share out whole persons by weights, each within one person of what is due."""
    start, reached, before = random.random(), 0.0, 0
    everything = sum(weights)
    for weight in weights:
        reached += weight
        upto = min(total, math.floor(total * (reached / everything) + start))
        yield upto - before
        before = upto
