"""What a body's fields may hold, in the words of ASP.NET's model errors (`apis/qpilot.md` §3.3)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.qpilot.moments import Document, epoch

_INT64 = 2**63


@dataclass(frozen=True)
class Rule:
    """What a field must be like, and how that is said behind "The field Name"."""

    fits: Callable[[Any], bool]
    words: str = "is not valid"


Rules = Mapping[str, Rule]


def flaws(body: Mapping[str, Any], rules: Rules, required: Iterable[str] = ()) -> dict[str, list[str]]:
    """Return what is wrong with each field; null is as good as missing, and unknown fields are ignored."""
    found = {pascal(name): [missing(name)] for name in required if body.get(name) is None}
    for name, rule in rules.items():
        value = body.get(name)
        if value is not None and not rule.fits(value):
            found[pascal(name)] = [f"The field {pascal(name)} {rule.words}."]
    return found


def missing(name: str) -> str:
    """Return what is said of a required field that is not there."""
    return f"The {pascal(name)} field is required."


def pascal(name: str) -> str:
    """Return a field's name as model errors write it."""
    return name[:1].upper() + name[1:]


def whole(low: int = -_INT64, high: int = _INT64 - 1) -> Rule:
    """A whole number between two others, both included."""
    words = "is not valid" if high == _INT64 - 1 and low <= 0 else f"must be between {low} and {high}"
    return Rule(lambda value: type(value) is int and low <= value <= high, words)


def one_of(*choices: str) -> Rule:
    """One of some words."""
    return Rule(lambda value: value in choices, f"must be one of {', '.join(choices)}")


def each(rule: Rule) -> Rule:
    """A list whose every member keeps a rule."""
    return Rule(lambda value: isinstance(value, list) and all(rule.fits(one) for one in value), rule.words)


def fields(rules: Rules, required: Iterable[str] = ()) -> Rule:
    """An object that keeps rules of its own."""
    needed = tuple(required)
    return Rule(lambda value: isinstance(value, dict) and not flaws(_camel(value), rules, needed))


def _camel(value: Document) -> Document:
    return {key[:1].lower() + key[1:]: one for key, one in value.items()}


def _instant(value: object) -> bool:
    try:
        return epoch(value) > 0
    except ValueError:
        return False


TEXT = Rule(lambda value: isinstance(value, str))
FILLED = Rule(lambda value: isinstance(value, str) and bool(value.strip()), "must not be empty")
FLAG = Rule(lambda value: isinstance(value, bool))
OBJECT = Rule(lambda value: isinstance(value, dict), "must be an object")
INSTANT = Rule(_instant, "must be a date and time")
AMOUNT = Rule(lambda value: type(value) in (int, Decimal) and 0 <= value < 10**9, "must be an amount from 0")
CURRENCY = Rule(lambda value: isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper())
EMAIL = Rule(lambda value: isinstance(value, str) and "@" in value[1:-1], "is not a valid e-mail address")
