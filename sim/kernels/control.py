"""Control: cells that have been swept change hands; the beaten leave, the winners move in."""

from __future__ import annotations

import numpy as np

from sim.kernels.chance import fold, round_by_chance
from sim.kernels.codes import (
    CAUSE_ASSAULT,
    CAUSE_CEDED,
    CAUSE_OCCUPIED,
    CLOSED,
    EVADE,
    LOSS_SURRENDER,
    NOBODY,
    OPEN,
)
from sim.kernels.compiler import inner, kernel, maker
from sim.kernels.engagement import pace, win_ground
from sim.kernels.front import enemies, friends
from sim.kernels.marks import marked, scratch
from sim.kernels.muster import ONE, conceal, enlist, hand_over, lowest, muster

MELT, ADVANCE = 1, 2  # slots


@inner
def pass_to(r, c, new, cause, ratio, margin, day, book, state):
    """Hand a cell to another holder and note why; the fighters in it are somebody else's job.

    book  the `Muster` of the run
    """
    state.lost_by[r, c] = state.holder[r, c]
    state.lost_on[r, c] = day
    hand_over(book, c, new)
    state.held_since[r, c] = day
    state.attacker[r, c] = NOBODY
    state.progress[r, c] = 0.0
    state.cause[r, c] = cause
    state.ratio[r, c] = ratio
    state.margin[r, c] = margin


@inner
def leave(r, c, f, book, state, mesh, faction_key, p, key):
    """Take faction f's fighters out of cell c, where they may no longer stand.

    book  the `Muster` of the run

    They fall back to the neighbouring friendly cell with the longest border; where there is none, a
    share goes into hiding in the cell and the rest is taken.  Their stores are abandoned.
    """
    n = state.fighters[r, c, f]
    if n == 0:
        return
    refuge, longest = -1, 0.0
    for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
        j = mesh.indices[e]
        if mesh.crossing[e] == CLOSED or not friends(state.stance[r], f, state.holder[r, j]):
            continue
        falling = state.attacker[r, j] >= 0 and state.progress[r, j] >= mesh.area[j]
        if not falling and mesh.border_km[e] > longest:
            refuge, longest = j, mesh.border_km[e]
    enlist(book, c, f, -n)
    if refuge >= 0:
        enlist(book, refuge, f, n)
        return
    hidden = min(n, round_by_chance(n * p.melt_share, fold(fold(key, faction_key[f]), MELT)))
    conceal(book, c, f, hidden)
    state.losses[r, f, LOSS_SURRENDER] += n - hidden


@maker
def change_hands(state, mesh, faction_key, parameters, picture, keys, day):
    """Change the holder of every cell whose area has been won.

    keys  (R,)  uint64  today's draws of control; folded with cell, faction and slot

    What was won beyond the area of a cell is won of the cells behind it.  So a front moves as far
    in a day on a fine mesh, over several cells, as on a coarse one, in part of a cell.
    """
    runs, cells = state.holder.shape
    marks, falling = scratch(cells)
    by = np.empty(cells, np.int8)
    spare = np.empty(cells)  # km of front x days
    for r in range(runs):
        p = parameters[r]
        attacker, progress, book = state.attacker[r], state.progress[r], muster(r, state, mesh)
        while True:
            for c in range(cells):
                marks[c] = (attacker[c] >= 0) & (progress[c] >= mesh.area[c])
            count = marked(marks, falling)
            if count == 0:
                break
            for k in range(count):
                c = falling[k]
                beyond = np.float64(progress[c]) - np.float64(mesh.area[c])
                by[k] = attacker[c]
                spare[k] = beyond / pace(r, c, state, mesh, p)
            for k in range(count):
                fall(r, falling[k], book, state, mesh, faction_key, picture, p, keys[r], day)
            for k in range(count):
                press_on(r, falling[k], by[k], spare[k], state, mesh, p, day)


