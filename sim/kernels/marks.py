"""Cells of a kind: marked in one loop without branches, listed in another.

Of five thousand cells a hundred lack somebody, two hundred have a front, seven hundred hide
somebody.
C cells; a scratch array of marks has C bytes, rounded up to whole blocks of 64.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.compiler import inner, maker

WORD, BLOCK = 8, 64  # marks in a word; marks that one look tells to be all zero


@maker
def scratch(cells):
    """Marks, and room for the cells that `marked` finds."""
    room = (cells + BLOCK - 1) // BLOCK * BLOCK
    return np.zeros(room, np.uint8), np.empty(room + 1, np.int32)


@inner
def marked(marks, found):
    """List the cells whose mark is 1, ascending; returns how many.  64 zeros cost one look."""
    words = marks.view(np.uint64)
    n = 0
    for block in range(0, len(words), BLOCK // WORD):
        some = np.uint64(0)
        for w in range(block, block + BLOCK // WORD):
            some |= words[w]
        if some:
            for w in range(block, block + BLOCK // WORD):
                if words[w]:
                    for c in range(WORD * w, WORD * w + WORD):
                        found[n] = c
                        n += marks[c]
    return n
