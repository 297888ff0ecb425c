"""The picture: where enemies touch, and who stands near enough to take part."""

from __future__ import annotations

from typing import Any

from bench.peer_mesa.world import Ground


def look(m: Any) -> None:
    """Draw the picture anew: fronts where ground changed hands, fighters everywhere."""
    if m.dirty:
        for cell in m.dirty:
            cell.measure()
            if cell.front_km > 0.0:
                m.front[cell] = None
            else:
                m.front.pop(cell, None)
        m.dirty.clear()
        m.front = dict.fromkeys(sorted(m.front, key=lambda cell: cell.index))
    for cell in m.answering:
        cell.ready = cell.ready_might = cell.ready_days = 0.0

    knee, floor = m.p.ration_knee, m.p.effect_floor
    for contingent in m.contingents.values():
        contingent.persons = persons = contingent.men
        contingent.stock = stock = contingent.store / persons if persons else 0.0
        effect = floor + (1.0 - floor) * stock / knee if stock < knee else 1.0
        contingent.worth = effect * contingent.faction.quality

    answering: dict[Ground, list[Ground]] = {}  # stretch of front: cells whose fighters answer
    spread: dict[Ground, float] = {}  # km of front among which a cell's fighters are shared
    for cell in m.front:
        if cell.holder is None:
            continue
        friends, km = cell.holder.friends, cell.front_km
        answering[cell] = near = [j for j in cell.reach if j.troops and j.holder in friends]
        for j in near:
            spread[j] = spread.get(j, 0.0) + km
    strength = {j: power(j) for j in spread}
    for cell, near in answering.items():
        km, men, might, supply = cell.front_km, 0.0, 0.0, 0.0
        for j in near:
            share = km / spread[j]
            persons, force, rations = strength[j]
            men += persons * share
            might += force * share
            supply += rations * share
        cell.ready, cell.ready_might = men, might
        cell.ready_days = supply / men if men else 0.0
    m.answering, m.spread, m.strength = answering, spread, strength


def power(cell: Ground) -> tuple[int, float, float]:
    """Fighters in a cell, their combat power, and their supply in person-days."""
    might, supply = 0.0, 0.0
    for force in cell.troops.values():
        n, contingent = force.persons, force.contingent
        might += n * contingent.worth * cell.sector.cohesion[force.faction.index]
        supply += n * contingent.stock
    return cell.men, might, supply


def engaged(ready: float, front_km: float, km: float, p: Any) -> float:
    """Fighters on `km` of a cell's front."""
    if ready <= 0.0:
        return 0.0
    most = p.front_force * km
    share = ready * km / front_km
    return share if share < most else most
