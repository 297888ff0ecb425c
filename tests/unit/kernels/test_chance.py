from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from sim import chance
from sim.kernels import chance as compiled

MANY = 1_000_000
PINNED = {
    "badia": 17809167188690757001,
    "Hajin الشعفة": 13749487472182878369,
    "run keys": [16460406299191817832, 14511850424173921769, 14352745998960797089],
    "draws": ["0x1.e8151fb228e8bp-1", "0x1.dee76228d98b4p-3", "0x1.cd28c9636ed9cp-3"],
}


@njit
def folded(keys, words, out):
    for i in range(len(keys)):
        out[i] = compiled.fold(keys[i], words[i])


@njit
def drawn(keys, out):
    for i in range(len(keys)):
        out[i] = compiled.uniform(keys[i])


@njit
def rounded(expected, keys, out):
    for i in range(len(keys)):
        out[i] = compiled.round_by_chance(expected[i], keys[i])


def bits(count, seed=1):
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)


def unfold(result, word):
    """The key that, folded with `word`, gives `result`: SplitMix64 backwards, in whole numbers."""
    full = 2**64 - 1

    def unshift(z, by):
        x = z
        for _ in range(64 // by + 1):
            x = z ^ (x >> by)
        return x

    z = unshift(result, 31)
    z = unshift(z * pow(0x94D049BB133111EB, -1, 2**64) & full, 27)
    z = unshift(z * pow(0xBF58476D1CE4E5B9, -1, 2**64) & full, 30)
    return ((z - 0x9E3779B97F4A7C15) & full) ^ word


def test_arrays_and_kernels_draw_the_same():
    keys, words, out = bits(100_000, 1), bits(100_000, 2), np.empty(100_000, np.uint64)
    keys[:4] = [0, 1, 2**63, 2**64 - 1]
    folded(keys, words, out)
    np.testing.assert_array_equal(out, chance.fold(keys, words))
    draws = np.empty(len(keys))
    drawn(keys, draws)
    np.testing.assert_array_equal(draws, chance.uniform(keys))


def test_a_fold_is_a_step_of_splitmix64():
    """The first outputs of the generator seeded with 0, as its authors' C code prints them."""
    golden = 0x9E3779B97F4A7C15
    first = [int(chance.fold(np.uint64(i * golden % 2**64), 0)) for i in range(3)]
    assert first == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


@pytest.mark.parametrize("word", [0, 5, 2**32 - 1])
def test_a_small_number_is_the_same_word_in_every_type(word):
    key = np.array([12345], np.uint64)
    wanted = chance.fold(key, np.uint64(word))
    for kind in (np.int64, np.uint64, np.int32 if word < 2**31 else np.uint32):
        out = np.empty(1, np.uint64)
        folded(key, np.array([word], kind), out)
        np.testing.assert_array_equal(out, wanted)


def test_not_even_the_most_extreme_bits_give_0_or_1():
    lowest, highest = unfold(0, 0), unfold(2**64 - 1, 0)
    keys = np.array([lowest, highest], np.uint64)
    np.testing.assert_array_equal(chance.fold(keys, 0), [0, 2**64 - 1])  # as extreme as can be
    compiled_draws = np.empty(2)
    drawn(keys, compiled_draws)
    for low, high in (chance.uniform(keys), compiled_draws):
        assert low == 2.0**-53
        assert high == 1.0 - 2.0**-53
        assert low > 0.0
        assert high < 1.0


def test_draws_are_uniform():
    u = chance.uniform(chance.fold(np.uint64(1), np.arange(MANY)))
    assert abs(u.mean() - 1 / 2) < 5 * (1 / 12 / MANY) ** 0.5
    assert abs(u.var() - 1 / 12) < 5 * (1 / 180 / MANY) ** 0.5
    counts = np.bincount((u * 100).astype(int), minlength=100)
    chi2 = ((counts - MANY / 100) ** 2 / (MANY / 100)).sum()
    assert 99 - 5 * 14.1 < chi2 < 99 + 5 * 14.1  # 99 degrees of freedom, 5 sd


@pytest.mark.parametrize(
    "neighbours",
    [
        lambda i: (chance.fold(np.uint64(1), i), chance.fold(np.uint64(1), i + 1)),  # places
        lambda i: (chance.fold(np.uint64(1), i), chance.fold(np.uint64(2), i)),  # seeds
        lambda i: (chance.fold(chance.fold(9, i), 1), chance.fold(chance.fold(9, i), 2)),  # slots
        lambda i: (chance.fold(chance.fold(9, i), 7), chance.fold(chance.fold(9, 7), i)),  # order
        lambda i: (chance.named(i, 3, "siege"), chance.named(i, 4, "siege")),  # days
        lambda i: (chance.named(i, 3, "siege"), chance.named(i, 3, "control")),  # mechanisms
    ],
)
def test_keys_that_differ_in_one_word_give_unrelated_draws(neighbours):
    a, b = (chance.uniform(keys) for keys in neighbours(np.arange(MANY).astype(np.uint64)))
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / MANY**0.5


def test_rounding_by_chance_keeps_the_mean_and_never_strays_by_a_whole_person():
    keys, out = bits(MANY), np.empty(MANY, np.int64)
    for expected in (0.0, 0.001, 0.5, 2.25, 17.999, 1e6 + 0.3, 5.0):
        rounded(np.full(MANY, expected), keys, out)
        assert set(np.unique(out)) <= {int(np.floor(expected)), int(np.ceil(expected))}
        part = expected % 1
        assert abs(out.mean() - expected) <= 5 * (part * (1 - part) / MANY) ** 0.5 + 1e-9


def test_names_and_draws_are_those_of_every_other_version():
    """A change here changes every result that anybody ever kept: it needs a new version."""
    assert chance.name_key("badia") == PINNED["badia"]
    assert chance.name_key("Hajin الشعفة") == PINNED["Hajin الشعفة"]
    keys = chance.run_keys(1, np.arange(3))
    np.testing.assert_array_equal(keys, PINNED["run keys"])
    draws = chance.uniform(chance.named(keys, 10, "engagement"))
    assert [float(u).hex() for u in draws] == PINNED["draws"]


@njit
def drawn_together(places, factions, place_keys, faction_keys, slot, run_key):
    """Keys and draws of a list of decisions with and without a slot; all but the last are drawn."""
    count = len(places)
    whole, slotted = compiled.room_for_lots(count), compiled.room_for_lots(count)
    for lots in (whole, slotted):
        for i in range(count):
            compiled.put(
                lots, i, places[i], factions[i], place_keys[places[i]], faction_keys[factions[i]],
                0.5 * i,
            )  # fmt: skip
    whole.drawn[-1] = slotted.drawn[-1] = 7.0
    compiled.draw(whole, count - 1, run_key)
    compiled.draw_slot(slotted, count - 1, run_key, slot)
    return whole, slotted


def test_draws_made_together_are_those_made_one_by_one():
    rng = np.random.default_rng(3)
    place_keys, faction_keys = bits(50, 4), bits(6, 5)
    places = rng.integers(0, 50, 2001).astype(np.int32)
    factions = rng.integers(0, 6, 2001).astype(np.int32)
    run_key, slot = bits(1, 6)[0], 3
    whole, slotted = drawn_together(places, factions, place_keys, faction_keys, slot, run_key)
    names = chance.fold(chance.fold(run_key, place_keys[places]), faction_keys[factions])
    for lots in (whole, slotted):
        np.testing.assert_array_equal(lots.place, places)
        np.testing.assert_array_equal(lots.faction, factions)
        np.testing.assert_array_equal(lots.expected, 0.5 * np.arange(2001))
        np.testing.assert_array_equal(lots.key[:-1], names[:-1])
        assert lots.drawn[-1] == 7.0  # nothing is drawn beyond the end of the list
    np.testing.assert_array_equal(whole.drawn[:-1], chance.uniform(names)[:-1])
    np.testing.assert_array_equal(slotted.drawn[:-1], chance.uniform(chance.fold(names, slot))[:-1])


def test_to_round_by_a_draw_is_to_round_by_its_chance():
    keys, expected = bits(1000, 7), np.random.default_rng(8).uniform(0, 9, 1000)
    out = np.empty(1000, np.int64)
    rounded(expected, keys, out)
    draws = chance.uniform(keys)
    told = [compiled.round_by_draw.py_func(e, u) for e, u in zip(expected, draws, strict=True)]
    assert out.tolist() == told
