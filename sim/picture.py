"""What everybody can see this morning: quantities derived from the state, never saved.

Fronts are traced anew only where ground changed hands since the picture was last drawn.
R runs, C cells, F factions, G segments, P pairs of cells in reach of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bundle import Bundle
from sim.pages import zeros

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Picture(Bundle):
    """The fronts and who stands near them; filled by `kernels.front.look`.

    In a morning on which nobody decides, power and supply are not drawn: movement asks for numbers.

    front_km     (R, C)    float32  length of the cell's border with enemies that can be reached
    men          (R, C)    float32  open fighters in the cell
    might        (R, C)    float32  their combat power: persons x quality x cohesion x supply;
                                    0 where neither a front is in reach nor supply is cut off
    ready        (R, C)    float32  fighters in reach of this stretch of front, each counted once
    ready_might  (R, C)    float32  their combat power
    ready_days   (R, C)    float32  their supply, days of full rations, mean
    spread_km    (R, C)    float32  front km among which fighters in the cell are shared; 0 where
                                    no front of their side is in reach
    stock        (R, G, F) float32  supply of a faction in a segment, days of full rations
    front        (R, C+1)  int32    cells with a front, ascending
    cut_off      (R, C+1)  int32    cells with fighters whom no supply reaches, ascending
    near         (R, C+1)  int32    cells in reach of a front of their side
    front_count, cut_off_count, near_count   (R,)  int32  how long those lists are
    answer       (R, P+1)  int32    cells that answer to each cell of `front`, one after the other
    answer_end   (R, C+1)  int32    where in it those of the i-th cell of `front` end
    seen         (R, C)    int8     holders when fronts were last traced; -2 not yet
    seen_stance  (R, F, F) int8     ... and stances

    The lists with one place too many are written without a branch, one place ahead of their end.
    """

    front_km: Array
    men: Array
    might: Array
    ready: Array
    ready_might: Array
    ready_days: Array
    spread_km: Array
    stock: Array
    front: Array
    front_count: Array
    cut_off: Array
    cut_off_count: Array
    near: Array
    near_count: Array
    answer: Array
    answer_end: Array
    seen: Array
    seen_stance: Array

    @classmethod
    def empty(cls, runs: int, cells: int, factions: int, segments: int, pairs: int) -> Picture:
        """A picture of the right shapes, to be filled each morning."""
        floats: dict[str, Array] = {
            name: zeros((runs, cells), np.float32) for name in cls._fields[:7]
        }
        return cls(
            **floats,
            stock=zeros((runs, segments, factions), np.float32),
            front=zeros((runs, cells + 1), np.int32),
            front_count=zeros(runs, np.int32),
            cut_off=zeros((runs, cells + 1), np.int32),
            cut_off_count=zeros(runs, np.int32),
            near=zeros((runs, cells + 1), np.int32),
            near_count=zeros(runs, np.int32),
            answer=np.empty((runs, pairs + 1), np.int32),  # of which little is ever written
            answer_end=zeros((runs, cells + 1), np.int32),
            seen=np.full((runs, cells), -2, np.int8),
            seen_stance=zeros((runs, factions, factions), np.int8),
        )
