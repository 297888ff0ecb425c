"""Control: cells that have been swept change hands; the beaten leave, the winners move in."""

from __future__ import annotations

from typing import Any

from bench.peer_mesa.chance import whole
from bench.peer_mesa.engagement import pace, win_ground
from bench.peer_mesa.world import SURRENDER, Faction, Force, Ground
from sim.scenario.compiled import Posture


def swept(cell: Ground) -> bool:
    return cell.attacker is not None and cell.progress >= cell.area


def control(m: Any) -> None:
    """What is won beyond a cell is won of those behind it, which may fall on the same day."""
    while m.booked:
        falling = sorted(filter(swept, m.booked), key=lambda cell: cell.index)
        m.booked.clear()
        spare = [(c, c.attacker, (c.progress - c.area) / pace(m, c)) for c in falling]
        for cell in falling:
            fall(m, cell)
        for cell, faction, days in spare:
            press_on(m, cell, faction, days)


def fall(m: Any, cell: Ground) -> None:
    old, new = cell.holder, cell.attacker
    enough = m.p.hold_density * cell.area
    stood = cell.ready if cell in m.front else cell.men
    if old is None or stood < enough:
        cause = "occupied"
    elif cell.sector.posture[old.index] == Posture.EVADE:
        cause = "ceded"
    else:
        cause = "assault"
    operation = cell.segment.operations[new]
    m.hand_over(cell, new, cause, operation.ratio, operation.margin)
    for force in list(cell.troops.values()):
        if force.faction not in new.friends:
            leave(m, force)
    move_in(m, cell, new, enough)


def leave(m: Any, force: Force) -> None:
    """To the friendly neighbour with the longest border, else into hiding or captivity."""
    cell, faction, n = force.place, force.faction, force.persons
    refuge, longest = None, 0.0
    for j, km, _, _ in cell.ways:
        if km > longest and j.holder in faction.friends and not swept(j):
            refuge, longest = j, km
    force.remove()
    if refuge is not None:
        m.enter(faction, refuge, n)
        return
    hidden = min(n, whole(n * m.p.melt_share, m.random))
    m.enter(faction, cell, hidden, covert=True)
    faction.losses[SURRENDER] += n - hidden


def move_in(m: Any, cell: Ground, new: Faction, enough: float) -> None:
    """Bring twice what holding the ground takes, at most half of those beside it."""
    near = [
        force
        for a, _, _, _ in cell.ways
        if a.holder is new
        for force in a.troops.values()
        if force.faction in new.friends
    ]
    there = sum(force.persons for force in near)
    if there == 0:
        return
    share = min(0.5, 2.0 * enough / there)
    for force in near:
        coming = min(force.persons, whole(force.persons * share, m.random))
        if coming == 0:
            continue
        contingent, faction = force.contingent, force.faction
        if force.place.segment is not cell.segment:
            carried = contingent.store * coming / contingent.men
            contingent.store -= carried
            m.contingent(cell.segment, faction).store += carried
        force.leave(coming)
        m.enter(faction, cell, coming)


def press_on(m: Any, cell: Ground, faction: Faction, spare: float) -> None:
    """Spend what is left of a day on the enemy cells behind a fallen one."""
    if spare <= 0.0:
        return
    ordered = faction in cell.ordered_for
    behind = [
        (j, km)
        for j, km, bridge, _ in cell.ways
        if not bridge
        and j.segment is cell.segment
        and j.holder in faction.enemies
        and j.held_since != m.day
        and faction not in j.paused_for
        and (faction in j.ordered_for or not ordered)
    ]
    border = sum(km for _, km in behind)
    for j, km in behind:
        win_ground(m, j, faction, spare * km / border * pace(m, j))
