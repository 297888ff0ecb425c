"""What is worked out once for a mesh or a scenario, and lives as long as that does."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

Owner = TypeVar("Owner")
More = ParamSpec("More")
Found = TypeVar("Found")


def kept(
    find: Callable[Concatenate[Owner, More], Found],
) -> Callable[Concatenate[Owner, More], Found]:
    """Keep what `find` finds, for each choice of its other arguments, on its first argument."""
    name = f"{find.__module__}.{find.__qualname__}"

    @wraps(find)
    def found(owner: Owner, *more: More.args, **named: More.kwargs) -> Found:
        answers: dict[Hashable, object] = owner.__dict__.setdefault(name, {})
        question = (more, *sorted(named.items()))
        if question not in answers:
            answers[question] = find(owner, *more, **named)
        return cast(Found, answers[question])

    return cast(Callable[Concatenate[Owner, More], Found], found)
