"""What the build adds to the wheel: the scenarios, inside the package, as `sim/_scenarios`.

Not in an editable install: there they are read where they stand, and a copy would go stale.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Scenarios(BuildHookInterface):  # type: ignore[type-arg]
    """Puts `scenarios/` into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds; `version` is the kind of wheel."""
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"]["scenarios"] = "sim/_scenarios"
