"""Where files are kept that can be made again: compiled kernels, and the dashboard's results."""

from __future__ import annotations

import getpass
import os
import tempfile
from pathlib import Path


def cache_folder(variable: str, below: str = "") -> Path:
    """A folder to keep files in, made if need be: below the user's cache, else a temporary one.

    variable  an environment variable that names the place to try first
    below     the folder's path below that place, or below the cache of this program

    A home that cannot be written must not stop anybody.  A folder that belongs to somebody else is
    never used: machine code that lies there would be run.
    """
    owner = str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    asked = os.environ.get(variable)
    candidates = [Path(asked)] if asked else []
    candidates += [Path(home) / "badia", Path(tempfile.gettempdir()) / f"badia-{owner}"]
    for candidate in candidates:
        folder = candidate / below
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
                continue
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError:
            continue
        return folder
    return Path(tempfile.mkdtemp(prefix="badia-"))
