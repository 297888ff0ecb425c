"""What the oracles share: where each is kept, and a duel in the real engagement kernel.

An oracle is a case whose answer is known without the model.  It runs the real kernels, never a
function that only tests call.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.mechanisms.engagement import Engagement
from sim.scenario.compiled import Posture
from sim.theatre import grid
from tests.reference.worlds import BLUE, RED, small

# Every oracle that the model is held against: (file under tests/, test).
ORACLES = {
    "fighters are conserved, every kind of loss counted": (
        "property/test_invariants.py",
        "test_nobody_is_lost_or_made_and_nothing_leaves_its_bounds",
    ),
    "losses follow numbers by the exponent, 0 to 1": (
        "oracles/test_lanchester.py",
        "test_the_share_that_falls_goes_with_a_power_of_the_ratio_of_numbers",
    ),
    "Lanchester's square law": (
        "oracles/test_lanchester.py",
        "test_aimed_fire_keeps_the_square_law",
    ),
    "Lanchester's linear law": (
        "oracles/test_lanchester.py",
        "test_area_fire_on_both_sides_keeps_the_linear_law",
    ),
    "Iwo Jima in the limit of small steps": (
        "oracles/test_lanchester.py",
        "test_iwo_jima_ends_as_engel_reckoned",
    ),
    "Deitchman's mixed law": (
        "oracles/test_lanchester.py",
        "test_the_guerrilla_war_keeps_the_mixed_law",
    ),
    "Deitchman's threshold": (
        "oracles/test_lanchester.py",
        "test_guerrillas_win_above_deitchman_s_threshold_and_lose_below_it",
    ),
    "Brown's exact stochastic duel": (
        "oracles/test_brown.py",
        "test_a_duel_is_won_as_often_as_brown_says",
    ),
    "a war of equals favours neither": (
        "property/test_variants.py",
        "test_a_war_of_equals_on_a_mirror_field_favours_neither",
    ),
    "the image of a war of unequals has the image of its outcomes": (
        "oracles/test_mirror_symmetry.py",
        "test_the_image_of_a_war_is_a_war_with_the_image_of_its_outcomes",
    ),
    "without hostility nothing changes hands": (
        "property/test_variants.py",
        "test_without_hostility_nothing_changes_hands",
    ),
    "theatres of different factions do not influence each other": (
        "property/test_variants.py",
        "test_another_doctrine_in_the_north_leaves_the_cut_off_south_alone",
    ),
    "theatres of the same factions do not influence each other": (
        "oracles/test_separate_theatres.py",
        "test_what_is_changed_in_one_theatre_leaves_every_bit_of_the_other",
    ),
    "a change of a shared reserve travels": (
        "oracles/test_separate_theatres.py",
        "test_a_change_of_a_shared_reserve_travels_with_it_and_no_faster",
    ),
    "a garrison on a fifth of its ration holds for three years": (
        "oracles/test_besieged_garrison.py",
        "test_a_garrison_that_is_dropped_a_fifth_of_its_ration_holds_for_three_years",
    ),
    "without an airdrop it ends within months": (
        "oracles/test_besieged_garrison.py",
        "test_without_the_drop_and_without_smuggling_it_ends_within_months",
    ),
    "a campaign is the same on every mesh": (
        "oracles/test_resolution.py",
        "test_a_campaign_has_the_same_shares_losses_days_and_spread_on_every_mesh",
    ),
    "a front at parity is quiet, and moves when an offensive is ordered": (
        "oracles/test_quiet_fronts.py",
        "test_an_offensive_that_is_ordered_in_idlib_moves_that_front",
    ),
    "every mechanism agrees with its slow twin on the same draws": (
        "unit/kernels/test_twins_on_campaign.py",
        "test_every_rule_agrees_with_its_twin_on_every_day",
    ),
}

EVER = 1e18
BARE = {
    **{"front_force": EVER, "pulse_days": EVER, "breakpoint": EVER, "hold_density": EVER},
    **{"tempo": EVER, "ordered_odds": 1e-18, "perception_sd": 0.0, "severity_sd": 0.0},
    **{"start_stock": 0.0, "stop_stock": 0.0},
    **{"attack_use": 1e-9, "defence_use": 1e-9},  # who uses nothing counts as not engaged
    **{"loss_loser": 1.0, "loss_ratio": 1.0, "cohesion_loss": 0.0, "evade_loss": 1.0},
}


class Duel:
    """Two forces face to face in the real engagement kernel, and nothing but attrition.

    Two cells with one border, RED in one and BLUE in the other; an operation that begins on the
    first day and never ends, wins no ground, lacks no supply and has no luck.  What is left is who
    falls, in whole persons by stochastic rounding; a step is a day of the kernel and stands for any
    span of time, if rates are divided accordingly.  RED attacks BLUE; with `mutual`, each attacks
    the other.

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
        """RED's fighters left, (R,); a view."""
        return self.it.state.fighters[:, 0, RED]

    @property
    def blue(self):
        """BLUE's fighters left, (R,); a view."""
        return self.it.state.fighters[:, 1, BLUE]

    @property
    def parameters(self):
        """The parameters, one record a run; may be changed between steps."""
        return self.it.world.parameters

    def reinforce(self, persons):
        """So many more stand on RED's side."""
        self.red[:] += persons
        self.it.state.forget_muster()

    def step(self, days=1):
        """So many days of engagement and of nothing else."""
        for _ in range(days):
            self.rule.apply(self.it.state, self.it.world)
            self.it.state.day += 1
