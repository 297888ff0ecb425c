"""Compiled code stays within its arrays: it is compiled without asking, so it is asked here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Together they have every kind of event, and all that becomes of one but a convoy that is caught.
# Nobody, who is -1, holds no ground in them, so he is given some.
WARS = """
from dataclasses import replace
from sim import load_scenario, simulate
from sim.result import INCIDENTS
from sim.scenario.compiled import EventKind

events, incidents = set(), set()
for name, resolution, days in (
    ("syria-2018-04", 5, 123), ("syria-2018-08", 5, 70), ("two-valleys", None, 90)
):
    scenario = load_scenario(f"scenarios/{name}", resolution=resolution)
    holder = scenario.holder.copy()
    holder[::5] = -1
    nobodys = replace(scenario, holder=holder)
    for war in (scenario, nobodys):
        result = simulate(war, runs=4, days=days)
        incidents |= set(result.incidents["kind"])
    assert (result.ledger["from"] == "nobody").any()
    events |= {event.kind for event in scenario.events if event.start < days}
assert events == set(EventKind)
assert incidents >= set(INCIDENTS) - {"convoy-caught"}, incidents
"""


@pytest.mark.slow
def test_no_kernel_reads_or_writes_beside_its_arrays(root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WARS],
        cwd=root,
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "BADIA_KERNEL_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
