"""How much memory an ensemble takes: asked before it starts, so that it does not end half-way."""

from __future__ import annotations

from sim.ensemble import batch_size
from sim.scenario.compiled import CompiledScenario
from sim.workers import cores as usable_cores

# Fitted to the growth of resident memory over eleven ensembles, saved: 40 to 33,717 cells, 24 to
# 1,000 runs, 60 to 230 days, two threads.  With the margin the estimate lies from 8 % to 79 % above
# what was measured.
LIBRARIES = 150 * 2**20  # machine code, and what a first run and a first saving load
STATE = 500  # bytes a run and cell of the batches that are under way
SERIES = 230  # bytes a run, day and faction: daily sums, the ledger, the incidents
MAPS = 4  # bytes a day, cell and faction, beside the counts of runs: their shares
MARGIN = 1.25


def memory_needed(
    scenario: CompiledScenario, runs: int, threads: int | None = None, days: int | None = None
) -> int:
    """Bytes that `simulate` and the saving of its result take at their peak, an upper estimate.

    threads  batches simulated at once; one for each core if not given
    days     days to simulate; the scenario's whole calendar if not given
    """
    threads = threads or usable_cores()
    cells, holders = len(scenario.holder), scenario.factions + 1
    entries = (scenario.days if days is None else days) + 1
    size = min(runs, batch_size(cells))
    counts = 2 if runs <= 65_535 else 4  # bytes of a count of runs
    total = (
        LIBRARIES
        + STATE * min(runs, size * threads) * cells
        + SERIES * runs * entries * holders
        + (counts + MAPS) * entries * cells * holders
    )
    return int(MARGIN * total)
