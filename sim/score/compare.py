"""A result against what was observed, which is opened here and nowhere else in a run's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.errors import ResultError
from sim.nulls import NULLS
from sim.result import Result
from sim.scenario.compiled import CompiledScenario
from sim.scenario.find import find_scenario
from sim.scenario.load import load_scenario
from sim.scenario.observed import Target, load_observed
from sim.score.figures import reliability
from sim.score.rows import Score
from sim.score.targets import Work, entry_of

SHARES = ("share", "held")  # kinds of targets that speak of no holder


def score(result: Result, observed_path: str | Path | None = None) -> Score:
    """Compare a result with what was observed.

    observed_path  the scenario's folder, or its observed.yaml; where the scenario was if not given

    Raises ScenarioError where the file is missing or wrong, ResultError where the scenario there
    has another map than the result.
    """
    setting = result.setting
    folder = Path(observed_path) if observed_path is not None else None
    if folder is not None and folder.is_file():
        folder = folder.parent
    if folder is None and not Path(setting.folder).is_dir():  # named from another working folder
        folder = find_scenario(setting.name)
    scenario = _scenario(result, folder)
    targets = load_observed(scenario, folder)
    scored = score_targets(result, targets)
    if scenario.digest == setting.digest:
        return scored
    changed = (
        "The scenario has another digest than this result: it has changed since, or was run with "
        "other settings. Its map is the same."
    )
    return replace(scored, warnings=(*scored.warnings, changed))


def score_targets(result: Result, targets: Sequence[Target]) -> Score:
    """Compare a result with observations that are at hand; see `score`."""
    setting = result.setting
    early = setting.as_of is not None and setting.as_of <= setting.start
    watched = np.unique(np.concatenate([np.zeros(0, np.int64), *(t.cells for t in targets)]))
    guesses = {name: null(result, watched) for name, null in NULLS.items()}
    late = tuple(t.id for t in targets if _late(t, result.days))
    inside = [target for target in targets if target.id not in late]
    held = [t for t in inside if t.kind not in SHARES]
    work = Work(result, guesses, "ex_ante" if early else "given_later")
    said = {
        "places": work.said([t for t in held if not t.panel]),
        "panel": work.said([t for t in held if t.panel]),
    }
    days, day_row = work.days([t for t in held if t.by])
    rows = (
        *(work.places(name, statements) for name, statements in said.items()),
        day_row,
        work.cells([t for t in held if t.kind == "area"]),
        work.shares("shares", [t for t in inside if t.kind == "share"]),
        work.shares("held", [t for t in inside if t.kind == "held"]),
    )
    return Score(
        result=str(result.path) if result.path else None,
        scenario=setting.name,
        as_of=setting.as_of,
        rows=tuple(row for row in rows if row is not None),
        places=tuple(work.place(statement) for statement in said["places"]),
        days=days,
        left_out=late,
        panel=tuple(work.place(statement) for statement in said["panel"]),
        reliability={
            name: reliability([(s.probability, s.happened) for s in statements])
            for name, statements in said.items()
            if statements
        },
        path=work.path([*said["places"], *said["panel"]]),
    )


def _scenario(result: Result, folder: Path | None) -> CompiledScenario:
    """The scenario of a result, loaded anew for its areas; its map must be the result's."""
    setting = result.setting
    label = setting.theatre["label"]
    scenario = load_scenario(
        folder or setting.folder or setting.name,
        resolution=int(label) if label.isdigit() else None,
        as_of=setting.as_of,
    )
    if tuple(scenario.theatre.mesh.cell_id) != setting.cell_id:
        raise ResultError(
            f"The scenario {scenario.name} has another map than the result: "
            f"{len(scenario.theatre.mesh.cell_id):,} cells, not {setting.cells:,} "
            "or not the same ones. Run it again."
        )
    if scenario.faction_ids != setting.faction_ids:
        raise ResultError(
            f"The scenario {scenario.name} has other factions than the result: "
            f"{', '.join(scenario.faction_ids)} instead of {', '.join(setting.faction_ids)}."
        )
    return scenario


def _late(target: Target, days: int) -> bool:
    """Whether a target lies after the last simulated day, so that nothing can be said of it.

    A capture after it can be scored: it did not happen in time.
    """
    if target.kind in SHARES:
        return entry_of(target) > days
    return not target.by and entry_of(target) - target.precision_days > days
