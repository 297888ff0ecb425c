from __future__ import annotations

import pytest

from sim.kernels import codes
from sim.scenario.compiled import NOBODY, Posture, Stance
from sim.state import Cause, Incident, Loss
from sim.theatre.mesh import Crossing


@pytest.mark.parametrize(
    ("enum", "prefix"),
    [
        (Stance, ""),
        (Posture, ""),
        (Crossing, ""),
        (Loss, "LOSS_"),
        (Cause, "CAUSE_"),
        (Incident, "INCIDENT_"),
    ],
)
def test_kernels_and_the_layers_above_mean_the_same_by_every_name(enum, prefix):
    assert {m.name: m.value for m in enum} == {
        m.name: getattr(codes, prefix + m.name) for m in enum
    }


def test_nobody_is_nobody_everywhere():
    assert codes.NOBODY == NOBODY
