"""Do peer and engine give the same distribution of outcomes?

Each measure is compared by two tests of two samples: Kolmogorov and Smirnov's, which sees the whole
distribution, and Welch's t, which sees the mean.  Who holds a cell at the end is compared by
Fisher's exact test, for the cells of which the engine is least sure.  All p-values of a scenario
are corrected for their number (Holm 1979); the two agree if none is below `THRESHOLD`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import fisher_exact, ks_2samp, ttest_ind_from_stats

from bench.peer_mesa.model import PeerModel
from sim import Result

THRESHOLD = 0.01
UNSURE_CELLS = 12

Measures = dict[str, np.ndarray]


class Outcomes:
    """What is compared of some runs.

    measures  by name, (R,)
    ends      (R, C)  holder at the end; the number of factions stands for nobody
    """

    def __init__(self, measures: Measures, ends: np.ndarray) -> None:
        self.measures = measures
        self.ends = ends

    @classmethod
    def join(cls, parts: Sequence[Outcomes]) -> Outcomes:
        names = parts[0].measures
        measures = {name: np.concatenate([part.measures[name] for part in parts]) for name in names}
        return cls(measures, np.concatenate([part.ends for part in parts]))


def of_engine(result: Result) -> Outcomes:
    data, setting, days = result.dataset, result.setting, result.days
    measures: Measures = {}
    series = {name: data[name].to_numpy() for name in ("share", "fighters", "covert", "losses")}
    for day, when in _moments(days):
        for name, values in series.items():
            for f, faction in enumerate(setting.holders[:-1]):
                measures[f"{name}, {faction}, {when}"] = values[:, day, f]
        measures[f"displaced, {when}"] = data["displaced"].to_numpy()[:, day]
    measures["changes of holder"] = data["changes"].to_numpy().sum(axis=1)
    for question in setting.questions:
        taken = result.first_day(np.asarray(question.cells), question.faction)
        measures[_captured(setting, question)] = np.minimum(taken, days + 1)
    rows = result.ledger
    ends = np.repeat(setting.holder[None, :].astype(np.int64), result.runs, axis=0)
    run = np.searchsorted(data["run"].to_numpy(), rows["run"])
    to = [list(setting.holders).index(name) for name in rows["to"].astype(str)]
    ends[run, rows["cell"].cat.codes] = to  # in their order: the last one stays
    ends[ends < 0] = len(setting.holders) - 1
    return Outcomes(measures, ends)


def of_peer(model: PeerModel) -> Outcomes:
    """Of one run that is done."""
    kept, scenario, days = model.datacollector.model_vars, model.scenario, model.day
    measures: Measures = {}
    for day, when in _moments(days):
        for name in ("area", "fighters", "covert", "losses"):
            unit = model.m2 if name == "area" else 1
            for f, faction in enumerate(scenario.faction_ids):
                shown = "share" if name == "area" else name
                measures[f"{shown}, {faction}, {when}"] = np.array([kept[name][day][f] / unit])
        measures[f"displaced, {when}"] = np.array([kept["displaced"][day]])
    measures["changes of holder"] = np.array([sum(kept["changes"])])
    for question in scenario.questions:
        taken = _first_day(model, question.cells, question.faction)
        measures[_captured(scenario, question)] = np.array([min(taken, days + 1)])
    nobody = scenario.factions
    ends = [nobody if cell.holder is None else cell.holder.index for cell in model.cells]
    return Outcomes(measures, np.array([ends]))


def _moments(days: int) -> tuple[tuple[int, str], ...]:
    return ((days // 2, f"day {days // 2}"), (days, f"day {days}"))


def _captured(scenario: Any, question: Any) -> str:
    ids = getattr(scenario, "faction_ids", None) or scenario.holders
    return f"day from which {ids[question.faction]} holds {question.place or question.id}"


def _first_day(model: PeerModel, cells: np.ndarray, faction: int) -> float:
    """First entry of the daily axis at which a faction holds most of an area."""
    scenario, m2 = model.scenario, model.atlas.m2
    area = {int(c) for c in cells}
    name = scenario.faction_ids[faction]
    held = np.zeros(model.day + 1, np.int64)
    held[0] = sum(m2[c] for c in area if scenario.holder[c] == faction)
    table = model.datacollector.tables["changes"]
    for day, cell, old, new in zip(
        table["day"], table["cell"], table["from"], table["to"], strict=True
    ):
        if cell in area:
            held[day + 1] += m2[cell] * ((new == name) - (old == name))
    most = np.flatnonzero(2 * np.cumsum(held) > sum(m2[c] for c in area))
    return float(most[0]) if len(most) else np.inf


def compare(engine: Outcomes, peer: Outcomes, cell_names: Sequence[str]) -> list[dict[str, Any]]:
    """One row for each test."""
    rows = []
    for name, ours in engine.measures.items():
        theirs = peer.measures[name]
        spread = np.sqrt(ours.var() / len(ours) + theirs.var() / len(theirs))
        if spread == 0.0 and ours[0] == theirs[0]:
            continue  # the same in every run of both
        difference = theirs.mean() - ours.mean()
        row = {
            "measure": name,
            "engine": float(ours.mean()),
            "peer": float(theirs.mean()),
            "difference_se": float(difference / spread) if spread else float("inf"),
            "p_distribution": float(ks_2samp(ours, theirs).pvalue),
            "p_mean": _welch(ours, theirs) if spread else 0.0,
        }
        rows.append(row)
    rows += _holders(engine.ends, peer.ends, cell_names)
    _holm(rows)
    return rows


def _welch(ours: np.ndarray, theirs: np.ndarray) -> float:
    a, b = ((one.mean(), one.std(ddof=1), len(one)) for one in (ours, theirs))
    # A rare event that the smaller sample lacks gives it no spread at all, and Welch's t would take
    # that for certainty; then the spread is that of both together.
    certain = min(a[1], b[1]) <= 1e-9 * max(abs(a[0]), abs(b[0]))  # but for rounding
    return float(ttest_ind_from_stats(*a, *b, equal_var=certain).pvalue)


def _holders(ours: np.ndarray, theirs: np.ndarray, names: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    usual = [int(np.bincount(column).argmax()) for column in ours.T]
    share = (ours == usual).mean(axis=0)
    for c in np.argsort(np.abs(share - 0.5), kind="stable")[:UNSURE_CELLS]:
        a, b = int((ours[:, c] == usual[c]).sum()), int((theirs[:, c] == usual[c]).sum())
        n, k = len(ours), len(theirs)
        if a in (0, n) and a * k == b * n:
            continue
        p, q = a / n, b / k
        spread = np.sqrt(p * (1.0 - p) / n + q * (1.0 - q) / k)
        row = {
            "measure": f"{names[c]} keeps to its usual holder",
            "engine": p,
            "peer": q,
            "difference_se": float((q - p) / spread) if spread else float("inf"),
            "p_distribution": float(fisher_exact([[a, n - a], [b, k - b]]).pvalue),
        }
        rows.append(row)
    return rows


def _holm(rows: list[dict[str, Any]]) -> None:
    """Correct all p-values for their number; the smaller of a row's becomes its `p_holm`."""
    tests = ("p_distribution", "p_mean")
    found = sorted((row[key], i) for i, row in enumerate(rows) for key in tests if key in row)
    highest = 0.0
    for rank, (p, i) in enumerate(found):
        highest = max(highest, min(1.0, p * (len(found) - rank)))
        rows[i].setdefault("p_holm", highest)


def agrees(rows: Sequence[dict[str, Any]]) -> bool:
    return all(row["p_holm"] > THRESHOLD for row in rows)
