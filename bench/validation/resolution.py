"""Whether a scenario gives the same war on every mesh: shares, losses, durations and spreads.

`python -m bench.validation.resolution`, from the project's folder, prints the table.  Resolution 6
is what the others are held against; resolution 5 owes the same shares only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.validation.campaigns import CAMPAIGNS, MESHES, Campaign
from bench.validation.scores import table
from bench.validation.sections import stamp
from sim import CompiledScenario, Result, load_scenario, simulate
from sim.errors import ScenarioError
from sim.scenario.find import find_scenario

Array = NDArray[np.float64]

TRAINING = {  # days of the calendar; on the national map there is no mesh of two resolutions
    "syria-2017-08": 240,
    "syria-2018-04": 120,
}
SHARES_ONLY = {"syria-2018-08": 120}  # its campaigns judge the model: only sums are looked at here
REFERENCE = "6"
LIMIT = {  # greatest difference to the reference: points of share, else a part of its value
    "share": 1.0,
    "losses": 0.10,
    "median": 0.15,
    "width": 0.25,
}
FEWEST_LOSSES = 100.0  # a faction that loses fewer decides nothing; a tenth of that is noise
RUNS, NATIONAL_RUNS = 64, 8
NOISE = 2.0  # standard errors of a difference that are put down to chance


@dataclass(frozen=True)
class Value:
    """A figure of one mesh and its standard error over the runs."""

    value: float
    error: float


@dataclass(frozen=True)
class Row:
    """One figure on every mesh.  kind: a key of `LIMIT`, or `told`: no limit is set for it."""

    war: str
    what: str
    kind: str
    values: dict[str, Value]

    def difference(self, mesh: str) -> Value:
        """To the reference, in points of share or as a part of the reference's value."""
        here, there = self.values[mesh], self.values[REFERENCE]
        scale = 1.0 if self.kind == "share" else max(abs(there.value), 1e-9)
        error = float(np.hypot(here.error, there.error))
        return Value((here.value - there.value) / scale, error / scale)

    def owes(self, mesh: str) -> bool:
        """Whether this mesh must agree in this figure."""
        limited = self.kind in LIMIT and mesh in self.values and mesh != REFERENCE
        return limited and (mesh != "5" or self.kind == "share")

    def verdict(self, mesh: str) -> str:
        """`yes` within the limit, `noise` if chance may explain what is beyond it, else `no`."""
        found = self.difference(mesh)
        beyond = abs(found.value) - LIMIT[self.kind]
        if beyond <= 0.0:
            return "yes"
        return "noise" if beyond <= NOISE * found.error else "no"


def mean(values: Array) -> Value:
    """Mean over runs."""
    return Value(float(values.mean()), float(values.std() / np.sqrt(len(values))))


def quantile(values: Array, share: float) -> Value:
    """An observed quantile; its error from the quantiles one standard error of rank beside it."""
    rank = np.sqrt(share * (1.0 - share) / len(values))
    beside = np.clip([share - rank, share + rank], 0.0, 1.0)
    low, middle, high = np.quantile(values, [beside[0], share, beside[1]])
    return Value(float(middle), float(high - low) / 2.0)


def width(values: Array) -> Value:
    """From the 10th to the 90th percentile."""
    low, high = quantile(values, 0.1), quantile(values, 0.9)
    return Value(high.value - low.value, float(np.hypot(low.error, high.error)))


def days_taken(result: Result, cells: Array, faction: int, begin: int) -> Array:
    """Days from the order to the evening on which a faction first holds most of the cells; (R,).

    A fraction of a day by what was held the evening before.  Where it never does: the days left.
    """
    held = result.held_m2(cells, faction) / 1e6
    half = result.setting.area_km2[cells].sum() / 2.0
    days = np.full(len(held), float(result.days - begin))
    for run, km2 in enumerate(held):
        first = int(np.argmax(km2 > half))
        if km2[first] > half:
            before = km2[first - 1] if first else half
            days[run] = first - begin - (km2[first] - half) / max(km2[first] - before, 1e-9)
    return np.clip(days, 0.0, None)


def losses(result: Result) -> dict[str, Array]:
    """Losses of all causes by faction, or of all together where a war is not to be looked into."""
    last = result.dataset["losses"].isel(day=-1)
    if result.setting.name in SHARES_ONLY:
        return {"all": last.sum("faction").to_numpy()}
    return {name: last.sel(faction=name).to_numpy() for name in result.setting.faction_ids}


def shares(result: Result) -> dict[str, Array]:
    """Share of the country in per cent on the last evening, by faction; (R,)."""
    last = 100.0 * result.dataset["share"].isel(day=-1)
    return {name: last.sel(faction=name).to_numpy() for name in result.setting.faction_ids}


