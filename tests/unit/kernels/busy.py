"""Small worlds at war: fronts, pockets, orders and operations, for comparing kernels with twins.

`tests.reference.worlds` makes the empty world; here a seeded generator fills everything that the
core kernels read.  Lengths differ from edge to edge, so that no tie hides a wrong choice, and every
run has parameters of its own, drawn from their plausible ranges.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from sim.kernels import front
from sim.parameters import Parameters
from sim.picture import Picture
from sim.scenario.compiled import EventKind, Posture, Stance
from sim.state import INDEXES, State
from sim.theatre import grid
from tests.reference.worlds import Small, event, grid_mesh, small

RUNS = 3
FACTIONS = 4
LETTERS = "dsvmul"
SINGLE = 4e-6  # a few roundings of float32, relative: sums are kept in another order or precision


def uneven(mesh, rng):
    """The mesh with a length of its own for every border, the same from both sides."""
    cells = len(mesh.area)
    origin = np.repeat(np.arange(cells), np.diff(mesh.indptr))
    a, b = np.minimum(origin, mesh.indices), np.maximum(origin, mesh.indices)
    _, pair = np.unique(a * cells + b, return_inverse=True)

    def draw(low, high):
        return rng.uniform(low, high, pair.max() + 1)[pair]

    return replace(
        mesh,
        border_km=draw(0.5, 5.0).astype(np.float32),
        edge_km=draw(2.0, 9.0).astype(np.float32),
        travel=draw(1.0, 300.0).astype(np.int32),
    )


def hexagons(rng):
    """A small invented theatre of hexagons with a river, a bridge, districts and roads."""
    height, width = int(rng.integers(4, 7)), int(rng.integers(5, 9))
    river = int(rng.integers(2, width - 1))

    def rows(letter):
        return "\n".join(" ".join(letter(i, j) for j in range(width)) for i in range(height))

    return grid(
        rows(lambda i, j: LETTERS[rng.integers(6)]),
        districts=rows(lambda i, j: "ABCD"[2 * (i > 1) + (j > 3)]),
        segments=rows(lambda i, j: "0123456789"[(i // 2) * 3 + min(j // 2, 2)]),
        banks=rows(lambda i, j: "L" if j < river else "R"),
        bridges=[[[1, river - 1], [1, river]], [[2, river - 1], [2, river]]],
        roads=rows(lambda i, j: ".-="[rng.integers(3)]),
    ).mesh


def blots(mesh, rng):
    """A holder for each cell: three to eight stretches of ground, one of them nobody's at times."""
    seats = rng.choice(mesh.cells, int(rng.integers(3, 9)))
    owner = rng.integers(-1, FACTIONS, len(seats))
    far = (mesh.lon[:, None] - mesh.lon[seats]) ** 2 + (mesh.lat[:, None] - mesh.lat[seats]) ** 2
    return owner[far.argmin(axis=1)]


def parameters(rng, runs):
    """A record for each run, every parameter anywhere in its plausible range."""
    changes = {}
    for name, field in Parameters.model_fields.items():
        low, high = field.json_schema_extra["range"]
        changes[name] = rng.uniform(low, high, runs)
    return Parameters().table(runs, changes)


