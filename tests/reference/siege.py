"""Siege, slowly: what becomes of those whom no supply reaches, one stretch at a time."""

from __future__ import annotations

import math

import numpy as np

from sim.chance import fold, uniform
from sim.kernels.codes import (
    ALLIED,
    BREAK_OUT,
    CAUSE_SURRENDER,
    EVADE,
    HOSTILE,
    INCIDENT_BREAK_OUT_FAILURE,
    INCIDENT_BREAK_OUT_SUCCESS,
    INCIDENT_EXFILTRATION,
    INCIDENT_SURRENDER,
    LOSS_BREAK_OUT,
    LOSS_SURRENDER,
    NOBODY,
)
from tests.reference.control import hand_over, leave
from tests.reference.engagement import note, odds
from tests.reference.front import cells_of, hostile, ways, welcome, whole

SLIP, SLIP_THROUGH, TRY, PARTY, OUTCOME, _, GIVE_IN = range(1, 8)
FRESH_DAYS = 14
LEAST_PARTY = 10


def siege(state, world):
    """One day of every stretch that is wholly cut off."""
    keys = world.draws(state, "siege")
    for r in range(state.runs):
        for g in range(len(world.mesh.segment_key)):
            for f in range(state.stance.shape[1]):
                key = fold(fold(keys[r], world.mesh.segment_key[g]), world.factions.key[f])
                Stretch(r, g, f, state, world, key).day()


