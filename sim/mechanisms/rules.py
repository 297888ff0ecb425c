"""The engine's own mechanisms: rules in compiled code, carried out together in one call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sim.bundle import Bundle
from sim.chance import Keys, named
from sim.kept import kept
from sim.kernels.day import day
from sim.mechanisms.base import DAYS_AHEAD, Mechanism, World
from sim.mechanisms.events import campaigns, moves, offers
from sim.mechanisms.facts import facts
from sim.mechanisms.sectors import bucket_width
from sim.scenario.compiled import CompiledScenario, EventKind
from sim.state import State


class Doing(NamedTuple):
    """Which rules are carried out, in the order of the day."""

    supply: bool
    movement: bool
    convoys: bool
    bombardment: bool
    engagement: bool
    siege: bool
    deals: bool
    policing: bool
    people: bool
    control: bool


class Draws(NamedTuple):
    """Keys from which rules fold their draws, (R,) uint64 each: of today, but for `sizes`."""

    movement: Keys
    convoys: Keys
    bombardment: Keys
    engagement: Keys
    siege: Keys
    deals: Keys
    arrests: Keys
    raids: Keys
    displacement: Keys
    support: Keys
    cohesion: Keys
    control: Keys
    sizes: Keys  # of convoys: how many are asked for is drawn once


class Rule(Mechanism):
    """A mechanism that `kernels.day` carries out; its name is a field of `Doing`."""

    def apply(self, state: State, world: World) -> None:
        """This rule alone."""
        _carry_out((self.name,), state, world)


def carry_out(mechanisms: Iterable[Mechanism], state: State, world: World) -> None:
    """One day of these mechanisms, in their order; rules that follow one another in one call."""
    together: list[str] = []
    for mechanism in mechanisms:
        is_rule = getattr(mechanism.apply, "__func__", None) is Rule.apply
        if together and not (is_rule and _ORDER[together[-1]] < _ORDER[mechanism.name]):
            _carry_out(tuple(together), state, world)
            together = []
        if is_rule:
            together.append(mechanism.name)
        else:
            mechanism.apply(state, world)
    if together:
        _carry_out(tuple(together), state, world)


_DAILY = Draws._fields[:-1]
_ORDER = {name: i for i, name in enumerate(Doing._fields)}


def _carry_out(names: tuple[str, ...], state: State, world: World) -> None:
    """Carry out the rules of these names, in the order of the day."""
    doing, shift, tables = _what_never_changes(world.scenario, names)
    day(
        doing,
        state.day,
        shift,
        state.arrays(),
        world.mesh,
        world.factions,
        world.parameters,
        world.picture,
        _draws(state, world),
        *tables,
    )


@kept
def _what_never_changes(
    scenario: CompiledScenario, names: tuple[str, ...]
) -> tuple[Doing, int, tuple[Bundle, ...]]:
    """Which rules, the width of ways' buckets, and the tables in the order `day` takes them in."""
    return (
        Doing(*(name in names for name in Doing._fields)),
        bucket_width(scenario.theatre.mesh),
        (
            facts(scenario),
            campaigns(scenario, EventKind.SUPPLY),
            moves(scenario),
            campaigns(scenario, EventKind.BOMBARDMENT),
            offers(scenario),
            campaigns(scenario, EventKind.ARRESTS, reconcilers=False),
            campaigns(scenario, EventKind.ARRESTS, reconcilers=True),
            campaigns(scenario, EventKind.LEAFLETS),
        ),
    )


def _draws(state: State, world: World) -> Draws:
    """The keys of today's draws."""
    ahead = world.while_same(
        "draws of the rules", state.day // DAYS_AHEAD, lambda: _draws_ahead(state, world)
    )
    return ahead[state.day % DAYS_AHEAD]


def _draws_ahead(state: State, world: World) -> list[Draws]:
    """The keys of the draws of all days of the stretch in which today lies."""
    sizes = named(world.keys, -1, "convoys")
    daily = [world.draws_ahead(state, name) for name in _DAILY]
    return [Draws._make([*keys, sizes]) for keys in zip(*daily, strict=True)]
