"""Head counts per run and faction: the one sum over all cells that the record needs every day."""

from __future__ import annotations

import numpy as np

from sim.kernels.compiler import kernel


@kernel
def head_counts(fighters, covert, in_the_open, hidden):
    """Add up persons over the cells of each run.

    fighters     (R, C, F) int32  persons under arms in the open
    covert       (R, C, F) int32  members of hidden networks
    in_the_open  (R, F)    int64  sums of fighters; overwritten
    hidden       (R, F)    int64  sums of covert; overwritten
    """
    runs, cells, factions = fighters.shape
    for r in range(runs):
        men = np.zeros(factions, np.int64)
        members = np.zeros(factions, np.int64)
        for c in range(cells):
            for f in range(factions):
                men[f] += fighters[r, c, f]
            for f in range(factions):
                members[f] += covert[r, c, f]
        in_the_open[r] = men
        hidden[r] = members
