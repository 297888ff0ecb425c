"""What there is: cells, forces, contingents, segments, sectors, factions.

`Atlas` is made once for a scenario and shared by its runs; all else belongs to one run.
"""

from __future__ import annotations

import math
from typing import Any

import mesa
import networkx as nx
from mesa.discrete_space import Cell, CellAgent

from sim.scenario.compiled import CompiledScenario, Posture, Stance
from sim.theatre.mesh import Crossing

KM_PER_DEGREE = 111.195
NEVER = "never"
EVADE = int(Posture.EVADE)
COMBAT, BOMBARDMENT, SURRENDER, DESERTION, ARREST, BREAK_OUT, RAID, CONVOY = range(8)  # losses


class Ground(Cell):
    """A cell: its place in the network, who holds it, who is there.

    `PeerModel._lay_out` gives it the rest: area, terrain, rough, road, population, census, sector,
    segment, ways (neighbour, border km, bridge, cost) that are not closed, near (those neighbours),
    step_km (by index of the neighbour) and reach (cells).
    """

    def __init__(self, coordinate: int, capacity: int | None = None, random: Any = None) -> None:
        super().__init__(coordinate, capacity, random=random)
        self.index = coordinate
        self.troops: dict[Faction, Force] = {}
        self.men = 0  # fighters in the open, of whatever faction
        self.networks: dict[Faction, Force] = {}
        self.holder: Faction | None = None
        self.held_since = 0
        self.lost_by: Faction | None = None
        self.lost_on = -1000
        self.attacker: Faction | None = None
        self.progress = 0.0
        self.distance = -1
        self.access = 0.0
        self.traced: Any = NEVER  # holder when supply was last traced
        # orders and support of the calendar
        self.ordered_for: set[Faction] = set()
        self.paused_for: set[Faction] = set()
        self.air_for: set[Faction] = set()
        self.urge = 0.0
        self.air = 0.0
        # the picture
        self.front_km = 0.0
        self.foes: list[tuple[Ground, float, bool]] = []  # enemy neighbour, border km, bridge
        self.roads: list[tuple[int, int]] = []  # friendly neighbour's index, cost of the way
        self.ready = 0.0
        self.ready_might = 0.0
        self.ready_days = 0.0

    def add_agent(self, agent: Force) -> None:
        super().add_agent(agent)
        (self.networks if agent.covert else self.troops)[agent.faction] = agent

    def remove_agent(self, agent: Force) -> None:
        super().remove_agent(agent)
        del (self.networks if agent.covert else self.troops)[agent.faction]

    def measure(self) -> None:
        """See anew which neighbours are enemies and which are friends."""
        holder = self.holder
        if holder is None:
            self.foes = [(j, km, br) for j, km, br, _ in self.ways if j.holder is not None]
            self.roads = []
        else:
            friends, enemies = holder.friends, holder.enemies
            self.foes = [(j, km, br) for j, km, br, _ in self.ways if j.holder in enemies]
            self.roads = [(j.index, cost) for j, _, _, cost in self.ways if j.holder in friends]
        self.front_km = sum([km for _, km, _ in self.foes])

    @property
    def evading(self) -> bool:
        """Whether its holder gives way here."""
        return self.holder is not None and self.sector.posture[self.holder.index] == EVADE


class Faction(mesa.Agent):
    """An armed actor; `rules.decisions` gives it its doctrine."""

    def __init__(self, model: Any, index: int, scenario: CompiledScenario) -> None:
        super().__init__(model)
        self.index = index
        self.id = scenario.faction_ids[index]
        self.doctrine = scenario.doctrines[index]
        self.quality = float(scenario.quality[index])
        self.bloc: list[Faction] = []  # itself and its allies
        self.friends: set[Faction | None] = set()
        self.enemies: set[Faction | None] = set()  # with None: ground that nobody holds
        self.hunts: set[Faction] = set()  # whose networks it polices
        self.losses = [0] * 8
        self.joined = 0
        self.m2 = 0  # area held

    def meet(self, factions: list[Faction], stances: list[list[int]]) -> None:
        """Learn who is what to whom."""
        mine = stances[self.index]
        self.bloc = [f for f in factions if mine[f.index] == Stance.ALLIED]
        self.friends = set(self.bloc)
        self.enemies = {None, *(f for f in factions if mine[f.index] == Stance.HOSTILE)}
        rivals = (Stance.HOSTILE, Stance.RIVAL)
        self.hunts = {f for f in factions if f is not self and mine[f.index] in rivals}

    def decide(self) -> None:
        """Take a posture in every sector."""
        self.model.take_postures(self)


class Force(CellAgent):
    """People of one faction in one cell, in the open or hidden.  It ends when nobody is left."""

    def __init__(
        self, model: Any, faction: Faction, cell: Ground, persons: int, covert: bool
    ) -> None:
        super().__init__(model)
        self.faction = faction
        self.persons = 0
        self.covert = covert
        self.cell = cell
        self.place = cell  # `cell` is a property of Mesa; the place is asked for often
        if covert:
            model.networks[self] = None
            self.contingent = None
        else:
            self.contingent = model.contingent(cell.segment, faction)
            self.contingent.forces[cell.index] = self
        self.come(persons)

    def come(self, persons: int) -> None:
        """So many more are here."""
        self.persons += persons
        if not self.covert:
            self.place.men += persons
            self.contingent.men += persons
            self.place.sector.strength[self.faction.index] += persons

    def leave(self, persons: int) -> None:
        """So many are here no longer."""
        self.come(-persons)
        if self.persons <= 0:
            self.remove()

    def lose(self, persons: int, cause: int) -> None:
        """So many are lost to the faction."""
        if persons:
            self.faction.losses[cause] += persons
            self.leave(persons)

    def remove(self) -> None:
        if self.covert:
            del self.model.networks[self]
        else:
            self.come(-self.persons)
            del self.contingent.forces[self.place.index]
        super().remove()


