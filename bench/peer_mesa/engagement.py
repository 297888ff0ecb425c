"""Engagement: operations are begun, fought and broken off."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

from bench.peer_mesa.chance import whole
from bench.peer_mesa.picture import engaged
from bench.peer_mesa.world import COMBAT, Faction, Ground, Sector, Segment
from sim.scenario.compiled import Posture

COVER = (1.0, 1.3, 1.5, 2.0, 2.2, 2.6)  # by terrain
PACE = ("desert", "steppe", "valley", "mountain", "urban", "lava")
MILITIA = 0.5


class Operation:
    """One faction's attack into a segment, or its rest after one (days below 0)."""

    def __init__(self) -> None:
        self.going_on = self.winning = False
        self.days = 0
        self.severity = 1.0
        self.ratio = self.margin = math.nan
        self.bears = 0.0


class Front:
    """What an attacker has, and faces, along edges into a segment."""

    __slots__ = ("km", "men", "power", "resistance", "supply")

    def __init__(self) -> None:
        self.km = self.power = self.resistance = self.men = self.supply = 0.0

    def add(self, km: float, power: float, resistance: float, men: float, supply: float) -> None:
        self.km += km
        self.power += power
        self.resistance += resistance
        self.men += men
        self.supply += supply


class Stretch:
    """An attacker's edges into a segment: all, and those into ordered cells."""

    def __init__(self, place: Ground) -> None:
        self.place = place  # the first cell it touches
        self.whole = Front()
        self.ordered = Front()
        self.counter = False


def odds(ratio: float, p: Any) -> float:
    """Chance that an attack wins."""
    return 1.0 / (1.0 + math.exp(-(p.odds_intercept + p.odds_slope * math.log(ratio))))


def air(cell: Ground, faction: Faction | None) -> float:
    """What air and artillery over a cell add to a faction's power."""
    return cell.air if faction in cell.air_for else 0.0


def attacker_worth(a: Ground, cell: Ground, bridge: bool, p: Any) -> float:
    """Combat power of one engaged attacker from a against cell."""
    if a.ready <= 0.0:
        return 0.0
    worth = a.ready_might / a.ready * (1.0 + air(cell, a.holder))
    return worth * p.bridge_power if bridge else worth


def defender_worth(m: Any, cell: Ground, stands: bool = False) -> float:
    """Combat power of one engaged defender; `stands`: if he did not evade."""
    p = m.p
    dug_in = 1.0 - math.exp(-(m.day - cell.held_since) / p.entrench_days)
    worth = cell.ready_might / cell.ready * COVER[cell.terrain] * (1.0 + p.entrench_gain * dug_in)
    worth *= (1.0 - m.suppressed.get(cell, 0.0)) * (1.0 + air(cell, cell.holder))
    return worth * p.evade_power if cell.evading and not stands else worth


def pace(m: Any, cell: Ground) -> float:
    """Km of ground won in a day on open front."""
    return m.advance[cell.terrain] * (m.p.evade_speed if cell.evading else 1.0)


def win_ground(m: Any, cell: Ground, faction: Faction, km2: float) -> None:
    if cell.attacker is not faction:
        cell.attacker, cell.progress = faction, 0.0
    cell.progress += km2
    m.booked[cell] = None


def engagement(m: Any) -> None:
    toll: dict[Ground, float] = {}  # share of those ready at the stretch who fall
    burn: dict[Ground, float] = {}  # rations they use on top of eating
    touched = []
    for segment, cells in groupby(m.front, key=lambda cell: cell.segment):
        touched.append(segment)
        fight(m, segment, list(cells), toll, burn)
    for segment in m.operating:
        if segment not in touched:
            for operation in segment.operations.values():
                calm(operation)
    if burn:
        suffer(m, toll, burn)


def calm(operation: Operation) -> None:
    """Nobody is there to fight."""
    operation.going_on = False
    operation.days = min(operation.days + 1, 0)


def survey(m: Any, cells: list[Ground]) -> dict[Faction, Stretch]:
    p = m.p
    stretches: dict[Faction, Stretch] = {}
    for cell in cells:
        worth = defender_worth(m, cell) if cell.ready > 0.0 else 0.0
        for a, km, bridge in cell.foes:
            faction = a.holder
            if faction is None or faction in cell.paused_for:
                continue
            stretch = stretches.get(faction)
            if stretch is None:
                stretch = stretches[faction] = Stretch(cell)
            men = engaged(a.ready, a.front_km, km, p)
            power = men * attacker_worth(a, cell, bridge, p) if men else 0.0
            stand = engaged(cell.ready, cell.front_km, km, p) * worth
            resistance, supply = MILITIA * km + stand, men * a.ready_days
            stretch.whole.add(km, power, resistance, men, supply)
            if faction in cell.ordered_for:
                stretch.ordered.add(km * cell.urge, power, resistance, men, supply)
            if cell.lost_by is faction and m.day - cell.lost_on < p.counter_days:
                stretch.counter = True
    return stretches


def fight(
    m: Any, segment: Segment, cells: list[Ground], toll: dict[Ground, float],
    burn: dict[Ground, float],
) -> None:  # fmt: skip
    """A day of all operations into a segment."""
    p = m.p
    stretches = survey(m, cells)
    for faction, operation in segment.operations.items():
        if faction not in stretches:
            calm(operation)
    for faction in sorted(stretches, key=lambda f: f.index):
        stretch = stretches[faction]
        ordered = stretch.ordered.km > 0.0
        front = stretch.ordered if ordered else stretch.whole
        operation = segment.operations.get(faction)
        if front.men < 1.0:
            if operation is not None:
                calm(operation)
            continue
        stock = front.supply / front.men
        if operation is None or not operation.going_on:
            if operation is not None and operation.days < 0:
                operation.days += 1
                continue
            operation = begin(m, segment, faction, stretch, front, ordered, stock)
            if operation is None:
                continue
        wear = conduct(m, operation, faction, cells, ordered, toll, burn)
        operation.days += 1
        operation.bears -= wear
        tired = m.random.random() < 1.0 / p.pulse_days
        if tired or operation.bears < 0.0 or stock < p.stop_stock:
            operation.going_on = False
            operation.days = -int(p.rest_days)


