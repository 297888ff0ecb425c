"""The regular army: attacks on order or at good odds, besieges, hunts networks behind the front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.doctrines.base import Array, Doctrine, View, only_hold, share_of
from sim.scenario.compiled import Posture


@dataclass(frozen=True)
class Regular(Doctrine):
    """An army with a general staff."""

    caution: float = 0.7  # ln of the power ratio at which it would rather attack than hold

    def utilities(self, view: View) -> Array:
        """See `Doctrine.utilities`."""
        utility = only_hold(view)
        contact = view.front_km > 0
        attack = np.clip(view.odds, -3, 3) - self.caution + 2.0 * (view.ordered_km > 0)
        utility[:, :, Posture.ATTACK] = np.where(contact, attack, -np.inf)
        utility[:, :, Posture.BESIEGE] = np.where(view.siege_km > 0, 1.0, -np.inf)
        utility[:, :, Posture.HUNT] = np.where(
            view.hunted > 0, 2.0 * share_of(view.hunted, 50.0) - 1.0 * contact, -np.inf
        )
        hopeless = (view.threat > 2) & (view.stock < 3) & (view.cut_off < 0.5)
        utility[:, :, Posture.WITHDRAW] = np.where(hopeless, view.threat - 2.0, -np.inf)
        return utility
