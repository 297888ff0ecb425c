"""What the model shows of the article's claims S1 to S14: the figures of docs/claims.md.

`python -m bench.claims`, from the project's folder, measures them with the functions that
tests/claims/ asserts on, prints the page and writes it.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sim.ensemble import version
from tests.claims.evidence import CLAIMS, HAJIN, NATIONAL, SUWEIDA, Figure, Wars

PAGE = Path(__file__).parents[1] / "docs" / "claims.md"
SCENARIOS = (NATIONAL, SUWEIDA, HAJIN)

HEAD = """\
# The article's claims, measured

One news article of mid-August 2018 makes fourteen claims (S1 to S14; in our words in [the
scenario's reports](../scenarios/syria-2018-08/reports.yaml)). What was known that morning is put
into the scenarios; what came of it is left to the model. This page says how far the model, with the
parameters that the year before left standing ([validation.md](validation.md)), shows each claim.
Directions are asserted in `tests/claims/test_claims.py`. It is history and teaching from public
reports, not a forecast.

`python -m bench.claims` writes this page, but for the sentences.

{date}, Badia {version}, {runs} runs of each ensemble, seed {seed};
{digests}.
p10, p50 and p90 are quantiles over the runs; what has one value for all runs stands under p50
alone. 60 days from 14 August on the whole map, 45 from 6 August at Suweida, 120 from 14 August at
Hajin. "Without" and "more than" compare ensembles with the same chance that differ by that alone.
"""

SAYS = {
    "S1": "The Islamic State's fighters are besieged between Hajin and the border.",
    "S2": "They try to fall back west, into the Badia.",
    "S3": "For that they attack the army at Hamdan, across the river.",
    "S4": "In Suweida they give up ground rather than fight.",
    "S5": "Within days the army took about half of the Suweida pocket, over 30 km.",
    "S6": "It advances from Rudaymah East and Ramiya toward Mahra Rashid, Tal Salim al-Luf and "
    "Tall al-Safa.",
    "S7": "The whole quadrant is under constant bombardment.",
    "S8": "Attempts to fall back from there westward bear little fruit.",
    "S9": "HTS hunts the Islamic State in southern Idlib; arrests multiply.",
    "S10": "People who want terms with Damascus are arrested too.",
    "S11": "The government prepares a mass offensive on Idlib, HTS prepares for it.",
    "S12": "Leaflets warn people against supporting the rebels.",
    "S13": "Twelve buses with Hezbollah fighters leave Deir ez-Zor for the north.",
    "S14": "The Islamic State is pressed everywhere at once.",
}

SHORT = """\
## Where it falls short

- **S2, S3**: a break-out costs those it strikes nothing in the model, so the army loses no men to
  it.
- **S3**: the attacks come as parties that break out over a crossing, 4 to 17 km from Hamdan,
  mostly at Al Hasrat. The order to attack Hamdan for ground (`is-hamdan`) starts nothing: over 4
  km of crossings, against men dug in for months, the combat power ratio is 0.05 to 0.15, and an
  ordered attack waits until it looks even (`ordered_odds`).
- **S4**: most of the difference to Hajin is density: a man a km2 or less in the steppe. The lines
  "all evade" and "all stand" have the same men on the same ground, so their difference is
  behaviour.
- **S5**: the army takes four fifths of the steppe in two weeks, and 37 % of the whole pocket, a
  third of which is lava; the article has about half gone in the nine days to 14 August, where
  the model has 28 %. Before calibration it had 24 % in two weeks.
- **S6**: the ground on the axes goes first because it lies nearest to the army's lines. With
  the calibrated tempo operations begin everywhere at once, and the order for axes itself adds
  nothing; the test asserts the lead of that ground alone.
- **S7**: the bombardment kills and holds down, but hardly speeds up the advance.
- **S10**: the will to reconcile begins at its upper bound everywhere, so the arrests can only
  lower it.
- **S11**: HTS gains few men in the south, since its forces stand there already. The army would not
  have attacked without its order to wait either: quiet fronts rarely move on their own. If the
  attack is ordered, few operations begin, for orders wait for even odds.
- **S13**: in the scenario as delivered the buses are hardly ever caught; the raiders are ours.
"""


def cells(figure: Figure) -> tuple[str, str, str]:
    """A figure as three cells of a table."""
    values = figure.values
    unit = f" {figure.unit}" if figure.unit else ""
    if values.dtype == np.bool_:
        return "", f"{100 * figure.share:.0f} % of runs", ""
    low, middle, high = np.nanquantile(values, [0.1, 0.5, 0.9])
    if np.nanmin(values) == np.nanmax(values):
        return "", number(middle) + unit, ""
    return number(low), number(middle) + unit, number(high)


def number(value: float) -> str:
    """Two digits, or all before the point."""
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 1 - int(np.floor(np.log10(abs(value)))))}f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    wars, begin = Wars(options.runs, options.seed), time.perf_counter()
    rows = ["| claim | what is measured | p10 | p50 | p90 |", "|---|---|--:|--:|--:|"]
    for claim, measure in CLAIMS.items():
        rows.append(f"| **{claim}** | **{SAYS[claim]}** | | | |")
        for figure in measure(wars).values():
            label = figure.label[0].upper() + figure.label[1:]
            rows.append(f"| | {label} | {' | '.join(cells(figure))} |")
    digests = ", ".join(f"{name} {wars.scenario(name).digest[:8]}" for name in SCENARIOS)
    head = HEAD.format(
        date=datetime.now(UTC).date(), version=version(), runs=options.runs, seed=options.seed,
        digests=digests,
    )  # fmt: skip
    page = "\n".join([head, *rows, "", SHORT])
    print(page)
    options.out.write_text(page, encoding="utf-8")
    print(f"{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
