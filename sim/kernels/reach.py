"""Reach: which cells' fighters can take part in a battle, by walking over the mesh.

Read when a theatre is built, not during a run.  C cells, E neighbour pairs, P pairs within reach.
"""

import numpy as np
from numba import prange

from sim.kernels.compiler import kernel

ROOM = 4096  # cells that one walk may visit; 8 km hold about 45 at resolution 7


def reach_kernel(x, y, indptr, indices, passable, limit, count, fill, start, out):
    """Walk from every cell over passable pairs to cells whose centre lies within `limit`.

    x, y      (C,)    float32  centres, km
    indptr    (C+1,)  int32    neighbours of c are indices[indptr[c]:indptr[c+1]]
    indices   (E,)    int32    neighbour of each pair
    passable  (E,)    uint8    1 where the pair can be crossed
    limit             float64  km from the first cell's centre, in a straight line
    count     (C,)    int32    overwritten with the number of cells reached, the first included
    fill              bool     whether to write `out` too, at start[c], ascending
    start     (C+1,)  int32    read only when fill
    out       (P,)    int32    written only when fill
    """
    for c in prange(len(x)):
        queue = np.empty(ROOM, np.int32)
        queue[0] = c
        n = 1
        k = 0
        while k < n:
            at = queue[k]
            k += 1
            for e in range(indptr[at], indptr[at + 1]):
                d = indices[e]
                dx = np.float64(x[d]) - np.float64(x[c])
                dy = np.float64(y[d]) - np.float64(y[c])
                if passable[e] == 0 or dx * dx + dy * dy > limit * limit or n >= ROOM:
                    continue
                seen = False
                for q in range(n):
                    if queue[q] == d:
                        seen = True
                        break
                if not seen:
                    queue[n] = d
                    n += 1
        count[c] = n
        if fill:
            out[start[c] : start[c] + n] = np.sort(queue[:n])


reach = kernel(reach_kernel)
