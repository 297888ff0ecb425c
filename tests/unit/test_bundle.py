"""Bundles: a kernel sees the very arrays, wherever they lie and however they are laid out."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass

import numba
import numpy as np
import pytest

from sim import load_scenario
from sim.bundle import Array, Bundle
from sim.model import TerritoryModel
from sim.state import StateArrays


@dataclass(frozen=True, eq=False)
class Pair(Bundle):
    """Two arrays of different kinds."""

    whole: Array
    real: Array


@numba.njit
def swapped(pair, out):
    """Write what the arrays hold, and where; then change the first of each."""
    for i in range(pair.whole.shape[0]):
        for j in range(pair.whole.shape[1]):
            out[i, j] = pair.whole[i, j] + pair.real[j]
    pair.whole[0, 0] = -7
    pair.real[0] = 0.5


LAYOUTS = {
    "side by side": lambda a: a,
    "transposed": lambda a: np.ascontiguousarray(a.T).T,
    "every other": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    "backwards": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_kernel_reads_and_writes_the_very_arrays(layout):
    whole = LAYOUTS[layout](np.arange(12, dtype=np.int32).reshape(3, 4))
    pair = Pair(whole=whole, real=np.linspace(0, 1, 4))
    wanted, out = pair.whole + pair.real, np.zeros((3, 4))
    swapped(pair, out)
    np.testing.assert_array_equal(out, wanted)
    assert whole[0, 0] == -7
    assert pair.real[0] == 0.5


def pickled(pair):
    return pickle.loads(pickle.dumps(pair))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_is_handed_over_by_an_address_of_its_own(again):
    pair = Pair(np.zeros((1, 1), np.int32), np.ones(1))
    swapped(pair, np.zeros((1, 1)))  # its address is known now
    other = again(pair)
    assert other.address != pair.address
    other = Pair(other.whole + 1, other.real)
    swapped(other, np.zeros((1, 1)))
    assert other.whole[0, 0] == -7


def test_its_arrays_come_in_the_order_of_its_fields():
    first, second = np.zeros((2, 2)), np.ones(3)
    assert [a is b for a, b in zip(Pair(first, second), (first, second), strict=True)] == [True] * 2


def test_a_state_hands_over_the_arrays_that_it_has_now(two_valleys):
    state = TerritoryModel(two_valleys, runs=2).state
    before = state.arrays()
    state.day += 1
    assert state.arrays() is before
    state.holder = state.holder.copy()  # another array in its place
    assert state.arrays() is not before
    for name in StateArrays._fields:
        assert getattr(state.arrays(), name) is getattr(state, name), name


def test_states_of_one_run_and_of_many_are_of_one_type():
    """Or every kernel would be compiled twice."""
    types = set()
    for name in ("two-valleys", "hajin-pocket"):
        for runs in (1, 3):
            types.add(TerritoryModel(load_scenario(name), runs=runs).state.arrays()._numba_type_)
    assert len(types) == 1
