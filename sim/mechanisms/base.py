"""What a mechanism is, and the fixed world that it works in.

A mechanism is one rule: it turns this morning's state into tonight's.  It declares what it reads
and writes, and a test holds it to that.  It draws chance only by name.  To add one: a file here,
one line in `mechanisms/__init__.py`, a slow twin in `tests/reference/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from numpy.typing import NDArray

from sim.chance import Keys, named
from sim.picture import Picture
from sim.scenario.compiled import CompiledScenario, Event, EventKind
from sim.state import State
from sim.theatre.mesh import MeshArrays

Array = NDArray[Any]


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
        return named(self.keys, state.day, mechanism)

    def events(self, state: State, kind: EventKind) -> list[tuple[int, Event]]:
        """Today's events of one kind, with their index; in force in at least one run."""
        return [
            (i, event)
            for i, event in enumerate(self.scenario.events)
            if event.kind is kind and state.active[:, i].any()
        ]


class Mechanism(ABC):
    """One rule of the day; see the module's docstring."""

    name: ClassVar[str]
    reads: ClassVar[tuple[str, ...]]  # fields of State
    writes: ClassVar[tuple[str, ...]]  # fields of State

    @abstractmethod
    def apply(self, state: State, world: World) -> None:
        """Change `state` by one day of this rule, in place, for all runs."""
