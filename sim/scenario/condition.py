"""Conditions of events: a small grammar of its own, parsed by hand and bound to nothing.

    condition  = both { "or" both }
    both       = one { "and" one }
    one        = "not" one | "(" condition ")" | started | comparison
    started    = "started" "(" text ")"
    comparison = holder ("==" | "!=") text
               | value operator value { operator value }
    holder     = "holder" "(" text ")"
    value      = number | "day" | ("share" | "fighters" | "losses") "(" text ")"
    operator   = "<" | "<=" | ">" | ">=" | "==" | "!="

`day` counts from 0 on the scenario's first day, `share` is a share of the theatre's area from 0 to
1, `fighters` and `losses` are persons, `holder` and `started` speak of this morning.  R runs.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Measure = Callable[[str, tuple[str, ...]], NDArray[Any]]

MOST_CHARACTERS = 500
MOST_LEVELS = 16
MEASURES = ("share", "fighters", "losses")  # of a faction

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<word>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign><=|>=|==|!=|<|>|\(|\)))"
)


class ConditionError(Exception):
    """A condition that cannot be read: what was found, where, what was expected."""

    def __init__(self, found: str, at: int, wanted: str) -> None:
        super().__init__(f"{found} at character {at}: expected {wanted}")
        self.found = found
        self.at = at
        self.wanted = wanted


class Name(NamedTuple):
    """A name that a condition uses: `holder` of (place, faction), `share` of (faction,), ..."""

    function: str
    arguments: tuple[str, ...]


class Token(NamedTuple):
    """One piece of a condition's text."""

    kind: str
    text: str
    at: int


def _reduce(values: list[Bools], every: bool) -> Bools:
    """All, or any, of arrays of one shape."""
    out = values[0]
    for value in values[1:]:
        out = out & value if every else out | value
    return out


@dataclass(frozen=True)
class _Measured:
    """A quantity or a fact that the model measures."""

    name: Name

    def value(self, measure: Measure) -> NDArray[Any]:
        return measure(self.name.function, self.name.arguments)

    def names(self) -> Iterator[Name]:
        yield self.name


@dataclass(frozen=True)
class _Number:
    """A number."""

    number: float

    def value(self, measure: Measure) -> float:
        return self.number

    def names(self) -> Iterator[Name]:
        yield from ()


@dataclass(frozen=True)
class _Compare:
    """A chain of comparisons, all of which must hold."""

    values: tuple[_Measured | _Number, ...]
    signs: tuple[str, ...]

    def value(self, measure: Measure) -> Bools:
        values = [part.value(measure) for part in self.values]
        links = [
            np.asarray(_OPERATORS[sign](left, right), np.bool_)
            for sign, (left, right) in zip(self.signs, pairwise(values), strict=True)
        ]
        return _reduce(links, every=True)

    def names(self) -> Iterator[Name]:
        for part in self.values:
            yield from part.names()


@dataclass(frozen=True)
class _Not:
    """The opposite."""

    part: _Node

    def value(self, measure: Measure) -> Bools:
        return ~self.part.value(measure).astype(np.bool_)

    def names(self) -> Iterator[Name]:
        return self.part.names()


@dataclass(frozen=True)
class _Join:
    """Parts of which all, or any, must hold."""

    parts: tuple[_Node, ...]
    every: bool

    def value(self, measure: Measure) -> Bools:
        values = [part.value(measure).astype(np.bool_) for part in self.parts]
        return _reduce(values, self.every)

    def names(self) -> Iterator[Name]:
        for part in self.parts:
            yield from part.names()


_Node = _Measured | _Compare | _Not | _Join


