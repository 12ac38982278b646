"""One request after the gateway let it through, and what the endpoints share in reading it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.qpilot.accounts import Grant
from sandbox.qpilot.answers import Refusal, forbidden, invalid, message
from sandbox.qpilot.checks import Rules, flaws, pascal
from sandbox.qpilot.moments import Document, epoch

_ID = re.compile(r"-?\d{1,18}", re.ASCII)
_INDEX = re.compile(r"\[\d*\]$")


class Query:
    """A query whose keys do not mind their case; an array is a repeated key, with or without `[0]` behind it."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(_INDEX.sub("", name).lower(), []).append(value)

    def all(self, name: str) -> list[str]:
        """Return every value of a key, as it was sent: a comma separates nothing."""
        return self._values.get(name.lower(), [])

    def text(self, name: str) -> str | None:
        """Return the first value of a key, or None if it is missing or empty."""
        return next(iter(self.all(name)), None) or None

    def whole(self, name: str, default: int) -> int:
        """Return a number; Refusal (400) if it is none."""
        text = self.text(name)
        return default if text is None else _whole(name, text)

    def flag(self, name: str) -> bool | None:
        """Return true or false, or None if the key is missing; Refusal (400) for anything else."""
        text = self.text(name)
        if text is None or text.lower() in ("true", "false"):
            return None if text is None else text.lower() == "true"
        raise not_valid(name, text)

    def instant(self, name: str) -> float | None:
        """Return epoch seconds, or None if the key is missing; Refusal (400) for what is no instant."""
        text = self.text(name)
        try:
            return None if text is None else epoch(text)
        except ValueError:
            raise not_valid(name, text) from None

    def amount(self, name: str) -> Decimal | None:
        """Return an amount, or None if the key is missing; Refusal (400) for what is none."""
        text = self.text(name)
        try:
            found = None if text is None else Decimal(text)
        except InvalidOperation:
            raise not_valid(name, text) from None
        if found is not None and not found.is_finite():
            raise not_valid(name, text)
        return found


@dataclass(frozen=True)
class Call:
    """What a request may and what it carries; `path` holds the named parts of the path."""

    grant: Grant
    path: Mapping[str, str]
    query: Query
    body: bytes = field(repr=False)
    content_type: str

    def number(self, part: str) -> int:
        """Return a part of the path as an int64; Refusal (400) if it is none."""
        return _whole(part, self.path[part])

    def about(self, customer_id: str) -> None:
        """Refuse (403) a customer's token for another customer's data."""
        if self.grant.scope == "Customer" and self.grant.customer_id != customer_id:
            raise forbidden()

    def json(self, rules: Rules, required: Iterable[str] = ()) -> Document:
        """Return the body, an object that keeps the rules; Refusal with everything that is wrong with it."""
        body = self.object()
        if found := flaws(body, rules, required):
            raise invalid(found)
        return body

    def object(self) -> Document:
        """Return the body, which must be a JSON object; keys may begin with a capital. Numbers stay exact."""
        if self.content_type != "application/json":
            raise Refusal(message(415, "Unsupported Media Type"))
        try:
            body = json.loads(self.body, parse_float=Decimal, parse_constant=_no_number)
            # A lone surrogate is text that cannot be sent back.
            json.dumps(body, ensure_ascii=False, default=str).encode()
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise invalid({"": ["A non-empty request body with a JSON object is required."]})
        return camel(body)


def camel(body: Mapping[str, Any]) -> Document:
    """Return an object with keys that begin with a small letter."""
    return {key[:1].lower() + key[1:]: value for key, value in body.items()}


def not_valid(name: str, text: object) -> Refusal:
    """Return the refusal (400) of a value in the path or the query."""
    return invalid({pascal(name): [f"The value '{text}' is not valid."]})


def _whole(name: str, text: str) -> int:
    if not _ID.fullmatch(text):
        raise not_valid(name, text)
    return int(text)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
