"""The parts of docs/validation.md that hold figures, as Markdown."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench.validation.scores import Scored, table
from sim.score import Figures, Row

NULLS = {
    "persistence": "persistence",
    "adjacency": "adjacency",
    "force_ratio": "force ratio",
    "offensive_only": "offensive only",
    "uniform": "uniform guess",
}
TARGETS = {
    "places": "towns that changed hands",
    "panel": "district seats",
    "days": "days of capture",
    "cells": "cells of areas",
    "shares": "national shares",
    "held": "shares of areas",
}
VIEWS = {True: "ex ante", False: "given later decisions"}
SCREENED = 15  # parameters of the screening that are shown


def stamp(what: str) -> str:
    """When and with what a section was measured."""
    from bench.machine import machine
    from sim.ensemble import version

    today = datetime.now(UTC).date().isoformat()
    return f"{today}, Badia {version()}, {machine()}. {what}\n\n"


def skills(found: Sequence[Scored]) -> str:
    """Skill against each null model by scenario, view and target, with 90 % intervals."""
    rows = []
    for one in found:
        for row in one.score.rows:
            rows.append(
                [
                    one.scenario,
                    VIEWS[one.early],
                    TARGETS[row.target],
                    str(row.n),
                    _own(row),
                    *(_skill(row.null.get(name)) for name in NULLS),
                ]
            )
    head = ["scenario", "view", "target", "n", "score", *NULLS.values()]
    return table(head, rows, left=3)


def _own(row: Row) -> str:
    """The score in its own measure."""
    figures = row.figures
    if row.target == "days":
        return f"CRPS {figures.crps:.1f} d"
    if figures.error is not None:
        return f"error {100 * figures.error:.1f} points"
    text = f"Brier {figures.brier:.3f}" if figures.brier is not None else ""
    if figures.figure_of_merit is not None:
        text += f", merit {figures.figure_of_merit:.2f}"
    return text


def _skill(null: Figures | None) -> str:
    if null is None or null.skill is None:
        return "-"
    if null.skill_low is None or null.skill_high is None:
        return f"{null.skill:+.2f}"
    return f"{null.skill:+.2f} ({null.skill_low:+.2f} to {null.skill_high:+.2f})"


def coverage(found: Sequence[Scored]) -> str:
    """How often the observed day of capture lies in the runs' range, and how wide that range is."""
    rows = []
    for one in found:
        days = next((row for row in one.score.rows if row.target == "days"), None)
        path = one.score.path
        told = ["-"] * 4
        if days is not None:
            inside = days.figures.coverage or 0.0
            guess = days.null["uniform"].crps
            told = [str(days.n), f"{inside:.0%}", f"{days.figures.crps:.1f}", f"{guess:.1f}"]
        rank = f"{path.rank:g} of {path.of}" if path else "-"
        rows.append([one.scenario, VIEWS[one.early], *told, rank])
    head = [
        "scenario", "view", "dated places", "inside 10-90 %", "CRPS, days",
        "uniform guess, days", "rank of the record",
    ]  # fmt: skip
    return table(head, rows, left=2)


def captures(found: Sequence[Scored]) -> str:
    """Observed and simulated days of capture, given later decisions."""
    rows = []
    for one in found:
        if one.early:
            continue
        for day in one.score.days:
            rows.append(
                [
                    one.scenario, day.place, day.faction,
                    *(_date(when) for when in (day.observed, day.p10, day.p50, day.p90)),
                    "yes" if day.inside else "no",
                ]
            )  # fmt: skip
    head = ["scenario", "place", "by", "observed", "10 %", "median", "90 %", "inside"]
    return table(head, rows, left=3)


def _date(when: date | None) -> str:
    return when.isoformat() if when else "not in time"


def reliability(found: Sequence[Scored]) -> str:
    """What was said and what came true, all statements of all scenarios given later decisions."""
    bins: dict[float, list[float]] = {}
    for one in found:
        if one.early:
            continue
        for rows in (one.score.places, one.score.panel):
            for row in rows:
                slot = bins.setdefault(min(int(row.probability * 5), 4) / 5, [0.0, 0.0, 0.0])
                slot[0] += row.probability
                slot[1] += row.observed
                slot[2] += 1
    rows = [
        [f"{low:.0%} to {low + 0.2:.0%}", f"{said / n:.0%}", f"{true / n:.0%}", f"{n:.0f}"]
        for low, (said, true, n) in sorted(bins.items())
    ]
    return table(["said", "mean of what was said", "came true", "statements"], rows)


def screening(folder: Path) -> str:
    """The parameters with the strongest effects."""
    with (folder / "screening.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    body = [
        [
            f"`{row['name']}`", row["grade"], row["most"],
            f"{float(row['strength']):.2f}", f"{float(row['bend']):.2f}",
        ]
        for row in rows[:SCREENED]
    ]  # fmt: skip
    head = ["parameter", "rests on", "moves most", "effect", "bend"]
    return table(head, body, left=3) + f"\n{len(rows)} parameters were screened.\n"


def fitted(told: Mapping[str, Any]) -> str:
    """What became of the fitted parameters."""
    body = [
        [
            f"`{row['name']}`", row["grade"], f"{row['prior'][0]:g} to {row['prior'][1]:g}",
            *(f"{row[q]:.3g}" for q in ("p10", "p50", "p90")),
            f"{row['narrower']:.0%}", "yes" if row["told_apart"] else "no",
        ]
        for row in told["parameters"]
    ]  # fmt: skip
    head = [
        "parameter", "rests on", "prior", "10 %", "median", "90 %", "narrower by",
        "the record tells",
    ]  # fmt: skip
    text = table(head, body, left=2)
    for pair in told["known_together"]:
        text += (
            f"\nKnown only together: `{pair['first']}` and `{pair['second']}`, "
            f"correlation {pair['correlation']:+.2f}.\n"
        )
    for number, wave in enumerate(told["waves"], start=1):
        text += (
            f"\nWave {number} left {wave['standing']:.2%} of the prior standing, within "
            f"{wave['bound']:.1f} standard deviations of the record.\n"
        )
    return text


def emulators(folder: Path) -> str:
    """How well the outputs are foretold, and how far the record lies from the posterior."""
    with (folder / "emulators.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    body = [
        [
            row["output"], f"{float(row['observed']):.2f}", f"{float(row['prior_mean']):.2f}",
            f"{float(row['chance_sd']):.2f}", f"{float(row['skill']):.2f}",
            f"{float(row['distance']):.1f}",
        ]
        for row in rows
    ]  # fmt: skip
    head = [
        "output", "observed", "mean over the prior", "chance, sd", "skill of the emulator",
        "distance of the record, sd",
    ]  # fmt: skip
    return table(head, body)


def provenance(folder: Path) -> dict[str, Any]:
    """What calibration.json says."""
    told: dict[str, Any] = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    return told
