"""Chance by name: the one place where randomness comes from.

No generator is kept or passed along.  A draw belongs to the decision it serves: (seed, run, day,
mechanism, place, faction, slot).  Names are stable hashes (an H3 index, a faction's id), never
positions in a list, so a new rule, cell, faction or run shifts nobody else's luck, and a variant
is identical to its baseline until its change bites.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_27, _30, _31 = np.uint64(27), np.uint64(30), np.uint64(31)


@lru_cache(maxsize=4096)
def name_key(name: str) -> int:
    """The stable 64-bit hash of a name: the same on every machine and in every version."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def fold(key: Any, word: Any) -> Keys:
    """Fold 64-bit words into keys; arrays broadcast.  Equal to `sim.kernels.chance.fold`."""
    mixed = np.asarray(key, np.uint64) ^ np.asarray(word, np.uint64)
    # NumPy warns of the wanted overflow in a single number only; saying so costs as much as folding
    with np.errstate(over="ignore") if mixed.ndim == 0 else nullcontext():
        z = mixed + _GOLDEN
        z = (z ^ (z >> _30)) * _MIX1
        z = (z ^ (z >> _27)) * _MIX2
        return z ^ (z >> _31)


def uniform(key: Any) -> NDArray[np.float64]:
    """Draws in (0, 1) from finished keys.  Equal to `sim.kernels.chance.uniform`."""
    bits = fold(key, np.uint64(0)) >> np.uint64(12)
    return (bits.astype(np.float64) + 0.5) * 2.0**-52


def run_keys(seed: int, runs: NDArray[np.integer[Any]]) -> Keys:
    """The key of each run, from the seed and the run's number in the whole ensemble; (R,)."""
    return fold(fold(np.uint64(name_key("badia")), np.uint64(seed)), runs.astype(np.uint64))


def named(keys: Keys, day: int, name: str) -> Keys:
    """The keys of one mechanism's draws on one day, or of one input (day -1); (R,)."""
    return named_on(keys, np.array([day]), name)[0]


def all_named(keys: Keys, day: int, names: Iterable[str]) -> Keys:
    """As `named`, of several names, (N,): (R, N)."""
    words = np.array([name_key(name) for name in names], np.uint64)
    return fold(fold(keys, np.uint64(day + 1))[:, None], words)


def named_on(keys: Keys, days: NDArray[np.integer[Any]], name: str) -> Keys:
    """As `named`, of several days, (D,): (D, R)."""
    on_days = fold(keys, (days + 1).astype(np.uint64)[:, None])
    return fold(on_days, np.uint64(name_key(name)))
