"""The client: holds unless its patron orders an attack; helps to hunt networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.doctrines.base import Array, Doctrine, View, only_hold, share_of
from sim.scenario.compiled import Posture


@dataclass(frozen=True)
class Client(Doctrine):
    """A force that follows another's plan."""

    def utilities(self, view: View) -> Array:
        """See `Doctrine.utilities`."""
        utility = only_hold(view)
        utility[:, :, Posture.ATTACK] = np.where(view.ordered_km > 0, 1.5, -np.inf)
        utility[:, :, Posture.BESIEGE] = np.where(view.siege_km > 0, 0.5, -np.inf)
        utility[:, :, Posture.HUNT] = np.where(
            view.hunted > 0, share_of(view.hunted, 50.0), -np.inf
        )
        return utility
