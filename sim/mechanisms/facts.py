"""What rules know that never changes, beside the mesh.

C cells, F factions, G segments, S sectors, N sources, A campaigns of arrests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.bundle import Bundle
from sim.kept import kept
from sim.mechanisms.base import Array
from sim.mechanisms.events import campaigns
from sim.mechanisms.sectors import (
    cells_of_sectors,
    main_sectors,
    plane,
    sector_ways,
    touching_sectors,
)
from sim.scenario.compiled import CompiledScenario, EventKind


@dataclass(frozen=True, eq=False)
class Facts(Bundle):
    """Of a scenario and its theatre.

    source_cell      (N,)    int32    where supply comes from
    source_faction   (N,)    int8     whose it is
    source_strength  (N,)    float64  0 to 1
    census           (C,)    int32    persons who belong to the cell
    refuge           (F, C)  bool     ground to which a faction's evacuees go
    x, y             (C,)    float64  km east and north
    apart            (S, S)  float64  km between sectors' centres
    near             (S, S)  bool     sectors that touch, and themselves
    sector_start     (S+1,)  int32    cells of sector s: sector_cells[start[s]:start[s+1]]
    sector_cells     (C,)    int32
    main             (G,)    int64    the sector in which most of each segment lies
    strays           int32   cells that lie in another one than that of their segment, ascending
    arrest_weight    (A, C)  float64  weight of each campaign of arrests in each cell
    watched          (C,)    bool     whether it lies in the area of any
    """

    source_cell: Array
    source_faction: Array
    source_strength: Array
    census: Array
    refuge: Array
    x: Array
    y: Array
    apart: Array
    near: Array
    sector_start: Array
    sector_cells: Array
    main: Array
    strays: Array
    arrest_weight: Array
    watched: Array


@kept
def facts(scenario: CompiledScenario) -> Facts:
    """The facts of one scenario."""
    mesh = scenario.theatre.mesh
    x, y = plane(mesh)
    sector_start, sector_cells = cells_of_sectors(mesh)
    main, strays = main_sectors(mesh)
    arrests = campaigns(scenario, EventKind.ARRESTS, reconcilers=False)
    weight = np.zeros((len(arrests.event), mesh.cells))
    watched = np.zeros(mesh.cells, np.bool_)
    watched[arrests.cells] = True
    for i in range(len(weight)):
        own = slice(arrests.start[i], arrests.start[i + 1])
        weight[i, arrests.cells[own]] = arrests.weights[own]
    return Facts(
        source_cell=scenario.source_cell,
        source_faction=scenario.source_faction,
        source_strength=scenario.source_strength,
        census=mesh.population,
        refuge=scenario.refuge,
        x=x,
        y=y,
        apart=sector_ways(mesh),
        near=touching_sectors(mesh),
        sector_start=sector_start,
        sector_cells=sector_cells,
        main=main,
        strays=strays,
        arrest_weight=weight,
        watched=watched,
    )