class Stretch:
    """One faction's fighters in one segment."""

    def __init__(self, r, g, f, state, world, key):
        self.r, self.g, self.f, self.key = r, g, f, key
        self.state, self.world, self.mesh, self.p = state, world, world.mesh, world.parameters[r]
        self.cells = list(cells_of(world.mesh, g))
        self.sector = int(world.mesh.sector[self.cells[0]])
        self.refuge = int(world.factions.refuge_cell[f, g])

    def here(self, c):
        return int(self.state.fighters[self.r, c, self.f])

    @property
    def persons(self):
        return sum(self.here(c) for c in self.cells)

    def draw(self, slot):
        return float(uniform(fold(self.key, slot)))

    def day(self):
        r, g, f, state, p = self.r, self.g, self.f, self.state, self.p
        manned = [c for c in self.cells if self.here(c)]
        if not manned or any(int(state.distance[r, c]) >= 0 for c in manned):
            return
        self.main = max(manned, key=lambda c: (self.here(c), -c))
        stock = float(state.depot[r, g, f]) / self.persons
        eaten = min(1.0, stock / float(p["ration_knee"]))
        posture = int(state.posture[r, self.sector, f])
        if posture == EVADE and self.refuge >= 0:
            self.slip_away(eaten)
        if posture in (EVADE, BREAK_OUT) and self.refuge >= 0:
            self.break_out()
        self.give_in(max(0.0, 1.0 - eaten / float(p["hunger_ration"])))

    def take(self, n):
        """Remove n fighters: from each cell what a running share of the total demands."""
        total, upto, gone = self.persons, 0, 0
        for c in self.cells:
            upto += self.here(c)
            due = n * upto // total
            self.state.fighters[self.r, c, self.f] -= due - gone
            gone = due

    def through(self, km):
        return math.exp(-km / float(self.p["breakout_km"]))

    def slip_away(self, eaten):
        r, f, state = self.r, self.f, self.state
        share = float(self.p["exfiltrate_rate"]) * (1.0 - eaten)
        n = whole(self.persons * share, fold(self.key, SLIP))
        if n == 0:
            return
        lucky = n * self.through(float(self.world.factions.refuge_km[f, self.g]))
        arrived = min(n, whole(lucky, fold(self.key, SLIP_THROUGH)))
        main = self.main
        self.take(n)
        state.covert[r, self.refuge, f] += arrived
        state.losses[r, f, LOSS_BREAK_OUT] += n - arrived
        note(state, r, (INCIDENT_EXFILTRATION, f, NOBODY, main, n, np.nan, np.nan))

    def exits(self):
        """(prospect, power of the ring, km beyond) of every enemy cell next to friendly ground."""
        r, state, mesh, picture = self.r, self.state, self.mesh, self.world.picture
        for c in self.cells:
            if not welcome(state, r, self.f, int(state.holder[r, c])):
                continue
            for j, e in ways(mesh, c):
                if hostile(state, r, self.f, int(state.holder[r, j])):
                    front = float(picture.front_km[r, j])
                    ring = 0.0
                    if front:
                        share = float(mesh.border_km[e]) / front
                        ring = float(picture.ready_might[r, j]) * share
                    beyond = float(self.world.factions.refuge_km[self.f, mesh.segment[j]])
                    prospect = odds(1.0 / max(1.0, ring), self.p) * self.through(beyond)
                    yield prospect, ring, beyond, j

    def break_out(self):
        r, f, state, p, picture = self.r, self.f, self.state, self.p, self.world.picture
        expected = self.persons * float(p["breakout_share"])
        if expected < LEAST_PARTY or self.draw(TRY) >= float(p["breakout_rate"]):
            return
        exits = list(self.exits())
        if not exits:
            return
        _, ring, beyond, goal = max(exits, key=lambda way: way[0])
        party = whole(expected, fold(self.key, PARTY))
        each = float(picture.might[r, self.main]) / max(1.0, float(picture.men[r, self.main]))
        ratio = party * each / max(1.0, ring)
        chance = odds(max(ratio, 1e-3), p) * self.through(beyond)
        draw = self.draw(OUTCOME)
        fallen = party - int(party * (1.0 - float(p["breakout_loss"])))
        if draw < chance:
            fallen //= 10
            self.take(party)
            state.covert[r, self.refuge, f] += party - fallen
            kind = INCIDENT_BREAK_OUT_SUCCESS
        else:
            self.take(fallen)
            kind = INCIDENT_BREAK_OUT_FAILURE
        state.losses[r, f, LOSS_BREAK_OUT] += fallen
        struck = int(state.holder[r, goal])
        note(state, r, (kind, f, struck, goal, party, ratio, chance - draw))

    def besieger(self):
        """The enemy with the longest border around f's side's cells here, or NOBODY."""
        r, state, mesh, border = self.r, self.state, self.mesh, {}
        for c in self.cells:
            if welcome(state, r, self.f, int(state.holder[r, c])):
                for j, e in ways(mesh, c):
                    k = int(state.holder[r, j])
                    if k != NOBODY and int(state.stance[r, self.f, k]) == HOSTILE:
                        border[k] = border.get(k, 0.0) + float(mesh.border_km[e])
        return max(border, key=lambda k: (border[k], -k)) if border else NOBODY

    def neighbour_gave_in(self):
        state, r, mesh = self.state, self.r, self.mesh
        friends = [k for k in range(state.stance.shape[1]) if state.stance[r, self.f, k] == ALLIED]
        # a closed river hides nobody's fate
        beside = {
            int(mesh.segment[mesh.indices[e]])
            for c in self.cells
            for e in range(int(mesh.indptr[c]), int(mesh.indptr[c + 1]))
        }
        return any(
            0 < state.day - int(state.surrendered_on[r, s, k]) <= FRESH_DAYS
            for s in beside - {self.g}
            for k in friends
        )

    def give_in(self, hunger):
        r, g, f, state, p = self.r, self.g, self.f, self.state, self.p
        persons = self.persons
        if hunger == 0 or persons == 0:
            return
        missing = 1.0 - float(state.cohesion[r, self.sector, f])
        hazard = 2.0 * float(p["surrender_rate"]) * hunger * missing
        if self.neighbour_gave_in():
            hazard *= 1.0 + float(p["contagion"])
        margin = 1.0 - math.exp(-hazard) - self.draw(GIVE_IN)
        if margin <= 0:
            return
        new = self.besieger()
        if new == NOBODY:
            return  # there is nobody to give in to
        self.take(persons)
        state.losses[r, f, LOSS_SURRENDER] += persons
        state.surrendered_on[r, g, f] = state.day
        note(state, r, (INCIDENT_SURRENDER, f, new, self.main, persons, np.nan, margin))
        for c in self.cells:
            if int(state.holder[r, c]) != f:
                continue
            hand_over(r, c, new, CAUSE_SURRENDER, np.nan, margin, state)
            for k in range(state.stance.shape[1]):
                if not welcome(state, r, k, new):
                    leave(r, c, k, state, self.world, fold(self.key, self.mesh.key[c]))
