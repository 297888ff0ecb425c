"""The lines between districts and governorates and around the whole map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.export.ground import rings

if TYPE_CHECKING:
    from sim.setting import Setting

Array = NDArray[Any]

GOVERNORATE = 4  # letters of a P-code that name the governorate: SY01 of SY0103
SNAP = 1e-5  # degrees: corners nearer than this are one, so that no slits stay between cells


@dataclass(frozen=True)
class Borders:
    """Closed rings around districts, governorates and the whole map; arrays (n, 2) of degrees.

    A border between two districts is in the rings of both.
    """

    districts: tuple[Array, ...]
    governorates: tuple[Array, ...]
    country: tuple[Array, ...]


def borders(setting: Setting) -> Borders:
    """Merge the cells: a second's work, so once for all pictures of a result."""
    district = np.array(setting.district)
    parts = _merged(np.array(setting.outlines, dtype=object), district)
    codes = np.array([code[:GOVERNORATE] for code in np.unique(district)])
    wholes = _merged(parts, codes)
    country = _merged(wholes, np.zeros(len(wholes)))
    lines = (
        tuple(r for shape in group for r in rings(shape)) for group in (parts, wholes, country)
    )
    return Borders(*lines)


def _merged(shapes: Array, groups: Array) -> Array:
    """One shape for each group, in order of group."""
    import shapely

    merged = [
        shapely.union_all(shapes[groups == group], grid_size=SNAP) for group in np.unique(groups)
    ]
    return np.array(merged, dtype=object)
