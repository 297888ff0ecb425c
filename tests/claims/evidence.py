"""What the model shows of the seed article's claims S1 to S14, measured.

One function for each claim runs the ensembles it needs and returns figures, one value a run.
`test_claims.py` asserts their direction; `bench/claims.py` prints them for docs/claims.md.  All
ensembles have the scenarios' default parameters; a variant has the same chance, and differs by what
its name says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import load_scenario, simulate
from sim.chance import name_key
from sim.mechanisms.base import World
from sim.model import TerritoryModel
from sim.result import Result
from sim.scenario.compiled import CompiledScenario, Event, EventKind, Force, Posture
from sim.state import Loss, State
from sim.theatre.mesh import Bank, Mesh

Array = NDArray[Any]
Look = Callable[[State, World], Array]  # one value a run

NATIONAL, SUWEIDA, HAJIN = "syria-2018-08", "suweida-pocket", "hajin-pocket"
TWO_WEEKS, ARTICLE = 14, 9  # evenings of 19 and 14 August where day 1 is 6 August
TRUCE_DAY = 34  # the first day of the agreement on Idlib, 17 September: nothing before is its doing
BUS_RAIDERS = 500  # hidden at each place of the road in the variant in which the buses are caught
BREAK_OUTS = ("break-out-success", "break-out-failure")


@dataclass(frozen=True)
class Figure:
    """A measured figure: what it is, its unit and one value a run; nan where it has no sense."""

    label: str
    unit: str
    values: Array  # (R,); bool for something that happened in a run or not

    @property
    def median(self) -> float:
        """The middle of the runs for which it makes sense."""
        return float(np.nanmedian(self.values))

    @property
    def share(self) -> float:
        """The share of the runs in which it happened."""
        return float(np.mean(self.values))


@dataclass(frozen=True)
class Trial:
    """One ensemble, and what was looked at on every evening, by name; (R, days + 1)."""

    scenario: CompiledScenario
    result: Result
    seen: Mapping[str, Array]

    def faction(self, name: str) -> int:
        """The index of a faction."""
        return self.scenario.faction_ids.index(name)

    def event(self, name: str) -> Event:
        """A line of the calendar."""
        return next(event for event in self.scenario.events if event.id == name)

    def sum_of(self, rows: Any, column: str = "persons") -> Array:
        """Sum of a column of some incidents or ledger rows, by run; (R,)."""
        runs = rows["run"].to_numpy()
        return np.bincount(runs, rows[column].to_numpy(), self.result.runs)

    def count(self, rows: Any) -> Array:
        """Number of some incidents or ledger rows, by run; (R,)."""
        return np.bincount(rows["run"].to_numpy(), minlength=self.result.runs)

    def incidents(self, *kinds: str, by: str | None = None, cells: Array | None = None) -> Any:
        """Incidents of some kinds, by a faction, in some cells."""
        rows = self.result.incidents
        rows = rows[rows["kind"].isin(kinds)]
        if by is not None:
            rows = rows[rows["faction"] == by]
        if cells is not None:
            rows = rows[rows["cell"].cat.codes.isin(cells)]
        return rows

    def lost(self, faction: str, *causes: Loss) -> Array:
        """Men a faction lost to some causes by the end; (R,)."""
        losses = self.result.dataset["losses_by_cause"].to_numpy()
        return losses[:, self.faction(faction), list(causes)].sum(axis=1)

    def taken(self, area: Array, faction: str, by: int | None = None) -> Array:
        """Share of an area's ground that a faction held at the start and no longer does; (R,)."""
        held = self.result.held_m2(area, self.faction(faction))
        last = held.shape[1] - 1 if by is None else by
        return 1.0 - held[:, last] / held[:, 0]


