"""What was worked out from a result is kept as long as the result itself, and no longer.

Many viewers look at one result.  Sorting its ledger or taking its quantiles is a matter of
milliseconds, but not for every viewer and every rerun.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary, ref

from sim import Result

P = ParamSpec("P")
T = TypeVar("T")


def kept(
    most: int,
) -> Callable[
    [Callable[Concatenate[Result, P], T]],
    Callable[Concatenate[Result, P], T],
]:
    """Keep the last `most` answers of a function of a result and of further hashable arguments.

    The answers are dropped with the result, so they must not refer to it.  Two threads that ask
    for the same answer at the same moment may both work it out, so the function must have no
    effects; its answers are shared and must not be changed.
    """

    def decorate(
        function: Callable[Concatenate[Result, P], T],
    ) -> Callable[Concatenate[Result, P], T]:
        answers: WeakKeyDictionary[Result, OrderedDict[object, T]] = WeakKeyDictionary()
        lock = threading.Lock()

        @wraps(function)
        def ask(result: Result, /, *args: P.args, **named: P.kwargs) -> T:
            key = (args, tuple(sorted(named.items())))
            with lock:
                mine = answers.setdefault(result, OrderedDict())
                if key in mine:
                    mine.move_to_end(key)
                    return mine[key]
            answer = function(result, *args, **named)
            with lock:
                mine[key] = answer
                if len(mine) > most:
                    mine.popitem(last=False)
            return answer

        return ask

    return decorate


class Recalled:
    """A result for later: for what a browser may ask of this session in an hour, or never.

    It does not keep the result in memory; where nothing else did, it is read from disk again.
    """

    def __init__(self, result: Result) -> None:
        if result.path is None:  # it could not be read again
            self._find: Callable[[], Result | None] = lambda: result
        else:
            self._find = ref(result)
        self._path = result.path

    def __call__(self) -> Result:
        """The result; ResultError where it was let go and its folder is gone."""
        found = self._find()
        return Result.load(str(self._path)) if found is None else found
