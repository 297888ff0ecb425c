"""The arrays that change during a run.  State can copy, digest and check itself; it cannot decide.

R runs, C cells, F factions, G segments, S sectors, V events.
"""

from __future__ import annotations

import hashlib
from copy import deepcopy
from dataclasses import dataclass, fields, make_dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bundle import Bundle
from sim.pages import zeros
from sim.scenario.compiled import NOBODY

Array = NDArray[Any]


class Loss(IntEnum):
    """Why a faction lost fighters; the last axis of `State.losses`."""

    COMBAT = 0
    BOMBARDMENT = 1
    SURRENDER = 2  # laid down arms, or taken with a cell that had no way out
    DESERTION = 3
    ARREST = 4
    BREAK_OUT = 5
    RAID = 6
    CONVOY = 7


class Cause(IntEnum):
    """Why a cell changed hands."""

    NONE = 0
    ASSAULT = 1  # won by an operation against open resistance
    CEDED = 2  # won from evaders who gave it up
    OCCUPIED = 3  # walked into: too few were there to hold it
    SURRENDER = 4
    EVACUATION = 5
    RECONCILIATION = 6


class Incident(IntEnum):
    """What else the record tells of a day."""

    OPERATION = 0  # begun; persons = engaged attackers, other = defender
    BREAK_OUT_SUCCESS = 1  # persons = the party; cell, other = where it struck, and whom
    BREAK_OUT_FAILURE = 2
    SURRENDER = 3
    ARRESTS = 4  # persons = arrested, faction = who arrests, other = whose network
    CONVOY_LEFT = 5
    CONVOY_CAUGHT = 6  # persons = lost
    CONVOY_ARRIVED = 7
    EVACUATION = 8
    RECONCILIATION = 9
    EXFILTRATION = 10  # slipped away from a pocket; persons


INCIDENT = np.dtype(
    [
        # 2 + 1 + 1 bytes, then fours: no padding, so that equal rows are equal bits
        ("kind", np.int16),
        ("faction", np.int8),
        ("other", np.int8),
        ("cell", np.int32),
        ("persons", np.int32),
        ("ratio", np.float32),  # combat power ratio as the draw saw it, nan if none
        ("margin", np.float32),  # chance of success minus the draw: positive is success
    ]
)
# Kept for speed, made anew where they are not known: no part of what is simulated.
INDEXES = (
    *("mustered", "standing", "hiding", "men", "garrison", "persons", "strength", "hidden"),
    *("ground", "rationed", "inflow", "way", "passable", "way_known"),
)
MARGIN = 16  # numbers that lie between one faction's people and the next's
INCIDENTS_A_DAY = 256  # most incidents one run can record in a day; more are counted and reported


class _Bundled:
    """Room for the bundle of a state's arrays; no field of it."""

    __slots__ = ("_bundle",)
    _bundle: StateArrays | None