@dataclass(frozen=True)
class Wars:
    """Ensembles by name, each simulated once, when it is first asked for.

    runs, seed  of every ensemble
    """

    runs: int
    seed: int = 1

    @cached_property
    def _done(self) -> dict[Any, Trial]:
        return {}

    @cached_property
    def _scenarios(self) -> dict[str, CompiledScenario]:
        return {}

    def scenario(self, name: str) -> CompiledScenario:
        """A scenario as it is delivered."""
        if name not in self._scenarios:
            self._scenarios[name] = load_scenario(name)
        return self._scenarios[name]

    def trial(
        self,
        name: str,
        days: int,
        *,
        without: tuple[str, ...] = (),
        events: tuple[Event, ...] = (),
        forces: tuple[Force, ...] = (),
        changes: Mapping[str, float] | None = None,
    ) -> Trial:
        """An ensemble of a scenario without some of its events and with others added."""
        key = (name, days, without, tuple(event.id for event in events), len(forces))
        if key not in self._done:
            scenario = self.scenario(name)
            known = {event.id for event in scenario.events}
            assert known.issuperset(without), f"{name} has no events {set(without) - known}"
            kept = tuple(event for event in scenario.events if event.id not in without)
            scenario = replace(scenario, events=kept + events, forces=scenario.forces + forces)
            self._done[key] = watch(scenario, self.runs, self.seed, days, changes)
        return self._done[key]


def watch(
    scenario: CompiledScenario,
    runs: int,
    seed: int,
    days: int,
    changes: Mapping[str, float] | None = None,
) -> Trial:
    """Simulate, and look at what a result does not keep: areas' people, support and supply."""
    looks = LOOKS[scenario.name](scenario)
    seen = {name: np.zeros((runs, days + 1)) for name in looks}

    class Watched(TerritoryModel):
        def __init__(self, scenario: CompiledScenario, *, runs: Array, **options: Any) -> None:
            super().__init__(scenario, runs=runs, **options)
            self.numbers = runs
            self._look_around()

        def step(self) -> None:
            super().step()
            self._look_around()

        def _look_around(self) -> None:
            for name, look in looks.items():
                seen[name][self.numbers, self.state.day] = look(self.state, self.world)

    result = simulate(scenario, runs=runs, seed=seed, days=days, changes=changes, model=Watched)
    return Trial(scenario, result, seen)


# --- what is looked at on every evening ---


def present(cells: Array, faction: int, hidden: bool = False) -> Look:
    """Fighters of a faction in some cells."""

    def look(state: State, world: World) -> Array:
        where = state.covert if hidden else state.fighters
        return where[:, cells, faction].sum(axis=1)

    return look


def leaning(scenario: CompiledScenario, cells: Array, faction: int) -> Look:
    """Support for a faction in the districts of some cells, weighted by their people."""
    mesh = scenario.theatre.mesh
    weight = np.bincount(mesh.sector[cells], mesh.population[cells], mesh.sectors)
    return lambda state, world: (state.support[:, :, faction] * weight).sum(axis=1) / weight.sum()


def openness(scenario: CompiledScenario, cells: Array) -> Look:
    """The will to reconcile in the districts of some cells, weighted by their people."""
    mesh = scenario.theatre.mesh
    weight = np.bincount(mesh.sector[cells], mesh.population[cells], mesh.sectors)
    return lambda state, world: (state.will * weight).sum(axis=1) / weight.sum()


def cut_off(cells: Array, faction: int) -> Look:
    """Share of a faction's men in some cells whom no supply reaches."""

    def look(state: State, world: World) -> Array:
        men = state.fighters[:, cells, faction]
        return (men * (state.distance[:, cells] < 0)).sum(axis=1) / np.maximum(men.sum(axis=1), 1)

    return look


def rations(scenario: CompiledScenario, cells: Array, faction: int) -> Look:
    """Days of supply that a faction's men in some cells' stretches have."""
    segments = np.unique(scenario.theatre.mesh.segment[cells])
    within = np.flatnonzero(np.isin(scenario.theatre.mesh.segment, segments))

    def look(state: State, world: World) -> Array:
        men = state.fighters[:, within, faction].sum(axis=1)
        return state.depot[:, segments, faction].sum(axis=1) / np.maximum(men, 1)

    return look


def bombed(cells: Array, faction: int) -> Look:
    """Share of the cells a faction holds among some that were bombarded today; 1 if it has none."""

    def look(state: State, world: World) -> Array:
        held = state.holder[:, cells] == faction
        struck = held & (state.suppressed[:, cells] > 0)
        return np.where(held.any(axis=1), struck.sum(axis=1) / np.maximum(held.sum(axis=1), 1), 1.0)

    return look


