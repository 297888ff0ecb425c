"""Small wars for the tests of what the whole model promises: a few dozen cells, anything going on.

A war is a `CompiledScenario` on an invented theatre, made without YAML so that it costs
milliseconds.  What is not given is peaceful and empty.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from functools import cache

import numpy as np

from sim.chance import name_key
from sim.doctrines import doctrine_names
from sim.model import TerritoryModel
from sim.parameters import Parameters
from sim.scenario.compiled import CompiledScenario, EventKind, Force, Posture, Stance
from sim.scenario.condition import Condition
from sim.state import INDEXES, State
from sim.theatre import grid
from tests.reference.worlds import bits, civilians, event

__all__ = ["civilians", "event"]

DAYS = 60
NAMES = ("RED", "BLUE", "GREEN", "GREY", "WHITE")


@cache
def theatre(kind):
    """An invented theatre by name."""
    if kind == "river":  # a closed river with two bridges, four districts, many stretches
        return grid(
            """
            s s v v d m
             m v u v s m
            s v v d d s
             l s v u v s
            d s v v s s
            """,
            banks="L L L R R R\nL L L R R R\nL L L R R R\nL L L R R R\nL L L R R R",
            bridges=[[[1, 2], [1, 3]], [[3, 2], [3, 3]]],
            districts="A A A B B B\nA A A B B B\nA A C C B B\nC C C D D D\nC C C D D D",
            segments="0 0 1 2 2 3\n0 0 1 2 2 3\n4 4 1 5 5 3\n4 4 6 5 7 7\n8 8 6 6 7 7",
            roads=". - - = . .\n. . = = . .\n= = = . . .\n. - . . - -\n. . . - . .",
            population=40_000,
        )
    if kind == "plain":  # open ground in stretches of two cells
        return grid(
            "\n".join(["s d s d s d"] * 4),
            hexagon_km=4.0,
            districts="\n".join(["A A A B B B"] * 4),
            segments="\n".join(["0 0 1 1 2 2", "3 3 4 4 5 5", "6 6 7 7 8 8", "9 9 a a b b"]),
            population=9_000,
        )
    if kind == "islands":  # two islands far apart; they share nothing but the sea
        rows = ["s s v s", "s v v s", "v s s s"]
        return grid(
            "\n".join(rows + [". . . ."] * 8 + rows),
            districts="\n".join(["N N M M"] * 3 + ["N N M M"] * 8 + ["S S T T"] * 3),
            population=30_000,
        )
    raise ValueError(kind)


def war(
    ground,
    *,
    sides=2,
    names=None,
    holder=None,
    stance=Stance.HOSTILE,
    forces=(),
    events=(),
    doctrines="regular",
    parameters=None,
    **more,
):
    """A scenario on a theatre.

    holder      (C,) faction of each cell; nobody's if left out
    stance      one `Stance` for all pairs, or (F, F)
    forces      (faction, cells, persons[, covert]): persons a number or (low, high)
    doctrines   one name for all, or one for each faction
    parameters  values that differ from the defaults
    more        fields of `CompiledScenario`
    """
    names = tuple(names or NAMES[:sides])
    mesh, count = ground.mesh, len(names)
    if np.ndim(stance) == 0:
        stance = np.full((count, count), stance, np.int8)
    stance = np.array(stance, np.int8)
    np.fill_diagonal(stance, Stance.ALLIED)
    nobody = np.full(mesh.cells, -1, np.int8)
    empty = {
        "source_faction": np.zeros(0, np.int8),
        "source_cell": np.zeros(0, np.int32),
        "source_strength": np.zeros(0),
        "refuge": np.zeros((count, mesh.cells), np.bool_),
        "support": np.zeros((mesh.sectors, count)),
        "quality": np.ones(count),
        "cohesion": np.full(count, 0.9),
        "stock": np.full(count, 14.0),
        "ranges": {},
    }
    return CompiledScenario(
        name="war",
        title="A small war",
        digest="",
        start=date(2000, 1, 1),
        days=DAYS,
        theatre=ground,
        faction_ids=names,
        faction_names=names,
        faction_keys=np.array([name_key(name) for name in names], np.uint64),
        colours=("#000000",) * count,
        doctrines=(doctrines,) * count if isinstance(doctrines, str) else tuple(doctrines),
        stance=stance,
        holder=nobody if holder is None else np.asarray(holder, np.int8),
        held_days=np.full(mesh.cells, 30, np.int16),
        forces=tuple(force(i, *each) for i, each in enumerate(forces)),
        events=tuple(events),
        questions=(),
        parameters=Parameters(**(parameters or {})),
        reports={},
        **{**empty, **more},
    )


def force(number, faction, cells, persons, covert=False, weights=None):
    """A force, spread evenly unless weights are given."""
    cells = np.asarray(cells, np.int32)
    low, high = persons if isinstance(persons, tuple) else (persons, persons)
    weights = np.full(len(cells), 1.0) if weights is None else np.asarray(weights, float)
    name = f"force {number} of {faction}"
    return Force(
        id=name,
        key=name_key(name),
        faction=faction,
        covert=covert,
        low=float(low),
        high=float(high),
        cells=cells,
        weights=weights / weights.sum(),
    )


def front(ground):
    """West against east on a theatre: two armies with sources and support; (scenario options)."""
    mesh = ground.mesh
    holder = (mesh.lon > np.median(mesh.lon)).astype(np.int8)
    return {
        "holder": holder,
        "forces": [(f, np.flatnonzero(holder == f), (3000, 4000)) for f in (0, 1)],
        "source_faction": np.array([0, 1], np.int8),
        "source_cell": np.array([mesh.lon.argmin(), mesh.lon.argmax()], np.int32),
        "source_strength": np.ones(2),
        "support": np.full((mesh.sectors, 2), 0.3),
    }


def random_war(seed, *, kind="river", sides=3, stances=None, kinds=tuple(EventKind), calm=False):
    """A war in which forces, sources, orders and parameters are drawn from a seed.

    kind     theatre
    sides    number of factions, 2 to 5
    stances  stance of each pair in order (0, 1), (0, 2), (1, 2)...; drawn if left out
    kinds    kinds of event, one event for each
    calm     default parameters instead of some from anywhere in their plausible ranges
    """
    rng = np.random.default_rng(seed)
    ground = theatre(kind)
    mesh = ground.mesh
    C, F = mesh.cells, sides
    pairs = [(a, b) for b in range(F) for a in range(b)]
    if stances is None:
        stances = rng.choice(4, len(pairs), p=[0.5, 0.1, 0.1, 0.3])
    stance = np.full((F, F), Stance.ALLIED, np.int8)
    for (a, b), value in zip(pairs, stances, strict=True):
        stance[a, b] = stance[b, a] = value
    seats = rng.choice(C, int(rng.integers(3, 8)), replace=False)
    owner = rng.integers(-1, F, len(seats))
    owner[:F] = np.arange(len(owner[:F]))
    far = (mesh.lon[:, None] - mesh.lon[seats]) ** 2 + (mesh.lat[:, None] - mesh.lat[seats]) ** 2
    holder = owner[far.argmin(axis=1)].astype(np.int8)
    forces = []
    for f in range(F):
        home = np.flatnonzero([h >= 0 and stance[f, h] == Stance.ALLIED for h in holder])
        for _ in range(int(rng.integers(1, 3))):
            if len(home):
                low = float(rng.integers(0, 3000))
                weights = rng.uniform(0.01, 1.0, len(home))
                forces.append((f, home, (low, low + 500.0), False, weights))
        hidden = np.sort(rng.choice(C, 4, replace=False))
        forces.append((f, hidden, int(rng.choice([0, 30, 400])), True))
    parameters = {}
    if not calm:
        for name, field in Parameters.model_fields.items():
            low, high = field.json_schema_extra["range"]
            if rng.random() < 0.5:
                parameters[name] = float(rng.uniform(low, high))
    sources = int(rng.integers(0, 4))
    support = rng.dirichlet(np.ones(F + 1), mesh.sectors)[:, :F]
    return war(
        ground,
        sides=F,
        holder=holder,
        stance=stance,
        forces=forces,
        events=[random_event(rng, i, EventKind(k), C, F) for i, k in enumerate(kinds)],
        doctrines=rng.choice(doctrine_names(), F).tolist(),
        parameters=parameters,
        source_faction=rng.integers(0, F, sources).astype(np.int8),
        source_cell=rng.integers(0, C, sources).astype(np.int32),
        source_strength=rng.uniform(0.1, 1.0, sources),
        refuge=rng.random((F, C)) < 0.2,
        support=support,
        quality=rng.uniform(0.5, 1.5, F),
        cohesion=rng.uniform(0, 1, F),
        stock=rng.uniform(0, 30, F),
        ranges={"leak": (0.0, 0.5), "odds_slope": (0.5, 1.0)},
    )


def assorted(count):
    """Wars that between them see everything that can happen, three at a time.

    One has every kind of event twice and odd parameters, one many orders to attack, one both orders
    and offers.
    """
    attack = (EventKind.OFFENSIVE,) * 6 + (EventKind.AIR_SUPPORT,) * 2
    offers = (EventKind.EVACUATION_OFFER,) * 2 + (EventKind.RECONCILIATION_OFFER,) * 2
    for seed in range(count):
        kind = ("river", "plain", "islands")[seed % 3]
        yield random_war(seed, kind=kind, sides=4, kinds=2 * tuple(EventKind))
        yield random_war(seed, kind="plain", kinds=attack, calm=True)
        yield random_war(seed, kind="plain", kinds=attack + offers, sides=2, stances=[0], calm=True)


def random_event(rng, number, kind, cells, factions):
    """An event of a kind, at the beginning of the war, about anything that its kind can say."""

    def area():
        count = int(rng.integers(1, cells + 1))
        return np.sort(rng.choice(cells, count, replace=False))

    here = area()
    faction, other = (int(f) for f in rng.choice(factions, 2, replace=False))
    start, low = int(rng.integers(0, 6)), float(rng.integers(0, 500))
    optional = kind in (EventKind.BOMBARDMENT, EventKind.ARRESTS)
    return event(
        kind,
        here,
        name=f"{kind.name.lower()} {number}",
        weights=rng.choice([0.5, 1.0], len(here)),
        faction=faction,
        other=-1 if optional and rng.random() < 0.3 else other,
        start=start,
        end=start + int(rng.integers(0, 30)),
        intensity=float(rng.uniform(0, 3)),
        persons=(low, low + 200.0),
        origin=area() if kind is EventKind.TRANSFER else [],
        route=rng.choice(cells, int(rng.integers(0, 4))),
        travel_days=int(rng.integers(0, 4)) if kind is EventKind.TRANSFER else 0,
        stance=int(rng.integers(4)),
        posture=int(rng.integers(len(Posture))),
        reconcilers=bool(rng.integers(2)),
        when=Condition.parse("day > 2 or fighters('RED') < 100") if rng.random() < 0.3 else None,
    )


def run(scenario, days, *, runs=4, seed=1, **options):
    """The model after some days."""
    model = TerritoryModel(scenario, runs=runs, seed=seed, **options)
    for _ in range(days):
        model.step()
    return model


def history(scenario, days, *, runs=4, **options):
    """Holders after each day, (days, R, C)."""
    model = TerritoryModel(scenario, runs=runs, **options)
    out = []
    for _ in range(days):
        model.step()
        out.append(model.state.holder.copy())
    return np.array(out)


def prints(model, without=()):
    """Everything about each run as bytes: two runs are alike if these are; list of R."""
    state = model.state
    names = [name for name in ARRAYS if name not in without]
    return [
        (state.day, *(bits(np.ascontiguousarray(getattr(state, name)[r])) for name in names))
        for r in range(state.runs)
    ]


ARRAYS = tuple(f.name for f in fields(State) if f.name not in ("day", *INDEXES))


def ever(model):
    """Persons a faction has now or lost, less those who came to it: constant; (R, F)."""
    state = model.state
    total = state.present() + state.losses.sum(axis=2) - state.joined
    for i, each in enumerate(model.scenario.events):
        total[:, each.faction] += state.transit[:, i]
    return total


def strangers(state):
    """Open fighters who stand where neither they nor an ally of theirs holds; a number."""
    holder = state.holder.astype(np.int64)
    friendly = np.take_along_axis(
        state.stance, np.maximum(holder, 0)[:, :, None].repeat(state.stance.shape[2], 2), axis=1
    )
    friendly = (friendly == Stance.ALLIED) & (holder >= 0)[:, :, None]
    return int(state.fighters[~friendly].sum())
