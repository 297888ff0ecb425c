"""A bounded memory: what was used last stays, the rest goes once the bound is passed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Values by key whose weights add up to at most `limit`; threads may share it.

    A value that alone weighs more than the limit is not kept.
    """

    def __init__(self, limit: int, weigh: Callable[[V], int] = lambda value: 1) -> None:
        self._limit, self._weigh = limit, weigh
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    @property
    def weight(self) -> int:
        """What the kept values weigh together."""
        return self._weight

    def get(self, key: K) -> V | None:
        """The value of a key, which is then the last one used; None if it is not kept."""
        with self._lock:
            if key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key][0]

    def put(self, key: K, value: V) -> None:
        """Keep a value; the ones used longest ago go if there is no room for all."""
        weight = self._weigh(value)
        with self._lock:
            self._forget(key)
            self._items[key] = (value, weight)
            self._weight += weight
            while self._weight > self._limit:
                self._forget(next(iter(self._items)))

    def drop(self, key: K) -> None:
        """Forget a key, if it is kept."""
        with self._lock:
            self._forget(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()
            self._weight = 0

    def _forget(self, key: K) -> None:
        if key in self._items:
            self._weight -= self._items.pop(key)[1]
