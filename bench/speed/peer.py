"""The peer: the same rules as a Mesa user would write them, measured beside the engine.

`bench.peer_mesa` measures and makes the tables; here they are kept and shown with the others.
"""

from __future__ import annotations

from bench.speed.kit import Data, fresh, main


def measure(quick: bool) -> Data:
    return {"peer": fresh("bench.peer_mesa", "--json", *(("--quick",) if quick else ()))}


def tables(data: Data) -> str:
    from bench.peer_mesa.__main__ import page

    return page(data["peer"])


if __name__ == "__main__":
    main("peer", __doc__, measure, tables)
