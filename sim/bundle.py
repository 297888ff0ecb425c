"""Arrays that kernels take together: what they are called, and where they lie.

A kernel that is handed a named tuple of fifty arrays asks each of them for its type, its place and
its shape, at every call, which takes longer than many a kernel's work on a few runs.  A bundle has
asked them once: a kernel takes it by the address of a table that says where its arrays lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Bundle:
    """Base of frozen data classes (`eq=False`) whose fields are arrays and nothing else.

    The arrays may change, but not be exchanged for others; where they lie is looked up once.
    """

    _fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__annotations__)

    def __iter__(self) -> Iterator[Array]:
        """The arrays, in the order of the fields."""
        return (getattr(self, name) for name in self._fields)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy has arrays of its own, which lie elsewhere."""
        return type(self), tuple(self)

    @cached_property
    def address(self) -> int:
        """Where `_table` lies."""
        return self._table.ctypes.data

    @cached_property
    def _table(self) -> Array:
        """Each array as numba lays out its own, one after the other: nobody to count references,
        items, bytes of an item, address, shape, strides.
        """
        rows = ((0, 0, a.size, a.itemsize, a.ctypes.data, *a.shape, *a.strides) for a in self)
        return np.array([number for row in rows for number in row], np.int64)

    @cached_property
    def _numba_type_(self) -> Any:
        """The type under which numba compiles it."""
        from sim.kernels.bundles import type_of

        return type_of(self)
