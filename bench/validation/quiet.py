"""Quiet fronts: how much of the country changes hands where nobody ordered an attack.

`tests/data/quiet_mask.yaml` says which ground counts as quiet.  `python -m bench.validation.quiet`
measures it with the parameters that all campaigns share, and prints the page.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bench.validation.scores import TRAINING, table
from sim import CompiledScenario, Result, load_scenario, simulate
from sim.ensemble import version
from sim.result import area_m2
from sim.scenario.compiled import Event, EventKind, Posture
from sim.theatre.mesh import Bank
from sim.theatre.theatre import KM_PER_DEGREE, Theatre, km_per_degree_east

Array = NDArray[Any]

MASK = Path(__file__).parents[2] / "tests" / "data" / "quiet_mask.yaml"
LAST = date(2018, 12, 31)  # of the period measured; the scenario's calendar runs on to March
LIMIT = 1.0  # % of the country that the median run may move where nobody ordered it
MOST_FRONTS = 5  # lines of the table of fronts for each scenario
FACING = ("NLF", "HTS")  # whom the army fights on the one long hostile front that nobody ordered


@dataclass(frozen=True)
class Quiet:
    """What changed hands on the quiet ground of one ensemble."""

    title: str
    scenario: str
    digest: str
    days: int
    runs: int
    ground: float  # the quiet ground, % of the country
    gross: Array  # (R,) % of the country; every change counts
    net: Array  # (R,) % of the country whose holder at the end is not that of the start
    fronts: tuple[tuple[str, str, str, str, float], ...]  # from, to, cause, district, km2 a run


def quiet_cells(scenario: CompiledScenario) -> Array:
    """Whether each cell counts as quiet under the rule of the mask's file; (C,) bool."""
    rule = yaml.safe_load(MASK.read_text(encoding="utf-8"))
    theatre = scenario.theatre
    ordered, badia = rule["ordered"], rule["badia"]
    loud = np.zeros(theatre.mesh.cells, np.bool_)
    for event in scenario.events:
        if _is_order(event, ordered):
            loud[event.cells] = True
    for place in ordered["campaigns"]:
        loud[theatre.cells_of_place(place)] = True
    loud = _within(theatre, np.flatnonzero(loud), ordered["km"])
    desert = theatre.cells_of_districts(badia["districts"])
    loud[desert[theatre.mesh.bank[desert] == Bank[badia["bank"].upper()]]] = True
    for area in badia["areas"]:
        loud[scenario.areas.get(area, [])] = True
    return ~loud


def _is_order(event: Event, rule: dict[str, Any]) -> bool:
    """Whether an event's area is one of an ordered campaign."""
    if event.kind == EventKind.POSTURE:
        return _name(Posture(event.posture)) in rule["postures"]
    return _name(EventKind(event.kind)) in rule["kinds"]


def _name(member: EventKind | Posture) -> str:
    """The name that a scenario's author writes."""
    return member.name.lower().replace("_", "-")


def _within(theatre: Theatre, cells: Array, km: float) -> Array:
    """Whether each cell's centre lies within `km` of the centre of one of `cells`; (C,) bool."""
    mesh = theatre.mesh
    near = np.zeros(mesh.cells, np.bool_)
    for cell in cells:
        east = (mesh.lon - mesh.lon[cell]) * km_per_degree_east(mesh.lat[cell])
        north = (mesh.lat - mesh.lat[cell]) * KM_PER_DEGREE
        near |= east * east + north * north <= km * km
    return near


def quiet(title: str, scenario: CompiledScenario, cells: Array, result: Result) -> Quiet:
    """What changed hands in `result` where `cells`, (C,) bool, says that ground is quiet."""
    area = area_m2(result.setting)
    country = area.sum() / 100
    rows = result.ledger[cells[result.ledger["cell"].cat.codes]]
    where = rows["cell"].cat.codes.to_numpy()
    index = np.searchsorted(result.dataset["run"].to_numpy(), rows["run"])
    moved = np.array(
        [area[cells & (result.holder(run)[-1] != result.setting.holder)].sum()
         for run in result.dataset["run"].to_numpy()]
    )  # fmt: skip
    names = np.array([district.name for district in scenario.theatre.districts])
    fronts = (
        rows.assign(district=names[scenario.theatre.mesh.sector[where]], km2=area[where] / 1e6)
        .groupby(["from", "to", "cause", "district"], observed=True)["km2"]
        .sum()
        .sort_values(ascending=False, kind="stable")
    )
    return Quiet(
        title=title,
        scenario=scenario.name,
        digest=scenario.digest,
        days=result.days,
        runs=result.runs,
        ground=float(area[cells].sum() / country),
        gross=np.bincount(index, area[where], result.runs) / country,
        net=moved / country,
        fronts=tuple((*key, km2 / result.runs) for key, km2 in fronts.items()),
    )


def without_agreement(scenario: CompiledScenario) -> CompiledScenario:
    """The same without the orders to hold and the truce that still the front of Idlib.

    What stays quiet then does so by the mechanisms.
    """
    other = [scenario.faction_ids.index(name) for name in FACING]
    return replace(
        scenario,
        events=tuple(
            event
            for event in scenario.events
            if not (event.kind == EventKind.STANCE and event.other in other)
            and not (event.kind == EventKind.POSTURE and event.posture == Posture.HOLD)
        ),
    )


def rows(runs: int = 64, seed: int = 1) -> list[Quiet]:
    """The autumn of 2018, the same without the agreement on Idlib, and the training periods."""
    autumn = load_scenario("syria-2018-08")
    autumn = replace(autumn, days=(LAST - autumn.start).days + 1)
    trials = [
        ("syria-2018-08, to 31 December", autumn),
        ("the same without the agreement on Idlib", without_agreement(autumn)),
        *((name, load_scenario(name)) for name in TRAINING),
    ]
    found = []
    for title, scenario in trials:
        result = simulate(scenario, runs=runs, seed=seed, threads=1)
        found.append(quiet(title, scenario, quiet_cells(scenario), result))
    return found


def page(found: Sequence[Quiet], seed: int) -> str:
    """The measurements in Markdown."""
    head = ("period", "days", "quiet ground", "gross p10", "p50", "p90", "net p50", "under 1 %")
    lines = []
    for one in found:
        low, middle, high = np.quantile(one.gross, [0.1, 0.5, 0.9])
        lines.append(
            (one.title, str(one.days), f"{one.ground:.0f} %", *(f"{v:.3f} %" for v in
             (low, middle, high, np.median(one.net))), "yes" if middle < LIMIT else "**no**")
        )  # fmt: skip
    fronts = [
        (one.title, *words, f"{km2:.1f}")
        for one in found
        for *words, km2 in one.fronts[:MOST_FRONTS]
    ]
    digests = ", ".join(dict.fromkeys(f"{one.scenario} {one.digest[:8]}" for one in found))
    return "\n".join(
        [
            f"{datetime.now(UTC):%Y-%m-%d}, Badia {version()}, {found[0].runs} runs each, seed "
            f"{seed}; {digests}.",
            "",
            "Ground that changed hands away from ordered campaigns and the Badia, in % of the "
            "country. `tests/data/quiet_mask.yaml` says where that is; it was set before this was "
            "measured. Gross counts every change, net only those that last.",
            "",
            table(head, lines),
            "",
            f"What moved most there (at most {MOST_FRONTS} lines a period):",
            "",
            table(("period", "from", "to", "cause", "district", "km2 a run"), fronts, left=5),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(page(rows(options.runs, options.seed), options.seed))


if __name__ == "__main__":
    main()
