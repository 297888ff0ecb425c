"""Choices: what a faction sees becomes a posture.  One file each; found by name, never by path."""

from __future__ import annotations

from importlib.metadata import entry_points

from sim.doctrines.base import Doctrine, View
from sim.doctrines.client import Client
from sim.doctrines.garrison import Garrison
from sim.doctrines.insurgent import Insurgent
from sim.doctrines.militia import Militia
from sim.doctrines.regular import Regular
from sim.errors import BadiaError

__all__ = ["Doctrine", "View", "doctrine", "doctrine_names", "register"]

_registry: dict[str, Doctrine] = {
    "regular": Regular(),
    "insurgent": Insurgent(),
    "militia": Militia(),
    "client": Client(),
    "garrison": Garrison(),
}
_entry_points_read = False


def register(name: str, doctrine: Doctrine) -> None:
    """Make a doctrine available to scenarios under a name; a later one replaces an earlier one."""
    if not isinstance(doctrine, Doctrine):
        raise BadiaError(f"doctrine '{name}': {doctrine!r} is no sim.doctrines.Doctrine.")
    _registry[name] = doctrine


def _read_entry_points() -> None:
    global _entry_points_read
    if not _entry_points_read:
        _entry_points_read = True
        for point in sorted(entry_points(group="badia.doctrines"), key=lambda p: p.name):
            register(point.name, point.load()())


def doctrine_names() -> tuple[str, ...]:
    """The names a scenario may use, in alphabetical order."""
    _read_entry_points()
    return tuple(sorted(_registry))


def doctrine(name: str) -> Doctrine:
    """The doctrine of a name; BadiaError if there is none."""
    _read_entry_points()
    if name not in _registry:
        known = ", ".join(doctrine_names())
        raise BadiaError(f"no doctrine is named '{name}'. Known are {known}.")
    return _registry[name]
