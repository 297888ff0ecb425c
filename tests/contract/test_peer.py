"""The peer in `bench/peer_mesa` has the engine's rules: else its time would be compared in vain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.peer_mesa.__main__ import Plan, ensemble, measure, page
from bench.peer_mesa.agreement import Outcomes, agrees, compare, of_engine, of_peer
from bench.peer_mesa.model import PeerModel
from bench.peer_mesa.world import Atlas
from sim import TerritoryModel, load_scenario, simulate

ROUNDING = 1e-5  # the engine keeps these in 32 bits, the peer in 64


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("two-valleys")


def test_without_chance_the_first_day_is_the_engine_s(scenario):
    """Strengths and parameters fixed: what draws no chance must be equal."""
    forces = tuple(replace(f, low=f.low, high=f.low) for f in scenario.forces)
    same = replace(scenario, forces=forces, posterior=None)
    engine, peer = TerritoryModel(same, runs=1), PeerModel(same)
    engine.step()
    peer.step()
    state = engine.state
    assert [c.distance for c in peer.cells] == state.distance[0].tolist()
    holders = [-1 if c.holder is None else c.holder.index for c in peer.cells]
    assert holders == state.holder[0].tolist()
    for name in ("support", "cohesion"):
        ours = np.array([getattr(sector, name) for sector in peer.sectors])
        np.testing.assert_allclose(ours, getattr(state, name)[0], rtol=ROUNDING)
    np.testing.assert_allclose([c.access for c in peer.cells], state.access[0], rtol=ROUNDING)


def test_a_run_repeats_with_its_seed(scenario):
    def ledger(seed):
        model = PeerModel(scenario, seed=seed)
        for _ in range(60):
            model.step()
        return model.datacollector.tables, model.datacollector.model_vars

    assert repr(ledger(3)) == repr(ledger(3))
    assert repr(ledger(3)) != repr(ledger(4))


def test_nobody_is_lost_or_born_unseen(scenario):
    model = PeerModel(scenario, seed=2)
    civilians = sum(cell.census for cell in model.cells)
    start = [sum(pair) for pair in zip(model.fighters(), model.covert(), strict=True)]
    for _ in range(scenario.days):
        model.step()
        road = [
            sum(entry.transit for entry in model.entries if entry.faction is faction)
            for faction in model.factions
        ]
        for f, faction in enumerate(model.factions):
            here = model.fighters()[f] + model.covert()[f] + road[f]
            assert here + sum(faction.losses) == start[f] + faction.joined
        assert sum(cell.population for cell in model.cells) + model.displaced() == civilians
        # sums that are kept up must be those of the agents; no agent stands for nobody
        forces = [force for cell in model.cells for force in cell.agents]
        assert min(force.persons for force in forces) > 0
        assert sum(force.persons for force in forces if not force.covert) == sum(model.fighters())
        assert sum(sector.population for sector in model.sectors) == sum(
            cell.population for cell in model.cells
        )


@pytest.mark.slow
def test_outcomes_are_distributed_like_the_engine_s(scenario):
    """The seeds are fixed, so this cannot fail by bad luck unless a model changes; then by a
    chance of one in a hundred, since the p-values are corrected for their number."""
    days = scenario.days
    engine = of_engine(simulate(scenario, runs=400, seed=1))
    models = ensemble(scenario, Atlas(scenario), days, runs=80)
    peer = Outcomes.join([of_peer(model) for model in models])
    rows = compare(engine, peer, scenario.theatre.mesh.cell_id)
    assert len(rows) > 20
    assert agrees(rows), [row for row in rows if row["p_holm"] < 0.05]


def test_a_rule_that_differs_is_found(scenario):
    """The comparison has teeth: a peer that does not fight is told from the engine."""
    engine = of_engine(simulate(scenario, runs=64, seed=1))
    peers = []
    for seed in range(12):
        model = PeerModel(scenario, seed=seed, changes={"tempo": 0.0, "deal_rate": 0.0})
        for _ in range(scenario.days):
            model.step()
        peers.append(of_peer(model))
    rows = compare(engine, Outcomes.join(peers), scenario.theatre.mesh.cell_id)
    assert not agrees(rows)


@pytest.mark.slow
def test_the_measurement_fills_its_table():
    data = measure(Plan("two-valleys", days=20, rounds=2, engine_runs=8, peer_runs=3))
    assert data["peer_s_per_run_day"] > 0
    assert data["runs"] == {"engine": 16, "peer": 6}
    text = page({"two-valleys": data})
    assert "| `two-valleys` | 40 |" in text
    assert "fighters, Guard, day 20" in text
