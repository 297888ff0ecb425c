"""What the cells of the map show on every day: one byte a cell and day.

T entries of the daily axis (0 is the start, k the evening of the k-th day), C cells, F factions;
nobody is the faction of index F.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dashboard.texts import say
from sim import BadiaError, Result, Setting

Array = NDArray[Any]
Kind = Literal["likely", "probability", "run"]

MOST_FACTIONS = 15  # a holder is four bits, and nobody is one of the sixteen
STEPS = 15  # of probability beside a holder, in the other four bits
PERCENT = 100


@dataclass(frozen=True)
class Layer:
    """One map over time.

    kind     likely       low four bits of a byte: the most likely holder; high four: round(p * 15)
             probability  round(p * 100) that `faction` holds the cell
             run          the holder, of one run or at the start
    frames   (T, C)   uint8
    shares   (T, F+1) float32, share of the area of each faction and of nobody; sums to 1
    faction  index, for a probability
    run      its number, for one run
    """

    title: str
    kind: Kind
    frames: Array
    shares: Array
    faction: int | None = None
    run: int | None = None


def likely(result: Result, title: str | None = None) -> Layer:
    """Who most likely holds each cell, and how likely; of equals the first faction.

    Raises BadiaError where there are more factions than the map can tell apart.
    """
    _refuse_many(result.setting)
    chances = result.dataset["probability"].to_numpy()  # (T, C, F+1)
    holder = chances.argmax(axis=2)
    chance = np.take_along_axis(chances, holder[..., None], axis=2)[..., 0]
    frames = holder.astype(np.uint8) | (_steps(chance, STEPS) << 4)
    return Layer(title or say("layers.likely"), "likely", frames, _mean_shares(result))


def probability(result: Result, faction_id: str, title: str | None = None) -> Layer:
    """How likely one faction (or `nobody`) holds each cell; ValueError if there is none such."""
    holders = result.setting.holders
    if faction_id not in holders:
        raise ValueError(f"no faction {faction_id!r} among {holders}")
    faction = holders.index(faction_id)
    chances = result.dataset["probability"].to_numpy()[..., faction]
    name = (*result.setting.faction_names, say("layers.nobody"))[faction]
    return Layer(
        title or say("layers.probability", faction=name),
        "probability",
        _steps(chances, PERCENT),
        _mean_shares(result),
        faction=faction,
    )


def one_run(result: Result, run: int, title: str | None = None) -> Layer:
    """Who holds each cell in one run.

    Raises ResultError if there is no such run, BadiaError as `likely` does.
    """
    _refuse_many(result.setting)
    holder = result.holder(run)  # nobody is -1
    frames = np.where(holder < 0, result.setting.factions, holder).astype(np.uint8)
    shares = result.dataset["share"].sel(run=run).to_numpy().astype(np.float32)
    return Layer(title or say("layers.run", run=run), "run", frames, shares, run=run)


def start(setting: Setting, title: str | None = None) -> Layer:
    """Who holds each cell before anything has happened: one entry; BadiaError as `likely` does."""
    _refuse_many(setting)
    frames = np.where(setting.holder < 0, setting.factions, setting.holder).astype(np.uint8)
    area = np.bincount(frames, setting.area_km2, minlength=setting.factions + 1)
    shares = (area / area.sum()).astype(np.float32)
    return Layer(title or say("layers.start"), "run", frames[None], shares[None])


def _steps(chance: Array, steps: int) -> Array:
    """Probabilities as whole numbers of steps, uint8."""
    return np.rint(chance * np.float32(steps)).astype(np.uint8)


def _mean_shares(result: Result) -> Array:
    return result.dataset["share"].to_numpy().mean(axis=0).astype(np.float32)


def _refuse_many(setting: Setting) -> None:
    if setting.factions > MOST_FACTIONS:
        raise BadiaError(say("layers.too_many", most=MOST_FACTIONS, factions=setting.factions))
