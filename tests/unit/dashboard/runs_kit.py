"""An engine that does what a test tells it, and folders to run scenarios from."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.runs import Request
from sim import BadiaError, CompiledScenario, Result

PATIENCE = 20.0  # seconds after which a test that waits has failed


class Engine:
    """Stands for `simulate`: waits in the middle of a run until the test lets it go on."""

    def __init__(self, result: Result, *, open: bool = True) -> None:
        self.result = result
        self.calls: list[int] = []  # seeds, in the order in which they were run
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()
        self.failures: dict[int, BaseException] = {}  # by seed
        self.runs_when_stopped = 0
        if open:
            self.gate.set()

    def __call__(
        self,
        scenario: CompiledScenario,
        *,
        runs: int,
        seed: int,
        progress: Callable[[int, int], None],
        stop: Callable[[], bool],
    ) -> Result:
        self.calls.append(seed)
        progress(0, scenario.days * runs // 2)
        self.begun.release()
        assert self.gate.wait(PATIENCE), "the test never opened the gate"
        if seed in self.failures:
            raise self.failures[seed]
        if stop():
            if not self.runs_when_stopped:
                raise BadiaError("nothing to keep")
            return part_of(self.result, self.runs_when_stopped)
        progress(runs, scenario.days * runs)
        return copy_of(self.result)


def copy_of(result: Result, **manifest: Any) -> Result:
    return Result(
        result.dataset, result.ledger, result.incidents, result.manifest | manifest, result.setting
    )


def part_of(result: Result, runs: int) -> Result:
    """The first runs of it, as an ensemble that was stopped leaves them."""
    part = copy_of(result, interrupted=True, runs=runs)
    part.dataset = result.dataset.isel(run=slice(runs))
    return part


def own_scenario(root: Path, folder: Path) -> Path:
    """A copy of two-valleys that a test may change."""
    target = folder / "two-valleys"
    shutil.copytree(root / "scenarios" / "two-valleys", target)
    return target


def valleys(root: Path, **changes: Any) -> Request:
    return Request(str(root / "scenarios" / "two-valleys"), **{"runs": 4, "days": 20, **changes})
