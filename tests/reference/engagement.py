"""Engagement, slowly: operations as small records, one run, one stretch, one attacker at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sim.chance import fold, uniform
from sim.kernels.codes import (
    ATTACK,
    BRIDGE,
    EVADE,
    INCIDENT_OPERATION,
    LOSS_COMBAT,
    NOBODY,
)
from tests.reference.front import cells_of, hostile, look_at, ways, welcome, whole, within_reach

WINNING, LOSING = 1, 2
COVER = {0: 1.0, 1: 1.3, 2: 1.5, 3: 2.0, 4: 2.2, 5: 2.6}
PACE = ("desert", "steppe", "valley", "mountain", "urban", "lava")
MILITIA_PER_KM = 0.5
SLOT = {
    name: i + 1
    for i, name in enumerate(
        ["begin", "noise", "noise too", "outcome", "severity", "severity too", "end", "break",
         "dead"]
    )
}  # fmt: skip


def engagement(state, world):
    """One day of fighting on a picture drawn anew."""
    keys = world.draws(state, "engagement")
    for r in range(state.runs):
        look_at(r, state, world)
        fight(r, state, world, keys[r])


def note(state, r, row):
    i = state.incident_count[r]
    if i < state.incidents.shape[1]:
        state.incidents[r, i] = row
    state.incident_count[r] += 1


def bell(key, one, two):
    """A standard normal draw."""
    u, v = float(uniform(fold(key, one))), float(uniform(fold(key, two)))
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


def odds(ratio, p):
    """Chance that an operation wins."""
    logit = float(p["odds_intercept"]) + float(p["odds_slope"]) * math.log(ratio)
    return 1.0 / (1.0 + math.exp(-logit))


def told(mask, faction):
    """Whether a faction's bit is set."""
    return faction >= 0 and (int(mask) >> int(faction)) & 1 == 1


def engaged(r, c, e, world):
    """Fighters of cell c who take part on edge e."""
    picture, km = world.picture, world.mesh.border_km[e]
    if picture.ready[r, c] <= 0:
        return 0.0
    # in float32, as stored: the record of an operation cuts it to whole persons
    share = float(picture.ready[r, c] * km / picture.front_km[r, c])
    return min(share, float(world.parameters[r]["front_force"]) * float(km))


def might_of(r, c, men, picture):
    """Combat power of so many of those who stand ready at cell c."""
    return men * float(picture.ready_might[r, c]) / float(picture.ready[r, c])


def attack(r, c, a, e, state, world):
    """Combat power that cell a brings over edge e against cell c."""
    men = engaged(r, a, e, world)
    if men == 0:
        return 0.0
    power = might_of(r, a, men, world.picture)
    if int(world.mesh.crossing[e]) == BRIDGE:
        power *= float(world.parameters[r]["bridge_power"])
    if told(state.air_for[r, c], state.holder[r, a]):
        power *= 1.0 + float(state.air[r, c])
    return power


def defence(r, c, e, state, world):
    """Combat power with which cell c stands on edge e."""
    mesh, p = world.mesh, world.parameters[r]
    power = MILITIA_PER_KM * float(mesh.border_km[e])
    men = engaged(r, c, e, world)
    if men == 0:
        return power
    days = state.day - int(state.held_since[r, c])
    trenches = float(p["entrench_gain"]) * (1.0 - math.exp(-days / float(p["entrench_days"])))
    force = might_of(r, c, men, world.picture) * COVER[int(mesh.terrain[c])] * (1.0 + trenches)
    force *= 1.0 - float(state.suppressed[r, c])
    if told(state.air_for[r, c], state.holder[r, c]):
        force *= 1.0 + float(state.air[r, c])
    if evades(r, c, state, world):
        force *= float(p["evade_power"])
    return power + force


def evades(r, c, state, world):
    h = int(state.holder[r, c])
    return h != NOBODY and int(state.posture[r, world.mesh.sector[c], h]) == EVADE


@dataclass
class Gauge:
    """What an attacker has, and faces, along a stretch of front."""

    km: float = 0.0
    power: float = 0.0
    against: float = 0.0
    men: float = 0.0
    rations: float = 0.0


@dataclass
class Stretch:
    """The front of one attacker with one segment."""

    whole: Gauge = field(default_factory=Gauge)
    ordered: Gauge = field(default_factory=Gauge)
    first: int = -1  # the first cell in contact
    lately_lost: bool = False


def contacts(r, g, state, world):
    """(cell, attacking cell, edge, attacker) along the border of a segment."""
    for c in cells_of(world.mesh, g):
        for a, e in ways(world.mesh, c):
            f = int(state.holder[r, a])
            if f != NOBODY and hostile(state, r, f, int(state.holder[r, c])):
                yield c, a, e, f


