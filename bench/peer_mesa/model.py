"""The model: one run, the order of its day, and what is collected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import mesa
from mesa.discrete_space import Network

from bench.peer_mesa.bombardment import bombardment
from bench.peer_mesa.calendar import Entry, morning
from bench.peer_mesa.control import control
from bench.peer_mesa.convoys import convoys
from bench.peer_mesa.deals import deals
from bench.peer_mesa.decisions import perceive, take_postures
from bench.peer_mesa.engagement import PACE, engagement
from bench.peer_mesa.movement import movement
from bench.peer_mesa.people import people
from bench.peer_mesa.picture import look
from bench.peer_mesa.policing import policing
from bench.peer_mesa.siege import siege
from bench.peer_mesa.supply import supply
from bench.peer_mesa.world import (
    Atlas,
    Contingent,
    Faction,
    Force,
    Ground,
    Sector,
    Segment,
)
from sim.scenario.compiled import CompiledScenario, EventKind

CHANGES = ["day", "cell", "from", "to", "cause", "ratio", "margin"]
INCIDENTS = ["day", "kind", "faction", "other", "cell", "persons", "ratio", "margin"]


class PeerModel(mesa.Model):
    """A run of a scenario.

    atlas    what never changes; one for all runs
    seed     of this run
    changes  parameters by name, instead of the scenario's and the posterior's
    """

    def __init__(
        self,
        scenario: CompiledScenario,
        atlas: Atlas | None = None,
        seed: int = 1,
        changes: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(seed=seed)
        self.scenario = scenario
        self.atlas = atlas or Atlas(scenario)
        self.day = 0
        self.p = self._parameters(changes or {})
        self.advance = [getattr(self.p, f"advance_{terrain}") for terrain in PACE]
        self.factions = [Faction(self, f, scenario) for f in range(scenario.factions)]
        self.stances = [[int(x) for x in row] for row in scenario.stance]
        for faction in self.factions:
            faction.meet(self.factions, self.stances)
        self.space = Network(self.atlas.graph, random=self.random, cell_klass=Ground)
        self.cells: list[Ground] = list(self.space)
        self._lay_out()

        self.contingents: dict[tuple[int, int], Contingent] = {}  # by segment and faction
        self.networks: dict[Force, None] = {}  # the hidden ones
        self._people_the_map()

        # what rules hand to one another; sets in the order of entry, so that runs repeat
        self.severed: list[Ground] = []  # held cells that no supply reaches
        self.dirty = dict.fromkeys(self.cells)  # whose front must be measured
        self.to_trace = dict.fromkeys(self.cells)  # whose holder supply has not seen
        self.under_orders: dict[Ground, None] = {}
        self.front: dict[Ground, None] = {}
        self.answering: dict[Ground, list[Ground]] = {}
        self.spread: dict[Ground, float] = {}
        self.strength: dict[Ground, tuple[int, float, float]] = {}
        self.suppressed: dict[Ground, float] = {}
        self.combat: dict[Ground, float] = {}
        self.booked: dict[Ground, None] = {}
        self.operating: dict[Segment, None] = {}
        self.views: Any = None
        self.entries = [Entry(self, event) for event in scenario.events]
        self.changes = 0

        self.datacollector = mesa.DataCollector(
            model_reporters={
                "area": self.area,
                "fighters": self.fighters,
                "covert": self.covert,
                "losses": self.losses,
                "displaced": self.displaced,
                "changes": "changes",
            },
            tables={"changes": CHANGES, "incidents": INCIDENTS},
        )
        self.datacollector.collect(self)

    def step(self) -> None:
        """One day."""
        self.changes = 0
        morning(self)
        look(self)
        due = self.day % max(int(self.p.decision_days), 1) == 0
        self.views = perceive(self) if due else None
        self.agents_by_type[Faction].do("decide")
        supply(self)
        movement(self)
        convoys(self)
        bombardment(self)
        look(self)
        engagement(self)
        siege(self)
        deals(self)
        policing(self)
        people(self)
        control(self)
        self.day += 1
        self.datacollector.collect(self)

    # --- the first morning ---

    def _parameters(self, changes: Mapping[str, float]) -> SimpleNamespace:
        scenario, values = self.scenario, {}
        for name in type(scenario.parameters).model_fields:
            values[name] = float(getattr(scenario.parameters, name))
        if scenario.posterior is not None:
            row = self.random.choice(scenario.posterior.values)
            values.update(zip(scenario.posterior.names, row.tolist(), strict=True))
        for name, (low, high) in scenario.ranges.items():
            values[name] = self.random.uniform(low, high)
        return SimpleNamespace(**{**values, **changes})

    def _lay_out(self) -> None:
        """Give each cell its place, its neighbours and its first holder."""
        atlas, scenario, cells = self.atlas, self.scenario, self.cells
        factions = len(self.factions)
        self.sectors = [Sector(s, factions, atlas.apart[s]) for s in range(atlas.sectors)]
        groups: list[list[Ground]] = [[] for _ in range(atlas.segments)]
        for cell in cells:
            groups[atlas.segment[cell.index]].append(cell)
        self.segments = [Segment(g, group) for g, group in enumerate(groups)]
        self.m2 = sum(atlas.m2)
        for c, cell in enumerate(cells):
            cell.area, cell.terrain = atlas.area[c], atlas.terrain[c]
            cell.rough, cell.road = atlas.rough[c], atlas.road[c]
            cell.census = cell.population = atlas.population[c]
            cell.segment = self.segments[atlas.segment[c]]
            cell.sector = sector = self.sectors[atlas.sector[c]]
            cell.ways = [(cells[j], km, bridge, cost) for j, km, bridge, cost in atlas.ways[c]]
            cell.near = [way[0] for way in cell.ways]
            cell.step_km = atlas.step_km[c]
            cell.reach = [cells[j] for j in atlas.reach[c]]
            holder = int(scenario.holder[c])
            cell.holder = self.factions[holder] if holder >= 0 else None
            cell.held_since = -int(scenario.held_days[c])
            if cell.holder is not None:
                cell.holder.m2 += atlas.m2[c]
            sector.cells.append(cell)
            sector.census += cell.census
            sector.population += cell.census
            sector.under[holder] += cell.census
        for c, cell in enumerate(cells):
            around = [cells[j] for j in atlas.neighbours[c]]
            cell.sector.beside.update([cell.sector, *(j.sector for j in around)])
            for j in around:
                if j.segment is not cell.segment and j.segment not in cell.segment.beside:
                    cell.segment.beside.append(j.segment)
        self.sources = [
            (cells[c], self.factions[f], float(strength))
            for c, f, strength in zip(
                scenario.source_cell,
                scenario.source_faction,
                scenario.source_strength,
                strict=True,
            )
        ]

    def _people_the_map(self) -> None:
        scenario = self.scenario
        for sector in self.sectors:
            sector.support = [float(x) for x in scenario.support[sector.index]]
            sector.cohesion = [float(x) for x in scenario.cohesion]
        for force in scenario.forces:
            persons = round(self.random.uniform(force.low, force.high))
            upto, before = 0.0, 0
            for c, weight in zip(force.cells, force.weights, strict=True):
                upto += weight
                reached = math.floor(persons * min(upto, 1.0) + 1e-9)
                faction = self.factions[force.faction]
                self.enter(faction, self.cells[c], reached - before, force.covert)
                before = reached
            self.enter(faction, self.cells[c], persons - before, force.covert)
        for contingent in self.contingents.values():
            contingent.store = contingent.men * float(scenario.stock[contingent.faction.index])

    # --- what rules do to the world ---

    def take_postures(self, faction: Faction) -> None:
        """What a faction's `decide` comes to."""
        take_postures(self, faction)

    def contingent(self, segment: Segment, faction: Faction) -> Contingent:
        """A faction's fighters in a segment, with their depot."""
        key = (segment.index, faction.index)
        found = self.contingents.get(key)
        if found is None:
            found = self.contingents[key] = Contingent(segment, faction)
        return found

    def enter(self, faction: Faction, cell: Ground, persons: int, covert: bool = False) -> None:
        """People come into a cell: they join whom they find there, or are the first."""
        if persons <= 0:
            return
        force = (cell.networks if covert else cell.troops).get(faction)
        if force is None:
            Force(self, faction, cell, persons, covert)
        else:
            force.come(persons)

    def hand_over(
        self,
        cell: Ground,
        new: Faction,
        cause: str,
        ratio: float = math.nan,
        margin: float = math.nan,
    ) -> None:
        """A cell changes its holder."""
        old, sector, m2 = cell.holder, cell.sector, self.atlas.m2[cell.index]
        if old is not None:
            old.m2 -= m2
        new.m2 += m2
        sector.under[-1 if old is None else old.index] -= cell.population
        sector.under[new.index] += cell.population
        cell.lost_by, cell.lost_on = old, self.day
        cell.holder, cell.held_since = new, self.day
        cell.attacker, cell.progress = None, 0.0
        self.to_trace[cell] = self.dirty[cell] = None
        for j in cell.near:
            self.dirty[j] = None
        self.changes += 1
        row = (self.day, cell.index, old.id if old else None, new.id, cause, ratio, margin)
        self.datacollector.add_table_row("changes", dict(zip(CHANGES, row, strict=True)))

    def live(self, cell: Ground, persons: int) -> None:
        """Civilians come home, or leave if negative."""
        cell.population += persons
        cell.sector.population += persons
        cell.sector.under[-1 if cell.holder is None else cell.holder.index] += persons

    def note(
        self,
        kind: str,
        faction: Faction,
        other: Faction | None,
        cell: Ground,
        persons: int,
        ratio: float = math.nan,
        margin: float = math.nan,
    ) -> None:
        """An incident."""
        struck = other.id if other else None
        row = (self.day, kind, faction.id, struck, cell.index, persons, ratio, margin)
        self.datacollector.add_table_row("incidents", dict(zip(INCIDENTS, row, strict=True)))

    # --- what rules ask ---

    def in_force(self, kind: EventKind) -> list[Entry]:
        return [entry for entry in self.entries if entry.active and entry.kind is kind]

    def refuge_of(self, faction: Faction, segment: Segment) -> tuple[Ground | None, float]:
        """Where those go who slip out of a segment, and how far that is."""
        c, km = self.atlas.nearest_refuge[faction.index][segment.index]
        return (self.cells[c] if c >= 0 else None), km

    # --- what is collected ---

    def area(self) -> tuple[int, ...]:
        """m2 held by each faction, then by nobody."""
        held = [faction.m2 for faction in self.factions]
        return (*held, self.m2 - sum(held))

    def fighters(self) -> tuple[int, ...]:
        totals = [0] * len(self.factions)
        for contingent in self.contingents.values():
            totals[contingent.faction.index] += contingent.men
        return tuple(totals)

    def covert(self) -> tuple[int, ...]:
        totals = [0] * len(self.factions)
        for force in self.networks:
            totals[force.faction.index] += force.persons
        return tuple(totals)

    def losses(self) -> tuple[int, ...]:
        return tuple(sum(faction.losses) for faction in self.factions)

    def displaced(self) -> int:
        return sum(sector.displaced for sector in self.sectors)
