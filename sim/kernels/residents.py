"""Where a run differs from its beginning: so that sums are mended instead of taken anew.

Nearly everybody lives where the census found him: of five thousand cells a hundred lack somebody.
So the people of a sector are those of the census, less those who are missing.
C cells, S sectors; a scratch array of marks has C bytes, rounded up to whole words of 8.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.compiler import inner, kernel, maker

WORD = 8  # marks that one look tells to be all zero


@maker
def scratch(cells):
    """Marks, and room for the cells that `marked` finds."""
    words = (cells + WORD - 1) // WORD
    return np.zeros(words * WORD, np.uint8), np.empty(words * WORD + 1, np.int32)


@inner
def marked(marks, found):
    """List the cells whose mark is 1, ascending; returns how many.  Eight zeros cost one look."""
    words = marks.view(np.uint64)
    n = 0
    for w in range(len(words)):
        if words[w]:
            for c in range(WORD * w, WORD * w + WORD):
                found[n] = c
                n += marks[c]
    return n


@inner
def away(population, census, marks, found):
    """List the cells of one run where not as many live as the census counted; returns how many."""
    for c in range(len(census)):
        marks[c] = population[c] != census[c]
    return marked(marks, found)


@inner
def at_home(population, census, sector, settled, marks, found, out):
    """Civilians at home by sector, of one run, (S,) int64; overwrites out.

    settled  (S,)  int64  persons whom the census counted, by sector
    """
    for s in range(len(out)):
        out[s] = settled[s]
    for i in range(away(population, census, marks, found)):
        c = found[i]
        out[sector[c]] += population[c] - census[c]


@kernel
def count_residents(population, census, sector, settled, out):
    """Add up civilians at home by sector.

    population  (R, C)  int32
    census      (C,)    int32   persons who belong to the cell
    sector      (C,)    int16
    settled     (S,)    int64   the census by sector
    out         (R, S)  int64   overwritten
    """
    marks, found = scratch(len(census))
    for r in range(len(population)):
        at_home(population[r], census, sector, settled, marks, found, out[r])