@dataclass(frozen=True)
class Condition:
    """A parsed condition; equal texts give equal conditions."""

    text: str
    root: _Node
    absent: frozenset[str] = frozenset()  # events that a run leaves out: they never start

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition; raises `ConditionError`."""
        return cls(text, _Parser(text).whole())

    def evaluate(self, measure: Measure) -> Bools:
        """In which runs it holds, (R,) bool.

        `measure(function, arguments)` answers in arrays of shape (R,): numbers for
        ('day', ()), ('share', (faction,)), ('fighters', (faction,)), ('losses', (faction,));
        bool for ('started', (event id,)) and ('holder', (place, faction or 'nobody')).
        """

        def ask(function: str, arguments: tuple[str, ...]) -> NDArray[Any]:
            if function == "started" and arguments[0] in self.absent:
                return np.zeros(len(measure("day", ())), np.bool_)
            return measure(function, arguments)

        return np.asarray(self.root.value(ask), np.bool_)

    def names(self) -> tuple[Name, ...]:
        """Everything it asks for, in the order of the text."""
        return tuple(self.root.names())


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise ConditionError(
                f"{len(text)} characters", 1, f"at most {MOST_CHARACTERS} characters"
            )
        self.tokens: list[Token] = []
        self.level = 0
        position, end = 0, len(text.rstrip())
        while position < end:
            found = _TOKEN.match(text, position)
            if not found:
                rest = text[position:].lstrip()
                raise ConditionError(
                    f"'{rest[:1]}'", len(text) - len(rest) + 1, "a name, number, text or sign"
                )
            kind = str(found.lastgroup)
            self.tokens.append(Token(kind, found.group(kind), found.start(kind) + 1))
            position = found.end()
        self.tokens.append(Token("end", "the end", end + 1))
        self.here = 0

    def peek(self) -> Token:
        return self.tokens[self.here]

    def take(self) -> Token:
        token = self.tokens[self.here]
        self.here += 1
        return token

    def fail(self, token: Token, wanted: str) -> NoReturn:
        shown = token.text if token.kind in ("end", "text") else f"'{token.text}'"
        raise ConditionError(shown, token.at, wanted)

    def expect(self, text: str) -> None:
        token = self.take()
        if token.text != text or token.kind == "text":
            self.fail(token, f"'{text}'")

    def whole(self) -> _Node:
        node = self.condition()
        if self.peek().kind != "end":
            self.fail(self.peek(), "'and', 'or' or the end")
        return node

    def joined(self, word: str, part: Callable[[], _Node]) -> _Node:
        parts = [part()]
        while self.peek() == ("word", word, self.peek().at):
            self.take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else _Join(tuple(parts), every=word == "and")

    def condition(self) -> _Node:
        return self.joined("or", lambda: self.joined("and", self.one))

    def one(self) -> _Node:
        self.level += 1
        if self.level > MOST_LEVELS:
            self.fail(self.peek(), f"at most {MOST_LEVELS} levels of brackets and 'not'")
        node = self._one()
        self.level -= 1
        return node

    def _one(self) -> _Node:
        token = self.peek()
        if token.kind == "word" and token.text == "not":
            self.take()
            return _Not(self.one())
        if token.kind == "sign" and token.text == "(":
            self.take()
            node = self.condition()
            self.expect(")")
            return node
        if token.kind == "word" and token.text == "started":
            return _Measured(Name("started", (self.argument(),)))
        if token.kind == "word" and token.text == "holder":
            place = self.argument()
            sign = self.take()
            if sign.text not in ("==", "!=") or sign.kind != "sign":
                self.fail(sign, "'==' or '!='")
            faction = self.take()
            if faction.kind != "text":
                self.fail(faction, "a faction in quotes")
            node = _Measured(Name("holder", (place, faction.text[1:-1])))
            return node if sign.text == "==" else _Not(node)
        return self.comparison()

    def comparison(self) -> _Node:
        first = self.peek()
        values = [self.value()]
        signs = []
        while self.peek().kind == "sign" and self.peek().text in _OPERATORS:
            signs.append(self.take().text)
            values.append(self.value())
        if not signs:
            self.fail(self.peek(), "a comparison such as '> 30'")
        for left, right in pairwise(values):
            if isinstance(left, _Number) and isinstance(right, _Number):
                self.fail(first, "something to compare, not two numbers")
        return _Compare(tuple(values), tuple(signs))

    def value(self) -> _Measured | _Number:
        token = self.peek()
        if token.kind == "number":
            return _Number(float(self.take().text))
        if token.kind == "word" and token.text == "day":
            self.take()
            return _Measured(Name("day", ()))
        if token.kind == "word" and token.text in MEASURES:
            return _Measured(Name(token.text, (self.argument(),)))
        self.fail(
            token,
            "day, a number, holder(...), share(...), fighters(...), losses(...), started(...)",
        )

    def argument(self) -> str:
        """The one argument of a function, whose name is the next token."""
        self.take()
        self.expect("(")
        token = self.take()
        if token.kind != "text":
            self.fail(token, "a name in quotes")
        self.expect(")")
        return token.text[1:-1]
