"""Two forces face to face in the real engagement kernel, with all that is not attrition taken away.

Two cells with one border, RED in one and BLUE in the other; an operation that begins on the first
day and never ends, wins no ground, wants no supply and has no luck.  What is left is who falls, in
whole persons by stochastic rounding: the kernel's own small-step integer form of attrition.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.mechanisms.engagement import Engagement
from sim.scenario.compiled import Posture
from sim.theatre import grid
from tests.reference.worlds import BLUE, RED, small

EVER = 1e18
BARE = {
    **{"front_force": EVER, "pulse_days": EVER, "breakpoint": EVER, "hold_density": EVER},
    **{"tempo": EVER, "ordered_odds": 1e-18, "perception_sd": 0.0, "severity_sd": 0.0},
    **{"start_stock": 0.0, "stop_stock": 0.0},
    **{"attack_use": 1e-9, "defence_use": 1e-9},  # who uses nothing counts as not engaged
    **{"loss_loser": 1.0, "loss_ratio": 1.0, "cohesion_loss": 0.0, "evade_loss": 1.0},
}


class Duel:
    """RED attacks BLUE; with `mutual`, each attacks the other.

    red, blue  fighters on the first day, one number or (R,)
    evading    those whose posture is to evade, and so lose by area fire where they are attacked
    area       km2 of RED's and of BLUE's cell
    values     parameters, one value or (R,); the others as in `BARE`, outside of what is plausible
    """

    def __init__(
        self, red, blue, *, runs, mutual=False, evading=(), area=(1.0, 1.0), seed=1, **values
    ):
        mesh = replace(grid("d d", segments="0 1").mesh, area=np.array(area, np.float32))
        self.it = small(mesh, runs=runs, seed=seed, day=0).with_parameters(**{**BARE, **values})
        state = self.it.state
        state.holder[:] = RED, BLUE
        state.fighters[:, 0, RED], state.fighters[:, 1, BLUE] = red, blue
        state.depot[:] = 1e9
        state.ordered[:, 1] = 1 << RED
        if mutual:
            state.ordered[:, 0] = 1 << BLUE
        state.urge[:] = 1.0
        for faction in evading:
            state.posture[:, :, faction] = Posture.EVADE
        self.rule = Engagement()

    @property
    def red(self):
        """RED's fighters left, (R,); a view that can be added to."""
        return self.it.state.fighters[:, 0, RED]

    @property
    def blue(self):
        """BLUE's fighters left, (R,); a view."""
        return self.it.state.fighters[:, 1, BLUE]

    @property
    def parameters(self):
        """The parameters, one record a run; may be changed between steps."""
        return self.it.world.parameters

    def step(self, days=1):
        """So many days of engagement and of nothing else."""
        for _ in range(days):
            self.rule.apply(self.it.state, self.it.world)
            self.it.state.day += 1
