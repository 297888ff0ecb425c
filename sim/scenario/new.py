"""A scenario folder to start from: `badia new`."""

from __future__ import annotations

import shutil
from pathlib import Path

from sim.errors import BadiaError

TEMPLATE = Path(__file__).parent / "template"
FILES = ("README.md", "observed.yaml", "reports.yaml", "scenario.yaml")


def new_scenario(folder: str | Path) -> list[Path]:
    """Write a commented scenario that passes `badia check`; returns the files written.

    Raises `BadiaError` when the folder holds anything, or cannot be written.
    """
    target = Path(folder)
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise BadiaError(f"{target}: this is no empty folder. Expected a new or an empty one.")
        target.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copyfile(TEMPLATE / name, target / name)) for name in FILES]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadiaError(f"{target}: cannot be written: {reason}.") from None