def national(scenario: CompiledScenario) -> dict[str, Look]:
    """What is looked at in `syria-2018-08`."""
    areas, ids = scenario.areas, scenario.faction_ids
    IS, HTS, NLF, SAA, HEZ = (ids.index(name) for name in ("IS", "HTS", "NLF", "SAA", "HEZ"))
    villages, pocket = areas["idlib-villages"], areas["hajin-pocket"]
    return {
        "IS in the Hajin pocket": present(pocket, IS),
        "IS cut off at Hajin": cut_off(pocket, IS),
        "IS rations at Hajin": rations(scenario, pocket, IS),
        "IS hidden in the refuge": present(np.flatnonzero(scenario.refuge[IS]), IS, hidden=True),
        "IS network in southern Idlib": present(areas["idlib-south"], IS, hidden=True),
        "SAA before Idlib": present(areas["idlib-front"], SAA),
        "HTS in southern Idlib": present(areas["idlib-south"], HTS),
        "HEZ in Aleppo": present(areas["aleppo-city"], HEZ),
        "support for HTS": leaning(scenario, villages, HTS),
        "support for NLF": leaning(scenario, villages, NLF),
        "support for SAA": leaning(scenario, villages, SAA),
        "will to reconcile": openness(scenario, villages),
    }


def suweida(scenario: CompiledScenario) -> dict[str, Look]:
    """What is looked at in `suweida-pocket`."""
    IS = scenario.faction_ids.index("IS")
    return {
        "IS in the pocket": present(scenario.areas["pocket"], IS),
        "bombarded": bombed(scenario.areas["quadrant"], IS),
    }


LOOKS: dict[str, Callable[[CompiledScenario], dict[str, Look]]] = {
    NATIONAL: national,
    SUWEIDA: suweida,
    HAJIN: lambda scenario: {},
}


# --- the claims ---

Figures = dict[str, Figure]


def around(scenario: CompiledScenario, area: str) -> Array:
    """The cells of an area and their neighbours, ascending."""
    mesh, cells = scenario.theatre.mesh, scenario.areas[area]
    beside = [mesh.indices[mesh.indptr[c] : mesh.indptr[c + 1]] for c in cells]
    return np.unique(np.concatenate([cells, *beside]))


def on_bank(scenario: CompiledScenario, cells: Array, bank: Bank) -> Array:
    """Those of the cells on one bank of the Euphrates."""
    return cells[scenario.theatre.mesh.bank[cells] == bank]


def km(mesh: Mesh, cells: Array, lon: Any, lat: Any) -> Array:
    """Way from points to the centres of cells, km, good to about 1 % over Syria."""
    east = (mesh.lon[cells] - lon) * 111.2 * np.cos(np.radians(lat))
    return np.hypot(east, (mesh.lat[cells] - lat) * 111.2)


def ratio(part: Array, whole: Array) -> Array:
    """part / whole, nan where the whole is 0."""
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)


def s01(wars: Wars) -> Figures:
    """Besieged: the ring, no supply, and less smuggled in than past men who only hold the line."""
    siege = wars.trial(NATIONAL, 60)
    order = siege.event("roundup-siege")
    days = order.end + 1  # the evening of its last day
    line = replace(order, id="line", key=name_key("line"), posture=int(Posture.HOLD))
    lax = wars.trial(NATIONAL, days, without=("roundup-siege",), events=(line,))
    scenario, rations = siege.scenario, "IS rations at Hajin"
    ring = np.setdiff1d(
        on_bank(scenario, around(scenario, "hajin-pocket"), Bank.LEFT),
        scenario.areas["hajin-pocket"],
    )
    of_sdf = scenario.holder[ring] == siege.faction("SDF")
    return {
        "ring": Figure(
            "of the cells around the pocket, on its bank, are the SDF's at the start",
            "%",
            np.full(wars.runs, 100 * of_sdf.mean()),
        ),
        "cut off": Figure(
            "of the fighters in the pocket no supply reaches, least of any day to 9 September",
            "%",
            100 * siege.seen["IS cut off at Hajin"][:, 1 : days + 1].min(axis=1),
        ),
        "start": Figure("their supply on 14 August", "days", siege.seen[rations][:, 0]),
        "rations": Figure("... on 9 September", "days", siege.seen[rations][:, days]),
        "lax": Figure("... if the SDF only held their lines", "days", lax.seen[rations][:, days]),
    }


