"""The parameters of the model: one definition for validation, help, docs and widgets.

Each has a unit, a default, a plausible range and its evidence: a source, or the word "assumed".
In a running model every parameter has a run axis: `Parameters.table` gives one record per run, and
kernels read `parameters[r].odds_slope`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field


def _p(default: float, low: float, high: float, unit: str, description: str, evidence: str) -> Any:
    """A parameter: its default, its plausible range (also its bounds), unit, meaning, evidence."""
    return Field(
        default=default,
        ge=low,
        le=high,
        description=description,
        json_schema_extra={"unit": unit, "range": [low, high], "evidence": evidence},
    )


TDI = (
    "logistic fit to 631 of 672 division engagements 1904-1991 by force ratio "
    "(dupuyinstitute.org, 2019-10-31); that it holds for combat power is assumed"
)
TRIAL = "assumed; as an earlier hand-tuned trial on the August 2018 map had it"
DUPUY = "Dupuy's verities: 1-3 % a day in a division engagement (dupuyinstitute.org)"
SIEGE = (
    "Deir ez-Zor 2016-17: 3,300 t in 177 airdrops, 18-23 % of a full ration, held for three years"
)
FLEE = "Flee 3 (Groen 2016; flee/moving.py)"


class Parameters(BaseModel):
    """Every number that the mechanisms use.  Rates are per day, per km or per km2."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # --- supply ---
    supply_km: float = _p(
        400, 50, 1500, "road-equivalent km",
        "Way over which access to supply falls to 1/e (loss-of-strength gradient).",
        "form: Boulding 1962; length assumed: lorries feed an army 300 km down a road",
    )  # fmt: skip
    supply_rate: float = _p(
        3.0, 1, 8, "ration/person/day",
        "Supply that reaches a force right beside its source; a full ration is 1.",
        "assumed",
    )  # fmt: skip
    leak: float = _p(
        0.15, 0, 0.8, "ration/person/day",
        "Supply that reaches a force that is cut off: smuggling, foraging, sympathisers.",
        "assumed; bounded by " + SIEGE,
    )  # fmt: skip
    besiege_leak: float = _p(
        0.4, 0, 1, "1", "Share of the leak that a besieging enemy lets through.", "assumed"
    )
    stock_full: float = _p(
        21, 5, 60, "day", "Most supply a force keeps: days of full rations.", "assumed"
    )
    ration_knee: float = _p(
        10, 2, 30, "day",
        "Stock below which a force rations itself and loses effectiveness.",
        TRIAL,
    )  # fmt: skip
    effect_floor: float = _p(
        0.35, 0.1, 0.9, "1", "Effectiveness of a force with no stock at all.", TRIAL
    )
    attack_use: float = _p(
        3.0, 1, 8, "ration/person/day", "Supply that an engaged attacker uses on top.", "assumed"
    )
    defence_use: float = _p(
        1.5, 0.5, 6, "ration/person/day", "Supply that an engaged defender uses on top.", "assumed"
    )

    # --- movement ---
    move_km: float = _p(
        20, 5, 60, "km/day",
        "Way of an unopposed force over open ground in a day; roads and terrain scale it.",
        "FM 21-18: foot march 4 km/h by road; a working day of 5 h",
    )  # fmt: skip
    mobile_share: float = _p(
        0.3, 0.01, 1, "1/day", "Share of a cell's fighters who set out in a day at full pull.",
        "assumed",
    )  # fmt: skip
    pull_km: float = _p(
        45, 10, 200, "road-equivalent km", "Way over which the pull of a front falls to 1/e.",
        "assumed",
    )  # fmt: skip
    garrison: float = _p(
        0.001, 0, 0.02, "person/inhabitant", "Fighters who stay where people live.",
        "assumed; Quinlivan's 20 per 1,000 is for full policing",
    )  # fmt: skip
    hold_density: float = _p(
        0.3, 0.05, 2, "person/km2", "Presence in reach that taking ground needs; who has less is walked over.",
        "assumed: 500 raiders must not hold 5,000 km2",
    )  # fmt: skip

    # --- engagement ---
    front_force: float = _p(
        100, 30, 400, "person/km", "Most fighters that can be engaged on a kilometre of front.",
        TRIAL,
    )  # fmt: skip
    tempo: float = _p(
        0.06, 0.004, 0.6, "1/km/day",
        "Rate at which an offensive begins operations, per km of front on its axes.",
        "assumed",
    )  # fmt: skip
    initiative: float = _p(
        0.004, 0, 0.1, "1/segment/day",
        "Rate at which a faction attacks of its own accord where the odds look good.",
        TRIAL,
    )  # fmt: skip
    initiative_odds: float = _p(
        2, 1, 6, "1", "Perceived combat power ratio that such an attack wants.", TRIAL
    )
    counter_rate: float = _p(
        0.04, 0, 0.3, "1/segment/day", "Rate of counter-attacks on ground lost lately.", "assumed"
    )
    counter_days: float = _p(
        60, 5, 180, "day", "How long lost ground is worth a counter-attack.", TRIAL
    )
    ordered_odds: float = _p(
        1.0,
        0.1,
        2,
        "1",
        "Perceived ratio below which an ordered attack waits.",
        "assumed; below, a weak attacker that keeps trying wins by persistence",
    )
    perception_sd: float = _p(
        0.5, 0, 1.5, "ln", "Error with which a commander sees the combat power ratio.", "assumed"
    )
    odds_intercept: float = _p(0.005, -1, 1, "logit", "Log odds of an attack at equal power.", TDI)
    odds_slope: float = _p(
        0.784, 0.3, 3, "logit/ln", "Log odds won per unit of the log combat power ratio.", TDI
    )
    start_stock: float = _p(
        8, 1, 20, "day", "Stock that an attacker wants before an operation.", "assumed"
    )
    stop_stock: float = _p(
        3, 0, 10, "day",
        "Stock at which an operation breaks off; fighting uses none of it: it is bread.",
        "assumed",
    )  # fmt: skip
    breakpoint: float = _p(
        0.2, 0.02, 0.5, "1",
        "Mean share of the engaged attackers lost at which an operation breaks off.",
        "Helmbold 1971: breaks at no fixed share, nine in ten below 0.4; mean 0.15-0.25",
    )  # fmt: skip
    pulse_days: float = _p(
        10,
        2,
        30,
        "day",
        "Mean length of an operation that neither losses nor stock end.",
        "assumed",
    )
    rest_days: float = _p(
        4, 0, 30, "day", "Least rest between two operations on the same stretch.", "assumed"
    )
    loss_attack: float = _p(
        0.015, 0.002, 0.05, "1/day", "Losses of engaged attackers, as a share of them.", DUPUY
    )
    loss_defence: float = _p(
        0.018, 0.002, 0.05, "1/day", "Losses of engaged defenders, as a share of them.", DUPUY
    )
    loss_loser: float = _p(
        1.5, 1, 4, "1", "How much dearer a lost operation is for its loser.", "Dupuy's verities: losers lose more; factor assumed"
    )  # fmt: skip
    loss_ratio: float = _p(
        0, 0, 1, "1", "How far losses follow numbers: a share lost is multiplied by (enemy engaged / own engaged)^this; 1 is Lanchester's square law.",
        "disputed: 0 by Dupuy's verities, 1 by Lanchester 1916, about a third by Hartley 2001 (loss ~ own^0.75 x enemy^0.45); other forms by Bracken 1995; none fits Kursk well (Lucas & Turkes 2004)",
    )  # fmt: skip
    severity_sd: float = _p(
        1.2, 0, 1.5, "ln", "Spread of the severity of operations (log-normal, mean 1).",
        "heavy tails: Bohorquez et al. 2009, Spagat et al. 2018; width assumed",
    )  # fmt: skip
    entrench_gain: float = _p(
        2.0, 0, 6, "1", "What a long-held position adds to a defender's power.", TRIAL
    )
    entrench_days: float = _p(
        20, 2, 120, "day", "Time in which a position is dug in to 63 %.", TRIAL
    )
    advance_desert: float = _p(
        3.3, 0.5, 20, "km/day", "Ground an operation wins in a day: desert.",
        TRIAL + "; below Dupuy's historical rates",
    )  # fmt: skip
    advance_steppe: float = _p(2.2, 0.3, 15, "km/day", "... steppe.", TRIAL)
    advance_valley: float = _p(0.66, 0.1, 6, "km/day", "... irrigated valley.", TRIAL)
    advance_mountain: float = _p(0.39, 0.05, 4, "km/day", "... mountain.", TRIAL)
    advance_urban: float = _p(0.14, 0.02, 2, "km/day", "... town.", TRIAL)
    advance_lava: float = _p(0.28, 0.03, 3, "km/day", "... lava field.", TRIAL)
    bridge_power: float = _p(
        0.5, 0.1, 1, "1", "Power that an attack keeps over a bridge or crossing.", "assumed"
    )

    # --- evasion, siege, break-out ---
    evade_power: float = _p(0.3, 0.05, 1, "1", "Power with which an evader defends ground.", TRIAL)
    evade_speed: float = _p(1.5, 1, 4, "1", "How much faster ground is won from evaders.", TRIAL)
    evade_loss: float = _p(
        0.15, 0.02, 1, "1", "Share of a defender's losses that an evader takes.",
        "form: Deitchman 1962 (area fire); factor as in an earlier hand-tuned trial",
    )  # fmt: skip
    area_density: float = _p(
        25, 2, 200, "person/km2",
        "Density of fighters at which area fire costs evaders as much as stated.",
        "form: Deitchman 1962; value assumed",
    )  # fmt: skip
    hunger_ration: float = _p(
        0.15, 0.02, 0.6, "1", "Ration below which a garrison begins to give in.", SIEGE
    )
    surrender_rate: float = _p(
        0.03, 0, 0.2, "1/day", "Hazard that a starving stretch of a pocket surrenders.", TRIAL
    )
    contagion: float = _p(
        2.0, 0, 10, "1", "How much a neighbour's surrender raises the hazard for two weeks.",
        "Lehmann & Zhukov 2019; factor assumed",
    )  # fmt: skip
    exfiltrate_rate: float = _p(
        0.03, 0, 0.3, "1/day", "Share of cut-off evaders who slip away in a day where nothing is left to eat.",
        "assumed",
    )  # fmt: skip
    breakout_rate: float = _p(
        0.05, 0, 0.5, "1/segment/day", "Rate of break-out attempts where a faction wants one.",
        "assumed",
    )  # fmt: skip
    breakout_share: float = _p(
        0.1, 0.01, 0.5, "1", "Share of a stretch's fighters who try.", "assumed"
    )
    breakout_km: float = _p(
        60, 10, 200, "km", "Way through enemy ground over which success falls to 1/e.", "assumed"
    )
    breakout_loss: float = _p(
        0.6, 0.1, 1, "1", "Share of a failed party that is killed or taken.", "assumed"
    )
    melt_share: float = _p(
        0.3, 0, 1, "1", "Share of a trapped force that goes into hiding; the rest is taken.",
        "assumed",
    )  # fmt: skip
    intercept: float = _p(
        0.15, 0, 1, "1/day", "Chance that raiders on its way catch a convoy, at full raider presence.",
        "assumed",
    )  # fmt: skip
    intercept_loss: float = _p(
        0.2, 0.01, 1, "1", "Share of a convoy lost when it is caught.", "assumed"
    )

    # --- bombardment ---
    bomb_loss: float = _p(
        0.004, 0, 0.05, "1/day", "Losses of fighters in the open under bombardment of intensity 1.",
        "assumed; doctrine calls 3 % suppressed, 10 % neutralised (ADRP 1-02)",
    )  # fmt: skip
    suppression: float = _p(
        0.3, 0, 0.9, "1", "Power that a bombarded defender loses at intensity 1.", "assumed"
    )
    bomb_civilian: float = _p(
        0.01, 0, 0.1, "1/day", "Civilians who flee bombardment of intensity 1.", FLEE + ": 0.01"
    )
    bomb_support: float = _p(
        0.002, 0, 0.05, "1/day", "Support that the bombing side loses at intensity 1.",
        "sign: Kocher, Pepinsky & Kalyvas 2011; size assumed",
    )  # fmt: skip

    # --- policing of covert networks, raids ---
    arrest_rate: float = _p(
        0.01, 0, 0.1, "1/day", "Covert members arrested a day at full police density and intelligence.",
        "form: Kress & Szechtman 2009; rate assumed",
    )  # fmt: skip
    police_density: float = _p(
        20, 2, 100, "person/1000 inhabitants", "Police density that counts as full.",
        "Quinlivan 1995: about 20 per 1,000; contested",
    )  # fmt: skip
    raid_rate: float = _p(
        0.002, 0, 0.05, "1/day", "Losses that raiders inflict, per raider and day.", "assumed"
    )
    raid_cost: float = _p(
        0.003, 0, 0.05, "1/day", "Share of raiders lost while raiding.", "assumed"
    )

    # --- cohesion, people, support, recruitment, reconciliation ---
    cohesion_loss: float = _p(
        1.5, 0, 5, "1", "Cohesion lost per share of fighters lost.", "assumed"
    )
    cohesion_hunger: float = _p(
        0.01, 0, 0.1, "1/day", "Cohesion lost a day at full hunger.", "assumed"
    )
    cohesion_recovery: float = _p(
        0.02, 0, 0.2, "1/day", "Share of the missing cohesion that returns in a day.", "assumed"
    )
    desertion: float = _p(
        0.002, 0, 0.05, "1/day", "Desertion where cohesion is gone.",
        "form: Koehler et al. 2016; rate assumed",
    )  # fmt: skip
    flight: float = _p(
        0.01, 0, 0.1, "1/day", "Civilians who flee a cell in combat.", FLEE + ": 0.01"
    )
    flight_km: float = _p(
        10, 1, 100, "km", "Distance that is added to every way when people choose a refuge.",
        FLEE + ": 10 km",
    )  # fmt: skip
    return_rate: float = _p(
        0.001, 0, 0.05, "1/day", "Displaced who go home from a quiet district.",
        FLEE + ": move chance 0.001 in camps",
    )  # fmt: skip
    support_drift: float = _p(
        0.002, 0, 0.05, "1/day", "How fast support follows control.", "form: Kalyvas 2006; assumed"
    )
    leaflet_effect: float = _p(
        0.01, 0, 0.1, "1/day", "Support a leaflet campaign of intensity 1 takes from its target.",
        "assumed; the sign is contested",
    )  # fmt: skip
    recruitment: float = _p(
        2e-6, 0, 1e-4, "person/person/day", "Recruits per supporter and day.", "assumed"
    )
    deal_rate: float = _p(
        0.01, 0, 0.2, "1/day", "Hazard that an offer is accepted at even odds and even support.",
        "assumed",
    )  # fmt: skip
    arrest_chill: float = _p(
        0.03, 0, 0.5, "1/day", "Will to reconcile that arrests of reconcilers take away in a day.",
        "assumed",
    )  # fmt: skip

    # --- decisions ---
    decision_days: float = _p(
        7, 1, 30, "day", "How often a faction thinks a sector's posture over.", "assumed"
    )
    temperature: float = _p(
        0.5, 0.05, 3, "utility", "Temperature of the quantal response; small is decided.",
        "form: McKelvey & Palfrey 1995; assumed",
    )  # fmt: skip

    @classmethod
    def dtype(cls) -> np.dtype[np.void]:
        """The record that holds one run's parameters: a float64 for each, in order of definition."""
        return np.dtype([(name, np.float64) for name in cls.model_fields])

    def table(self, runs: int, changes: Mapping[str, Any] | None = None) -> NDArray[np.void]:
        """One record per run, shape (runs,); `changes` gives single values or (runs,) arrays."""
        records = np.zeros(runs, self.dtype())
        for name in type(self).model_fields:
            records[name] = getattr(self, name)
        for name, values in (changes or {}).items():
            records[name] = values
        return records
