"""The garrison: it holds, whatever it sees."""

from __future__ import annotations

from dataclasses import dataclass

from sim.doctrines.base import Array, Doctrine, View, only_hold


@dataclass(frozen=True)
class Garrison(Doctrine):
    """A force whose task is to be there: observation posts, a besieged town, a foreign base."""

    def utilities(self, view: View) -> Array:
        """See `Doctrine.utilities`."""
        return only_hold(view)
