"""The insurgent: fights for towns, melts away in rough empty ground, raids, breaks out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.doctrines.base import Array, Doctrine, View, only_hold, share_of
from sim.scenario.compiled import Posture


@dataclass(frozen=True)
class Insurgent(Doctrine):
    """A movement that can live without ground, and dies for towns."""

    towns: float = 2.0  # how much more it holds on where people live
    cover: float = 2.5  # how much rough ground invites it to evade

    def utilities(self, view: View) -> Array:
        """See `Doctrine.utilities`."""
        utility = only_hold(view)
        present = view.fighters > 0
        pressed = np.clip(view.threat, 0, 3)
        utility[:, :, Posture.HOLD] = 0.5 + self.towns * view.settled
        utility[:, :, Posture.EVADE] = np.where(
            present & (view.threat > 0),
            (1.0 - view.settled) * (self.cover * view.rough + 0.5 * pressed),
            -np.inf,
        )
        hungry = 1.0 - np.minimum(view.stock, 10.0) / 10.0
        utility[:, :, Posture.BREAK_OUT] = np.where(
            present & (view.cut_off > 0.5),
            view.settled * (0.5 + 0.5 * pressed + 2.0 * hungry),  # elsewhere it slips away
            -np.inf,
        )
        utility[:, :, Posture.ATTACK] = np.where(
            view.front_km > 0, np.clip(view.odds, -3, 3) - 1.2, -np.inf
        )
        utility[:, :, Posture.RAID] = np.where(
            view.covert > 0, 0.5 + share_of(view.covert, 200.0), -np.inf
        )
        return utility