def busy_world(seed, runs=RUNS):
    """A world in the middle of a war; the invariants of `State` hold."""
    rng = np.random.default_rng(seed)
    mesh = hexagons(rng) if seed % 2 else grid_mesh(int(rng.integers(4, 9)), 5, rng=rng)
    mesh = uneven(mesh, rng)
    day = int(rng.integers(0, 40))
    events = [
        event(
            EventKind.SUPPLY,
            np.sort(rng.choice(mesh.cells, 6, replace=False)),
            name=f"airdrop {i}",
            faction=int(rng.integers(FACTIONS)),
            intensity=float(rng.uniform(0, 2)),
        )
        for i in range(3)
    ]
    refuge = rng.random((FACTIONS, mesh.cells)) < 0.1
    world = small(mesh, events, runs=runs, seed=seed, day=day, refuge=refuge)
    sources = int(rng.integers(2, 7))
    scenario = replace(
        world.world.scenario,
        source_faction=rng.integers(0, FACTIONS, sources).astype(np.int8),
        source_cell=rng.integers(0, mesh.cells, sources).astype(np.int32),
        source_strength=rng.choice([1.0, 0.8, 0.3], sources),
    )
    world = Small(
        world.state, replace(world.world, scenario=scenario, parameters=parameters(rng, runs))
    )
    state, R, C, S, G = world.state, runs, mesh.cells, mesh.sectors, mesh.segments
    for r in range(R):
        for a in range(FACTIONS):
            for b in range(a):
                state.stance[r, a, b] = state.stance[r, b, a] = rng.choice(
                    4, p=[0.6, 0.1, 0.05, 0.25]
                )
        state.holder[r] = blots(mesh, rng) if rng.random() < 0.8 else rng.integers(-1, 4, C)
        for c in range(C):
            h = state.holder[r, c]
            for f in range(FACTIONS):
                if h >= 0 and (f == h or state.stance[r, h, f] == Stance.ALLIED):
                    state.fighters[r, c, f] = rng.choice([0, rng.integers(1, 900)])
    persons = np.add.reduceat(state.fighters, mesh.segment_start[:-1], axis=1)
    state.depot[:] = persons * rng.choice([0.0, 5.0, 20.0, 25.0], (R, G, FACTIONS))
    state.depot *= rng.uniform(0.5, 1.5, (R, G, FACTIONS)).astype(np.float32)
    state.covert[:] = rng.choice([0, 0, 30], (R, C, FACTIONS))
    state.supplied[:] = np.where(rng.random((R, 1)) < 0.5, -2, state.holder)
    lost = rng.random((R, C)) < 0.1
    state.supplied[lost] = rng.integers(-1, FACTIONS, lost.sum())
    state.distance[:] = rng.choice([-1, 500], (R, C))
    for r in range(R):  # a whole stretch at a time is cut off
        cut = rng.random(G) < 0.5
        state.distance[r, cut[mesh.segment]] = -1
    state.access[:] = np.where(state.distance < 0, 0.0, rng.uniform(0, 1, (R, C)))
    state.held_since[:] = rng.integers(-100, day + 1, (R, C))
    state.lost_by[:] = rng.integers(-1, FACTIONS, (R, C))
    state.lost_on[:] = rng.choice([-1000, day - 70, day - 3], (R, C))
    state.attacker[:] = rng.integers(-1, FACTIONS, (R, C))
    state.progress[:] = np.where(state.attacker < 0, 0, rng.choice([0.1, 0.95, 1.1], (R, C)))
    state.progress *= mesh.area
    state.posture[:] = rng.integers(0, len(Posture), (R, S, FACTIONS))
    state.ordered[:] = np.where(rng.random((R, C)) < 0.6, rng.integers(0, 16, (R, C)), 0)
    state.paused[:] = np.where(rng.random((R, C)) < 0.1, rng.integers(0, 16, (R, C)), 0)
    state.urge[:] = rng.choice([0.0, 0.5, 0.8, 1.0], (R, C))
    state.air[:] = rng.choice([0.0, 0.7], (R, C))
    state.air_for[:] = rng.integers(0, 16, (R, C))
    state.suppressed[:] = rng.choice([0.0, 0.4], (R, C))
    state.cohesion[:] = rng.uniform(0, 1, (R, S, FACTIONS))
    state.op_phase[:] = rng.choice([0, 0, 0, 1, 2], (R, G, FACTIONS))
    state.op_days[:] = np.where(
        state.op_phase == 0, rng.choice([-2, 0, 0, -1], state.op_phase.shape), rng.integers(1, 5)
    )
    state.op_severity[:] = rng.uniform(0.3, 3, state.op_phase.shape)
    state.op_ratio[:] = rng.uniform(0.3, 3, state.op_phase.shape)
    state.op_margin[:] = rng.uniform(-0.5, 0.5, state.op_phase.shape)
    state.op_bears[:] = rng.uniform(0, 0.2, state.op_phase.shape)
    state.surrendered_on[:] = rng.choice([-1000, -1000, day - 3], (R, G, FACTIONS))
    state.active[:] = rng.random((R, len(events))) < 0.7
    return world


def looked(seed):
    """A busy world whose picture the kernel has drawn."""
    world = busy_world(seed)
    draw_picture(world)
    return world


def draw_picture(world):
    """Let the kernel draw the picture of a world."""
    w = world.world
    world.state.forget_muster()  # a twin may have moved people
    front.look(world.state.arrays(), w.mesh, w.factions.quality, w.parameters, True, w.picture)


def length(picture, name, r):
    """How many entries of one of the `LISTS` count in run r."""
    fronts = picture.front_count[r]
    if name == "answer":
        return picture.answer_end[r, fronts - 1] if fronts else 0
    return fronts if name == "answer_end" else getattr(picture, f"{name}_count")[r]


def assert_alike(fast, slow, before=None, *, what=""):
    """Whole numbers are equal; others equal but for `SINGLE`, relative to the largest involved.

    State keeps float32 and kernels add in it here and there; the twins reckon in float64 and round
    once.  What a difference has cancelled out is measured against what there was before.
    """
    for name in names(fast):
        left, right = getattr(fast, name), getattr(slow, name)
        if not isinstance(left, np.ndarray):
            continue
        if isinstance(slow, Picture) and name in LISTS:
            for r, (a, b) in enumerate(zip(left, right, strict=True)):
                end = length(slow, name, r)
                np.testing.assert_array_equal(a[:end], b[:end], err_msg=name)
            continue
        old = getattr(before, name) if before is not None else left
        if left.dtype.names:
            columns = [(left[n], right[n], old[n], f"{what} {name}.{n}") for n in left.dtype.names]
        else:
            columns = [(left, right, old, f"{what} {name}")]
        for a, b, o, label in columns:
            if a.dtype.kind != "f":
                np.testing.assert_array_equal(a, b, err_msg=label)
                continue
            np.testing.assert_array_equal(np.isnan(a), np.isnan(b), err_msg=label)
            a, b, o = (np.nan_to_num(np.asarray(x, np.float64), nan=0.0) for x in (a, b, o))
            scale = np.maximum(np.maximum(abs(a), abs(b)), abs(o))
            if "margin" in label:  # a chance less a draw: exact to what a chance is exact to
                scale = np.maximum(scale, 1.0)
            wrong = abs(a - b) > SINGLE * scale
            assert not wrong.any(), (label, np.argwhere(wrong)[:3], a[wrong][:3], b[wrong][:3])


LISTS = ("front", "cut_off", "near", "answer", "answer_end")  # of a Picture; see `length`


def names(value):
    """The fields of a State, a Picture or a View."""
    if isinstance(value, State):
        return [f.name for f in fields(value) if f.name not in INDEXES]
    return value._fields
