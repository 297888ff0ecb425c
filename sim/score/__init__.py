"""Scores: how well an ensemble foresaw what was observed, beside the null models.

Targets: `places` (was a place held on a date), `panel` (the same of places chosen by rule), `days`
(when was the place taken), `cells` (which cells of an area were held), `shares` (how much of the
country) and `held` (how much of an area).  A row is `ex_ante` where the run knew only what was
known at its start (`--as-of`), else `given_later`: it was given later decisions of the actors,
though never their outcomes.
"""

from sim.score.compare import score, score_targets
from sim.score.figures import (
    Bin,
    brier,
    covers,
    crps_days,
    crps_sample,
    figure_of_merit,
    log_score,
    middle_rank,
    path_distances,
    reliability,
    skill_interval,
)
from sim.score.hidden import observed_from_run
from sim.score.log import append_log
from sim.score.rows import DayRow, Figures, PathRank, PlaceRow, Row, Score

__all__ = [
    "Bin",
    "DayRow",
    "Figures",
    "PathRank",
    "PlaceRow",
    "Row",
    "Score",
    "append_log",
    "brier",
    "covers",
    "crps_days",
    "crps_sample",
    "figure_of_merit",
    "log_score",
    "middle_rank",
    "observed_from_run",
    "path_distances",
    "reliability",
    "score",
    "score_targets",
    "skill_interval",
]
