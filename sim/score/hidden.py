"""A run written as what was observed: history for tests in which the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.result import Result


def observed_from_run(
    result: Result, run: int, places: Sequence[str], *, report: str
) -> list[dict[str, Any]]:
    """What one run would have left in observed.yaml: a list for that file, in order of time.

    For each place the day on which each faction first took it (`by`), and its holder in the middle
    and at the end of the calendar (`date`).  Raises PlaceError or ResultError where the result has
    no such place or run.
    """
    setting = result.setting
    history = result.holder(run)
    rows: list[tuple[int, dict[str, Any]]] = []
    for name in places:
        cell = setting.find_place(name).cell
        mine = history[:, cell]
        seen = {int(mine[0])}
        for entry in range(1, result.days + 1):
            if int(mine[entry]) not in seen:
                seen.add(int(mine[entry]))
                rows.append((entry, {"place": name, "by": entry, "faction": int(mine[entry])}))
        for entry in sorted({result.days // 2, result.days} - {0}):
            rows.append((entry, {"place": name, "date": entry, "faction": int(mine[entry])}))
    written = []
    for number, (entry, row) in enumerate(sorted(rows, key=lambda item: item[0]), start=1):
        when = "by" if "by" in row else "date"
        written.append(
            {
                "id": f"o{number:02d}",
                "place": row["place"],
                when: setting.evening(entry),
                "faction": setting.holders[row["faction"]],
                "report": report,
            }
        )
    return written