def s02(wars: Wars) -> Figures:
    """Parties from the pocket: how many try, how many come through, and where they strike."""
    trial = wars.trial(NATIONAL, 60)
    calm = wars.trial(NATIONAL, 60, without=("is-west", "is-hamdan"))
    near = around(trial.scenario, "hajin-pocket")
    ordered, hidden = trial.event("is-west").end + 1, "IS hidden in the refuge"
    tried = trial.incidents(*BREAK_OUTS, by="IS", cells=near)
    west = trial.incidents(*BREAK_OUTS, by="IS", cells=on_bank(trial.scenario, near, Bank.RIGHT))
    through = trial.incidents(BREAK_OUTS[0], by="IS", cells=near)
    west_through = west[west["kind"] == BREAK_OUTS[0]]
    unordered = calm.incidents(*BREAK_OUTS, by="IS", cells=near)
    return {
        "tried": Figure("attempts to break out in 60 days", "attempts", trial.count(tried)),
        "any": Figure("some attempt", "", trial.count(tried) > 0),
        "west": Figure("some attempt over the river, westward", "", trial.count(west) > 0),
        "through": Figure(
            "attempts that came through, all runs together",
            "%",
            np.full(wars.runs, 100 * len(through) / len(tried)),
        ),
        "west through": Figure(
            "... of those over the river",
            "%",
            np.full(wars.runs, 100 * len(west_through) / len(west)),
        ),
        "august": Figure(
            "attempts in August, more than without the order",
            "attempts",
            trial.count(tried[tried["day"] <= ordered])
            - calm.count(unordered[unordered["day"] <= ordered]),
        ),
        "refuge": Figure(
            "men hidden in the Badia on 31 August, more than without the order; mean of the runs",
            "men",
            np.full(
                wars.runs, np.mean(trial.seen[hidden][:, ordered] - calm.seen[hidden][:, ordered])
            ),
        ),
    }


def s03(wars: Wars) -> Figures:
    """Attacks on the army and its allies over the river near Abu Kamal: operations or parties."""
    trial = wars.trial(NATIONAL, 60)
    calm = wars.trial(NATIONAL, 60, without=("is-west", "is-hamdan"))
    scenario, mesh = trial.scenario, trial.scenario.theatre.mesh
    over = on_bank(scenario, around(scenario, "hajin-pocket"), Bank.RIGHT)
    until = trial.event("is-west").end + 1

    def attacks(trial: Trial, *kinds: str) -> Any:
        rows = trial.incidents(*kinds, by="IS", cells=over)
        return rows[rows["other"].isin(["SAA", "IRN", "HEZ"]) & (rows["day"] <= until)]

    every = attacks(trial, "operation", *BREAK_OUTS)
    hamdan = scenario.theatre.gazetteer.find("Hamdan")
    way = km(mesh, every["cell"].cat.codes.to_numpy(), hamdan.lon, hamdan.lat)
    nearest = np.full(wars.runs, np.inf)
    np.minimum.at(nearest, every["run"].to_numpy(), way)
    return {
        "attacked": Figure("some attack across the river by 31 August", "", trial.count(every) > 0),
        "km": Figure(
            "where there was one, the nearest to Hamdan struck this far from it",
            "km",
            np.where(np.isfinite(nearest), nearest, np.nan),
        ),
        "calm": Figure(
            "some attack across the river, without the two orders",
            "",
            calm.count(attacks(calm, "operation", *BREAK_OUTS)) > 0,
        ),
        "operations": Figure(
            "an operation for ground among them, not only parties that break out",
            "",
            trial.count(attacks(trial, "operation")) > 0,
        ),
    }


