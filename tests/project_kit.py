"""The project's files, and a wheel made from them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def tracked() -> list[Path]:
    """The files that git knows, or, outside a checkout, every file that could be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return [
            ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()
        ]
    return [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]


def build_wheel(folder: Path) -> Path:
    """A wheel of the tracked files, built in that folder without network and build isolation."""
    source = folder / "source"
    for path in tracked():
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(folder), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("badia-*.whl"))


def install(wheel: Path, site: Path) -> dict[str, str]:
    """Unpack a wheel into a folder; the environment in which Python finds it there first."""
    zipfile.ZipFile(wheel).extractall(site)
    return {"PYTHONPATH": str(site)}
