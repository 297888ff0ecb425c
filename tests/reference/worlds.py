"""Small worlds in which anything may be going on: for comparing kernels with their slow twins.

The mesh is a grid of four-neighbour cells, the invariants of `State` hold, and everything else is
drawn from a seeded generator.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from types import SimpleNamespace

import numpy as np

from sim.chance import name_key, run_keys
from sim.mechanisms.base import World
from sim.parameters import Parameters
from sim.picture import Picture
from sim.scenario.compiled import CompiledScenario, Event, EventKind, Posture, Stance
from sim.start import faction_arrays
from sim.state import INDEXES, State
from sim.theatre.mesh import REACH_KM, Mesh

FACTIONS = ("RED", "BLUE", "GREEN", "GREY")
RED, BLUE, GREEN, GREY = range(4)
DAYS = 40


def keys_of(kind, count):
    return np.array([name_key(f"{kind} {i}") for i in range(count)], np.uint64)


def grid_mesh(width=6, height=4, *, rng=None, km=5.0):
    """A grid of cells of km x km; segments are 2 x 2 blocks, sectors 3 x 2 blocks."""
    rng = rng or np.random.default_rng(0)
    column, row = np.meshgrid(np.arange(width), np.arange(height))
    column, row = column.ravel(), row.ravel()
    block = (row // 2) * -(-width // 2) + column // 2
    order = np.lexsort((column, row, block))
    column, row, block = column[order], row[order], block[order]
    cells = len(order)
    at = {(int(x), int(y)): i for i, (x, y) in enumerate(zip(column, row, strict=True))}
    pairs = sorted(
        (i, at[x + dx, y + dy])
        for (x, y), i in at.items()
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        if (x + dx, y + dy) in at
    )
    origin = np.array([a for a, _ in pairs])
    indices = np.array([b for _, b in pairs], np.int32)
    kind = {}  # both directions of a pair are alike
    for a, b in pairs:
        kind.setdefault((min(a, b), max(a, b)), rng.choice(3, p=[0.8, 0.1, 0.1]))
    crossing = np.array([kind[min(a, b), max(a, b)] for a, b in pairs], np.int8)
    near = [
        sorted({a} | {b for (o, b), w in zip(pairs, crossing, strict=True) if o == a and w != 2})
        for a in range(cells)
    ]
    assert km <= REACH_KM
    third = (row // 2) * -(-width // 3) + column // 3
    lon, lat = 36.0 + column * 0.055, 34.0 + row * 0.045
    segments, sectors = block.max() + 1, third.max() + 1
    return Mesh(
        cell_id=[f"cell {x} {y}" for x, y in zip(column, row, strict=True)],
        key=np.array(
            [name_key(f"cell {x} {y}") for x, y in zip(column, row, strict=True)], np.uint64
        ),
        lon=lon,
        lat=lat,
        area=rng.uniform(5, km * km, cells).astype(np.float32),
        terrain=rng.integers(0, 6, cells).astype(np.int8),
        rough=rng.uniform(0, 1, cells).astype(np.float32),
        road=rng.integers(0, 3, cells).astype(np.int8),
        bank=np.ones(cells, np.int8),
        population=rng.integers(0, 9000, cells).astype(np.int32),
        sector=third.astype(np.int16),
        segment=block.astype(np.int32),
        segment_start=np.searchsorted(block, np.arange(segments + 1)).astype(np.int32),
        segment_key=keys_of("segment", segments),
        sector_key=keys_of("sector", sectors),
        indptr=np.searchsorted(origin, np.arange(cells + 1)).astype(np.int32),
        indices=indices,
        edge_km=np.full(len(pairs), km, np.float32),
        border_km=np.full(len(pairs), km, np.float32),
        travel=np.full(len(pairs), round(10 * km), np.int32),
        crossing=crossing,
        reach_indptr=np.cumsum([0] + [len(n) for n in near]).astype(np.int32),
        reach=np.concatenate(near).astype(np.int32),
    )


@dataclass
class Small:
    """A state and the world it lives in."""

    state: State
    world: World

    def copy(self):
        return Small(self.state.copy(), self.world)

    def with_parameters(self, **values):
        records = self.world.parameters.copy()
        for name, value in values.items():
            records[name] = value
        return Small(self.state.copy(), replace(self.world, parameters=records))

    def without_events(self, *kinds):
        """The same with events of these kinds not in force."""
        other = self.copy()
        for i, event in enumerate(self.world.scenario.events):
            if event.kind in kinds:
                other.state.active[:, i] = False
        return other

    def run_alone(self, r):
        """Only run r, as a batch of its own."""
        many = self.state
        _, segments, factions = many.depot.shape
        shape = (many.holder.shape[1], factions, segments, many.will.shape[1], many.active.shape[1])
        state = State.empty(1, *shape)  # people lie in memory as kernels expect it
        state.day = many.day
        for f in fields(State):
            if f.name != "day":
                getattr(state, f.name)[:] = getattr(many, f.name)[r : r + 1]
        world = replace(
            self.world,
            parameters=self.world.parameters[r : r + 1],
            keys=self.world.keys[r : r + 1],
        )
        return Small(state, world)


def event(kind, cells, *, name=None, weights=None, **more):
    """An event with weights 1 and a key of its name."""
    cells = np.asarray(cells, np.int32)
    weights = np.ones(len(cells)) if weights is None else weights
    more = {"faction": RED, "start": 0, "end": DAYS, **more}
    for field in ("origin", "route"):
        more[field] = np.asarray(more.get(field, []), np.int32)
    name = name or f"{kind.name} {more['faction']} {cells[0]}"
    return Event(
        id=name,
        key=name_key(name),
        kind=kind,
        cells=cells,
        weights=np.asarray(weights, np.float32),
        **more,
    )


def small(mesh, events=(), *, runs=1, seed=1, day=10, refuge=None):
    """An empty world on a mesh: four factions, hostile to each other, nobody anywhere."""
    stance = np.full((4, 4), Stance.HOSTILE, np.int8)
    np.fill_diagonal(stance, Stance.ALLIED)
    scenario = CompiledScenario(
        name="small",
        title="A small world",
        digest="",
        start=date(2000, 1, 1),
        days=DAYS,
        theatre=SimpleNamespace(mesh=mesh),
        faction_ids=FACTIONS,
        faction_names=FACTIONS,
        faction_keys=keys_of("faction", 4),
        colours=("#000000",) * 4,
        doctrines=("regular",) * 4,
        quality=np.array([1.0, 0.9, 1.2, 0.7]),
        cohesion=np.ones(4),
        stock=np.full(4, 14.0),
        stance=stance,
        holder=np.full(mesh.cells, -1, np.int8),
        held_days=np.zeros(mesh.cells, np.int16),
        source_faction=np.zeros(0, np.int8),
        source_cell=np.zeros(0, np.int32),
        source_strength=np.zeros(0),
        refuge=np.zeros((4, mesh.cells), np.bool_) if refuge is None else refuge,
        support=np.zeros((mesh.sectors, 4)),
        forces=(),
        events=tuple(events),
        questions=(),
        parameters=Parameters(),
        ranges={},
        reports={},
    )
    state = State.empty(runs, mesh.cells, 4, mesh.segments, mesh.sectors, len(events))
    state.day = day
    state.stance[:] = stance
    state.population[:] = mesh.population
    state.active[:] = True
    state.since[:] = 0
    world = World(
        scenario=scenario,
        mesh=mesh.arrays(),
        factions=faction_arrays(scenario),
        parameters=Parameters().table(runs),
        keys=run_keys(seed, np.arange(runs)),
        picture=Picture.empty(runs, mesh.cells, 4, mesh.segments, len(mesh.reach)),
    )
    return Small(state, world)


def random_events(rng, mesh, day):
    """Some events of every kind that these mechanisms answer."""

    def area():
        count = int(rng.integers(1, mesh.cells + 1))
        return np.sort(rng.choice(mesh.cells, count, replace=False))

    kinds = (
        EventKind.BOMBARDMENT,
        EventKind.ARRESTS,
        EventKind.LEAFLETS,
        EventKind.EVACUATION_OFFER,
        EventKind.RECONCILIATION_OFFER,
        EventKind.TRANSFER,
        EventKind.REINFORCEMENT,
    )
    for i, kind in enumerate(kind for kind in kinds for _ in range(2)):
        cells = area()
        faction = int(rng.integers(4))
        other = int(rng.integers(-1, 4))
        low = float(rng.integers(0, 300))
        yield event(
            kind,
            cells,
            name=f"event {i}",
            weights=rng.choice([0.0, 0.5, 1.0], len(cells)),
            faction=faction,
            other=-1 if other == faction else other,
            intensity=float(rng.uniform(0, 2)),
            persons=(low, low + float(rng.integers(0, 300))),
            origin=area() if kind is EventKind.TRANSFER else [],
            route=rng.choice(mesh.cells, int(rng.integers(0, 5))),
            travel_days=int(rng.integers(0, 4)) if kind is EventKind.TRANSFER else 0,
            reconcilers=bool(rng.integers(2)),
        )


def random_world(seed, runs=2):
    """A small world in the middle of everything; the invariants of `State` hold."""
    rng = np.random.default_rng(seed)
    mesh = grid_mesh(int(rng.integers(3, 8)), int(rng.integers(2, 6)), rng=rng)
    day = int(rng.integers(0, DAYS))
    events = list(random_events(rng, mesh, day))
    refuge = rng.random((4, mesh.cells)) < 0.2
    world = small(mesh, events, runs=runs, seed=seed, day=day, refuge=refuge)
    state, R, C, S, G = world.state, runs, mesh.cells, mesh.sectors, mesh.segments
    for r in range(R):
        for a in range(4):
            for b in range(a):
                state.stance[r, a, b] = state.stance[r, b, a] = rng.choice(
                    4, p=[0.5, 0.15, 0.1, 0.25]
                )
    state.holder[:] = rng.integers(-1, 4, (R, C))
    for r in range(R):
        for c in range(C):
            h = state.holder[r, c]
            for f in range(4):
                if h >= 0 and (f == h or state.stance[r, h, f] == Stance.ALLIED):
                    state.fighters[r, c, f] = rng.choice([0, rng.integers(1, 400)])
                state.covert[r, c, f] = rng.choice([0, 0, rng.integers(1, 80)])
    state.depot[:] = rng.uniform(0, 30, (R, G, 4)) * rng.integers(0, 300, (R, G, 4))
    state.access[:] = rng.choice([0.0, 0.4, 1.0], (R, C))
    state.held_since[:] = rng.integers(-100, day + 1, (R, C))
    state.progress[:] = rng.uniform(0, 9, (R, C))
    state.attacker[:] = rng.integers(-1, 4, (R, C))
    state.posture[:] = rng.choice(
        [Posture.HOLD, Posture.RAID, Posture.HUNT, Posture.EVADE], (R, S, 4)
    )
    state.support[:] = rng.dirichlet(np.ones(5), (R, S))[:, :, :4]
    state.cohesion[:] = rng.uniform(0, 1, (R, S, 4))
    state.will[:] = rng.uniform(0, 1, (R, S))
    gone = rng.integers(0, 1 + mesh.population // 2, (R, C))
    state.population -= gone.astype(np.int32)
    state.displaced[:] = gone.sum(axis=1)[:, None] // S
    state.combat[:] = np.where(rng.random((R, C)) < 0.15, rng.uniform(0, 1, (R, C)), 0)
    state.suppressed[:] = np.where(rng.random((R, C)) < 0.1, 0.3, 0)
    state.surrendered_on[:] = rng.choice([-1000, day - 20, day - 5, day], (R, G, 4))
    state.active[:] = rng.random((R, len(events))) < 0.7
    state.since[:] = rng.choice([-1, max(day - 2, 0), max(day - 1, 0), day], (R, len(events)))
    under_way = (state.since >= 0) & (state.since < day)
    state.transit[:] = np.where(under_way, rng.integers(0, 200, (R, len(events))), 0)
    for i, each in enumerate(events):
        if each.kind not in (EventKind.TRANSFER, EventKind.REINFORCEMENT):
            state.transit[:, i] = 0
    busy = {
        "arrest_rate": 0.1, "raid_rate": 0.05, "raid_cost": 0.05, "desertion": 0.05,
        "recruitment": 1e-4, "deal_rate": 0.2, "intercept": 1.0, "bomb_loss": 0.05,
        "bomb_support": 0.05, "return_rate": 0.05, "arrest_chill": 0.3, "flight": 0.1,
        "bomb_civilian": 0.09, "support_drift": 0.05, "leaflet_effect": 0.1,
    }  # fmt: skip
    return world.with_parameters(**{k: rng.uniform(0, v, R) for k, v in busy.items()})


def changed_fields(before, after):
    """Names of the arrays that differ in any bit; of records, in any field (not in padding)."""
    return {
        f.name
        for f in fields(State)
        if f.name not in ("day", *INDEXES)
        and bits(getattr(before, f.name)) != bits(getattr(after, f.name))
    }


def bits(array):
    """The bytes of an array, of records field by field."""
    if array.dtype.names:
        return b"".join(np.ascontiguousarray(array[name]).tobytes() for name in array.dtype.names)
    return array.tobytes()


def persons(world):
    """Everybody a faction ever had: present, on the road or lost, less those who came; (R, F)."""
    state = world.state
    total = state.present() + state.losses.sum(axis=2) - state.joined
    for i, each in enumerate(world.world.scenario.events):
        total[:, each.faction] += state.transit[:, i]
    return total


def civilians(state):
    """Civilians at home and displaced, (R,)."""
    return state.population.sum(axis=1, dtype=np.int64) + state.displaced.sum(
        axis=1, dtype=np.int64
    )


def strangers(state):
    """Open fighters on ground that is neither theirs nor an ally's."""
    wrong = 0
    R, C, F = state.fighters.shape
    for r in range(R):
        for c in range(C):
            h = state.holder[r, c]
            for f in range(F):
                if state.fighters[r, c, f] and (
                    h < 0 or (f != h and state.stance[r, h, f] != Stance.ALLIED)
                ):
                    wrong += int(state.fighters[r, c, f])
    return wrong


