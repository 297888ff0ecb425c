"""How numba takes a `Bundle`: handed in by address, inside a kernel a named tuple of arrays."""

from __future__ import annotations

from typing import Any

from numba import typeof
from numba.core import cgutils, types
from numba.core.datamodel.models import TupleModel
from numba.extending import NativeValue, register_model, unbox

# What numba keeps of an array, in this order, each a word or a row of words; see `Bundle._table`.
LAYOUT = ("meminfo", "parent", "nitems", "itemsize", "data", "shape", "strides")


class BundleType(types.NamedTuple):
    """The type of a `sim.bundle.Bundle`: its class and the types of its arrays."""


def type_of(bundle: Any) -> BundleType:
    """The type of one bundle."""
    return BundleType([typeof(array) for array in bundle], type(bundle))


register_model(BundleType)(TupleModel)


@unbox(BundleType)
def _unbox(kind: BundleType, bundle: Any, c: Any) -> NativeValue:
    """Read the arrays off the table; who calls the kernel holds the bundle, and it holds them."""
    for array in kind:
        if c.context.data_model_manager.lookup(array)._fields != LAYOUT:
            raise RuntimeError("This version of numba lays out arrays in a way that is not known.")
    number = c.pyapi.object_getattr_string(bundle, "address")
    at = c.builder.inttoptr(
        c.pyapi.long_as_ulonglong(number), c.context.get_value_type(kind).as_pointer()
    )
    c.pyapi.decref(number)
    value = c.context.get_constant_undef(kind)
    for i in range(len(kind)):
        field = c.builder.load(cgutils.gep_inbounds(c.builder, at, 0, i))
        value = c.builder.insert_value(value, field, i)
    return NativeValue(value)
