"""How far a run is, on stderr: a bar on a terminal, a line now and then in a file."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sim.cli.console import say, stderr

if TYPE_CHECKING:
    from sim.scenario.compiled import CompiledScenario

SECONDS = 2.0  # between two lines about runs in a file
COMPILING = 15.0  # ... about compiling


@contextmanager
def progress(scenario: CompiledScenario, runs: int) -> Iterator[Callable[[int, int], None]]:
    """What `simulate` tells of its progress is shown: runs, days and the time left; before them,
    where kernels are not compiled yet, which one is under way.
    """
    console = stderr()
    if not console.is_terminal:
        with compiling(_lines_about_compiling()):
            yield _lines_about(runs)
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[done]}/{task.fields[runs]} runs"),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} days"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task(scenario.name, total=runs * scenario.days, done=0, runs=runs)

        def tell(done: int, days: int) -> None:
            bar.update(task, description=scenario.name, completed=days, done=done)

        with compiling(lambda name: bar.update(task, description=f"compiling {name}")):
            yield tell


@contextmanager
def compiling(tell: Callable[[str], None]) -> Iterator[None]:
    """Within it `tell` hears of each function that is being compiled: when it begins, and again
    when one that it calls is done.
    """
    from numba.core import event

    class Listener(event.Listener):
        def __init__(self) -> None:
            self.under_way: list[str] = []

        def on_start(self, compiled: Any) -> None:
            self.under_way.append(compiled.data["dispatcher"].py_func.__name__)
            tell(self.under_way[-1])

        def on_end(self, compiled: Any) -> None:
            self.under_way.pop()
            if self.under_way:
                tell(self.under_way[-1])

    with event.install_listener("numba:compile", Listener()):
        yield


def _lines_about(runs: int) -> Callable[[int, int], None]:
    """Says how many runs are done, at most every SECONDS."""
    told, due = 0, _every(SECONDS)

    def tell(done: int, days: int) -> None:
        nonlocal told
        if done > told and due():
            say(f"{done} of {runs} runs done")
            told = done

    return tell


def _lines_about_compiling() -> Callable[[str], None]:
    """Says what is being compiled, at most every COMPILING seconds."""
    due = _every(COMPILING)
    due()  # that it begins has been said

    def tell(name: str) -> None:
        if due():
            say(f"compiling {name} ...")

    return tell


def _every(seconds: float) -> Callable[[], bool]:
    """Whether it is so long since it last said yes; yes at first."""
    when = -math.inf

    def due() -> bool:
        nonlocal when
        now = time.monotonic()
        if now - when < seconds:
            return False
        when = now
        return True

    return due
