"""Compiled code stays within its arrays: it is compiled without asking, so it is asked here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# The country has every rule and kind of event; the days reach past the first surrenders.  Nobody,
# who is -1, holds no ground in it, so he is given some.
WARS = """
from dataclasses import replace
import numpy as np
from sim import load_scenario, simulate

for name, resolution, days in (("syria-2018-08", 5, 70), ("two-valleys", None, 90)):
    scenario = load_scenario(f"scenarios/{name}", resolution=resolution)
    holder = scenario.holder.copy()
    holder[::5] = -1
    nobodys = replace(scenario, holder=holder)
    for war in (scenario, nobodys):
        result = simulate(war, runs=4, days=days)
    assert (result.ledger["from"] == "nobody").any()
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
