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


def brief(data: Data) -> str:
    """The times; of the agreement, how many measures were compared and the worst of them."""
    lines = tables(data).split("\n**")[0].rstrip()
    for name, one in data["peer"].items():
        worst = min(row["p_holm"] for row in one["agreement"])
        lines += (
            f"\n\n`{name}`: {len(one['agreement'])} measures of the outcome were compared, "
            f"{one['runs']['engine']:,} runs of the engine with {one['runs']['peer']:,} of the "
            f"peer over {one['days']} days; the smallest p-value, corrected after Holm, is "
            f"{worst:.2f}."
        )
    return f"{lines}\n\nAll of them stand in `bench/results/speed/peer.md`.\n"


if __name__ == "__main__":
    main("peer", __doc__, measure, tables)