def s04(wars: Wars) -> Figures:
    """What a km2 costs the Islamic State where it evades, and where it fights."""
    away, siege = wars.trial(SUWEIDA, 45), wars.trial(HAJIN, 120)
    evade = wars.trial(SUWEIDA, 45, events=(posture(wars, Posture.EVADE),))
    hold = wars.trial(SUWEIDA, 45, events=(posture(wars, Posture.HOLD),))

    def price(trial: Trial, area: str, *causes: Loss) -> Array:
        held = trial.result.held_m2(trial.scenario.areas[area], trial.faction("IS"))
        return ratio(trial.lost("IS", *causes), (held[:, 0] - held[:, -1]) / 1e6)

    fight = (Loss.COMBAT,)
    fire = (Loss.COMBAT, Loss.BOMBARDMENT)
    unit = "men/km2"
    return {
        "suweida": Figure(
            "fallen in combat for a km2 lost, Suweida", unit, price(away, "pocket", *fight)
        ),
        "hajin": Figure(
            "fallen in combat for a km2 lost, Hajin", unit, price(siege, "hajin-pocket", *fight)
        ),
        "suweida fire": Figure(
            "... in combat and under bombs, Suweida", unit, price(away, "pocket", *fire)
        ),
        "hajin fire": Figure(
            "... in combat and under bombs, Hajin", unit, price(siege, "hajin-pocket", *fire)
        ),
        "evade": Figure(
            "fallen in combat for a km2, Suweida, all evade", unit, price(evade, "pocket", *fight)
        ),
        "hold": Figure(
            "fallen in combat for a km2, Suweida, all stand", unit, price(hold, "pocket", *fight)
        ),
    }


def posture(wars: Wars, kind: Posture) -> Event:
    """An order to the Islamic State in the Suweida pocket that stands to the end."""
    scenario = wars.scenario(SUWEIDA)
    model = next(event for event in scenario.events if event.id == "offensive")
    name = f"is-{kind.name.lower()}"
    return replace(
        model,
        id=name,
        key=name_key(name),
        kind=EventKind.POSTURE,
        faction=scenario.faction_ids.index("IS"),
        posture=int(kind),
        start=0,
        end=scenario.days,
    )


def s05(wars: Wars) -> Figures:
    """How much of the pocket the army takes in two weeks, and how far it comes."""
    trial = wars.trial(SUWEIDA, 45)
    idle = wars.trial(SUWEIDA, 45, without=("offensive", "axes"))
    scenario = trial.scenario
    pocket, steppe = scenario.areas["pocket"], scenario.areas["steppe"]
    return {
        "taken": Figure(
            "of the pocket taken by 19 August", "%", 100 * trial.taken(pocket, "IS", TWO_WEEKS)
        ),
        "steppe": Figure(
            "of the steppe before the lava field taken by then",
            "%",
            100 * trial.taken(steppe, "IS", TWO_WEEKS),
        ),
        "article": Figure(
            "of the pocket taken by 14 August, the day of the article",
            "%",
            100 * trial.taken(pocket, "IS", ARTICLE),
        ),
        "km": Figure(
            "from the army's western lines to the farthest cell taken by 19 August",
            "km",
            depth(trial, TWO_WEEKS),
        ),
        "idle": Figure(
            "of the pocket taken by then, without the offensive",
            "%",
            100 * idle.taken(pocket, "IS", TWO_WEEKS),
        ),
        "later": Figure("of the pocket taken in 45 days", "%", 100 * trial.taken(pocket, "IS")),
    }


def depth(trial: Trial, by: int) -> Array:
    """How far the farthest cell taken in the pocket lies from the army's western lines, km."""
    scenario, mesh = trial.scenario, trial.scenario.theatre.mesh
    pocket, lines = scenario.areas["pocket"], scenario.areas["front"]
    far = np.array([km(mesh, lines, mesh.lon[c], mesh.lat[c]).min() for c in pocket])
    rows = trial.result.ledger
    cell = rows["cell"].cat.codes
    rows = rows[(rows["from"] == "IS") & (rows["day"] <= by) & cell.isin(pocket)]
    out = np.zeros(trial.result.runs)
    np.maximum.at(out, rows["run"], far[np.searchsorted(pocket, rows["cell"].cat.codes)])
    return out


