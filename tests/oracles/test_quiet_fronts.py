"""Quiet fronts stay where they are until somebody orders an attack.

`tests/data/quiet_mask.yaml` says which ground counts as quiet; `bench/validation/quiet.py` measures
the same with more runs and on more periods.
"""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.validation.quiet import LAST, LIMIT, Quiet, quiet, quiet_cells, without_agreement
from sim import CompiledScenario, find_scenario, load_scenario, simulate

NATIONAL = "syria-2018-08"
RUNS = 16
DAYS = 60  # days in which an ordered offensive must show
OFFENSIVE = """\
events:
  - {id: idlib-offensive, kind: offensive, faction: SAA, area: idlib-south,
     axes: [Khan Shaykhun, Maarrat al-Numan], from: 2018-08-14, to: 2018-12-31, reports: [S11],
     text: The offensive that was prepared is ordered after all}
  - {id: idlib-air, kind: air-support, faction: SAA, area: idlib-south, intensity: 1.0,
     from: 2018-08-14, to: 2018-12-31, reports: [S11], text: Aircraft fly for it}
  - {id: idlib-guns, kind: bombardment, faction: SAA, area: idlib-south, intensity: 1.0,
     from: 2018-08-14, to: 2018-12-31, reports: [S11], text: Aircraft and guns prepare it}
"""


@pytest.fixture(scope="module")
def national() -> CompiledScenario:
    return load_scenario(NATIONAL, resolution=6)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> CompiledScenario:
    """The same scenario with one more line in its calendar."""
    folder = tmp_path_factory.mktemp("attacked") / NATIONAL
    shutil.copytree(Path(find_scenario(NATIONAL)), folder)
    file = folder / "scenario.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("events:\n", OFFENSIVE, 1), "utf-8")
    return load_scenario(folder, resolution=6)


def measured(scenario: CompiledScenario, cells: NDArray[np.bool_], days: int) -> Quiet:
    scenario = replace(scenario, days=days)
    return quiet(NATIONAL, scenario, cells, simulate(scenario, runs=RUNS, threads=1))


def test_the_mask_is_the_one_that_was_set_before_measuring(national: CompiledScenario) -> None:
    # A rule or a calendar that moves these numbers changes what is measured: say so in the mask.
    cells = quiet_cells(national)
    area = national.theatre.mesh.area
    assert cells.sum() == 3405
    assert float(area[cells].sum() / area.sum()) == pytest.approx(0.6728, abs=1e-4)


def test_fronts_at_parity_are_quiet_ground_and_campaigns_are_not(
    national: CompiledScenario,
) -> None:
    cells = quiet_cells(national)

    def inside(place: str) -> bool:
        return bool(cells[national.theatre.cells_of_place(place)].all())

    for place in ("Khan Shaykhun", "Manbij", "Kabani", "Tall Rifat", "Jisr al-Shughur"):
        assert inside(place), place
    for place in ("Hajin", "Baghuz Fawqani", "Al-Safa", "Hamdan", "As Sukhnah"):
        assert not inside(place), place


@pytest.mark.slow
@pytest.mark.parametrize("agreed", [True, False], ids=["as-agreed", "without-the-agreement"])
def test_under_one_percent_moves_where_nobody_ordered_it(
    national: CompiledScenario, agreed: bool
) -> None:
    # From September the agreement on Idlib stills its front; without it the mechanisms must.
    scenario = national if agreed else without_agreement(national)
    days = (LAST - national.start).days + 1
    moved = measured(scenario, quiet_cells(national), days).gross
    assert float(np.median(moved)) < LIMIT


@pytest.mark.slow
def test_an_offensive_that_is_ordered_in_idlib_moves_that_front(
    national: CompiledScenario, attacked: CompiledScenario
) -> None:
    # Same luck, and neither the agreement nor the order to wait: only the offensive differs, with
    # the aircraft and guns that such offensives had; a bare order waits for odds that never come.
    # The ground is the quiet ground of the scenario without it.
    cells = quiet_cells(national)
    left, right = (
        measured(without_agreement(scenario), cells, DAYS).gross
        for scenario in (national, attacked)
    )
    more = int((right > left).sum())
    chance = sum(math.comb(RUNS, k) for k in range(more, RUNS + 1)) / 2**RUNS
    assert chance < 0.01, f"more ground moved in {more} of {RUNS} pairs"  # a sign test
    # Fronts are not quiet because nothing can move them.  Measured: 0.16 % of the country (300 km2)
    # in the median pair; a third of that would be skirmishes.
    assert float(np.median(right - left)) > 0.05