def scrambled(small_world, mechanism):
    """The same world with everything changed that the mechanism does not say it reads."""
    rng = np.random.default_rng(99)
    other = small_world.copy()
    kept = {*mechanism.reads, *mechanism.writes}
    for f in fields(State):
        value = getattr(other.state, f.name)
        if f.name in kept or f.name in INDEXES or not isinstance(value, np.ndarray):
            continue
        if value.dtype == np.bool_:
            value[:] = ~value
        elif value.dtype.names is None:
            value[:] = rng.integers(0, 4, value.shape)
    return other


def assert_same(left, right):
    """Two states are alike in every bit."""
    assert changed_fields(left, right) == set()


def assert_contract(mechanism, before):
    """What every mechanism promises, tried on one world.

    It writes only what it declares and needs only what it declares; a run is the same alone as in
    a batch; persons and civilians are conserved; nobody stands on foreign ground.
    """
    after = before.copy()
    mechanism.apply(after.state, after.world)
    assert changed_fields(before.state, after.state) <= set(mechanism.writes)

    ignorant = scrambled(before, mechanism)
    mechanism.apply(ignorant.state, ignorant.world)
    alone = before.run_alone(1)
    mechanism.apply(alone.state, alone.world)
    for name in mechanism.writes:
        together = getattr(after.state, name)
        assert bits(getattr(ignorant.state, name)) == bits(together), name
        assert bits(getattr(alone.state, name)[0]) == bits(together[1]), name

    np.testing.assert_array_equal(persons(before), persons(after))
    np.testing.assert_array_equal(civilians(before.state), civilians(after.state))
    assert strangers(after.state) == 0
    for name in ("fighters", "covert", "population", "displaced", "transit", "depot"):
        assert (getattr(after.state, name) >= 0).all(), name
    for name in ("support", "cohesion", "will", "suppressed", "combat"):
        values = getattr(after.state, name)
        assert (values >= 0).all(), name
        assert (values <= 1).all(), name
    assert (after.state.support.sum(axis=2, dtype=np.float64) <= 1 + 1e-6).all()