def s06(wars: Wars) -> Figures:
    """Ground on the axes against the rest of the pocket, and what the order for them changes.

    The order's effect is small beside chance, so it takes many runs to see: at least 200.
    """
    many = wars if wars.runs >= 200 else Wars(200, wars.seed)
    trial = many.trial(SUWEIDA, TWO_WEEKS)
    alike = many.trial(SUWEIDA, TWO_WEEKS, without=("axes",))
    event, early = trial.event("axes"), 3
    on, off = event.cells[event.weights == 1], event.cells[event.weights < 1]

    def change(cells: Array) -> Array:
        return 100 * (trial.taken(cells, "IS", early) - alike.taken(cells, "IS", early))

    ours, rest = (100 * trial.taken(cells, "IS", ARTICLE) for cells in (on, off))
    return {
        "on": Figure("of the ground on the axes taken by 14 August", "%", ours),
        "off": Figure("of the rest of the pocket", "%", rest),
        "lead": Figure("the axes lead the rest", "", ours > rest),
        "change on": Figure(
            "points of the ground on the axes taken by 8 August, more than without the order for "
            "axes; mean of the runs",
            "%",
            np.full(many.runs, change(on).mean()),
        ),
        "change off": Figure(
            "... of the rest; mean of the runs", "%", np.full(many.runs, change(off).mean())
        ),
    }


def s07(wars: Wars) -> Figures:
    """The Islamic State's ground under bombs, and what they cost."""
    trial = wars.trial(SUWEIDA, 45)
    quiet = wars.trial(SUWEIDA, 45, without=("bombardment",))
    pocket = trial.scenario.areas["pocket"]
    return {
        "everywhere": Figure(
            "of its cells in the quadrant bombarded, the least of any day in 45",
            "%",
            100 * trial.seen["bombarded"][:, 1:].min(axis=1),
        ),
        "killed": Figure(
            "its men killed under bombs in 45 days", "men", trial.lost("IS", Loss.BOMBARDMENT)
        ),
        "quiet": Figure("... without the bombardment", "men", quiet.lost("IS", Loss.BOMBARDMENT)),
        "ground": Figure(
            "points of the pocket that the army takes more with it than without",
            "%",
            100 * (trial.taken(pocket, "IS") - quiet.taken(pocket, "IS")),
        ),
    }


def s08(wars: Wars) -> Figures:
    """Those who leave the pocket, in strength or in small groups, and those who arrive."""
    trial = wars.trial(SUWEIDA, 45)
    slipped = trial.sum_of(trial.incidents("exfiltration", by="IS"))
    tried = trial.incidents(*BREAK_OUTS, by="IS")
    failed = tried[tried["kind"] == BREAK_OUTS[1]]
    share = trial.scenario.parameters.breakout_loss
    party = failed["persons"].to_numpy()
    fallen = np.bincount(failed["run"], party - (party * (1 - share)).astype(np.int64), wars.runs)
    through = trial.sum_of(tried[tried["kind"] == BREAK_OUTS[0]])
    gone = slipped + through  # left the pocket for good, alive or dead, besides failed parties
    arrived = gone + fallen - trial.lost("IS", Loss.BREAK_OUT)
    return {
        "left": Figure("men who slip away or come through in 45 days", "men", gone),
        "arrived": Figure(
            "of these, and of those who fell trying, arrive in the Badia",
            "%",
            100 * ratio(arrived, gone + fallen),
        ),
        "parties": Figure("attempts in strength", "attempts", trial.count(tried)),
        "parties failed": Figure(
            "... that failed, all runs together",
            "%",
            np.full(wars.runs, 100 * len(failed) / len(tried)),
        ),
        "of all": Figure(
            "of the men of 6 August are in the Badia by 19 September",
            "%",
            100 * arrived / trial.seen["IS in the pocket"][:, 0],
        ),
    }


def s09(wars: Wars) -> Figures:
    """The hidden network in southern Idlib, with and without the campaign of arrests."""
    trial = wars.trial(NATIONAL, 60)
    idle = wars.trial(NATIONAL, 60, without=("hts-hunts-is",))
    name, south = "IS network in southern Idlib", trial.scenario.areas["idlib-south"]
    ours, theirs = trial.seen[name], idle.seen[name]
    rows = trial.result.ledger
    rows = rows[
        rows["cell"].cat.codes.isin(south) & ((rows["to"] == "IS") | (rows["from"] == "IS"))
    ]
    arrests = trial.incidents("arrests", by="HTS", cells=south)
    arrests = arrests[arrests["other"] == "IS"]
    return {
        "shrinks": Figure(
            "of the network is gone in 60 days", "%", 100 * (1 - ours[:, -1] / ours[:, 0])
        ),
        "idle": Figure("... without the campaign", "%", 100 * (1 - theirs[:, -1] / theirs[:, 0])),
        "arrests": Figure("its members HTS arrested there", "men", trial.sum_of(arrests)),
        "ground": Figure("cells it took or lost there", "cells", trial.count(rows)),
        "same ground": Figure(
            "HTS holds the same ground there with the campaign as without",
            "",
            (trial.taken(south, "HTS") == idle.taken(south, "HTS")),
        ),
    }