def survey(r, g, state, world):
    """Attacker -> Stretch, paused contacts left out."""
    p, stretches = world.parameters[r], {}
    for c, a, e, f in contacts(r, g, state, world):
        if told(state.paused[r, c], f):
            continue
        stretch = stretches.setdefault(f, Stretch(first=c))
        men = engaged(r, a, e, world)
        km = float(world.mesh.border_km[e])
        orders = [(stretch.whole, 1.0)]
        if told(state.ordered[r, c], f):
            orders.append((stretch.ordered, float(state.urge[r, c])))
        for gauge, weight in orders:
            gauge.km += km * weight
            gauge.power += attack(r, c, a, e, state, world)
            gauge.against += defence(r, c, e, state, world)
            gauge.men += men
            gauge.rations += men * float(world.picture.ready_days[r, a])
        if int(state.lost_by[r, c]) == f:
            ago = state.day - int(state.lost_on[r, c])
            stretch.lately_lost |= ago < float(p["counter_days"])
    return stretches


def fight(r, state, world, run_key):
    mesh, p = world.mesh, world.parameters[r]
    cells, factions = state.fighters.shape[1:]
    fall, use = [0.0] * cells, [0.0] * cells  # shares and rations a head, by stretch of front
    for g in range(len(mesh.segment_key)):
        stretches = survey(r, g, state, world)
        for f in range(factions):
            stretch = stretches.get(f, Stretch())
            ordered = stretch.ordered.km > 0
            gauge = stretch.ordered if ordered else stretch.whole
            if gauge.men < 1:
                state.op_phase[r, g, f] = 0
                state.op_days[r, g, f] = min(int(state.op_days[r, g, f]) + 1, 0)
                continue
            key = fold(fold(run_key, mesh.segment_key[g]), world.factions.key[f])
            if int(state.op_phase[r, g, f]) == 0:
                if int(state.op_days[r, g, f]) < 0:
                    state.op_days[r, g, f] += 1
                    continue
                if not begin(r, g, f, stretch, ordered, state, world, key):
                    continue
            wear = conduct(r, g, f, ordered, state, world, fall, use)
            end(r, g, f, wear, gauge.rations / gauge.men, state, p, key)
    suffer(r, state, world, run_key, fall, use)


def begin(r, g, f, stretch, ordered, state, world, key):
    """Decide whether to begin; if so draw the outcome and the severity.  True if begun."""
    mesh, p = world.mesh, world.parameters[r]
    gauge = stretch.ordered if ordered else stretch.whole
    posture = int(state.posture[r, mesh.sector[stretch.first], f])
    counter = stretch.lately_lost and posture != EVADE
    rate = 0.0
    if ordered:
        rate = float(p["tempo"]) * gauge.km
    else:
        if posture == ATTACK:
            rate += float(p["initiative"])
        if counter:
            rate += float(p["counter_rate"])
    if gauge.rations / gauge.men < float(p["start_stock"]):
        return False
    if float(uniform(fold(key, SLOT["begin"]))) >= 1.0 - math.exp(-rate):
        return False
    ratio = max(gauge.power, 1e-3) / gauge.against
    error = float(p["perception_sd"]) * bell(key, SLOT["noise"], SLOT["noise too"])
    wanted = float(p["ordered_odds" if ordered or counter else "initiative_odds"])
    if math.log(ratio) + error <= math.log(wanted):
        return False
    draw = float(uniform(fold(key, SLOT["outcome"])))
    chance = odds(ratio, p)
    sd = float(p["severity_sd"])
    luck = bell(key, SLOT["severity"], SLOT["severity too"])
    state.op_phase[r, g, f] = WINNING if draw < chance else LOSING
    state.op_days[r, g, f] = 0
    state.op_severity[r, g, f] = math.exp(sd * luck - sd * sd / 2.0)
    state.op_ratio[r, g, f] = ratio
    state.op_margin[r, g, f] = chance - draw
    state.op_bears[r, g, f] = -float(p["breakpoint"]) * math.log(
        float(uniform(fold(key, SLOT["break"])))
    )
    defender = int(state.holder[r, stretch.first])
    note(
        state, r,
        (INCIDENT_OPERATION, f, defender, stretch.first, int(gauge.men), ratio, chance - draw),
    )  # fmt: skip
    return True


def costs(r, g, f, state, p):
    """Daily losses of engaged attackers and defenders in an operation, as shares."""
    severity = float(state.op_severity[r, g, f])
    winning = int(state.op_phase[r, g, f]) == WINNING
    attacker, defender = float(p["loss_attack"]) * severity, float(p["loss_defence"]) * severity
    loser = float(p["loss_loser"])
    return (attacker, defender * loser) if winning else (attacker * loser, defender)


def fallen(cost, enemies, own, p):
    """Share of so many of one's own who fall to so many enemies at an edge in a day."""
    exponent = float(p["loss_ratio"])
    if exponent == 0:
        return cost
    return min(1.0, cost * (enemies / own) ** exponent)


