"""The model: factions as Mesa agents, and the order of a day.  Mesa is imported here only.

One model holds R runs side by side; with one run it is an ordinary Mesa model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.calendar import Calendar
from sim.chance import run_keys
from sim.doctrines import Doctrine, View, doctrine
from sim.kernels import decision, front
from sim.later import later
from sim.mechanisms import Mechanism, carry_out, every_mechanism
from sim.mechanisms.base import World
from sim.picture import Picture
from sim.scenario.compiled import CompiledScenario, Event, EventKind
from sim.start import draw_parameters, faction_arrays, first_morning
from sim.state import State

later("mesa")  # only the two modules below; the rest, if ever asked for, when it is
later("scipy.linalg")  # numba asks whether it is there, and no kernel calls it

import mesa.mesa_logging  # noqa: E402

# Two helpers ask the sources of all loaded modules for names that are known: 40 ms of a start each.
mesa.mesa_logging.create_module_logger.__defaults__ = ("mesa.model",)
mesa.mesa_logging.method_logger = mesa.mesa_logging.function_logger

from mesa.agent import Agent  # noqa: E402
from mesa.model import Model  # noqa: E402

Array = NDArray[Any]


class _Numbers(WeakKeyDictionary[Model, Iterator[int]]):
    """The next number for an agent of each model.  Mesa 3.3 counts in a dictionary of its own that
    keeps every model there ever was; here a model that nobody else holds can go.
    """

    def __getitem__(self, model: Model) -> Iterator[int]:
        return self.setdefault(model, count(1))


class Faction(Agent):
    """One armed actor: it looks at its sectors and takes a posture in each, for all runs at once.

    index     its place on the faction axis
    id, name  as in the scenario
    """

    model: TerritoryModel
    _ids = _Numbers()

    def __init__(self, model: TerritoryModel, index: int, rule: Doctrine) -> None:
        super().__init__(model)
        self.index = index
        self.id = model.scenario.faction_ids[index]
        self.name = model.scenario.faction_names[index]
        self.doctrine = rule

    def decide(self) -> None:
        """Think the postures over where it is time to; then do as today's orders say."""
        model, state = self.model, self.model.state
        orders = [(i, event) for i, event in model.orders if event.faction == self.index]
        if not model.thinking and not orders:
            return
        posture = state.posture[:, :, self.index].copy()
        if model.thinking:
            decision.choose(
                self.doctrine.utilities(model.view.of(self.index)),
                model.world.parameters["temperature"].copy(),
                model.world.mesh.sector_key,
                model.world.factions.key[self.index],
                model.world.draws(state, "decision"),
                model.due,
                posture,
            )
        for i, event in orders:
            sectors = np.unique(model.world.mesh.sector[event.cells])
            posture[np.ix_(state.active[:, i], sectors)] = event.posture
        state.posture[:, :, self.index] = posture

    @property
    def area(self) -> float:
        """Ground held, km2, mean over runs: for DataCollector and plots."""
        held = self.model.state.holder == self.index
        return float((held * self.model.world.mesh.area).sum() / self.model.state.runs)

    @property
    def fighters(self) -> float:
        """Fighters in the open, mean over runs."""
        return float(self.model.state.fighters[:, :, self.index].sum() / self.model.state.runs)


class TerritoryModel(Model):
    """A scenario at work.

    scenario  what `load_scenario` returned
    runs      how many runs, or their numbers in a larger ensemble, (R,): a run's luck hangs on its
              number, not on the batch it is in
    seed      0 or more
    changes   parameters by name: one value for all runs, or (R,)
    """

    def __init__(
        self,
        scenario: CompiledScenario,
        *,
        runs: int | Array = 1,
        seed: int = 1,
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(rng=seed)  # Mesa's own generator; no rule of ours draws from it
        numbers = np.arange(runs) if isinstance(runs, int) else np.asarray(runs)
        keys = run_keys(seed, numbers)
        mesh = scenario.theatre.mesh
        shape = (len(keys), mesh.cells, scenario.factions, mesh.segments, len(mesh.reach))
        self.scenario = scenario
        self.state: State = first_morning(scenario, keys)
        self.world = World(
            scenario=scenario,
            mesh=mesh.arrays(),
            factions=faction_arrays(scenario),
            parameters=draw_parameters(scenario, keys, changes),
            keys=keys,
            picture=Picture.empty(*shape),
        )
        self.calendar = Calendar()
        self.mechanisms: tuple[Mechanism, ...] = every_mechanism()
        self.view = View.empty(len(keys), mesh.sectors, scenario.factions)
        self.due = np.ones(len(keys), np.bool_)  # in which runs decisions are due today
        self.thinking = True  # whether in any
        self.orders: list[tuple[int, Event]] = []  # of postures, that are given today
        for index, name in enumerate(scenario.doctrines):
            Faction(self, index, doctrine(name))

    def step(self) -> None:
        """Advance one day.  Everybody decides on this morning's picture: nobody answers an order
        that was given today.
        """
        self.calendar.apply(self.state, self.world)
        self.look()
        if self.thinking or self.orders:
            self.agents.do("decide")  # every Faction, a Mesa agent, takes its postures
        carry_out(self.mechanisms, self.state, self.world)  # supply, movement, ..., control
        self.state.day += 1

    def release(self) -> None:
        """Let go of what is large, when nobody will step the model again.

        Model and agents hold each other, so only the garbage collector could end them, and it
        comes by when objects are many, not when they are large.
        """
        del self.state, self.world, self.view

    def look(self) -> None:
        """Draw this morning's picture, and the sectors' views where a decision is due; note which
        orders are given.  They hold until somebody thinks again, or the calendar turns.
        """
        state, world = self.state, self.world
        arrays = state.arrays()
        rhythm = world.once(
            "rhythm", lambda: np.maximum(world.parameters["decision_days"].astype(np.int64), 1)
        )
        self.due = state.day % rhythm == 0
        self.thinking = bool(self.due.any())
        given = self.thinking or self.calendar.turned
        self.orders = world.events(state, EventKind.POSTURE) if given else []
        front.look(
            arrays,
            world.mesh,
            world.factions.quality,
            world.parameters,
            self.thinking,
            world.picture,
        )
        if self.thinking:
            decision.perceive(
                arrays,
                world.mesh,
                world.factions.key,
                world.parameters,
                world.picture,
                world.draws(state, "perception"),
                state.day,
                self.view,
            )
