"""The first morning: strengths are drawn by name, and whole persons are shared out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.chance import named, run_keys, uniform
from sim.posterior import BEFORE
from sim.scenario.compiled import Force
from sim.start import draw_strengths, spread


def force(name, low, high):
    return Force(name, 0, 0, False, low, high, np.zeros(1, np.int32), np.ones(1))


def shared_out(persons, weights):
    """The plain twin of `spread` for one run and one force."""
    upto, before, parts = 0.0, 0, []
    for i, weight in enumerate(weights):
        upto = 1.0 if i == len(weights) - 1 else upto + weight
        reached = int(np.floor(persons * upto + 1e-9))
        parts.append(reached - before)
        before = reached
    return parts


@given(
    st.lists(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=9), max_size=5),
    st.integers(1, 3),
    st.data(),
)
def test_everybody_is_shared_out_as_the_plain_twin_does(shares, runs, data):
    weights = [np.array(one) / sum(one) for one in shares]
    persons = np.array(
        [[data.draw(st.integers(0, 50_000)) for _ in weights] for _ in range(runs)], np.int64
    ).reshape(runs, len(weights))
    parts = spread(persons, weights)
    assert len(parts) == len(weights)
    for n, part in enumerate(parts):
        assert part.sum(axis=1).tolist() == persons[:, n].tolist()
        assert part.min() >= 0
        for r in range(runs):
            assert part[r].tolist() == shared_out(persons[r, n], weights[n])


def test_a_force_draws_its_strength_under_its_own_name():
    keys = run_keys(3, np.arange(50))
    forces = [force("garrison", 100, 900), force("militia", 20, 20), force("band", 0, 10)]
    strengths = draw_strengths(forces, keys)
    assert strengths.shape == (50, 3)
    alone = draw_strengths(forces[2:], keys)
    assert (strengths[:, 2:] == alone).all()  # whoever else is there
    assert (strengths[:, 1] == 20).all()
    share = uniform(named(keys, BEFORE, "force:garrison"))
    assert (strengths[:, 0] == np.rint(100 + 800 * share)).all()
    assert len(set(strengths[:, 0].tolist())) > 30
