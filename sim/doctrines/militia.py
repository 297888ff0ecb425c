"""The militia: defends its home, strikes back, attacks only where it can hardly lose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.doctrines.base import Array, Doctrine, View, only_hold, share_of
from sim.scenario.compiled import Posture


@dataclass(frozen=True)
class Militia(Doctrine):
    """Local fighters and rebel groups."""

    caution: float = 1.5  # ln of the power ratio at which it would rather attack than hold

    def utilities(self, view: View) -> Array:
        """See `Doctrine.utilities`."""
        utility = only_hold(view)
        attack = np.clip(view.odds, -3, 3) - self.caution + 2.0 * (view.ordered_km > 0)
        utility[:, :, Posture.ATTACK] = np.where(view.front_km > 0, attack, -np.inf)
        utility[:, :, Posture.HUNT] = np.where(
            view.hunted > 0, 2.0 * share_of(view.hunted, 50.0), -np.inf
        )
        return utility
