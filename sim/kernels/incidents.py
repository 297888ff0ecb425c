"""Appending to a run's list of the day's incidents."""

from __future__ import annotations

from numba import njit


@njit(cache=True, error_model="numpy")
def record(incidents_r, count, r, kind, faction, other, cell, persons, ratio, margin):
    """Append one incident to run r's list; when the list is full, only count it.

    incidents_r  (I,)  INCIDENT  the run's records of today, `state.incidents[r]`
    count        (R,)  int32     `state.incident_count`; count[r] goes up by one in any case
    kind         `Incident`; faction, other, cell: indices, -1 if none
    persons      whole persons
    ratio        combat power ratio, nan if none
    margin       chance of success minus the draw, nan if none
    """
    i = count[r]
    if i < incidents_r.shape[0]:
        row = incidents_r[i]
        row.kind = kind
        row.faction = faction
        row.other = other
        row.cell = cell
        row.persons = persons
        row.ratio = ratio
        row.margin = margin
    count[r] = i + 1
