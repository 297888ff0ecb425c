"""What the engine is meant to reach, and whether it does: read from what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.speed import growth
from bench.speed.kit import Data, figure

GIGABYTE = 1e9
EXPONENT = 1.05  # linear, with room for noise


@dataclass(frozen=True)
class Target:
    """One line of what is meant to be reached.

    most   the figure must not be larger; `least`, it must not be smaller
    hoped  it is a hope, and no promise is broken where it is missed
    """

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    hoped: bool = False
    digits: int = 3

    @property
    def met(self) -> bool:
        if self.most is not None and self.value > self.most:
            return False
        return self.least is None or self.value >= self.least

    @property
    def asked(self) -> str:
        bound = (
            f"at most {self.most:g}{self.unit}"
            if self.most is not None
            else f"at least {self.least:g}{self.unit}"
        )
        return f"{bound}, hoped for" if self.hoped else bound

    @property
    def measured(self) -> str:
        return f"{figure(self.value, self.digits)}{self.unit}"

    @property
    def verdict(self) -> str:
        if self.met:
            return "yes"
        return "no, not reached yet" if self.hoped else "**falls short**"


def of(parts: dict[str, Data]) -> list[Target]:
    """The targets of all parts that were measured; `parts` holds their data by name."""
    found: list[Target] = []
    for name, targets in TARGETS.items():
        if parts.get(name):
            found += targets(parts[name])
    return found


def _throughput(data: Data) -> Iterator[Target]:
    for one in data["whole"]:
        what = (
            f"resolution {one['mesh']}, {one['runs']:,} runs of {one['days']} days, "
            f"{one['threads']} threads"
        )
        seconds = statistics.median(one["seconds"])
        yield Target(what, seconds, " s", most=20)
        if one["runs"] == 1000:
            yield Target(what, seconds, " s", most=10, hoped=True)


def _memory(data: Data) -> Iterator[Target]:
    for one in data["ensembles"]:
        if (one["mesh"], one["runs"]) == ("6", 1000):
            yield Target(
                f"peak memory of 1,000 runs of {one['days']} days, result saved",
                one["peak"] / GIGABYTE,
                " GB",
                most=2,
            )


def _growth(data: Data) -> Iterator[Target]:
    for name in ("cells", "days", "runs"):
        points = data["series"][name]
        yield Target(
            f"growth of time with {name}, exponent", growth.exponent(points), "", most=EXPONENT
        )


def _startup(data: Data) -> Iterator[Target]:
    most = {"--help": 0.5, "run two-valleys": 2, "run hajin-pocket --runs 200": 3}
    for one in data["commands"]:
        if one["command"] in most and not one["cold"]:
            seconds = statistics.median(one["seconds"])
            yield Target(f"`badia {one['command']}`, warm", seconds, " s", most[one["command"]])


def _peer(data: Data) -> Iterator[Target]:
    for name, one in data["peer"].items():
        same = "the same outcomes" if one["agrees"] else "**other outcomes**"
        yield Target(
            f"`{name}` against the same rules in Mesa ({same}), one core each",
            one["ratio_one_thread"],
            " times as fast",
            least=300,
            hoped=True,
        )


TARGETS: dict[str, Callable[[Data], Iterator[Target]]] = {
    "throughput": _throughput,
    "memory": _memory,
    "startup": _startup,
    "growth": _growth,
    "peer": _peer,
}