def rows_of(
    war: str,
    results: dict[str, Result],
    durations: Callable[[Result], dict[str, Array]],
    begin: int = 0,
) -> list[Row]:
    """All figures of one war, run on several meshes; durations count from day `begin`."""
    left = results[REFERENCE].days - begin

    def across(measure: Callable[[Result], dict[str, Array]]) -> dict[str, dict[str, Array]]:
        found = {mesh: measure(result) for mesh, result in results.items()}
        return {name: {m: found[m][name] for m in found} for name in found[REFERENCE]}

    def row(
        what: str, kind: str, figure: Callable[[Array], Value], by_mesh: dict[str, Array]
    ) -> Row:
        return Row(war, what, kind, {mesh: figure(v) for mesh, v in by_mesh.items()})

    rows = [row(f"share of {f}, %", "share", mean, v) for f, v in across(shares).items()]
    for f, v in across(losses).items():
        if v[REFERENCE].mean() >= FEWEST_LOSSES:
            rows.append(row(f"losses of {f}", "losses", mean, v))
    for name, v in across(durations).items():
        rows.append(row(f"days to {name}, median", "median", lambda d: quantile(d, 0.5), v))
        rows.append(row(f"days to {name}, p10 to p90", "width", width, v))
        rows.append(row(f"{name} never, % of runs", "told", lambda d: mean(100.0 * (d >= left)), v))
    return rows


def invented(campaign: Campaign, runs: int, meshes: Iterable[str] = tuple(MESHES)) -> list[Row]:
    """An invented campaign on the meshes; durations count from the day of the order."""
    results = {mesh: _run(campaign.load(mesh), runs) for mesh in meshes}

    def durations(result: Result) -> dict[str, Array]:
        return {
            q.text: days_taken(result, np.asarray(q.cells), q.faction, campaign.begin)
            for q in result.setting.questions
        }

    return rows_of(campaign.name, results, durations, campaign.begin)


def national(name: str, days: int, runs: int, durations: bool) -> list[Row]:
    """A national scenario at 5, 6 and 7; durations are those of the places that its questions name.

    Questions whose answer stands on the first morning, or comes in under half of the runs, say
    nothing of a duration and are left out.
    """
    results = {m: _run(load_scenario(name, resolution=int(m)), runs, days) for m in "567"}

    def asked(result: Result) -> dict[str, Array]:
        return {
            q.id: days_taken(result, np.asarray(q.cells), q.faction, 0)
            for q in result.setting.questions
            if q.id in told
        }

    told = []
    if durations:
        for q in results[REFERENCE].setting.questions:
            first = results[REFERENCE].first_day(np.asarray(q.cells), q.faction)
            if np.median(first) > 0 and np.isfinite(first).mean() > 0.5:
                told.append(q.id)
    return rows_of(name, results, asked)


def _run(scenario: CompiledScenario, runs: int, days: int | None = None) -> Result:
    return simulate(scenario, runs=runs, seed=1, days=min(days or scenario.days, scenario.days))


def markdown(rows: Sequence[Row]) -> str:
    """The table, and how many of the limits hold."""
    meshes = list(dict.fromkeys(mesh for row in rows for mesh in row.values))
    body = []
    for row in rows:
        limit = LIMIT.get(row.kind, 0.0)
        points = {"share": f"{limit:.0f} point", "told": ""}
        body.append([
            f"{row.war}: {row.what}",
            *(_number(row.values.get(mesh)) for mesh in meshes),
            points.get(row.kind, f"{100 * limit:.0f} %"),
            ", ".join(f"{mesh} {row.verdict(mesh)}" for mesh in meshes if row.owes(mesh)),
        ])  # fmt: skip
    head = ["figure", *(f"at {mesh}" for mesh in meshes), "limit", "holds"]
    tally = []
    for kind in LIMIT:
        verdicts = [r.verdict(m) for r in rows if r.kind == kind for m in meshes if r.owes(m)]
        counts = (f"{verdicts.count(v)} {v}" for v in ("yes", "noise", "no"))
        tally.append(f"{kind}: {', '.join(counts)}")
    return table(head, body) + "\n" + "; ".join(tally) + ".\n"


def _number(value: Value | None) -> str:
    if value is None:
        return ""
    digits = 0 if abs(value.value) >= 100 else 1 if abs(value.value) >= 10 else 2
    return f"{value.value:,.{digits}f} ± {value.error:,.{digits}f}"


def measure(runs: int, national_runs: int) -> list[Row]:
    """Every campaign, and the national scenarios that are there."""
    rows = [row for campaign in CAMPAIGNS.values() for row in invented(campaign, runs)]
    for name, days in {**TRAINING, **SHARES_ONLY}.items():
        if national_runs and _is_there(name):
            rows += national(name, days, national_runs, durations=name in TRAINING)
    return rows


def page(runs: int = RUNS, national_runs: int = NATIONAL_RUNS) -> str:
    """The table with what it was measured with."""
    told = (
        f"{runs} runs of each invented campaign, {national_runs} of each national scenario, seed 1."
    )
    return stamp(told) + markdown(measure(runs, national_runs))


def _is_there(name: str) -> bool:
    try:
        return Path(find_scenario(name)).is_dir()
    except ScenarioError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="of each invented campaign")
    parser.add_argument(
        "--national-runs", type=int, default=NATIONAL_RUNS, help="of each national scenario"
    )
    options = parser.parse_args()
    print(page(options.runs, options.national_runs))


if __name__ == "__main__":
    main()