def conduct(r, g, f, ordered, state, world, fall, use):
    """A day of one operation: who falls, what is used, what ground is won.

    Returns its wear, the mean share of its engaged who fall.
    """
    mesh, picture, p = world.mesh, world.picture, world.parameters[r]
    attacker_cost, defender_cost = costs(r, g, f, state, p)
    won = {}  # cell -> [km attacked, fighters who stand ready to come in]
    wear = []  # (engaged attackers, share of them who fall)
    for c, a, e, attacker in contacts(r, g, state, world):
        if attacker != f or told(state.paused[r, c], f):
            continue
        if ordered and not told(state.ordered[r, c], f):
            continue
        men = engaged(r, a, e, world)
        if men == 0:
            continue
        state.combat[r, a] = state.combat[r, c] = 1.0
        defenders = engaged(r, c, e, world)
        wear.append((men, fallen(attacker_cost, defenders, men, p)))
        fall[a] += wear[-1][1] * men / float(picture.ready[r, a])
        use[a] += float(p["attack_use"]) * men / float(picture.ready[r, a])
        tally = won.setdefault(c, [0.0, 0.0])
        tally[0] += float(mesh.border_km[e])
        tally[1] += float(picture.ready[r, a])
        if defenders:
            price = defender_cost
            if evades(r, c, state, world):
                density = float(picture.ready[r, c]) / float(mesh.area[c])
                price *= float(p["evade_loss"]) * min(1.0, density / float(p["area_density"]))
            fall[c] += fallen(price, men, defenders, p) * defenders / float(picture.ready[r, c])
            use[c] += float(p["defence_use"]) * defenders / float(picture.ready[r, c])
    if int(state.op_phase[r, g, f]) == WINNING:
        take(r, f, won, state, world)
    if not wear:
        return attacker_cost
    return sum(men * share for men, share in wear) / sum(men for men, _ in wear)


def take(r, f, won, state, world):
    """Book a day's ground in the cells that enough stand ready to enter."""
    mesh, p = world.mesh, world.parameters[r]
    for c, (km, near) in won.items():
        if near < float(p["hold_density"]) * float(mesh.area[c]):
            continue
        book(r, c, f, km * pace(r, c, state, world), state)


def pace(r, c, state, world):
    """Km that an attack wins in a day in a cell."""
    km = float(world.parameters[r]["advance_" + PACE[int(world.mesh.terrain[c])]])
    return km * float(world.parameters[r]["evade_speed"]) if evades(r, c, state, world) else km


def book(r, c, f, km2, state):
    """Add to what f has won of a cell; another's gains are gone."""
    before = float(state.progress[r, c]) if int(state.attacker[r, c]) == f else 0.0
    state.attacker[r, c], state.progress[r, c] = f, before + km2


def end(r, g, f, wear, stock, state, p, key):
    """Count the day; end the operation by its losses, by hunger or in its time."""
    state.op_days[r, g, f] += 1
    state.op_bears[r, g, f] = float(state.op_bears[r, g, f]) - wear
    worn_out = float(state.op_bears[r, g, f]) < 0
    over = float(uniform(fold(key, SLOT["end"]))) < 1.0 / float(p["pulse_days"])
    if worn_out or over or stock < float(p["stop_stock"]):
        state.op_phase[r, g, f] = 0
        state.op_days[r, g, f] = -int(p["rest_days"])


def suffer(r, state, world, run_key, fall, use):
    """Everybody bears the losses of the stretches that they answered to, by their share in each."""
    mesh, picture, p = world.mesh, world.picture, world.parameters[r]
    cells, factions = state.fighters.shape[1:]
    stood, shared, fell = {}, {}, {}  # who stood in a sector, who shared a depot, who fell
    for c in range(cells):
        for f in range(factions):
            n, at, store = int(state.fighters[r, c, f]), int(mesh.sector[c]), int(mesh.segment[c])
            stood[at, f] = stood.get((at, f), 0) + n
            shared[store, f] = shared.get((store, f), 0) + n
    for c in range(cells):
        spread = float(picture.spread_km[r, c])
        if spread == 0:
            continue
        share, rations = 0.0, 0.0
        for j in within_reach(mesh, c):
            if welcome(state, r, int(state.holder[r, j]), int(state.holder[r, c])):
                share += float(picture.front_km[r, j]) / spread * fall[j]
                rations += float(picture.front_km[r, j]) / spread * use[j]
        if rations == 0:
            continue
        place = fold(run_key, mesh.key[c])
        for f in range(factions):
            n, g = int(state.fighters[r, c, f]), int(mesh.segment[c])
            if n == 0:
                continue
            stored = float(state.depot[r, g, f])
            last_bread = float(p["stop_stock"]) * shared[g, f]
            state.depot[r, g, f] = max(min(stored, last_bread), stored - n * rations)
            key = fold(fold(place, world.factions.key[f]), SLOT["dead"])
            dead = min(n, whole(n * min(1.0, share), key))
            state.fighters[r, c, f] -= dead
            state.losses[r, f, LOSS_COMBAT] += dead
            at = int(mesh.sector[c]), f
            fell[at] = fell.get(at, 0) + dead
    for (s, f), dead in sorted(fell.items()):
        if dead:
            left = float(state.cohesion[r, s, f])
            left -= float(p["cohesion_loss"]) * dead / stood[s, f]
            state.cohesion[r, s, f] = max(0.0, left)