def begin(
    m: Any, segment: Segment, faction: Faction, stretch: Stretch, front: Front, ordered: bool,
    stock: float,
) -> Operation | None:  # fmt: skip
    """Whether an operation begins today; if so its outcome and severity."""
    p, random = m.p, m.random
    posture = stretch.place.sector.posture[faction.index]
    counter = stretch.counter and posture != Posture.EVADE
    if ordered:
        rate = p.tempo * front.km
    else:
        rate = p.initiative if posture == Posture.ATTACK else 0.0
        rate += p.counter_rate if counter else 0.0
    if rate == 0.0 or stock < p.start_stock or random.random() >= 1.0 - math.exp(-rate):
        return None
    ratio = max(front.power, 1e-3) / front.resistance
    wanted = p.ordered_odds if ordered or counter else p.initiative_odds
    if math.log(ratio) + p.perception_sd * random.gauss(0.0, 1.0) <= math.log(wanted):
        return None
    operation = segment.operations.setdefault(faction, Operation())
    m.operating[segment] = None
    chance, mark, sd = odds(ratio, p), random.random(), p.severity_sd
    operation.going_on, operation.winning = True, mark < chance
    operation.days = 0
    operation.severity = math.exp(sd * random.gauss(0.0, 1.0) - 0.5 * sd * sd)
    operation.ratio, operation.margin = ratio, chance - mark
    operation.bears = random.expovariate(1.0 / p.breakpoint)
    place = stretch.place
    m.note("operation", faction, place.holder, place, int(front.men), ratio, chance - mark)
    return operation


def fallen_share(cost: float, enemies: float, own: float, p: Any) -> float:
    """Share of those engaged who fall; how far it follows numbers is `loss_ratio`."""
    if p.loss_ratio == 0.0:
        return cost
    if enemies <= 0.0 or own <= 0.0:
        return 0.0
    return min(1.0, cost * (enemies / own) ** p.loss_ratio)


def conduct(
    m: Any, operation: Operation, faction: Faction, cells: list[Ground], ordered: bool,
    toll: dict[Ground, float], burn: dict[Ground, float],
) -> float:  # fmt: skip
    """A day of an operation: tolls, and ground if it wins.  The share of its engaged who fall."""
    p, winning = m.p, operation.winning
    cost_attack = p.loss_attack * operation.severity * (1.0 if winning else p.loss_loser)
    cost_defence = p.loss_defence * operation.severity * (p.loss_loser if winning else 1.0)
    fought = fell = 0.0
    for cell in cells:
        if faction in cell.paused_for or (ordered and faction not in cell.ordered_for):
            continue
        evading = cell.evading
        strength = gain = 0.0
        for a, km, _ in cell.foes:
            if a.holder is not faction or a.ready <= 0.0:
                continue
            men = engaged(a.ready, a.front_km, km, p)
            defenders = engaged(cell.ready, cell.front_km, km, p)
            price = fallen_share(cost_attack, defenders, men, p)
            fought += men
            fell += men * price
            strength += a.ready
            gain += km
            share = men / a.ready
            toll[a] = toll.get(a, 0.0) + price * share
            burn[a] = burn.get(a, 0.0) + p.attack_use * share
            m.combat[a] = 1.0
            if cell.ready > 0.0:
                price = cost_defence
                if evading:
                    density = cell.ready / cell.area
                    price *= p.evade_loss * min(1.0, density / p.area_density)
                share = defenders / cell.ready
                price = fallen_share(price, men, defenders, p)
                toll[cell] = toll.get(cell, 0.0) + price * share
                burn[cell] = burn.get(cell, 0.0) + p.defence_use * share
        if gain > 0.0:
            m.combat[cell] = 1.0
            if winning and strength >= p.hold_density * cell.area:
                win_ground(m, cell, faction, gain * pace(m, cell))
    return fell / fought if fought else cost_attack


def suffer(m: Any, toll: dict[Ground, float], burn: dict[Ground, float]) -> None:
    """All who stood ready at a stretch share its losses and its use of supply."""
    p = m.p
    shares: dict[Ground, tuple[float, float]] = {}
    for stretch, rations in burn.items():
        for cell in m.answering[stretch]:
            part = stretch.front_km / m.spread[cell]
            share, use = shares.get(cell, (0.0, 0.0))
            shares[cell] = (share + part * toll.get(stretch, 0.0), use + part * rations)
    dead: dict[tuple[Sector, Faction], int] = {}
    for cell, (share, rations) in shares.items():
        for force in list(cell.troops.values()):
            n, contingent = force.persons, force.contingent
            bread = min(contingent.store, p.stop_stock * contingent.persons)
            contingent.store = max(contingent.store - n * rations, bread)
            fallen = min(n, whole(n * min(1.0, share), m.random))
            if fallen:
                key = (cell.sector, force.faction)
                dead[key] = dead.get(key, 0) + fallen
                force.lose(fallen, COMBAT)
    for (sector, faction), fallen in dead.items():
        stood = sector.strength[faction.index] + fallen
        left = sector.cohesion[faction.index] - p.cohesion_loss * fallen / stood
        sector.cohesion[faction.index] = max(0.0, left)
