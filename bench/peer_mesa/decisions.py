"""Decisions: what factions see of sectors, what doctrines make of it, and the draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bench.peer_mesa.engagement import MILITIA, attacker_worth, defender_worth
from bench.peer_mesa.picture import engaged
from bench.peer_mesa.world import Faction, Sector
from sim.scenario.compiled import EventKind, Posture
from sim.theatre.mesh import Terrain

SETTLED = (Terrain.VALLEY, Terrain.URBAN)


class View:
    """What a faction sees of a sector; see `sim.doctrines.View`."""

    __slots__ = (
        "against", "attack", "covert", "cut_off", "fighters", "front_km", "hunted", "odds",
        "ordered_km", "pressure", "rough", "settled", "siege_km", "stand", "stock", "threat",
    )  # fmt: skip

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, 0.0)

    def conclude(self, m: Any) -> None:
        """Sums become means, powers become odds, with the commander's error."""
        if n := self.fighters:
            self.stock /= n
            self.rough /= n
            self.cut_off /= n
            self.settled /= n
        sd = m.p.perception_sd
        if self.attack > 0.0:
            self.odds = math.log(self.attack / self.against) + sd * m.random.gauss(0.0, 1.0)
        if self.pressure > 0.0:
            self.threat = math.log(self.pressure / self.stand) + sd * m.random.gauss(0.0, 1.0)


Views = dict[tuple[Sector, Faction], View]


def perceive(m: Any) -> Views:
    """The views of all factions on the sectors where they see anything."""
    views: Views = {}

    def of(sector: Sector, faction: Faction) -> View:
        view = views.get((sector, faction))
        if view is None:
            view = views[sector, faction] = View()
        return view

    for contingent in m.contingents.values():
        stock = min(contingent.stock, 1e3)
        for force in contingent.forces.values():
            cell, n = force.place, force.persons
            view = of(cell.sector, contingent.faction)
            view.fighters += n
            view.stock += n * stock
            view.rough += n * cell.rough
            view.cut_off += n * (cell.distance < 0)
            view.settled += n * (cell.terrain in SETTLED)
    for force in m.networks:
        cell, holder = force.place, force.place.holder
        of(cell.sector, force.faction).covert += force.persons
        if holder is not None and force.faction in holder.hunts:
            of(cell.sector, holder).hunted += force.persons
    for cell in m.front:
        see_front(m, cell, of)
    for view in views.values():
        view.conclude(m)
    return views


def see_front(m: Any, cell: Any, of: Callable[[Sector, Faction], View]) -> None:
    """Add what attackers of a cell and its defender could bring against each other."""
    p, holder = m.p, cell.holder
    worth = defender_worth(m, cell, stands=True) if cell.ready > 0.0 else 0.0
    gives_way = p.evade_power if cell.evading else 1.0
    for a, km, bridge in cell.foes:
        faction = a.holder
        if faction is None:
            continue
        view = of(cell.sector, faction)
        view.front_km += km
        if faction in cell.ordered_for:
            view.ordered_km += km
        attack = engaged(a.ready, a.front_km, km, p) * attacker_worth(a, cell, bridge, p)
        stand = engaged(cell.ready, cell.front_km, km, p) * worth
        view.attack += attack
        view.against += MILITIA * km + stand * gives_way
        if holder is not None:
            if cell.distance < 0:
                view.siege_km += km
            own = of(cell.sector, holder)
            own.stand += MILITIA * km + stand
            own.pressure += attack


def take_postures(m: Any, faction: Faction) -> None:
    """Draw a posture for each sector where it is time to; then do as today's orders say."""
    if m.views is not None:
        utilities = DOCTRINES[faction.doctrine]
        for sector in m.sectors:
            view = m.views.get((sector, faction))
            posture = Posture.HOLD if view is None else draw(utilities(view), m)
            sector.posture[faction.index] = posture
    for entry in m.in_force(EventKind.POSTURE):
        if entry.faction is faction:
            for sector in dict.fromkeys(cell.sector for cell in entry.cells):
                sector.posture[faction.index] = entry.event.posture


def draw(utility: dict[int, float], m: Any) -> int:
    """Quantal response."""
    if len(utility) == 1:
        return Posture.HOLD
    best = max(utility.values())
    weights = [math.exp((u - best) / m.p.temperature) for u in utility.values()]
    return m.random.choices(list(utility), weights)[0]


def clip(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def regular(view: View) -> dict[int, float]:
    utility = {Posture.HOLD: 0.0}
    if view.front_km > 0:
        utility[Posture.ATTACK] = clip(view.odds, -3, 3) - 0.7 + 2.0 * (view.ordered_km > 0)
    if view.siege_km > 0:
        utility[Posture.BESIEGE] = 1.0
    if view.hunted > 0:
        hunt = 2.0 * view.hunted / (view.hunted + 50.0)
        utility[Posture.HUNT] = hunt - (view.front_km > 0)
    if view.threat > 2 and view.stock < 3 and view.cut_off < 0.5:
        utility[Posture.WITHDRAW] = view.threat - 2.0
    return utility


def militia(view: View) -> dict[int, float]:
    utility = {Posture.HOLD: 0.0}
    if view.front_km > 0:
        utility[Posture.ATTACK] = clip(view.odds, -3, 3) - 1.5 + 2.0 * (view.ordered_km > 0)
    if view.hunted > 0:
        utility[Posture.HUNT] = 2.0 * view.hunted / (view.hunted + 50.0)
    return utility


def client(view: View) -> dict[int, float]:
    utility = {Posture.HOLD: 0.0}
    if view.ordered_km > 0:
        utility[Posture.ATTACK] = 1.5
    if view.siege_km > 0:
        utility[Posture.BESIEGE] = 0.5
    if view.hunted > 0:
        utility[Posture.HUNT] = view.hunted / (view.hunted + 50.0)
    return utility


def garrison(view: View) -> dict[int, float]:
    return {Posture.HOLD: 0.0}


def insurgent(view: View) -> dict[int, float]:
    pressed = clip(view.threat, 0, 3)
    utility = {Posture.HOLD: 0.5 + 2.0 * view.settled}
    if view.fighters > 0 and view.threat > 0:
        utility[Posture.EVADE] = (1.0 - view.settled) * (2.5 * view.rough + 0.5 * pressed)
    if view.fighters > 0 and view.cut_off > 0.5:
        hungry = 1.0 - min(view.stock, 10.0) / 10.0
        utility[Posture.BREAK_OUT] = view.settled * (0.5 + 0.5 * pressed + 2.0 * hungry)
    if view.front_km > 0:
        utility[Posture.ATTACK] = clip(view.odds, -3, 3) - 1.2
    if view.covert > 0:
        utility[Posture.RAID] = 0.5 + view.covert / (view.covert + 200.0)
    return utility


DOCTRINES: dict[str, Callable[[View], dict[int, float]]] = {
    "regular": regular,
    "militia": militia,
    "client": client,
    "garrison": garrison,
    "insurgent": insurgent,
}