@inner
def fall(r, c, book, state, mesh, faction_key, picture, p, key, day):
    """A cell goes to its attacker; the beaten leave and the winners move in."""
    old, new = state.holder[r, c], state.attacker[r, c]
    stood = picture.ready[r, c] if picture.front_km[r, c] > 0.0 else picture.men[r, c]
    cause = CAUSE_ASSAULT
    if old < 0 or stood < p.hold_density * mesh.area[c]:
        cause = CAUSE_OCCUPIED
    elif state.posture[r, mesh.sector[c], old] == EVADE:
        cause = CAUSE_CEDED
    g = mesh.segment[c]
    ratio, margin = state.op_ratio[r, g, new], state.op_margin[r, g, new]
    pass_to(r, c, new, cause, ratio, margin, day, book, state)
    place = fold(key, mesh.key[c])
    for f in range(state.fighters.shape[2]):
        if not friends(state.stance[r], f, new):
            leave(r, c, f, book, state, mesh, faction_key, p, place)
    move_in(r, c, new, book, state, mesh, faction_key, p, place)


@inner
def press_on(r, c, f, spare, state, mesh, p, day):
    """Spend what is left of a day in a fallen cell on the enemy cells behind it, by border.

    spare  km of front x days
    """
    km = 0.0
    for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
        if lies_behind(r, c, e, f, state, mesh, day):
            km += mesh.border_km[e]
    if spare <= 0.0 or km == 0.0:
        return
    for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
        if lies_behind(r, c, e, f, state, mesh, day):
            j = mesh.indices[e]
            won = spare * mesh.border_km[e] / km * pace(r, j, state, mesh, p)
            win_ground(r, j, f, won, state)


@inner
def lies_behind(r, c, e, f, state, mesh, day):
    """Whether f's operation that took cell c may go on over edge e today.

    It stays in its segment and on open ground, out of pauses and, if ordered, on ordered ground;
    ground that changed hands today is left alone.
    """
    j = mesh.indices[e]
    bit = np.uint32(1) << np.uint32(f)
    return (
        mesh.segment[j] == mesh.segment[c]
        and mesh.crossing[e] == OPEN
        and enemies(state.stance[r], f, state.holder[r, j])
        and state.held_since[r, j] != day
        and not state.paused[r, j] & bit
        and not state.ordered[r, c] & ~state.ordered[r, j] & bit
    )


@inner
def move_in(r, c, new, book, state, mesh, faction_key, p, key):
    """Bring fighters from the winners' neighbouring cells: twice what holding the ground takes."""
    factions = state.fighters.shape[2]
    there = 0
    for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
        if state.holder[r, mesh.indices[e]] == new and mesh.crossing[e] != CLOSED:
            for f in range(factions):
                if friends(state.stance[r], f, new):
                    there += state.fighters[r, mesh.indices[e], f]
    if there == 0:
        return
    share = min(0.5, 2.0 * p.hold_density * mesh.area[c] / there)
    for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
        a = mesh.indices[e]
        if state.holder[r, a] != new or mesh.crossing[e] == CLOSED:
            continue
        for f in range(factions):
            n = state.fighters[r, a, f]
            if n and friends(state.stance[r], f, new):
                slot = fold(fold(fold(key, mesh.key[a]), faction_key[f]), ADVANCE)
                coming = min(n, round_by_chance(n * share, slot))
                carry(r, a, c, f, coming, state, mesh)
                enlist(book, a, f, -coming)
                enlist(book, c, f, coming)


@inner
def carry(r, origin, goal, f, persons, state, mesh):
    """Let `persons` who walk to another segment take their share of the depot along."""
    here, there = mesh.segment[origin], mesh.segment[goal]
    if here == there or persons == 0:
        return
    carried = state.depot[r, here, f] * persons / state.persons[r, here, f]
    state.depot[r, here, f] -= carried
    state.depot[r, there, f] += carried


@kernel
def expel(state, mesh, faction_key, parameters, keys, changed):
    """After a change of stance: fighters leave ground on which they are no longer welcome.

    changed  (R,)  bool  runs in which a stance changed today
    """
    for r in range(len(changed)):
        if not changed[r]:
            continue
        book, holder, stance = muster(r, state, mesh), state.holder[r], state.stance[r]
        for c in range(len(holder)):
            bits = np.uint64(book.standing[c])
            while bits:
                f = lowest(bits)
                bits &= bits - ONE
                if not friends(stance, f, holder[c]):
                    key = fold(keys[r], mesh.key[c])
                    leave(r, c, f, book, state, mesh, faction_key, parameters[r], key)
