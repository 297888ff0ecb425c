"""A package whose own `__init__` runs when something is first asked of it, not before."""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a package until an attribute is missing; then it becomes that package."""

    def __getattr__(self, name: str) -> Any:
        spec, hidden = (
            self.__spec__,
            name.startswith("__") and name not in ("__all__", "__version__"),
        )
        if hidden or spec is None or spec.loader is None:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        self.__class__ = ModuleType  # type: ignore[assignment]
        spec.loader.exec_module(self)
        return getattr(self, name)


def later(package: str) -> None:
    """Let modules of a package be imported without all that its `__init__` imports.

    `mesa` brings its spaces, pandas, SciPy, networkx and a batch runner that changes how this
    process starts others, together 0.8 s, for the two classes that a model needs; numba brings
    `scipy.linalg`, 0.2 s, to look for one module in it.  Whoever asks the package for anything
    else gets the whole of it.
    """
    spec = find_spec(package) if package not in sys.modules else None
    if spec is not None:
        module = module_from_spec(spec)
        module.__class__ = _Later
        sys.modules[package] = module
