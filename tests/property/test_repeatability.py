"""A run is a value: the same bits in any batch, thread and process, alone or in a mix."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sim import load_scenario
from sim.model import TerritoryModel
from sim.scenario.compiled import EventKind
from tests.contract import wars

RUNS, DAYS = 9, 30
WARS = {
    "river": lambda: wars.random_war(3, sides=4, kinds=2 * tuple(EventKind)),
    "plain": lambda: wars.random_war(1, kind="plain", kinds=(EventKind.OFFENSIVE,) * 6, calm=True),
}


def simulated(scenario, numbers, **options):
    """The model of some runs after the days of these tests."""
    return wars.run(scenario, DAYS, runs=np.asarray(numbers), **options)


@pytest.fixture(scope="module", params=[*WARS, "two valleys"])
def scenario(request, two_valleys):
    return two_valleys if request.param == "two valleys" else WARS[request.param]()


@pytest.fixture(scope="module")
def together(scenario):
    """Each run as it comes out of one batch of all."""
    return wars.prints(simulated(scenario, range(RUNS)))


def test_the_runs_differ_from_each_other(together):
    assert len({run[1:] for run in together}) == RUNS


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_run_is_the_same_in_a_batch_of_any_size(scenario, together, size):
    found = []
    for first in range(0, RUNS, size):
        found += wars.prints(simulated(scenario, range(first, min(first + size, RUNS))))
    assert found == together


def test_a_run_is_the_same_wherever_it_stands_in_a_batch(scenario, together):
    order = [5, 0, 8, 3]
    assert wars.prints(simulated(scenario, order)) == [together[r] for r in order]


def test_the_same_again_gives_the_same_digest(scenario):
    one, other = (simulated(scenario, range(4)) for _ in range(2))
    assert one.state.digest() == other.state.digest() == one.state.copy().digest()
    assert one.state.digest() != simulated(scenario, range(4), seed=2).state.digest()


def test_runs_of_a_mixed_batch_are_each_what_they_are_alone(scenario):
    """Every run with parameters of its own, as in a sweep."""
    rng = np.random.default_rng(1)
    changes = {
        name: rng.uniform(*field.json_schema_extra["range"], RUNS)
        for name, field in type(scenario.parameters).model_fields.items()
    }
    mixed = wars.prints(simulated(scenario, range(RUNS), changes=changes))
    for r in range(RUNS):
        own = {name: values[r] for name, values in changes.items()}
        assert wars.prints(simulated(scenario, [r], changes=own)) == [mixed[r]]


def test_batches_side_by_side_on_two_threads_are_what_they_are_in_turn(scenario, together):
    batches = [range(0, 3), range(3, 6), range(6, 9)]
    with ThreadPoolExecutor(2) as pool:
        models = list(pool.map(lambda numbers: simulated(scenario, numbers), batches))
    assert [run for model in models for run in wars.prints(model)] == together


def test_two_models_taking_turns_do_not_disturb_each_other(scenario, together):
    models = [TerritoryModel(scenario, runs=np.arange(k, RUNS, 2)) for k in (0, 1)]
    for _ in range(DAYS):
        for model in models:
            model.step()
    assert wars.prints(models[0]) == together[0::2]
    assert wars.prints(models[1]) == together[1::2]


PROCESS = """
import json, sys
from sim import load_scenario
from sim.model import TerritoryModel
model = TerritoryModel(load_scenario(sys.argv[1]), runs=5)
digests = []
for _ in range(20):
    model.step()
    digests.append(model.state.digest())
print(json.dumps(digests))
"""


def test_two_processes_agree_on_every_evening(root):
    folder = root / "scenarios" / "two-valleys"
    found = []
    for seed in ("1", "2"):
        answer = subprocess.run(
            [sys.executable, "-c", PROCESS, str(folder)],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        found.append(json.loads(answer.stdout))
    model = TerritoryModel(load_scenario(folder), runs=5)
    here = []
    for _ in range(20):
        model.step()
        here.append(model.state.digest())
    assert found[0] == found[1] == here
    assert len(set(here)) == 20
