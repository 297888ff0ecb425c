"""A war and its image in a mirror, with the sides renamed, come out alike.

`tests/property/test_variants.py` has a war of equals on a field that is its own image, in which
neither side may be favoured.  Here the sides are unequal in everything, and the image is another
war: what is first in every list stands last, and chance, which hangs on names, is drawn anew.
So whatever hangs on the order of cells, factions or neighbours would show.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.scenario.compiled import EventKind
from sim.state import Loss
from sim.theatre import grid
from tests.contract import wars

RUNS, DAYS = 1000, 60
# A field of rows of 7 and 6 hexagons, whose image is the same rows read backwards.
TERRAIN = ["s d s s v s u", " v m d d s v", "u v d d l v s", " d m d s m v", "s s s d s d s"]
DISTRICTS = ["A A A B B C C", "A A B B C C", "A A A B B C C", "A A B B C C", "A A A B B C C"]
SEGMENTS = ["0 0 1 1 2 3 3", "0 0 1 2 2 3", "4 4 1 5 5 6 6", "4 4 5 5 6 7", "4 4 8 8 7 7 7"]
ROADS = [". - - = . . -", ". . = = . .", "= = = - . . .", ". - . . - .", ". . . - . . ."]


def rows(lines, mirrored):
    """The lines of a map, or of its image."""
    lines = [line.split() for line in lines]
    return "\n".join(" ".join(line[::-1] if mirrored else line) for line in lines)


def war(mirrored):
    """A strong west that attacks on open ground a weaker east that strikes back; or the image.

    In the image the strong come from the east and are the second faction.  Returns the scenario,
    its cells in the order of the first war, and its factions in that order.
    """
    ground = grid(
        rows(TERRAIN, mirrored),
        districts=rows(DISTRICTS, mirrored),
        segments=rows(SEGMENTS, mirrored),
        roads=rows(ROADS, mirrored),
        hexagon_km=5.0,
        population=50_000,
    )
    mesh = ground.mesh
    place = [(int(name[1:3]), int(name[4:6])) for name in mesh.cell_id]
    if mirrored:
        place = [(row, 6 - row % 2 - column) for row, column in place]
    order = np.array(sorted(range(mesh.cells), key=lambda c: place[c]))
    strong, weak = (1, 0) if mirrored else (0, 1)
    column = np.array([column + 0.5 * (row % 2) for row, column in place])
    holder = np.where(column < 3.4, strong, weak)
    homes = {f: np.flatnonzero(holder == f) for f in (strong, weak)}
    towns = {f: homes[f][mesh.terrain[homes[f]] == 4] for f in homes}
    everywhere = np.arange(mesh.cells)
    forces = {strong: (3000, 5000), weak: (1500, 2500)}
    scenario = wars.war(
        ground,
        holder=holder,
        forces=[(f, homes[f], forces[f]) for f in (0, 1)],
        events=[
            wars.event(EventKind.OFFENSIVE, everywhere, faction=strong, name="strong"),
            wars.event(
                EventKind.OFFENSIVE, everywhere, faction=weak, name="weak", start=20, end=60
            ),
        ],
        doctrines=tuple("regular" if f == strong else "militia" for f in (0, 1)),
        parameters={"tempo": 0.1, "loss_ratio": 0.3, "ordered_odds": 0.5},
        quality=np.array([1.0 if f == strong else 1.2 for f in (0, 1)]),
        source_faction=np.array([0, 1], np.int8),
        source_cell=np.array([towns[0][0], towns[1][0]], np.int32),
        source_strength=np.ones(2),
        support=np.tile([0.4 if f == strong else 0.2 for f in (0, 1)], (mesh.sectors, 1)),
    )
    return scenario, order, [strong, weak]


def outcome(mirrored):
    """Per run: which cells the strong hold (R, C), and the losses of strong and weak (R, 2)."""
    scenario, order, sides = war(mirrored)
    state = wars.run(scenario, DAYS, runs=RUNS).state
    held = (state.holder == sides[0])[:, order]
    return held, state.losses[:, sides, Loss.COMBAT]


@pytest.fixture(scope="module")
def both():
    return outcome(False), outcome(True)


def z_of_means(one, other):
    """The difference of two means in its standard errors."""
    spread = math.sqrt((one.var(ddof=1) + other.var(ddof=1)) / len(one))
    return (one.mean() - other.mean()) / spread


@pytest.mark.slow  # two times a thousand runs of 60 days
def test_the_image_of_a_war_is_a_war_with_the_image_of_its_outcomes(both):
    """Every cell changes hands as often, within four standard errors of two binomial counts."""
    (held, _), (image, _) = both
    share = (held.mean(axis=0) + image.mean(axis=0)) / 2
    error = np.sqrt(2 * share * (1 - share) / RUNS) + 1e-9
    z = (held.mean(axis=0) - image.mean(axis=0)) / error
    assert (np.abs(z) <= 4).all(), z
    # 33 cells go together, and still most lie within two standard errors
    assert (np.abs(z) <= 2).mean() > 0.8
    assert ((share > 0.05) & (share < 0.95)).sum() > 10, "a war whose end is certain proves nothing"


@pytest.mark.slow
def test_the_image_of_a_war_has_the_same_spread_of_outcomes(both):
    """Ground and losses, in mean and in spread, within four standard errors."""
    (held, lost), (image, lost_there) = both
    pairs = [(held.sum(axis=1), image.sum(axis=1))]
    pairs += [(lost[:, side], lost_there[:, side]) for side in (0, 1)]
    for one, other in pairs:
        one, other = one.astype(float), other.astype(float)
        assert abs(z_of_means(one, other)) <= 4
        assert abs(z_of_means((one - one.mean()) ** 2, (other - other.mean()) ** 2)) <= 4
        assert one.std() > 0