def s10(wars: Wars) -> Figures:
    """Villages that make terms with Damascus, with and without arrests of those who would."""
    days = TRUCE_DAY - 1
    trial = wars.trial(NATIONAL, 60)
    free = wars.trial(NATIONAL, days, without=("hts-arrests-reconcilers",))

    def deals(trial: Trial) -> Array:
        rows = trial.incidents("reconciliation")
        return trial.count(rows[rows["day"] <= days])

    will = "will to reconcile"
    return {
        "deals": Figure(
            "villages' deals by 16 September, mean of the runs",
            "deals",
            np.full(wars.runs, deals(trial).mean()),
        ),
        "free": Figure("... without the arrests", "deals", np.full(wars.runs, deals(free).mean())),
        "fewer": Figure("no run has more deals with the arrests", "", deals(trial) <= deals(free)),
        "will": Figure("will to reconcile on 16 September", "", trial.seen[will][:, days]),
        "free will": Figure("... without the arrests", "", free.seen[will][:, days]),
    }


def s11(wars: Wars) -> Figures:
    """Men before Idlib and in it, and what the army attacks before the truce."""
    days = TRUCE_DAY - 1
    trial = wars.trial(NATIONAL, 60)
    pause = wars.trial(NATIONAL, TWO_WEEKS, without=("army-gathers",))
    idle = wars.trial(NATIONAL, TWO_WEEKS, without=("hts-prepares",))
    waits, south = trial.event("army-waits"), trial.scenario.areas["idlib-south"]
    order = replace(
        trial.event("suweida-offensive"),
        id="attack",
        key=name_key("attack"),
        end=waits.end,
        cells=trial.scenario.areas["opposition-northwest"],
        weights=np.ones(len(trial.scenario.areas["opposition-northwest"]), np.float32),
    )
    attack = wars.trial(NATIONAL, days, without=("army-waits",), events=(order,))

    def attacks(trial: Trial) -> Array:
        rows = trial.incidents("operation")
        rows = rows[rows["faction"].isin(["SAA", "HEZ", "IRN"]) & (rows["day"] <= days)]
        return trial.count(rows[rows["other"].isin(["HTS", "NLF", "TUR"])])

    def more(name: str, event: str, other: Trial) -> Array:
        line = trial.event(event)
        evening = line.start + line.travel_days + 1
        return trial.seen[name][:, evening] - other.seen[name][:, evening]

    return {
        "gathers": Figure(
            "the army's men before Idlib, more than if none were sent, on the day they arrive",
            "men",
            more("SAA before Idlib", "army-gathers", pause),
        ),
        "prepares": Figure(
            "HTS men who come to southern Idlib from the north of it to meet the army",
            "men",
            trial.sum_of(trial.incidents("convoy-arrived", by="HTS", cells=south)),
        ),
        "net": Figure(
            "... HTS there, more than if none were sent, on the day they arrive",
            "men",
            more("HTS in southern Idlib", "hts-prepares", idle),
        ),
        "attacks": Figure(
            "operations of the army and its allies there by 16 September",
            "operations",
            attacks(trial),
        ),
        "ordered": Figure("... had the attack been ordered", "operations", attacks(attack)),
    }


def s12(wars: Wars) -> Figures:
    """Support where the leaflets fall, with and without them."""
    trial = wars.trial(NATIONAL, 60)
    free = wars.trial(NATIONAL, 14, without=("leaflets-nlf", "leaflets-hts"))
    day = trial.event("leaflets-nlf").end + 1

    def change(name: str) -> Array:
        return 100 * (trial.seen[name][:, day] - free.seen[name][:, day])

    return {
        name: Figure(f"{name}, against none: on the evening of the last", "points", change(name))
        for name in ("support for HTS", "support for NLF", "support for SAA")
    }


