"""What really happened: the loader of observed.yaml, for `badia check`, `badia score` and the
table of evidence only.

Nothing that loads or runs a scenario imports this module, and the scenario's digest leaves the file
out: what is observed cannot reach the model.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sim.scenario.compiled import NOBODY, CompiledScenario
from sim.scenario.draft import At, Draft, read_list, read_reports
from sim.scenario.find import find_scenario, label
from sim.scenario.ground import Cells, Ground, Shapes
from sim.scenario.load import REPORTS
from sim.scenario.messages import Collector, show
from sim.scenario.schema import NOBODY_NAME, Observation
from sim.scenario.yaml_lines import read_yaml

OBSERVED = "observed.yaml"


@dataclass(frozen=True)
class Target:
    """One observation, on the scenario's map.

    kind            place or area: `factions` held (most of) `cells`; share, held: they held the
                    share `share` of the theatre's area, of that of `cells`
    factions        who held it together, mostly one
    day             days since the scenario's start; may lie behind its last simulated day
    by              it became so by that day; otherwise it was so on that day
    precision_days  how far off the day may be, either way
    panel           chosen by rule (all district seats), not because it changed hands
    line            where it stands in observed.yaml, from 1; 0 if it stands in no file
    """

    id: str
    kind: Literal["place", "area", "share", "held"]
    where: str
    cells: Cells
    share: float
    factions: tuple[int, ...]
    date: datetime.date
    day: int
    by: bool
    precision_days: int
    report: str
    panel: bool = False
    line: int = 0


def load_observed(scenario: CompiledScenario, folder: str | Path | None = None) -> list[Target]:
    """The observations that belong to a scenario, in the order of the file.

    folder: the scenario's name or path; where it was loaded from if left out.

    Raises `ScenarioError` with everything that is wrong, also when there is no such file.
    """
    found = find_scenario(folder or scenario.folder or scenario.name)
    problems = Collector(label(found / OBSERVED))
    targets = read_observed(found, scenario, problems)
    problems.stop_if_any()
    return targets


def read_observed(folder: Path, scenario: CompiledScenario, problems: Collector) -> list[Target]:
    """Like `load_observed`, but what is wrong is added to `problems`."""
    document = read_yaml(folder / OBSERVED, problems)
    problems.document = document
    if document is None:
        return []
    items: list[At[Observation]] = read_list(document, Observation, problems)
    draft = Draft()
    silent = Collector(REPORTS)  # what is wrong there is for the scenario's own loader to tell
    read_reports(read_yaml(folder / REPORTS, silent), draft, silent)
    ground = Ground(draft, scenario.theatre, Shapes(folder, draft, problems), problems)
    ground.named.update(scenario.areas)
    seen: set[str] = set()
    targets = []
    for item in items:
        if item.value.id in seen:
            path = (*item.path, "id")
            problems.add("duplicate", path, name=show(item.value.id), what="observation")
        seen.add(item.value.id)
        target = _target(item, scenario, ground, draft.report_names, problems)
        if target is not None:
            targets.append(target)
    return targets


def _target(
    item: At[Observation],
    scenario: CompiledScenario,
    ground: Ground,
    reports: Collection[str],
    problems: Collector,
) -> Target | None:
    spec, path = item.value, item.path
    factions = {name: i for i, name in enumerate(scenario.faction_ids)} | {NOBODY_NAME: NOBODY}
    before = len(problems.errors)
    for i, name in enumerate(spec.holders):
        if name not in factions:
            problems.add(
                "faction-unknown", (*path, *_key(spec, i)), name=show(name), wrong=name,
                known=scenario.faction_ids,
            )  # fmt: skip
        if name in spec.holders[:i]:
            problems.add(
                "duplicate", (*path, *_key(spec, i)), name=show(name), what="faction of a side"
            )
    if spec.report not in reports:
        problems.add(
            "report-unknown", (*path, "report"), name=show(spec.report), wrong=spec.report,
            known=reports or ("no reports",),
        )  # fmt: skip
    if spec.day < scenario.start:
        key = "by" if spec.by else "date"
        problems.add("date-before", (*path, key), value=spec.day, start=scenario.start)
    cells: Cells | None = np.empty(0, np.int32)
    kind: Literal["place", "area", "share", "held"] = "share"
    where = scenario.theatre.name
    if spec.place is not None:
        kind, where = "place", spec.place
        cells = ground.place_cells(spec.place, (*path, "place"))
    elif spec.area is not None:
        kind = "area" if spec.share is None else "held"
        where = spec.area if isinstance(spec.area, str) else spec.id
        if isinstance(spec.area, str) and spec.area not in scenario.areas:
            problems.add(
                "area-unknown", (*path, "area"), name=show(spec.area), wrong=spec.area,
                known=tuple(scenario.areas) or ("no areas",),
            )  # fmt: skip
        cells = ground.cells(spec.area, (*path, "area"))
    if cells is None or len(problems.errors) > before:
        return None
    return Target(
        id=spec.id,
        kind=kind,
        where=where,
        cells=cells,
        share=0.0 if spec.share is None else spec.share,
        factions=tuple(factions[name] for name in spec.holders),
        date=spec.day,
        day=(spec.day - scenario.start).days,
        by=spec.by is not None,
        precision_days=spec.precision_days,
        report=spec.report,
        panel=spec.panel,
        line=problems.document.line(path) if problems.document else 0,
    )


def _key(spec: Observation, i: int) -> tuple[str | int, ...]:
    """Where the holder of that number stands."""
    return ("faction",) if spec.faction is not None else ("factions", i)
