"""A model that nobody needs any more takes no memory: an ensemble makes one for each batch."""

from __future__ import annotations

import gc
from weakref import ref

import pytest

from sim import load_scenario, simulate
from sim.model import TerritoryModel


@pytest.fixture(scope="module")
def valleys():
    return load_scenario("two-valleys")


def test_a_batch_that_is_done_leaves_nothing_of_its_state_behind(valleys):
    """Without the help of the garbage collector, which seldom comes by while kernels work."""
    states, alive = [], []

    class Watched(TerritoryModel):
        def __init__(self, scenario, **options):
            alive.append(sum(old() is not None for old in states))
            super().__init__(scenario, **options)
            states.append(ref(self.state.fighters))

    gc.disable()
    try:
        simulate(valleys, runs=4, days=5, batch=1, threads=1, model=Watched)
        alive.append(sum(old() is not None for old in states))
    finally:
        gc.enable()
    assert alive == [0] * 5


def test_a_model_that_nobody_holds_is_not_kept_by_mesa(valleys):
    model = TerritoryModel(valleys, runs=1)
    gone = ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_agents_of_every_model_are_numbered_from_one(valleys):
    for _ in range(2):
        model = TerritoryModel(valleys, runs=1)
        assert [agent.unique_id for agent in model.agents] == list(range(1, valleys.factions + 1))
