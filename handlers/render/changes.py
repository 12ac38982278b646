"""What differs between an order before and after: value by value where one person reads, by name where others do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from backends.quivo.order import Address, Order
from handlers.render import limits
from handlers.render.build import Element, bold, bullets, say
from handlers.render.message import Block
from handlers.render.profile import ALLOWED, Profile

_PARTS = {
    "name": "name",
    "company": "company",
    "street": "street",
    "street2": "street 2",
    "zip": "zip",
    "city": "city",
    "state": "state",
    "country_iso2": "country",
    "phone": "phone",
    "email": "e-mail",
    "latitude": "latitude",
    "longitude": "longitude",
}
_ADDRESSES = {"delivery_address": "Delivery address", "invoice_address": "Invoice address"}
_ATTRIBUTES = "custom_attributes"


@dataclass(frozen=True)
class Change:
    """One thing that differs: the field's path as in ``profile.ALLOWED``, its name for people, its two values.

    ``name`` is our own word; ``detail`` is text from outside that belongs to it, the name of a custom attribute.
    """

    path: str
    name: str
    before: str
    after: str
    detail: str = ""


def diff(before: Order, after: Order) -> tuple[Change, ...]:
    """All that the forms of a correction can change, as it was and as it is; () if nothing differs."""
    return (*_plain(before, after), *_attributes(before, after), *_addresses(before, after))


def change_lines(changes: Sequence[Change], profile: Profile) -> list[Block]:
    """A line for each change: before → after if this profile may show the field to one person, else its name alone."""
    lines: list[list[Element]] = []
    for change in changes:
        line = _line(change, profile)
        lines += [line] if line not in lines else []
    kept = lines[: limits.MODAL_PAIRS]
    left = [[say(limits.more(len(lines) - len(kept)))]] if len(lines) > len(kept) else []
    return [bullets("Changes", [*kept, *left])] if lines else []


def _line(change: Change, profile: Profile) -> list[Element]:
    if profile not in (Profile.DIRECT, Profile.MODAL) or change.path not in ALLOWED[profile]:
        return [say(change.name)]
    detail = [bold(f" {change.detail}", limits.LINE_VALUE)] if change.detail else []
    values = [_value(change.before), say(" → "), _value(change.after)]
    return [bold(change.name), *detail, say(": "), *values]


def _value(text: str) -> Element:
    return say(text, limits.MODAL_VALUE) if text.strip() else say("nothing")


def _plain(before: Order, after: Order) -> Iterator[Change]:
    if (before.comment or "") != (after.comment or ""):
        yield Change("comment", "Comment", before.comment or "", after.comment or "")
    if before.tracking_enabled != after.tracking_enabled:
        was, now = _switch(before.tracking_enabled), _switch(after.tracking_enabled)
        yield Change("tracking_enabled", "Paid tracking", was, now)


def _switch(value: bool | None) -> str:
    return "" if value is None else ("on" if value else "off")


def _attributes(before: Order, after: Order) -> Iterator[Change]:
    was, now = dict(before.custom_attributes), dict(after.custom_attributes)
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            yield Change(_ATTRIBUTES, "Custom attribute", was.get(name, ""), now.get(name, ""), name)


def _addresses(before: Order, after: Order) -> Iterator[Change]:
    for path, title in _ADDRESSES.items():
        was, now = getattr(before, path) or Address(), getattr(after, path) or Address()
        for field in fields(Address):
            old, new = _text(getattr(was, field.name)), _text(getattr(now, field.name))
            if old != new:
                yield Change(f"{path}.{field.name}", f"{title}, {_PARTS[field.name]}", old, new)


def _text(value: str | float | None) -> str:
    return "" if value is None else str(value)
