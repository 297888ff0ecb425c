"""Writes docs/validation.md: what was tried, in figures and maps.

    python -m bench.validation.report                    measure everything, write the page
    python -m bench.validation.report scores quiet       measure these parts anew, write the page
    python -m bench.validation.report --only-page        write the page from what was measured

What a part measured is kept under bench/results/validation/, so that one part can be measured anew.
The page's words stand in bench/validation/page.md.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench.validation import ablation, quiet, resolution, scores, sections
from sim.score import append_log

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "validation.md"
WORDS = Path(__file__).parent / "page.md"
KEPT = ROOT / "bench" / "results" / "validation"
CALIBRATION = ROOT / "bench" / "results" / "calibration"
LOG = ROOT / "docs" / "validation-log.csv"
PICTURES = ROOT / "docs" / "pictures" / "validation"
SLOT = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)


def calibration() -> dict[str, str]:
    """What `badia calibrate` left behind; measures nothing."""
    told = sections.provenance(CALIBRATION)
    plan = told["plan"]
    periods = ", ".join(f"{p['scenario']} {p['digest'][:8]}" for p in told["periods"])
    machine = told["machine"]
    return {
        "calibration_run": (
            f"{told['created'][:10]}, Badia {told['version']}, {machine['cores']} cores, "
            f"{machine['system']}. {periods}. Screening: {plan['trajectories']} trajectories of "
            f"{plan['screening']} runs; then {plan['waves']} waves of {plan['sets']} sets of "
            f"parameters, {plan['runs']} runs of each set on each period; seed {plan['seed']}; "
            f"{plan['kept']} sets are kept.\n"
        ),
        "screening": sections.screening(CALIBRATION),
        "fitted": sections.fitted(told),
        "emulators": sections.emulators(CALIBRATION),
    }


def scored() -> dict[str, str]:
    """Scores on training and validation, with the maps."""
    found = {}
    for title, names in (("training", scores.TRAINING), ("validation", scores.VALIDATION)):
        measured = scores.measure(names)
        for one in measured:
            append_log(LOG, one.result, one.score, datetime.now(UTC).date())
        found[f"{title}_skills"] = (
            sections.stamp(f"{scores.RUNS} runs each, seed {scores.SEED}.")
            + sections.skills(measured)
        )  # fmt: skip
        found[f"{title}_coverage"] = sections.coverage(measured)
        found[f"{title}_captures"] = sections.captures(measured)
        found[f"{title}_reliability"] = sections.reliability(measured)
        found[f"{title}_maps"] = _maps(measured)
    return found


def _maps(measured: list[scores.Scored]) -> str:
    """A picture of the last day of each scenario, given later decisions."""
    from sim.export.base import export

    PICTURES.mkdir(parents=True, exist_ok=True)
    lines = []
    for one in measured:
        if not one.early:
            file = PICTURES / f"{one.scenario}.png"
            export(one.result, "png", file)
            title = f"{one.scenario}, last day: most likely holder of {one.result.runs} runs"
            lines.append(f"![{title}](pictures/validation/{file.name})\n")
    return "\n".join(lines)


def quiet_fronts() -> dict[str, str]:
    """What moves where nobody ordered it."""
    return {"quiet": quiet.page(quiet.rows(), 1)}


def resolutions() -> dict[str, str]:
    """The same war on several meshes."""
    return {"resolution": resolution.page()}


def ablations() -> dict[str, str]:
    """What each mechanism is worth."""
    return {"ablation": ablation.markdown(ablation.measure(), ablation.RUNS)}


def oracles() -> dict[str, str]:
    """The list of oracles and the tests that hold the model to them."""
    from tests.oracles.oracles_kit import ORACLES

    rows = [[name, f"`tests/{file}`", f"`{test}`"] for name, (file, test) in ORACLES.items()]
    return {"oracles": scores.table(["oracle", "file", "test"], rows, left=3)}


PARTS: dict[str, Callable[[], dict[str, str]]] = {
    "calibration": calibration,
    "oracles": oracles,
    "scores": scored,
    "quiet": quiet_fronts,
    "ablation": ablations,
    "resolution": resolutions,
}


def measure(parts: list[str]) -> None:
    """Measure these parts and keep what they say."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in parts:
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        for slot, text in PARTS[name]().items():
            (KEPT / f"{slot}.md").write_text(text, encoding="utf-8")
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def page() -> str:
    """The page: its words, with what was measured in their places."""

    def fill(slot: re.Match[str]) -> str:
        file = KEPT / f"{slot.group(1)}.md"
        return file.read_text(encoding="utf-8").rstrip() if file.is_file() else "Not measured yet."

    return SLOT.sub(fill, WORDS.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure anew")
    parser.add_argument("--only-page", action="store_true", help="measure nothing")
    options = parser.parse_args()
    if not options.only_page:
        measure(options.parts or list(PARTS))
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
