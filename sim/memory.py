"""How much memory an ensemble takes: asked before it starts, so that it does not end half-way."""

from __future__ import annotations

from sim.ensemble import batch_size
from sim.scenario.compiled import CompiledScenario
from sim.workers import cores as usable_cores

# Fitted to the growth of resident memory over seven ensembles: resolutions 5 to 7, 24 to 200 runs,
# 60 to 230 days.  With the margin the estimate lies from 1 % below to 81 % above what was measured.
KERNELS = 64 * 2**20  # machine code, and what a first run loads
STATE = 800  # bytes a run and cell of the batches that are under way
SERIES = 430  # bytes a run, day and faction: daily sums, the ledger, the incidents
MAPS = 7  # bytes a day, cell and faction, beside the counts of runs: their shares, and saving
MARGIN = 1.25


def memory_needed(scenario: CompiledScenario, runs: int, threads: int | None = None) -> int:
    """Bytes that `simulate` and the saving of its result take at their peak, an upper estimate.

    threads  batches simulated at once; one for each core if not given
    """
    threads = threads or usable_cores()
    cells, entries, holders = len(scenario.holder), scenario.days + 1, scenario.factions + 1
    size = min(runs, batch_size(cells, threads))
    counts = 2 if runs <= 65_535 else 4  # bytes of a count of runs
    total = (
        KERNELS
        + STATE * min(runs, size * threads) * cells
        + SERIES * runs * entries * holders
        + (counts + MAPS) * entries * cells * holders
    )
    return int(MARGIN * total)