def s13(wars: Wars) -> Figures:
    """The buses: when they arrive, and what raiders on the road do."""
    trial = wars.trial(NATIONAL, 60)
    event = trial.event("hezbollah-buses")
    raiders = Force(
        id="raiders",
        key=name_key("raiders"),
        faction=trial.faction("IS"),
        covert=True,
        low=BUS_RAIDERS * len(event.route),
        high=BUS_RAIDERS * len(event.route),
        cells=np.unique(event.route).astype(np.int32),
        weights=np.full(len(np.unique(event.route)), 1 / len(np.unique(event.route))),
    )
    raided = wars.trial(NATIONAL, 14, forces=(raiders,), changes={"intercept": 1.0})

    def bus(trial: Trial, kind: str, column: str = "persons") -> Array:
        rows = trial.incidents(kind, by="HEZ")
        return trial.sum_of(rows[rows["day"] <= TWO_WEEKS], column)

    def kept(trial: Trial) -> Array:
        there = bus(trial, "convoy-arrived") + bus(trial, "convoy-caught")
        return (there == bus(trial, "convoy-left")) & (bus(trial, "convoy-left") > 0)

    name = "HEZ in Aleppo"
    return {
        "left": Figure("men who leave Deir ez-Zor", "men", bus(trial, "convoy-left")),
        "days": Figure(
            "days until they are in Aleppo",
            "days",
            bus(trial, "convoy-arrived", "day") - bus(trial, "convoy-left", "day"),
        ),
        "more": Figure(
            "Hezbollah's men in Aleppo on that evening, against the evening before",
            "men",
            trial.seen[name][:, event.travel_days + 1] - trial.seen[name][:, event.travel_days],
        ),
        "caught": Figure("caught on the road", "", bus(trial, "convoy-caught") > 0),
        "kept": Figure("arrived and lost are those who left", "", kept(trial)),
        "raided": Figure(
            "caught, raiders at every stop and sure to strike", "", bus(raided, "convoy-caught") > 0
        ),
        "raided lost": Figure(
            "... of those who left are lost",
            "%",
            100 * ratio(bus(raided, "convoy-caught"), bus(raided, "convoy-left")),
        ),
        "raided kept": Figure("... arrived and lost are those who left", "", kept(raided)),
    }


PRESSURE = (
    "roundup-siege",
    "coalition-strikes",
    "border-artillery",
    "roundup-phase-3",
    "coalition-air-support",
    "suweida-offensive",
    "suweida-bombardment",
    "russian-air-suweida",
    "hts-hunts-is",
)


PRESSED = {
    "Hajin": "Deir ez-Zor: of its fighters in the Hajin pocket",
    "Suweida": "Suweida: of its ground in the pocket",
    "Idlib": "Idlib: of its network in the south",
}


def s14(wars: Wars) -> Figures:
    """What the Islamic State loses in the three places in the same 60 days."""
    trial = wars.trial(NATIONAL, 60)
    calm = wars.trial(NATIONAL, 60, without=PRESSURE)

    def lost(trial: Trial) -> dict[str, Array]:
        hajin = trial.seen["IS in the Hajin pocket"]
        idlib = trial.seen["IS network in southern Idlib"]
        return {
            "Hajin": 1 - hajin[:, -1] / hajin[:, 0],
            "Suweida": trial.taken(trial.scenario.areas["suweida-pocket"], "IS"),
            "Idlib": 1 - idlib[:, -1] / idlib[:, 0],
        }

    ours, theirs = lost(trial), lost(calm)
    figures = {}
    for place, what in PRESSED.items():
        figures[place] = Figure(f"{what} gone in 60 days", "%", 100 * ours[place])
        figures[f"{place}, calm"] = Figure(
            "... without the orders against it", "%", 100 * theirs[place]
        )
    every = np.stack(list(ours.values())) >= 0.1
    figures["all"] = Figure("a tenth or more gone in all three", "", every.all(axis=0))
    return figures


CLAIMS: dict[str, Callable[[Wars], Figures]] = {
    "S1": s01,
    "S2": s02,
    "S3": s03,
    "S4": s04,
    "S5": s05,
    "S6": s06,
    "S7": s07,
    "S8": s08,
    "S9": s09,
    "S10": s10,
    "S11": s11,
    "S12": s12,
    "S13": s13,
    "S14": s14,
}
