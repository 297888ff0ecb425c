"""How much memory there is, and whether an ensemble fits into it."""

from __future__ import annotations

from pathlib import Path

from dashboard.runs.request import Request
from dashboard.texts import say
from sim import BadiaError, CompiledScenario, memory_needed

PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")
SPARE = 256 * 2**20  # left to the pages that are shown meanwhile
COARSEST = ("5", "grid")  # maps that cannot be had any coarser, as their theatres call them
GIGABYTE, MEGABYTE = 1e9, 1e6


def free_bytes(proc: Path = PROC, cgroup: Path = CGROUP) -> int | None:
    """Memory that may still be taken, bytes: the machine's, or the container's if that is less.

    None where the system does not say (only Linux does).
    """
    limits = [_machine(proc), *_container(cgroup)]
    known = [limit for limit in limits if limit is not None]
    return max(0, min(known)) if known else None


def check_memory(scenario: CompiledScenario, request: Request, free: int | None) -> None:
    """Raise BadiaError, saying what to lower, if the ensemble would not fit into `free` bytes."""
    needed = memory_needed(scenario, request.runs) + SPARE
    if free is not None and needed > free:
        raise BadiaError(
            say("runs.error.memory", needed=size(needed), free=size(free), what=lower(scenario))
        )


def lower(scenario: CompiledScenario) -> str:
    """What a viewer may lower to need less, in words."""
    coarsest = scenario.theatre.label in COARSEST
    return say("runs.lower.runs" if coarsest else "runs.lower.resolution")


def size(count: int) -> str:
    """A number of bytes in words."""
    if count >= GIGABYTE:
        return say("runs.unit.gb", number=f"{count / GIGABYTE:.1f}")
    return say("runs.unit.mb", number=f"{count / MEGABYTE:.0f}")


def _machine(proc: Path) -> int | None:
    """What Linux estimates may be taken without swapping."""
    try:
        for line in (proc / "meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _container(cgroup: Path) -> list[int | None]:
    """What the limits of control groups leave, version 2 and version 1; none if unlimited.

    A container sees its own group at the root; the page cache counts as used but can be had back.
    """
    pairs = (
        ("memory.max", "memory.current", "memory.stat", "inactive_file"),
        (
            "memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes",
            "memory/memory.stat", "total_inactive_file",
        ),
    )  # fmt: skip
    return [_group(cgroup, *pair) for pair in pairs]


def _group(cgroup: Path, most: str, used: str, stat: str, cache: str) -> int | None:
    try:
        limit = (cgroup / most).read_text(encoding="ascii").strip()
        if limit == "max":
            return None
        taken = int((cgroup / used).read_text(encoding="ascii"))
        lines = (cgroup / stat).read_text(encoding="ascii").splitlines()
        spare = next((int(line.split()[1]) for line in lines if line.startswith(cache + " ")), 0)
        return int(limit) - taken + spare
    except (OSError, ValueError, IndexError):
        return None
