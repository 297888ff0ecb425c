"""The same rules as a good Mesa user would write them, to know what the engine is worth.

    python -m bench.peer_mesa            a Markdown table
    python -m bench.peer_mesa --json     the same as JSON

One model is one run.  A cell of the theatre is a `mesa.discrete_space` cell in a `Network` made of
the mesh; people of one faction in one cell, in the open or hidden, are a `CellAgent`, which exists
as long as there are any; factions are agents that decide; a `DataCollector` keeps the daily series
and the tables of changes and incidents.  Chance comes from `model.random`.  The compiled scenario
is read (loading is not what is compared); of the engine's rules nothing is imported.

All rules of `docs/model.md` are here, for every kind of event.

What was done for speed, as a profile pointed at it: neighbours, the reach of a cell and what never
changes are looked up once for a scenario and shared by all its runs; fronts are measured again
only around cells that changed hands, and supply only for factions whom that concerns; cells know
their forces by faction, segments their contingents, so that no rule searches among agents; combat
power is worked out only within reach of a front; districts keep running sums of their people; ways
are found with `heapq` over whole numbers.  Sums over all forces stay plain loops.

What was not done: no NumPy in the rules (their arrays would have some four entries: factions, or
the neighbours of a cell), no Numba, no arrays over all cells, no processes.  That would be another
program: the engine is that.
"""