class Contingent:
    """The fighters of a faction in a segment, with their depot.

    men      persons
    store    person-days
    persons  as seen this morning, or before engagement
    stock    days of full rations, at the same time
    worth    combat power of one of them but for cohesion, at the same time
    """

    def __init__(self, segment: Segment, faction: Faction) -> None:
        self.segment = segment
        self.faction = faction
        self.forces: dict[int, Force] = {}  # by index of the cell
        self.men = 0
        self.store = 0.0
        self.persons = 0
        self.stock = 0.0
        self.worth = 0.0

    def in_order(self) -> list[Force]:
        return [self.forces[index] for index in sorted(self.forces)]


class Segment:
    """A stretch of about 250 km2."""

    def __init__(self, index: int, cells: list[Ground]) -> None:
        self.index = index
        self.cells = cells
        self.beside: list[Segment] = []  # touching, also over a closed river
        self.surrendered_on: dict[Faction, int] = {}
        self.operations: dict[Faction, Any] = {}


class Sector:
    """A district: here factions see and decide, and people live.  Lists go by faction."""

    def __init__(self, index: int, factions: int, apart: list[float]) -> None:
        self.index = index
        self.cells: list[Ground] = []
        self.beside: set[Sector] = set()  # touching, itself included
        self.apart = apart  # km to each sector's centre
        self.support = [0.0] * factions
        self.cohesion = [1.0] * factions
        self.strength = [0] * factions  # fighters in the open
        self.desertion = [0.0] * factions  # share of them who desert today
        self.posture = [int(Posture.HOLD)] * factions
        self.under = [0] * (factions + 1)  # civilians by holder; the last is nobody
        self.population = 0
        self.census = 0
        self.displaced = 0
        self.will = 1.0


class Atlas:
    """What never changes, for all runs of a scenario."""

    def __init__(self, scenario: CompiledScenario) -> None:
        mesh = scenario.theatre.mesh
        self.graph = nx.Graph()
        self.graph.add_nodes_from(range(mesh.cells))
        self.ways: list[list[tuple[int, float, bool, int]]] = []
        self.step_km: list[dict[int, float]] = []
        self.reach: list[list[int]] = []
        self.neighbours: list[list[int]] = []
        for c in range(mesh.cells):
            edges = range(mesh.indptr[c], mesh.indptr[c + 1])
            ways, km = [], {}
            for e in edges:
                j, crossing = int(mesh.indices[e]), int(mesh.crossing[e])
                if crossing != Crossing.CLOSED:
                    bridge = crossing == Crossing.BRIDGE
                    ways.append((j, float(mesh.border_km[e]), bridge, int(mesh.travel[e])))
                    km[j] = float(mesh.edge_km[e])
                    self.graph.add_edge(c, j)
            self.ways.append(ways)
            self.step_km.append(km)
            self.neighbours.append([int(mesh.indices[e]) for e in edges])
            reach = mesh.reach[mesh.reach_indptr[c] : mesh.reach_indptr[c + 1]]
            self.reach.append([int(j) for j in reach])
        self.area = [float(a) for a in mesh.area]
        self.m2 = [round(a * 1e6) for a in self.area]
        self.terrain = [int(t) for t in mesh.terrain]
        self.rough = [float(x) for x in mesh.rough]
        self.road = [int(x) for x in mesh.road]
        self.population = [int(n) for n in mesh.population]
        self.sector = [int(s) for s in mesh.sector]
        self.segment = [int(g) for g in mesh.segment]
        self.sectors, self.segments = mesh.sectors, mesh.segments
        shrink = math.cos(math.radians(math.floor(sum(mesh.lat) / mesh.cells + 0.5)))
        self.x = [float(x) * KM_PER_DEGREE * shrink for x in mesh.lon]
        self.y = [float(y) * KM_PER_DEGREE for y in mesh.lat]
        self.apart = self._apart()
        self.refuges = [[int(c) for c in row.nonzero()[0]] for row in scenario.refuge]
        self.nearest_refuge = [self._nearest(cells) for cells in self.refuges]

    def _apart(self) -> list[list[float]]:
        """Straight ways between the centres of sectors, km; none over the sea."""
        sums = [[0.0, 0.0, 0.0] for _ in range(self.sectors)]
        land = nx.Graph()
        land.add_nodes_from(range(self.sectors))
        for c, s in enumerate(self.sector):
            sums[s][0] += self.area[c]
            sums[s][1] += self.area[c] * self.x[c]
            sums[s][2] += self.area[c] * self.y[c]
            land.add_edges_from((s, self.sector[j]) for j in self.neighbours[c])
        apart = [[math.inf] * self.sectors for _ in range(self.sectors)]
        for part in nx.connected_components(land):
            centres = {s: (e / a, n / a) for s in part for a, e, n in [sums[s]] if a}
            for s, here in centres.items():
                for t, there in centres.items():
                    apart[s][t] = math.dist(here, there)
        return apart

    def _nearest(self, refuges: list[int]) -> list[tuple[int, float]]:
        """By segment: the refuge nearest to its first cell, and how far that is; -1 none."""
        first = [self.segment.index(g) for g in range(self.segments)]
        if not refuges:
            return [(-1, 0.0)] * self.segments
        return [self.nearest(refuges, c) for c in first]

    def nearest(self, cells: list[int], c: int) -> tuple[int, float]:
        """Which of some cells is nearest to cell c, and the km."""
        here = (self.x[c], self.y[c])
        km, j = min((math.dist(here, (self.x[j], self.y[j])), j) for j in cells)
        return j, km
