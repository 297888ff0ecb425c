"""Deals: offers of evacuation and of reconciliation, and whether a stretch accepts."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

from bench.peer_mesa.chance import whole
from bench.peer_mesa.world import SURRENDER, Faction, Ground, Sector, Segment
from sim.scenario.compiled import EventKind

CUT_OFF = 2.0
STARVING = 2.0
STAYS_OPEN = 0.5
JOIN = 0.5
RECENT_DAYS = 14
OFFERS = (EventKind.EVACUATION_OFFER, EventKind.RECONCILIATION_OFFER)


def deals(m: Any) -> None:
    for entry in m.entries:
        if not entry.active or entry.kind not in OFFERS or entry.other is None:
            continue
        if entry.other not in entry.faction.friends:
            offer(m, entry)


def offer(m: Any, entry: Any) -> None:
    """Ask every stretch in the area that borders the offerer's side."""
    side, other = entry.faction, entry.other
    strength: dict[Sector, list[int]] = {}
    for segment, group in groupby(entry.cells, key=lambda cell: cell.segment):
        area = list(group)
        held = [cell for cell in area if cell.holder is other]
        if not any(
            j.holder in side.friends and j.held_since != m.day
            for cell in held
            for j, _, _, _ in cell.ways
        ):
            continue
        if not strength:  # all stretches weigh the odds of the same hour
            strength = {s: s.strength.copy() for s in m.sectors}
        will = sum(cell.sector.will for cell in held) / len(held)
        hazard = weigh(m, entry, segment, area, held, will, strength)
        margin = 1.0 - math.exp(-hazard) - m.random.random()
        if margin > 0.0:
            accept(m, entry, segment, area, held, will, margin)


def weigh(
    m: Any, entry: Any, segment: Segment, area: list[Ground], held: list[Ground], will: float,
    strength: dict[Sector, list[int]],
) -> float:  # fmt: skip
    p, side, other = m.p, entry.faction, entry.other
    around = {s for cell in area for s in cell.sector.beside}
    ours = theirs = 0.0
    for f in m.factions:
        power = f.quality * sum(strength[s][f.index] for s in around)
        if f in side.friends:
            ours += power
        elif f in other.friends:
            theirs += power
    odds = 2.0 * ours / (ours + theirs) if ours > 0.0 else 0.0
    lean = 0.0
    for cell in held:
        mine = cell.sector.support[side.index]
        both = mine + cell.sector.support[other.index]
        lean += 2.0 * mine / both if both > 0.0 else 1.0
    cut = sum(cell.access == 0.0 for cell in held) / len(held)
    contingent = m.contingents.get((segment.index, other.index))
    hunger, persons = 0.0, contingent.men if contingent else 0
    if persons:
        hunger = 1.0 - min(1.0, contingent.store / persons / p.ration_knee)
    reconcile = entry.kind is EventKind.RECONCILIATION_OFFER
    openness = will if reconcile else STAYS_OPEN + (1.0 - STAYS_OPEN) * will
    hazard = p.deal_rate * odds * (1.0 + CUT_OFF * cut + STARVING * hunger)
    hazard *= lean / len(held) * openness
    if any(
        0 < m.day - beside.surrendered_on.get(other, -1000) <= RECENT_DAYS
        for beside in segment.beside
    ):
        hazard *= 1.0 + p.contagion
    return hazard


def accept(
    m: Any, entry: Any, segment: Segment, area: list[Ground], held: list[Ground], will: float,
    margin: float,
) -> None:  # fmt: skip
    """The ground passes; fighters leave, or change sides, or lay down arms."""
    side, other = entry.faction, entry.other
    reconcile = entry.kind is EventKind.RECONCILIATION_OFFER
    segment.surrendered_on[other] = m.day
    cause = "reconciliation" if reconcile else "evacuation"
    for cell in held:
        m.hand_over(cell, side, cause, margin=margin)
    persons = 0
    for f in m.factions:
        contingent = m.contingents.get((segment.index, f.index))
        if f in side.friends or contingent is None:
            continue
        before, gone = contingent.men, 0
        for cell in area:
            force = cell.troops.get(f)
            if force is None or cell.holder is not side:
                continue
            n = force.persons
            gone += n
            force.remove()
            if reconcile and f is other:
                f.losses[SURRENDER] += n
                turned = whole(n * JOIN * will, m.random)
                m.enter(side, cell, turned)
                side.joined += turned
                continue
            goal = way_out(m, f, entry, cell)
            if goal is None:
                f.losses[SURRENDER] += n
            else:
                m.enter(f, goal, n)
        persons += gone
        if gone:
            contingent.store *= (before - gone) / before
    m.note(cause, side, other, held[0], persons, margin=margin)


def way_out(m: Any, f: Faction, entry: Any, cell: Ground) -> Ground | None:
    """The route's end if friends hold it, else the nearest refuge that they hold."""
    if entry.route and entry.route[-1].holder in f.friends:
        return entry.route[-1]
    refuges = [c for c in m.atlas.refuges[f.index] if m.cells[c].holder in f.friends]
    return m.cells[m.atlas.nearest(refuges, cell.index)[0]] if refuges else None
