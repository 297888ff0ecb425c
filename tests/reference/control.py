"""Control, slowly: cells that have been won change hands, one run at a time."""

from __future__ import annotations

from sim.chance import fold
from sim.kernels.codes import (
    CAUSE_ASSAULT,
    CAUSE_CEDED,
    CAUSE_OCCUPIED,
    EVADE,
    LOSS_SURRENDER,
    NOBODY,
    OPEN,
)
from tests.reference.engagement import book, pace, told
from tests.reference.front import cells_of, hostile, ways, welcome, whole

MELT, ADVANCE = 1, 2


def control(state, world):
    """Every cell whose area has been won goes to who won it, and so do those that it falls onto."""
    keys = world.draws(state, "control")
    for r in range(state.runs):
        while falling := [
            (c, int(state.attacker[r, c]), beyond(r, c, state, world))
            for c in range(state.holder.shape[1])
            if int(state.attacker[r, c]) != NOBODY and swept(r, c, state, world)
        ]:
            for c, _, _ in falling:
                fall(r, c, state, world, fold(keys[r], world.mesh.key[c]))
            for c, f, spare in falling:
                go_on(r, c, f, spare, state, world)


def beyond(r, c, state, world):
    """Front km x days that were spent on a cell in vain."""
    ground = float(state.progress[r, c]) - float(world.mesh.area[c])
    return ground / pace(r, c, state, world)


def go_on(r, c, f, spare, state, world):
    """Share what was in vain among the cells behind, by border."""
    mesh = world.mesh
    behind = [
        (j, float(mesh.border_km[e]))
        for j, e in ways(mesh, c)
        if int(mesh.crossing[e]) == OPEN
        and mesh.segment[j] == mesh.segment[c]
        and hostile(state, r, f, int(state.holder[r, j]))
        and int(state.held_since[r, j]) != state.day
        and not told(state.paused[r, j], f)
        and (told(state.ordered[r, j], f) or not told(state.ordered[r, c], f))
    ]
    if spare > 0:
        km = sum(border for _, border in behind)
        for j, border in behind:
            book(r, j, f, spare * border / km * pace(r, j, state, world), state)


def swept(r, c, state, world):
    return float(state.progress[r, c]) >= float(world.mesh.area[c])


def fall(r, c, state, world, key):
    mesh, p = world.mesh, world.parameters[r]
    factions = range(state.fighters.shape[2])
    old, new, g = int(state.holder[r, c]), int(state.attacker[r, c]), int(mesh.segment[c])
    enough = float(p["hold_density"]) * float(mesh.area[c])
    at_front = float(world.picture.front_km[r, c]) > 0
    stood = world.picture.ready[r, c] if at_front else world.picture.men[r, c]
    if old == NOBODY or float(stood) < enough:
        cause = CAUSE_OCCUPIED
    elif int(state.posture[r, mesh.sector[c], old]) == EVADE:
        cause = CAUSE_CEDED
    else:
        cause = CAUSE_ASSAULT
    hand_over(r, c, new, cause, state.op_ratio[r, g, new], state.op_margin[r, g, new], state)
    for f in factions:
        if not welcome(state, r, f, new):
            leave(r, c, f, state, world, key)

    neighbours = [a for a, _ in ways(mesh, c) if int(state.holder[r, a]) == new]
    movers = [f for f in factions if welcome(state, r, f, new)]
    near = sum(int(state.fighters[r, a, f]) for a in neighbours for f in movers)
    if near == 0:
        return
    share = min(0.5, 2.0 * enough / near)
    for a in neighbours:
        for f in movers:
            n = int(state.fighters[r, a, f])
            draw = fold(fold(fold(key, mesh.key[a]), world.factions.key[f]), ADVANCE)
            come = min(n, whole(n * share, draw))
            if int(mesh.segment[a]) != g and come:
                here = int(mesh.segment[a])
                everybody = sum(int(state.fighters[r, j, f]) for j in cells_of(mesh, here))
                taken = float(state.depot[r, here, f]) * come / everybody
                state.depot[r, here, f] = float(state.depot[r, here, f]) - taken
                state.depot[r, g, f] = float(state.depot[r, g, f]) + taken
            state.fighters[r, a, f] -= come
            state.fighters[r, c, f] += come


def hand_over(r, c, new, cause, ratio, margin, state):
    """Write down a change of holder."""
    state.lost_by[r, c], state.lost_on[r, c] = state.holder[r, c], state.day
    state.holder[r, c], state.held_since[r, c] = new, state.day
    state.attacker[r, c], state.progress[r, c] = NOBODY, 0.0
    state.cause[r, c], state.ratio[r, c], state.margin[r, c] = cause, ratio, margin


def leave(r, c, f, state, world, key):
    """Faction f goes to the friendly neighbour with the longest border that is not falling too."""
    n, mesh = int(state.fighters[r, c, f]), world.mesh
    if n == 0:
        return
    refuges = [
        (float(mesh.border_km[e]), -j)
        for j, e in ways(mesh, c)
        if welcome(state, r, f, int(state.holder[r, j]))
        and not (int(state.attacker[r, j]) != NOBODY and swept(r, j, state, world))
    ]
    state.fighters[r, c, f] = 0
    if refuges:
        state.fighters[r, -max(refuges)[1], f] += n
        return
    draw = fold(fold(key, world.factions.key[f]), MELT)
    hidden = min(n, whole(n * float(world.parameters[r]["melt_share"]), draw))
    state.covert[r, c, f] += hidden
    state.losses[r, f, LOSS_SURRENDER] += n - hidden


def expel(r, state, world, run_key):
    """After a change of stance nobody stays where he is not welcome."""
    for c in range(state.holder.shape[1]):
        for f in range(state.fighters.shape[2]):
            if not welcome(state, r, f, int(state.holder[r, c])):
                leave(r, c, f, state, world, fold(run_key, world.mesh.key[c]))
