"""The muster: who is where, kept up to date while people come and go, so that nobody counts.

Of 45,000 pairs of cell and faction in the country 3,500 have fighters, and from one day to the next
20 to 500 of them change.  So whoever moves fighters calls `enlist`, which moves the sums along, and
whoever wants to know how many there are reads a sum; `conceal`, `house` and `hand_over` do so for
hidden members, civilians and ground.  All sums are whole numbers: the way to them leaves no trace.
R runs, C cells, F factions, G segments, S sectors.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros

from sim.kernels.compiler import inner, maker

ONE = np.uint64(1)


class Muster(NamedTuple):
    """The people and the ground of one run, and what is kept of them.

    fighters, covert  (C, F)  int32;  population  (C,)  int32;  holder  (C,)  int8
    standing  (C,)    uint32  bit f: faction f has fighters in the cell
    hiding    (C,)    uint32  bit f: ... covert members
    men       (C,)    int32   fighters in the cell
    garrison  (G,)    uint32  bit f: faction f has fighters in the segment
    persons   (G, F)  int32   a faction's fighters in a segment
    strength  (S, F)  int32   ... and in a sector
    hidden    (F,)    int64   a faction's covert members
    ground    (S, F+1, 2)  int64  civilians at home, and cells, by sector and holder, nobody last
    rationed  (G,)    bool    whether `State.inflow` of the segment is still true
    segment, sector  (C,)     of the mesh
    """

    fighters: Any
    covert: Any
    population: Any
    holder: Any
    standing: Any
    hiding: Any
    men: Any
    garrison: Any
    persons: Any
    strength: Any
    hidden: Any
    ground: Any
    rationed: Any
    segment: Any
    sector: Any


@maker
def muster(r, state, mesh):
    """The `Muster` of run r; the first time, or after `State.forget_muster`, all are counted."""
    book = Muster(
        state.fighters[r], state.covert[r], state.population[r], state.holder[r],
        state.standing[r], state.hiding[r], state.men[r], state.garrison[r], state.persons[r],
        state.strength[r], state.hidden[r], state.ground[r], state.rationed[r], mesh.segment,
        mesh.sector,
    )  # fmt: skip
    if not state.mustered[r]:
        state.mustered[r] = True
        count(book)
    return book


@inner
def count(book):
    """Count everybody anew."""
    cells, factions = book.fighters.shape
    book.standing[:] = book.garrison[:] = book.hiding[:] = 0
    book.men[:] = book.persons[:, :] = book.strength[:, :] = 0
    book.hidden[:] = book.ground[:, :, :] = 0
    book.rationed[:] = False
    for c in range(cells):
        held = book.ground[book.sector[c], place(book.holder[c], factions)]
        held[0] += book.population[c]
        held[1] += 1
        for f in range(factions):
            n = book.fighters[c, f]
            if n:
                book.fighters[c, f] = 0
                enlist(book, c, f, n)
            n = book.covert[c, f]
            if n:
                book.covert[c, f] = 0
                conceal(book, c, f, n)


@inner
def place(holder, factions):
    """A holder's place on an axis of so many factions, with nobody last."""
    return np.int64(holder) if holder >= 0 else np.int64(factions)


@inner
def heads(book, c, f):
    """How many fighters of faction f stand in cell c, where its bit is set.

    Where nobody else stands, as in most cells, they are the cell's: a row of numbers that lie close
    together, and not one of a table of which most is empty and every place a wait for memory.
    """
    bits = book.standing[c]
    return book.men[c] if bits & (bits - ONE) == 0 else book.fighters[c, f]


@inner
def enlist(book, c, f, n):
    """n more of faction f's fighters stand in cell c of one run, or -n fewer."""
    g, s = book.segment[c], book.sector[c]
    book.fighters[c, f] += n
    book.men[c] += n
    book.persons[g, f] += n
    book.strength[s, f] += n
    book.rationed[g] = False
    note(c, f, book.fighters, book.standing)
    note(g, f, book.persons, book.garrison)


@inner
def conceal(book, c, f, n):
    """n more of faction f hide in cell c of one run, or -n fewer."""
    book.covert[c, f] += n
    book.hidden[f] += n
    note(c, f, book.covert, book.hiding)


@inner
def house(book, c, n):
    """n more civilians live in cell c of one run, or -n fewer."""
    book.population[c] += n
    book.ground[book.sector[c], place(book.holder[c], len(book.hidden)), 0] += n


@inner
def hand_over(book, c, new):
    """Cell c of one run, and who lives there, gets another holder."""
    factions, s, people = len(book.hidden), book.sector[c], np.int64(book.population[c])
    before, now = place(book.holder[c], factions), place(new, factions)
    book.ground[s, before, 0] -= people
    book.ground[s, before, 1] -= 1
    book.ground[s, now, 0] += people
    book.ground[s, now, 1] += 1
    book.holder[c] = new


@inner
def residents(book, s):
    """Civilians at home in sector s of one run."""
    people = np.int64(0)
    for f in range(book.ground.shape[1]):
        people += book.ground[s, f, 0]
    return people


@inner
def note(c, f, people, bits):
    """Set or clear faction f's bit of cell or segment c, as it has people there or not."""
    bit = ONE << np.uint64(f)
    if people[c, f] > 0:
        bits[c] |= bit
    else:
        bits[c] &= ~bit


@njit(cache=True, inline="always")
def lowest(bits):
    """The lowest faction whose bit is set; `bits &= bits - ONE` then takes it away."""
    return np.int64(trailing_zeros(bits))
