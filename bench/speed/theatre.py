"""What the benchmarks run: the national scenario on any mesh, with any number of armies.

Nothing here is a scenario of its own: it is the war of August 2018 throughout.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bench.speed.kit import NATIONAL
from sim import CompiledScenario, load_scenario
from sim.chance import name_key
from sim.doctrines import doctrine_names
from sim.scenario.compiled import Force, Stance
from sim.scenario.find import find_scenario
from sim.state import State
from sim.theatre.mesh import Crossing, Mesh

MIXED = "6+7"  # resolution 6, and 7 within these degrees: half way from one to the other
FINER = """
  finer:
    - resolution: 7
      area: {polygon: [[35.5, 32.0], [38.0, 32.0], [38.0, 37.5], [35.5, 37.5]]}
"""


def load(mesh: str = "6", name: str = NATIONAL) -> CompiledScenario:
    """A scenario on a mesh: `5`, `6`, `7`, MIXED, or `own`, the scenario's."""
    if mesh == "own":
        return load_scenario(name, doctrines=doctrine_names())
    if mesh != MIXED:
        return load_scenario(name, doctrines=doctrine_names(), resolution=int(mesh))
    source = find_scenario(name)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / name
        copy.mkdir()
        for file in source.iterdir():
            if file.is_file():
                (copy / file.name).write_bytes(file.read_bytes())
        text = (copy / "scenario.yaml").read_text(encoding="utf-8")
        whole = "\n  resolution: 6\n"
        if text.count(whole) != 1:
            raise ValueError(f"{name} does not set its resolution as expected.")
        text = text.replace(whole, whole + FINER.strip("\n") + "\n")
        (copy / "scenario.yaml").write_text(text, encoding="utf-8")
        return load_scenario(copy, doctrines=doctrine_names())


def split(scenario: CompiledScenario, parts: int) -> CompiledScenario:
    """The same war with every army split into so many allied armies of equal strength.

    Fighters and supporters are divided, so that their sums stay; ground, sources, and the events
    stay with the first part.  Fronts are as long as before, since allies do not fight.
    """
    if parts == 1:
        return scenario
    order = np.arange(scenario.factions * parts) % scenario.factions  # whose part each is
    part = np.arange(len(order)) // scenario.factions
    same = order[:, None] == order[None, :]
    stance = scenario.stance[np.ix_(order, order)].copy()
    stance[same] = Stance.ALLIED

    def named(text: str, number: int) -> str:
        return text if number == 0 else f"{text}-{number + 1}"

    ids = tuple(named(scenario.faction_ids[f], k) for f, k in zip(order, part, strict=True))
    forces: list[Force] = []
    for force in scenario.forces:
        for k in range(parts):
            name = named(force.id, k)
            forces.append(
                replace(
                    force,
                    id=name,
                    key=force.key if k == 0 else name_key(name),
                    faction=force.faction + k * scenario.factions,
                    low=force.low / parts,
                    high=force.high / parts,
                )
            )
    refuge = scenario.refuge[order]
    return replace(
        scenario,
        faction_ids=ids,
        faction_names=ids,
        faction_keys=np.array([name_key(name) for name in ids], np.uint64),
        colours=tuple(scenario.colours[f] for f in order),
        doctrines=tuple(scenario.doctrines[f] for f in order),
        quality=scenario.quality[order],
        cohesion=scenario.cohesion[order],
        stock=scenario.stock[order],
        stance=stance,
        refuge=refuge,
        support=scenario.support[:, order] / parts,
        forces=tuple(forces),
    )


def front_cells(state: State, mesh: Mesh) -> NDArray[np.bool_]:
    """Cells with a border to an enemy that can be reached, (R, C)."""
    origin = np.repeat(np.arange(mesh.cells), np.diff(mesh.indptr))
    found = np.zeros(state.holder.shape, np.bool_)
    for r in range(state.runs):
        fight = hostile(state.holder[r][origin], state.holder[r][mesh.indices], state.stance[r])
        found[r, origin[fight & (mesh.crossing != Crossing.CLOSED)]] = True
    return found


def hostile(
    a: NDArray[np.int8], b: NDArray[np.int8], stance: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Whether the holders of pairs of cells fight on sight; nobody's ground is open to anybody."""
    somebody = (a >= 0) & (b >= 0)
    return np.where(somebody, stance[a, b] == Stance.HOSTILE, a != b)


def active(state: State, mesh: Mesh) -> NDArray[np.bool_]:
    """Cells in which something is to be done, (R, C): people in arms, or a front within reach."""
    armed = (state.fighters > 0).any(axis=2) | (state.covert > 0).any(axis=2)
    front = front_cells(state, mesh)
    origin = np.repeat(np.arange(mesh.cells), np.diff(mesh.reach_indptr))
    for r in range(state.runs):
        armed[r, mesh.reach[front[r][origin]]] = True
    return armed | front
