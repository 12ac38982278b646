"""The small language in which Block Kit's rules are written down: a shape finds the flaws of a value.

The words of a flaw are those of Slack's own schema library (`slackhq/hack-json-schema`) as its API shows them in
`response_metadata.messages`; the rules of `block_rules` and the surfaces have words of ours where no answer of Slack is
known. A shape accepts any decoded JSON and never raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.slack.limits import LIMITS


@dataclass(frozen=True)
class Flaw:
    """One reason to refuse: `message` in Slack's words, `pointer` a JSON pointer from the root of the arguments."""

    message: str
    pointer: str


Flaws = Iterator[Flaw]
Rule = Callable[[dict[str, Any], str], Flaws]
"""A rule across fields; it is asked only when the fields themselves are flawless, so it may trust their shapes."""


class Shape(Protocol):
    """What a value must look like."""

    def flaws(self, value: object, at: str) -> Flaws:
        """The flaws of `value`, which stands at the JSON pointer `at`."""


@dataclass(frozen=True)
class Str:
    """A string of `least` to `most` characters that matches `pattern` from its first to its last character."""

    least: int = 0
    most: int | None = None
    pattern: str | None = None

    def flaws(self, value: object, at: str) -> Flaws:
        """Wrong type, too short, too long, wrong form."""
        if not isinstance(value, str):
            yield Flaw("must provide a string", at)
        elif len(value) < self.least:
            yield Flaw(f"must be more than {self.least - 1} characters", at)
        elif self.most is not None and len(value) > self.most:
            yield Flaw(f"must be less than {self.most + 1} characters", at)
        elif self.pattern is not None and not re.fullmatch(self.pattern, value, re.ASCII):
            yield Flaw(f"input must match regex pattern: {self.pattern}", at)


@dataclass(frozen=True)
class Int:
    """A whole number from `least` to `most`."""

    least: int | None = None
    most: int | None = None

    def flaws(self, value: object, at: str) -> Flaws:
        """Wrong type, too small, too large."""
        if not isinstance(value, int) or isinstance(value, bool):
            yield Flaw("must provide an integer", at)
        elif self.least is not None and value < self.least:
            yield Flaw(f"must be greater than {self.least - 1}", at)
        elif self.most is not None and value > self.most:
            yield Flaw(f"must be less than {self.most + 1}", at)


@dataclass(frozen=True)
class Num:
    """A finite number, greater than `above`."""

    above: int | None = None

    def flaws(self, value: object, at: str) -> Flaws:
        """Wrong type, too small."""
        if not isinstance(value, int | float) or isinstance(value, bool) or not _finite(value):
            yield Flaw("must provide a number", at)
        elif self.above is not None and value <= self.above:
            yield Flaw(f"must be greater than {self.above}", at)


def _finite(value: int | float) -> bool:
    return isinstance(value, int) or math.isfinite(value)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def flaws(self, value: object, at: str) -> Flaws:
        """Wrong type."""
        if not isinstance(value, bool):
            yield Flaw("must be a boolean", at)


@dataclass(frozen=True)
class OneOf:
    """One of a few values."""

    values: tuple[str | int, ...]

    def flaws(self, value: object, at: str) -> Flaws:
        """Any other value, and any value of another type (true is not 1)."""
        if not any(type(value) is type(allowed) and value == allowed for allowed in self.values):
            yield Flaw("must be a valid enum value", at)


@dataclass(frozen=True)
class Items:
    """A list of `least` to `most` values of one shape."""

    item: Shape
    least: int = 0
    most: int | None = None

    def flaws(self, value: object, at: str) -> Flaws:
        """Wrong type, too few, too many, and the flaws of every item."""
        if not isinstance(value, list):
            yield Flaw("must provide an array", at)
            return
        if len(value) < self.least:
            yield Flaw(f"must provide at least {self.least} items", at)
        if self.most is not None and len(value) > self.most:
            yield Flaw(f"no more than {self.most} items allowed", at)
        for index, item in enumerate(value):
            yield from self.item.flaws(item, f"{at}/{index}")


@dataclass(frozen=True)
class Obj:
    """An object with these fields, with no others unless it `is_open` (Slack refuses unknown fields), and rules."""

    fields: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    is_open: bool = False

    def flaws(self, value: object, at: str) -> Flaws:
        """Wrong type, missing and unknown fields, the fields' own flaws; the rules' if there are none so far."""
        if not isinstance(value, dict):
            yield Flaw("must provide an object", at)
            return
        own = list(self._own(value, at))
        yield from own
        if not own:
            for rule in self.rules:
                yield from rule(value, at)

    def _own(self, value: dict[str, Any], at: str) -> Flaws:
        for name in self.required:
            if name not in value:
                yield Flaw(f"missing required field: {name}", at)
        for name, item in value.items():
            if name in self.fields:
                yield from self.fields[name].flaws(item, f"{at}/{name}")
            elif not self.is_open:
                yield Flaw(f"invalid additional property: {name}", at)


@dataclass(frozen=True)
class Kinds:
    """An object whose `type` says which of several shapes it has."""

    kinds: Mapping[str, Shape]

    def flaws(self, value: object, at: str) -> Flaws:
        """Wrong type, no `type`, a `type` that may not stand here, and the flaws of the named shape."""
        if not isinstance(value, dict):
            yield Flaw("must provide an object", at)
        elif "type" not in value:
            yield Flaw("missing required field: type", at)
        elif not isinstance(value["type"], str):
            yield Flaw("must provide a string", f"{at}/type")
        elif value["type"] not in self.kinds:
            yield Flaw(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            yield from self.kinds[value["type"]].flaws(value, at)


def obj(fields: Mapping[str, Shape], *rules: Rule) -> Obj:
    """An object shape from a table in which a name that ends in `!` is a required field."""
    plain = {name.rstrip("!"): shape for name, shape in fields.items()}
    return Obj(plain, tuple(name[:-1] for name in fields if name.endswith("!")), rules)


def typed(kind: str, fields: Mapping[str, Shape], *rules: Rule) -> dict[str, Shape]:
    """One entry of a `Kinds` table: the object whose `type` is `kind`."""
    return {kind: obj({"type!": OneOf((kind,)), **fields}, *rules)}


def sized(name: str) -> Str:
    """A string with the lengths that the limits table has for `name`."""
    return Str(LIMITS.get(f"{name}.min_length", 0), LIMITS.get(f"{name}.max_length"))


def several(name: str, item: Shape) -> Items:
    """A list with the counts that the limits table has for `name`."""
    return Items(item, LIMITS.get(f"{name}.min_items", 0), LIMITS.get(f"{name}.max_items"))
