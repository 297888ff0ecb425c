"""Bombardment: campaigns cost fighters, hold defenders down and turn people away."""

from __future__ import annotations

from typing import Any

from bench.peer_mesa.chance import whole
from bench.peer_mesa.world import BOMBARDMENT, Sector
from sim.scenario.compiled import EventKind

COVER = 0.7
MOST_SUPPRESSED = 0.95


def bombardment(m: Any) -> None:
    for entry in m.in_force(EventKind.BOMBARDMENT):
        campaign(m, entry)


def campaign(m: Any, entry: Any) -> None:
    p, side = m.p, entry.faction
    targets = [f for f in m.factions if f in side.enemies and entry.other in (None, f)]
    harm: dict[Sector, float] = {}
    for cell, weight in entry.weight_of.items():
        force = entry.intensity * weight
        present = [cell.troops[f] for f in targets if f in cell.troops]
        if force <= 0.0 or (cell.holder not in targets and not present):
            continue
        share = min(1.0, p.bomb_loss * force * (1.0 - COVER * cell.rough))
        for struck in present:
            struck.lose(whole(struck.persons * share, m.random), BOMBARDMENT)
        held_down = min(MOST_SUPPRESSED, p.suppression * force)
        m.suppressed[cell] = max(m.suppressed.get(cell, 0.0), held_down)
        m.combat[cell] = max(m.combat.get(cell, 0.0), min(1.0, force))
        harm[cell.sector] = harm.get(cell.sector, 0.0) + force * cell.population
    for sector, suffered in harm.items():
        if suffered > 0.0:
            left = sector.support[side.index] - p.bomb_support * suffered / sector.population
            sector.support[side.index] = max(0.0, left)
