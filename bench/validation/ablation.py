"""What each mechanism is worth: switched off in turn, with the change in the scores.

A mechanism is switched off by the parameters that make it do nothing; all else, chance included,
stays as it was.  `python -m bench.validation.ablation` prints the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.validation.scores import TRAINING, load, table
from sim import simulate
from sim.ensemble import version
from sim.score import Score, score

NEVER = 1e9  # a threshold that nothing reaches
RUNS = 32

OFF: dict[str, tuple[str, Mapping[str, float]]] = {
    "hunger": ("everybody is fed wherever he is", {"leak": 3.0, "besiege_leak": 1.0}),
    "supply by distance": ("a source feeds the whole country", {"supply_km": 1e6}),
    "march to the front": ("nobody leaves his cell of his own accord", {"mobile_share": 0.0}),
    "bombardment": ("bombs do no harm to fighters", {"bomb_loss": 0.0, "suppression": 0.0}),
    "initiative": ("nobody attacks without an order", {"initiative": 0.0}),
    "counter-attack": ("lost ground stays lost", {"counter_rate": 0.0}),
    "judgement": ("ordered attacks begin at any odds", {"ordered_odds": 1e-9}),
    "misjudgement": ("commanders see the odds as they are", {"perception_sd": 0.0}),
    "odds by power": ("every attack has even odds", {"odds_slope": 0.0}),
    "breaking off": ("losses end no operation", {"breakpoint": NEVER}),
    "rest": ("no rest between operations", {"rest_days": 0.0}),
    "severity": ("every operation costs the mean", {"severity_sd": 0.0}),
    "entrenchment": ("time makes no position stronger", {"entrench_gain": 0.0}),
    "force to space": ("a kilometre of front takes any number", {"front_force": NEVER}),
    "presence": ("ground needs nobody to hold it", {"hold_density": 0.0}),
    "evasion": (
        "evaders fight like all others",
        {"evade_power": 1.0, "evade_speed": 1.0, "evade_loss": 1.0},
    ),
    "slipping away": ("nobody slips out of a pocket", {"exfiltrate_rate": 0.0}),
    "break-out": ("nobody breaks out of a pocket", {"breakout_rate": 0.0}),
    "surrender": ("no stretch surrenders", {"surrender_rate": 0.0}),
    "deals": ("no offer is accepted", {"deal_rate": 0.0}),
    "contagion": ("no surrender or deal moves the neighbours", {"contagion": 0.0}),
    "cohesion": (
        "losses and hunger loosen no ranks", {"cohesion_loss": 0.0, "cohesion_hunger": 0.0}
    ),
    "desertion": ("nobody deserts", {"desertion": 0.0}),
    "recruits": ("nobody joins", {"recruitment": 0.0}),
    "policing": ("no network loses anybody", {"arrest_rate": 0.0}),
    "raids": ("raiders hit nobody", {"raid_rate": 0.0, "raid_cost": 0.0}),
    "chance in decisions": ("the best posture is always taken", {"temperature": 0.02}),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What the scores lose without a mechanism, mean over the periods; positive: it helps.

    places, panel, days  skill against persistence
    shares               error of national shares, points
    """

    name: str
    meaning: str
    places: float
    panel: float
    days: float
    shares: float


def measure(runs: int = RUNS, seed: int = 1, threads: int | None = None) -> list[Change]:
    """All of them, by what they are worth for the places."""
    scenarios = [load(name) for name in TRAINING]

    def scores(changes: Mapping[str, float] | None) -> list[dict[str, float]]:
        return [
            _figures(score(simulate(s, runs=runs, seed=seed, changes=changes, threads=threads)))
            for s in scenarios
        ]

    whole = scores(None)
    rows = []
    for name, (meaning, changes) in OFF.items():
        without = scores(changes)
        lost = {
            key: float(np.mean([a[key] - b[key] for a, b in zip(whole, without, strict=True)]))
            for key in whole[0]
        }
        rows.append(Change(name, meaning, **lost))
    return sorted(rows, key=lambda row: (-(row.places + row.panel + row.days), row.name))


def _figures(found: Score) -> dict[str, float]:
    rows = {row.target: row for row in found.rows}
    skills = {
        key: float(rows[key].skill or 0.0) if key in rows else 0.0
        for key in ("places", "panel", "days")
    }
    error = rows["shares"].figures.error if "shares" in rows else None
    return {**skills, "shares": -100.0 * (error or 0.0)}


def markdown(rows: list[Change], runs: int) -> str:
    """The table."""
    body = [
        [
            f"**{r.name}**: {r.meaning}",
            *(f"{value:+.3f}" for value in (r.places, r.panel, r.days)),
            f"{r.shares:+.2f}",
        ]
        for r in rows
    ]
    head = ["switched off", "places", "panel", "days", "shares, points"]
    return f"Badia {version()}, {runs} runs.\n\n" + table(head, body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    runs = parser.parse_args().runs
    print(markdown(measure(runs), runs))


if __name__ == "__main__":
    main()
