"""`badia doctor`: what this machine has, what is missing and how to get it."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Annotated, Any

import typer

from sim.cli.cache import compiled_kernels, kernel_folder
from sim.cli.console import print_json, stdout

DOCTOR_HELP = """Show versions, cores, the kernel cache, and what is missing.

\b
Examples:
  badia doctor
  badia doctor --json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=DOCTOR_HELP)(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what this machine has."""
    report = examine()
    if as_json:
        print_json(report)
        return
    show(report)


def examine() -> dict[str, Any]:
    """Everything worth knowing when something does not work."""
    from sim.scenario import list_scenarios
    from sim.workers import cores

    needed = _requirements()
    return {
        "badia": version("badia"),
        "python": platform.python_version(),
        "executable": sys.executable,
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": cores(),
        "memory_gib": _memory_gib(),
        "kernel_cache": str(kernel_folder()),
        "compiled_kernels": compiled_kernels(),
        "scenarios": len(list_scenarios()),
        "packages": {name: found for name, (found, _) in needed.items() if found},
        "missing": {name: how for name, (found, how) in needed.items() if not found},
    }


def show(report: dict[str, Any]) -> None:
    """Print the report for a person."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_row("Badia", report["badia"])
    table.add_row("Python", f"{report['python']}  ({report['executable']})")
    memory = report["memory_gib"]
    room = f", {memory} GiB of memory" if memory else ""
    table.add_row("Machine", f"{report['machine']}, {report['cores']} cores{room}")
    count = report["compiled_kernels"]
    state = f"{count} compiled functions" if count else "empty: the first run compiles, once"
    table.add_row("Kernel cache", f"{report['kernel_cache']}  ({state})")
    table.add_row("Scenarios", str(report["scenarios"]))
    table.add_row("Packages", ", ".join(f"{n} {v}" for n, v in report["packages"].items()))
    for name, how in report["missing"].items():
        table.add_row("[bold red]Missing[/]", f"{name}: {how}")
    if not report["missing"]:
        table.add_row("Missing", "nothing")
    stdout().print(table, soft_wrap=False)


def _requirements() -> dict[str, tuple[str, str]]:
    """Each package that Badia names -> (version found or '', how to get it), in order of name."""
    from packaging.requirements import Requirement

    found = {}
    for line in requires("badia") or []:
        need = Requirement(line)
        extra = 'extra == "dev"' in line
        if need.marker and not need.marker.evaluate({"extra": "dev"}):
            continue
        try:
            installed = version(need.name)
        except PackageNotFoundError:
            installed = ""
        how = "pip install 'badia[dev]' (development only)" if extra else f"pip install {need.name}"
        found[need.name] = (installed, how)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _memory_gib() -> float | None:
    """The machine's memory, where the system tells."""
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None
    return round(pages * size / 2**30, 1)
