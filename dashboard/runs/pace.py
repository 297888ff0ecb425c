"""How long the rest will take, judged by the pace of the last while."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW = 30.0  # seconds whose pace counts: batches differ, and viewers come and go
LEAST = 1.5  # seconds watched before anything is said
APART = 0.25  # seconds between two samples that are kept


class Pace:
    """Watches a count that grows to `total`.

    It starts watching with the first count that it is told: what came before that, such as the
    compiling of kernels, happens once and says nothing about the rest.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._clock = total, clock
        self._samples: deque[tuple[float, int]] = deque()

    def left(self, done: int) -> float | None:
        """Seconds until the total is reached; None while that cannot be told."""
        now = self._clock()
        samples = self._samples
        if not samples or now - samples[-1][0] >= APART:
            samples.append((now, done))
        while len(samples) > 2 and now - samples[1][0] >= WINDOW:
            samples.popleft()
        since, before = samples[0]
        if now - since < LEAST or done <= before:
            return None
        return (self._total - done) * (now - since) / (done - before)
