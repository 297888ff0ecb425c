"""Deir ez-Zor's oracle: a besieged garrison that is dropped a fifth of its ration holds for years.

From July 2014 to September 2017 a garrison held there; from April 2016 on 18 to 23 % of a full
ration was dropped (scenarios/deir-ezzor-siege).  Here the same is asked of the real model with
default parameters on an invented map, in which nobody orders an assault.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim import load_scenario
from sim.model import TerritoryModel
from sim.scenario.compiled import EventKind
from sim.theatre import grid
from tests.contract.wars import event, war

GARRISON, BESIEGER = 0, 1
RUNS, YEARS = 64, 3
MAP = """
    s s s s s s s
     s s s s s s s
    s s v v v s s
     s s v u v s s
    s s s u v s s
     s s s s s s s
    s s s s s s s
"""
DISTRICTS = """
    A A B B B C C
     A A B B B C C
    A A B B B C C
     A A B T B C C
    A A B T B C C
     A A B B B C C
    A A B B B C C
"""


@cache
def besieged(*, days, drop=0.0, leak=None, besiegers=6000):
    """In which runs the garrison still stood on each evening, and its fighters at the end.

    drop       rations a head that aircraft bring every day
    leak       rations a head that come through the siege; the model's default if not given
    besiegers  persons, who besiege by their own choice (doctrine `regular`)
    """
    ground = grid(MAP, hexagon_km=5.0, districts=DISTRICTS, population=120_000)
    mesh = ground.mesh
    fort = np.flatnonzero(mesh.sector == [d.pcode for d in ground.districts].index("XXT"))
    holder = np.full(mesh.cells, BESIEGER, np.int8)
    holder[fort] = GARRISON
    around = np.flatnonzero(holder == BESIEGER)
    drops = event(EventKind.SUPPLY, fort, faction=GARRISON, end=days, intensity=drop)
    scenario = war(
        ground,
        holder=holder,
        forces=[(GARRISON, fort, (3000, 5000)), (BESIEGER, around, besiegers)],
        events=[drops],
        doctrines=("garrison", "regular"),
        source_faction=np.array([BESIEGER], np.int8),
        source_cell=np.array([mesh.lon.argmin()], np.int32),
        source_strength=np.ones(1),
        support=np.full((mesh.sectors, 2), 0.2),
    )
    scenario = replace(scenario, days=days, held_days=np.full(mesh.cells, 200, np.int16))
    changes = None if leak is None else {"leak": leak}
    model = TerritoryModel(scenario, runs=RUNS, changes=changes)
    stands = []
    for _ in range(days):
        model.step()
        fighters = model.state.fighters[:, fort, GARRISON].sum(axis=1)
        stands.append((model.state.holder[:, fort] == GARRISON).any(axis=1) & (fighters > 0))
    return np.array(stands), fighters


@pytest.mark.slow
@pytest.mark.parametrize(("drop", "besiegers"), [(0.18, 6000), (0.23, 6000), (0.18, 12_000)])
def test_a_garrison_that_is_dropped_a_fifth_of_its_ration_holds_for_three_years(drop, besiegers):
    """Measured 2026-11-23: 64 runs of 64 in each case; about one man in six deserts.

    All but one run in twenty is asked for: what happened once should be nearly sure, not certain.
    """
    stands, fighters = besieged(days=365 * YEARS, drop=drop, besiegers=besiegers)
    assert stands[-1].mean() >= 0.95
    assert 0.5 < np.median(fighters) / 4000 < 1.0  # hunger costs men, not the place


@pytest.mark.slow
def test_so_it_does_when_nothing_comes_but_the_drop():
    """Without smuggling 0.18 of a ration is just above the line of hunger (`hunger_ration`)."""
    stands, _ = besieged(days=365 * YEARS, drop=0.18, leak=0.0)
    assert stands[-1].mean() >= 0.95


@pytest.mark.slow
def test_without_the_drop_and_without_smuggling_it_ends_within_months():
    """Measured 2026-11-23: half the runs end by day 69, 9 in 10 by day 137, all by day 220."""
    stands, _ = besieged(days=270, leak=0.0)
    assert stands[20].all()  # the stock of two weeks, rationed, comes first
    assert stands[179].mean() < 0.1
    assert not stands[-1].any()


@pytest.mark.slow
def test_what_a_closed_ring_lets_through_does_not_feed_it():
    """The default leak under siege is 0.06 of a ration, below the line of hunger.

    Measured 2026-11-23: half the runs end by day 94 (mean 123 against 78 without any leak), 3 % of
    them stand after a year.
    """
    starved, _ = besieged(days=270, leak=0.0)
    smuggled, _ = besieged(days=365)
    assert starved.sum(axis=0).mean() < smuggled.sum(axis=0).mean() < 365 / 2
    assert smuggled[-1].mean() < 0.1


def deir_ezzor(root, *left_out):
    """Whether the garrison held any of its ground, and all of it, after 180 days; each (R,)."""
    scenario = load_scenario(root / "scenarios" / "deir-ezzor-siege", days=180, calibrated=False)
    events = tuple(e for e in scenario.events if e.id not in ("assault", *left_out))
    garrison = [force for force in scenario.forces if force.id.startswith("garrison")]
    cells = np.unique(np.concatenate([force.cells for force in garrison]))
    model = TerritoryModel(replace(scenario, events=events), runs=8)
    for _ in range(scenario.days):
        model.step()
    held = model.state.holder[:, cells] == scenario.faction_ids.index("SAA")
    return held.any(axis=1), held.all(axis=1)


@pytest.mark.slow
def test_deir_ezzor_holds_where_nobody_storms_it_but_not_without_the_airdrop(root):
    """The real map and forces, without the assault that the scenario orders.

    Measured 2026-11-23, 12 runs: with the airdrop all of the enclave stands after three years in
    every run, with 4,500 of 5,600 men; without it some of it stands after 180 days in a quarter of
    the runs, and nothing after a year.  With the assault it falls: see the scenario's README.

    With default parameters: the calibrated ones let much more leak in, which the pockets of the
    desert lived on, and then some of the enclave stands without the airdrop in seven runs of eight.
    """
    _, whole = deir_ezzor(root)
    assert whole.all()
    some, _ = deir_ezzor(root, "airdrop")
    assert some.mean() <= 0.5