@dataclass(slots=True)
class State(_Bundled):
    """Everything that changes during a run, and nothing that decides how.

    day             int                 days since the scenario began
    holder          (R, C)    int8      faction in control, NOBODY if none
    fighters        (R, C, F) int32     persons under arms in the open; only where the holder is
                                        the faction itself or an ally
    covert          (R, C, F) int32     members of hidden networks; they hold no ground
    depot           (R, G, F) float32   supply of a faction's fighters in a segment, person-days
    progress        (R, C)    float32   km2 of the cell won so far by `attacker`
    attacker        (R, C)    int8      whose progress it is
    held_since      (R, C)    int16     day on which the holder took it; negative before the start
    lost_by         (R, C)    int8      who held it before
    lost_on         (R, C)    int16     day on which that faction lost it
    access          (R, C)    float32   supply that reaches the holder here, 0 to 1; 0 is cut off
    distance        (R, C)    int32     way to the nearest source, tenths of km; -1 none
    posture         (R, S, F) int8      `Posture`
    stance          (R, F, F) int8      `Stance`
    ordered         (R, C)    uint32    bit f: faction f is ordered to attack into the cell
    paused          (R, C)    uint32    bit f: faction f must not begin operations into it
    urge            (R, C)    float32   priority of the ordered attack, 0 to 1
    air             (R, C)    float32   air and artillery: what it adds to power in the cell
    air_for         (R, C)    uint32    bit f: faction f has that support here
    supplied        (R, C)    int8      holder when supply was last traced; -2 must be traced anew
    support         (R, S, F) float32   share of the population that stands behind the faction
    cohesion        (R, S, F) float32   0 to 1
    population      (R, C)    int32     civilians at home
    displaced       (R, S)    int32     displaced civilians hosted by the sector
    will            (R, S)    float32   will to reconcile, 0 to 1
    suppressed      (R, C)    float32   share of defenders' power that bombardment takes today
    combat          (R, C)    float32   share of the day's fighting that touches the cell, 0 to 1
    op_phase        (R, G, F) int8      0 none, 1 winning, 2 losing, of F attacking into G
    op_days         (R, G, F) int16     days since the operation began, or rest left if negative
    op_severity     (R, G, F) float32   multiplier of its losses, mean 1
    op_ratio        (R, G, F) float32   combat power ratio when it began
    op_margin       (R, G, F) float32   chance of success minus the draw
    op_bears        (R, G, F) float32   share of the engaged it will still lose before it breaks off
    surrendered_on  (R, G, F) int16     last day on which a stretch surrendered; -1000 never
    losses          (R, F, 8) int64     persons lost so far, by `Loss`
    joined          (R, F)    int64     recruited and arrived from outside so far
    transit         (R, V)    int32     persons on the road for a transfer event
    active          (R, V)    bool      events in force today
    since           (R, V)    int16     first day in force, -1 not yet
    cause           (R, C)    int8      `Cause` of today's change of holder
    ratio, margin   (R, C)    float32   ... its combat power ratio, and margin of the draw
    incidents       (R, I)    INCIDENT  today's incidents
    incident_count  (R,)      int32     how many; more than I were not kept
    mustered        (R,)      bool      whether the next nine are true (`kernels.muster`)
    standing        (R, C)    uint32    bit f: faction f has fighters in the cell
    hiding          (R, C)    uint32    bit f: ... covert members
    men             (R, C)    int32     fighters in the cell
    garrison        (R, G)    uint32    bit f: faction f has fighters in the segment
    persons         (R, G, F) int32     fighters of a faction in a segment
    strength        (R, S, F) int32     ... and in a sector
    hidden          (R, F)    int64     a faction's covert members
    ground          (R, S, F+1, 2) int64  civilians at home, and cells, by sector and holder,
                                        nobody last
    rationed        (R, G)    bool      whether `inflow` is true in the segment
    inflow          (R, G, F) float64   what reaches a faction's fighters in a day, person-days
    way             (R, F, C) int32     each faction's way from its sources, tenths of km;
                                        largest int32 where there is none
    passable        (R, F, C) bool      ground over which those ways were traced
    way_known       (R,)      bool      whether they were
    """

    day: int
    holder: Array
    fighters: Array
    covert: Array
    depot: Array
    progress: Array
    attacker: Array
    held_since: Array
    lost_by: Array
    lost_on: Array
    access: Array
    distance: Array
    posture: Array
    stance: Array
    ordered: Array
    paused: Array
    urge: Array
    air: Array
    air_for: Array
    supplied: Array
    support: Array
    cohesion: Array
    population: Array
    displaced: Array
    will: Array
    suppressed: Array
    combat: Array
    op_phase: Array
    op_days: Array
    op_severity: Array
    op_ratio: Array
    op_margin: Array
    op_bears: Array
    surrendered_on: Array
    losses: Array
    joined: Array
    transit: Array
    active: Array
    since: Array
    cause: Array
    ratio: Array
    margin: Array
    incidents: Array
    incident_count: Array
    mustered: Array
    standing: Array
    hiding: Array
    men: Array
    garrison: Array
    persons: Array
    strength: Array
    hidden: Array
    ground: Array
    rationed: Array
    inflow: Array
    way: Array
    passable: Array
    way_known: Array

    @classmethod
    def empty(
        cls, runs: int, cells: int, factions: int, segments: int, sectors: int, events: int
    ) -> State:
        """A state of the right shapes in which nothing has happened and nobody is there."""
        R, C, F, G, S, V = runs, cells, factions, segments, sectors, events
        f32 = np.float32
        return cls(
            day=0,
            holder=np.full((R, C), NOBODY, np.int8),
            fighters=_by_faction(R, C, F),
            covert=_by_faction(R, C, F),
            depot=zeros((R, G, F), f32),
            progress=zeros((R, C), f32),
            attacker=np.full((R, C), NOBODY, np.int8),
            held_since=zeros((R, C), np.int16),
            lost_by=np.full((R, C), NOBODY, np.int8),
            lost_on=np.full((R, C), -1000, np.int16),
            access=zeros((R, C), f32),
            distance=np.full((R, C), -1, np.int32),
            posture=zeros((R, S, F), np.int8),
            stance=zeros((R, F, F), np.int8),
            ordered=zeros((R, C), np.uint32),
            paused=zeros((R, C), np.uint32),
            urge=zeros((R, C), f32),
            air=zeros((R, C), f32),
            air_for=zeros((R, C), np.uint32),
            supplied=np.full((R, C), -2, np.int8),
            support=zeros((R, S, F), f32),
            cohesion=np.ones((R, S, F), f32),
            population=zeros((R, C), np.int32),
            displaced=zeros((R, S), np.int32),
            will=np.ones((R, S), f32),
            suppressed=zeros((R, C), f32),
            combat=zeros((R, C), f32),
            op_phase=zeros((R, G, F), np.int8),
            op_days=zeros((R, G, F), np.int16),
            op_severity=np.ones((R, G, F), f32),
            op_ratio=zeros((R, G, F), f32),
            op_margin=zeros((R, G, F), f32),
            op_bears=zeros((R, G, F), f32),
            surrendered_on=np.full((R, G, F), -1000, np.int16),
            losses=zeros((R, F, len(Loss)), np.int64),
            joined=zeros((R, F), np.int64),
            transit=zeros((R, V), np.int32),
            active=zeros((R, V), np.bool_),
            since=np.full((R, V), -1, np.int16),
            cause=zeros((R, C), np.int8),
            ratio=zeros((R, C), f32),
            margin=zeros((R, C), f32),
            incidents=np.zeros((R, INCIDENTS_A_DAY), INCIDENT),
            incident_count=zeros(R, np.int32),
            mustered=zeros(R, np.bool_),
            standing=zeros((R, C), np.uint32),
            hiding=zeros((R, C), np.uint32),
            men=zeros((R, C), np.int32),
            garrison=zeros((R, G), np.uint32),
            persons=zeros((R, G, F), np.int32),
            strength=zeros((R, S, F), np.int32),
            hidden=zeros((R, F), np.int64),
            ground=zeros((R, S, F + 1, 2), np.int64),
            rationed=zeros((R, G), np.bool_),
            inflow=zeros((R, G, F)),
            way=np.full((R, F, C), np.iinfo(np.int32).max, np.int32),
            passable=zeros((R, F, C), np.bool_),
            way_known=zeros(R, np.bool_),
        )

    @property
    def runs(self) -> int:
        """Runs side by side."""
        return len(self.holder)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field.  With another array in it, the bundle of arrays is out of date."""
        object.__setattr__(self, name, value)
        if name != "day":
            object.__setattr__(self, "_bundle", None)

    def arrays(self) -> StateArrays:
        """The arrays that kernels read and write: the same memory, not copies."""
        if self._bundle is None:
            arrays = StateArrays(*(getattr(self, name) for name in _FOR_KERNELS))
            object.__setattr__(self, "_bundle", arrays)
        return self._bundle

    def forget_muster(self) -> None:
        """Let everybody be counted anew: after people, ground or roads were changed by hand."""
        self.mustered[:] = False

    def copy(self) -> State:
        """An independent copy."""
        return deepcopy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> State:
        """A copy whose people lie in memory as before: NumPy would leave out the margin."""
        values = {f.name: deepcopy(getattr(self, f.name), memo) for f in fields(self)}
        for name in ("fighters", "covert"):
            values[name] = _by_faction(*self.fighters.shape)
            values[name][:] = getattr(self, name)
        return State(**values)

    def digest(self) -> str:
        """A hash of every bit of the state, indexes aside, for tests of repeatability."""
        h = hashlib.sha256(str(self.day).encode())
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, np.ndarray) and f.name not in INDEXES:
                h.update(f.name.encode())
                h.update(np.ascontiguousarray(value).tobytes())
        return h.hexdigest()

    def present(self) -> Array:
        """Persons of each faction in the open or hidden, without those on the road; (R, F)."""
        return self.fighters.sum(axis=1, dtype=np.int64) + self.covert.sum(axis=1, dtype=np.int64)


def _by_faction(runs: int, cells: int, factions: int) -> Array:
    """Zeros, (R, C, F) int32, that lie in memory faction by faction: few cells have people of two
    factions, so that loops over cells find the people of the next cell beside those of the last.

    The margin makes the layout the same for one run as for many: kernels are compiled for a layout.
    """
    return zeros((runs, factions, cells + MARGIN), np.int32)[:, :, :cells].transpose(0, 2, 1)


_FOR_KERNELS = tuple(f.name for f in fields(State) if f.name != "day")
StateArrays: Any = make_dataclass(
    "StateArrays", [(name, Array) for name in _FOR_KERNELS], bases=(Bundle,), frozen=True, eq=False
)
StateArrays.__module__ = __name__  # so that the machine code for it is found again
