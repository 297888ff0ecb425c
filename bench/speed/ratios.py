"""Ratios: compiled code against plain NumPy, measured in turns in one process.

A ratio hardly depends on the machine, so it can be kept and held to: a test measures these again
and fails where one has fallen below a third of what is kept here (`tests/contract/
test_speed_ratios.py`).  Kernel and twin take turns, and the fastest turn of each counts, in
processor time: while others are served no time passes, and what they do to the caches slows both.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bench.speed import theatre, twins
from bench.speed.kit import NATIONAL, Data, figure, kept, main, table, told
from sim import TerritoryModel, chance
from sim.kernels import chance as compiled_chance
from sim.kernels import front
from sim.picture import Picture
from sim.record import Recorder

RUNS = 8
BEFORE = 20  # days, so that fronts are as a war has them
DAYS = 200
DRAWS = 200_000
REPEATS = 15
LARGE = 3.0  # a ratio that falls by more than this factor fails the guard
SINGLE = 1e-4  # relative: sums of float32 in another order; persons and km are compared
Array = NDArray[Any]


@dataclass(frozen=True)
class Pair:
    """Compiled code and the NumPy that it is compared with.

    prepare  called before each turn of the kernel, not timed; what it returns the kernel is given
    same     raises AssertionError where the two do not agree
    """

    name: str
    kernel: Callable[[Any], Any]
    twin: Callable[[], Any]
    prepare: Callable[[], Any] = lambda: None
    same: Callable[[], None] = lambda: None

    def slowed(self, times: int) -> Pair:
        """The same with a kernel that does its work so many times over, each on its own input."""

        def prepare() -> list[Any]:
            return [self.prepare() for _ in range(times)]

        def again(given: list[Any]) -> None:
            for one in given:
                self.kernel(one)

        return replace(self, kernel=again, prepare=prepare)


def measured(pair: Pair, repeats: int = REPEATS) -> Data:
    """Microseconds of the fastest turn of each, and their ratio; both have run before."""
    kernel = twin = math.inf
    for _ in range(repeats):
        given = pair.prepare()
        begin = time.process_time()
        pair.kernel(given)
        middle = time.process_time()
        pair.twin()
        kernel = min(kernel, middle - begin)
        twin = min(twin, time.process_time() - middle)
    return {"kernel_us": 1e6 * kernel, "twin_us": 1e6 * twin, "ratio": twin / kernel}


def fell(name: str, ratio: float) -> str:
    """What to say of a ratio that fell by more than LARGE; empty where it stands."""
    known = kept("ratios")
    before = known["ratios"][name]["ratio"]
    if ratio * LARGE >= before:
        return ""
    return (
        f"{name}: {ratio:.2f} times as fast as NumPy; on {known['stamp']['date']} it was "
        f"{before:.2f} times. Something became much slower. If that is meant, measure anew with "
        "`python -m bench.speed.ratios` and commit what it wrote."
    )


@njit
def draw_all(keys, words, out):
    for i in range(len(keys)):
        out[i] = compiled_chance.uniform(compiled_chance.fold(keys[i], words[i]))


def chance_pair() -> Pair:
    """Keyed draws: the same bits."""
    keys = np.arange(DRAWS, dtype=np.uint64) * np.uint64(977)
    words = np.arange(DRAWS, dtype=np.uint64)[::-1].copy()
    out = np.empty(DRAWS)

    def twin() -> Array:
        return chance.uniform(chance.fold(keys, words))

    def same() -> None:
        out[:] = 0.0
        draw_all(keys, words, out)
        np.testing.assert_array_equal(out, twin())

    return Pair("keyed draws", lambda _: draw_all(keys, words, out), twin, same=same)


def national_pairs() -> list[Pair]:
    """The morning's picture drawn from nothing, and a whole day, on the national map."""
    scenario = theatre.load("6")
    model = TerritoryModel(scenario, runs=RUNS)
    recorder = Recorder(scenario, model.state, days=DAYS)

    def day(_: Any = None) -> None:
        model.step()
        recorder.day(model.state)

    for _ in range(BEFORE):
        day()
    world = model.world
    # The picture is that of one morning: the days that are timed go on with the model's own state.
    still = model.state.copy()
    shape = (*still.fighters.shape, len(world.mesh.segment_key), len(world.mesh.reach))

    def blank() -> Picture:
        empty = Picture.empty(*shape)
        for array in empty:
            array[...] = array.copy()  # its memory is given out now, not while the clock runs
        return empty

    def look(empty: Picture) -> None:
        front.look(
            still.arrays(), world.mesh, world.factions.quality, world.parameters, True, empty
        )

    def twin() -> dict[str, Array]:
        return twins.picture(still, world.mesh, world.factions.quality, world.parameters)

    def same() -> None:
        drawn = blank()
        look(drawn)
        for name, values in twin().items():
            np.testing.assert_allclose(
                getattr(drawn, name), values, rtol=SINGLE, atol=1e-3, err_msg=name
            )

    return [
        Pair("the morning's picture", look, twin, prepare=blank, same=same),
        Pair("a whole day", day, twin),
    ]


def pairs() -> list[Pair]:
    return [chance_pair(), *national_pairs()]


def measure(quick: bool) -> Data:
    found: Data = {"scenario": NATIONAL, "runs": RUNS, "ratios": {}}
    for pair in pairs():
        pair.same()
        measured(pair, 1)
        found["ratios"][pair.name] = measured(pair, 3 if quick else REPEATS)
        told(f"ratios: {pair.name} {found['ratios'][pair.name]['ratio']:.2f}")
    return found


AGAINST = {
    "keyed draws": f"`sim.chance` over {DRAWS:,} keys",
    "the morning's picture": "the same picture in NumPy",
    "a whole day": "the morning's picture in NumPy: a fixed amount of work, not the same",
}


def tables(data: Data) -> str:
    rows = [
        [
            name,
            AGAINST[name],
            figure(one["kernel_us"]),
            figure(one["twin_us"]),
            f"{one['ratio']:.2f}",
        ]
        for name, one in data["ratios"].items()
    ]
    return (
        f"One thread; `{data['scenario']}` at resolution 6, {data['runs']} runs side by side. The "
        "fastest of many turns. A test measures these ratios again and fails where one has fallen "
        f"by more than a factor of {LARGE:g}.\n\n"
        f"{table(['compiled', 'against', 'µs', 'NumPy, µs', 'ratio'], rows, left=2)}"
    )


if __name__ == "__main__":
    main("ratios", __doc__, measure, tables)
