"""The same rules as a good Mesa user would write them, to know what the engine is worth.

    python -m bench.peer_mesa            a Markdown table
    python -m bench.peer_mesa --json     the same as JSON

One model is one run.  A cell of the theatre is a `mesa.discrete_space` cell in a `Network` made of
the mesh; people of one faction in one cell, in the open or hidden, are a `CellAgent`, which exists
as long as there are any; factions are agents that decide; a `DataCollector` keeps the daily series
and the tables of changes and incidents.  Chance comes from `model.random`.  The compiled scenario
is read (loading is not what is compared); of the engine's rules nothing is imported.

All rules of `docs/model.md` are here, for every kind of event.  The outcomes are held to the
engine's by `bench.peer_mesa.agreement` and `tests/contract/test_peer.py`.

What was done for speed, as a profile pointed at it: neighbours, the reach of a cell and what never
changes are looked up once for a scenario and shared by all its runs; fronts are measured again
only around cells that changed hands, and supply only for factions whom that concerns; cells know
their forces by faction, and segments their contingents, so that no rule searches among agents;
cells, contingents and districts keep running head counts; combat power is worked out only within
reach of a front, sieges are looked for only where no supply reaches; ways are found with `heapq`
over whole numbers; constants of enums are looked up outside of loops.  What a day of
`hajin-pocket` then costs is spread over many rules: wants of cells, rations, desertion and the
picture, each a plain loop over the cells or forces, are each 8 to 18 % of it.

What was not done: no NumPy in the rules (their arrays would have some four entries: factions, or
the neighbours of a cell), no Numba, no arrays over all cells, no processes.  That would be another
program: the engine is that.
"""
