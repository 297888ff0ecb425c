"""What a mechanism is, and the fixed world that it works in.

A mechanism is one rule: it turns this morning's state into tonight's.  It declares what it reads
and writes, and a test holds it to that.  It draws chance only by name.  To add one: a file here,
one line in `mechanisms/__init__.py`, a slow twin in `tests/reference/`; if compiled, one line in
`kernels/day.py` and a field in `rules.Doing`.  A rule that moves people or ground moves the muster
along (`kernels/muster.py`), or ends with `State.forget_muster`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from sim.bundle import Bundle
from sim.chance import Keys, named_on
from sim.picture import Picture
from sim.scenario.compiled import CompiledScenario, Event, EventKind
from sim.state import State
from sim.theatre.mesh import MeshArrays

Array = NDArray[Any]
Found = TypeVar("Found")

DAYS_AHEAD = 32  # days whose keys are folded at once: NumPy takes as long for one of them


@dataclass(frozen=True, eq=False)
class FactionArrays(Bundle):
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
        return self.draws_ahead(state, mechanism)[state.day % DAYS_AHEAD]

    def draws_ahead(self, state: State, mechanism: str) -> Keys:
        """As `draws`, of all days of the stretch in which today lies; (DAYS_AHEAD, R)."""
        first = state.day - state.day % DAYS_AHEAD
        return self.while_same(
            ("draws", mechanism),
            first,
            lambda: named_on(self.keys, first + np.arange(DAYS_AHEAD), mechanism),
        )

    def events(self, state: State, kind: EventKind) -> list[tuple[int, Event]]:
        """Today's events of one kind, with their index; in force in at least one run."""
        somewhere = self.while_same(
            "in force",
            state.active.tobytes(),
            lambda: frozenset(np.flatnonzero(state.active.any(axis=0)).tolist()),
        )
        return [(i, event) for i, event in self.calendar(kind) if i in somewhere]

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
        return self.while_same(what, None, find)

    def while_same(self, what: Hashable, given: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` found when last asked under this name, as long as `given` is the same."""
        known = self._known.get(what)
        if known is None or known[0] != given:
            known = self._known[what] = given, find()
        return cast(Found, known[1])

    @cached_property
    def _known(self) -> dict[Hashable, tuple[Hashable, Any]]:
        return {}


class Mechanism(ABC):
    """One rule of the day; see the module's docstring."""

    name: ClassVar[str]
    reads: ClassVar[tuple[str, ...]]  # fields of State
    writes: ClassVar[tuple[str, ...]]  # fields of State

    @abstractmethod
    def apply(self, state: State, world: World) -> None:
        """Change `state` by one day of this rule, in place, for all runs."""
