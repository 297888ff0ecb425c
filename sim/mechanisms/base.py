"""What a mechanism is, and the fixed world that it works in.

A mechanism is one rule: it turns this morning's state into tonight's.  It declares what it reads
and writes, and a test holds it to that.  It draws chance only by name.  To add one: a file here,
one line in `mechanisms/__init__.py`, a slow twin in `tests/reference/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from sim.chance import Keys, fold, name_key, named, on_day
from sim.picture import Picture
from sim.scenario.compiled import CompiledScenario, Event, EventKind
from sim.state import State
from sim.theatre.mesh import MeshArrays

Array = NDArray[Any]
Found = TypeVar("Found")


class FactionArrays(NamedTuple):
    """What kernels know of factions.

    key          (F,)    uint64   stable names
    quality      (F,)    float64  combat power of one fighter
    refuge_cell  (F, G)  int32    where those who slip out of a segment go; -1 nowhere
    refuge_km    (F, G)  float64  how far that is
    """

    key: Array
    quality: Array
    refuge_cell: Array
    refuge_km: Array


@dataclass(frozen=True)
class World:
    """Everything that a mechanism may consult; only `picture`, which is redrawn, changes."""

    scenario: CompiledScenario
    mesh: MeshArrays
    factions: FactionArrays
    parameters: NDArray[Any]  # (R,) records, see `Parameters.dtype`
    keys: Keys  # (R,) one key per run
    picture: Picture

    def draws(self, state: State, mechanism: str) -> Keys:
        """The keys from which a mechanism folds today's draws: then place, faction, slot; (R,)."""
        draws = self._draws
        if self._today.get("day") != state.day:
            self._today["day"] = state.day
            words = np.array([name_key(name) for name in draws], np.uint64)
            # all who ever asked, in one go: NumPy takes as long for one of them
            together = fold(on_day(self.keys, state.day), words[:, None])
            draws.update(zip(list(draws), together, strict=True))
        if mechanism not in draws:
            draws[mechanism] = named(self.keys, state.day, mechanism)
        return draws[mechanism]

    def events(self, state: State, kind: EventKind) -> list[tuple[int, Event]]:
        """Today's events of one kind, with their index; in force in at least one run."""
        events = self.calendar(kind)
        if not events:
            return []
        which = self.once(("indices", kind), lambda: np.array([i for i, _ in events]))
        in_force = np.any(state.active[:, which], axis=0).tolist()
        return [pair for pair, somewhere in zip(events, in_force, strict=True) if somewhere]

    def calendar(self, kind: EventKind) -> tuple[tuple[int, Event], ...]:
        """All events of one kind, in force or not, with their index."""
        return self.once(
            kind,
            lambda: tuple(
                (i, event) for i, event in enumerate(self.scenario.events) if event.kind is kind
            ),
        )

    def once(self, what: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` found when it was first asked for under this name: for what never changes."""
        if what not in self._known:
            self._known[what] = find()
        return cast(Found, self._known[what])

    @cached_property
    def _known(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def _today(self) -> dict[str, int]:
        """The day for which draws were last asked."""
        return {}

    @cached_property
    def _draws(self) -> dict[str, Keys]:
        """That day's keys of everybody who asked on it or before."""
        return {}


class Mechanism(ABC):
    """One rule of the day; see the module's docstring."""

    name: ClassVar[str]
    reads: ClassVar[tuple[str, ...]]  # fields of State
    writes: ClassVar[tuple[str, ...]]  # fields of State

    @abstractmethod
    def apply(self, state: State, world: World) -> None:
        """Change `state` by one day of this rule, in place, for all runs."""
