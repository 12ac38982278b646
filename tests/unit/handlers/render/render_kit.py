"""What the tests of the renderers share: sample data, hostile text, and a reader that is not ours.

``reading`` tells what a person would read, ``alive`` what would do something: a mention, a link, an emoji, bold. Both
are written from Slack's documents, without a look at ``escape``, and know one thing besides: a delimiter beside a word
joiner is a letter like any other.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from slack_sdk.models.blocks import Block as SdkBlock

from backends.quivo.order import Address, Order, Page, Position, Tracking
from handlers.render import connections, failures, forms, help, home, orders, status
from handlers.render.build import button
from handlers.render.message import Message
from handlers.render.profile import Profile
from sandbox.slack.blocks import check_message, check_view
from store.connection import Connection

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
NOW_SHOWN = "<!date^1795356300^{date_short_pretty} at {time}|2026-11-22 14:05 UTC>"
ORDERED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ORDERED_SHOWN = "<!date^1795167000^{date_short_pretty} at {time}|2026-11-20 09:30 UTC>"
ORDERED_DAY = "<!date^1795167000^{date_short_pretty}|2026-11-20 UTC>"

ADDRESS = Address(
    name="Grace Hopper",
    company="Compilers Ltd",
    street="Sample Street 1",
    street2="Back door",
    zip="10115",
    city="Berlin",
    state="BE",
    country_iso2="DE",
    phone="+49 30 123",
    email="grace@example.com",
    latitude=52.5,
    longitude=13.4,
)
ORDER = Order(
    order_id=1001,
    status="PROCESSING",
    reference="#DE38678",
    identifier="shop-77",
    seller_id=12,
    seller_name="Acme",
    warehouse_id=3,
    created=datetime(2026, 11, 20, 9, 31, tzinfo=UTC),
    last_modified=datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
    ordered=ORDERED,
    earliest_delivery=date(2026, 11, 24),
    latest_delivery=date(2026, 11, 26),
    delivery_address=ADDRESS,
    invoice_address=replace(ADDRESS, name="Accounts"),
    positions=(Position("SKU-1", "Blue mug", 2, "lot-9"), Position("SKU-2")),
    tracking=(Tracking("1Z999", "https://www.ups.com/track?n=1Z999"), Tracking("JJD14", "http://dhl.example/x")),
    tags=("gift", "vip"),
    comment="Please handle with care",
    tracking_enabled=True,
    shipping_method="Express",
    priority=5,
    currency="EUR",
    custom_attributes=(("wrapping", "blue"),),
)
CONNECTION = Connection(
    id="conn-1",
    team="T0HOME0001",
    user="U0ADA00001",
    back_end="quivo",
    account="ada",
    connected_at=ORDERED,
    last_used_at=NOW,
    keeps_password=True,
)

LONG = "long " * 2000
HOSTILE: Mapping[str, tuple[str, str]] = {
    "channel": ("<!channel>", "<!channel>"),
    "here": ("x <!here> y", "x <!here> y"),
    "member": ("<@U0ADA00001>", "<@U0ADA00001>"),
    "link": ("<https://evil.example|click>", "<https://evil.example|click>"),
    "bare link": ("see https://evil.example/a", "see https://evil.example/a"),
    "domain": ("www.evil.example", "www.evil.example"),
    "date": ("<!date^1^{date}|never>", "<!date^1^{date}|never>"),
    "escaped": ("&lt;!here> &amp;amp;", "&lt;!here> &amp;amp;"),
    "ticks": ("`code` ```block```", "`code` ```block```"),
    "style": ("*bold* _it_ ~s~", "*bold* _it_ ~s~"),
    "quote": ("> quoted", "> quoted"),
    "emoji": (":smile: :+1:", ":smile: :+1:"),
    "bare mention": ("@channel @here #general", "@channel @here #general"),
    "mail": ("mailto:a@b.example a@b.example", "mailto:a@b.example a@b.example"),
    "right to left": ("abc\u202edef\u202c", "abcdef"),
    "isolate": ("\u2067abc\u2069\u200f", "abc"),
    "zero width": ("a\u200bb\u200c\u200d\ufeff\u2060c", "abc"),
    "filler": ("a\u3164\u115fb\u034f", "ab"),
    "tag": ("a\U000e0041\U000e0100b", "ab"),
    "control": ("a\x00b\x1b[31mc\x7f", "a\ufffdb\ufffd[31mc\ufffd"),
    "lines": ("one\nStatus: *shipped*\r\ntwo", "one ⏎ Status: *shipped* ⏎ two"),
    "odd lines": ("one\u2028two\x85three\x0bfour", "one ⏎ two ⏎ three ⏎ four"),
    "surrogate": ("a\ud800b", "a\ufffdb"),
    "spaces": ("a\u00a0b\tc", "a b c"),
}


@dataclass(frozen=True)
class Case:
    """One renderer with everything that it is given, by name."""

    name: str
    given: Mapping[str, Any]
    render: Callable[..., Any]

    def made(self, given: Mapping[str, Any] | None = None) -> Message | dict[str, Any]:
        """What the renderer makes of this, its own sample by default."""
        made: Message | dict[str, Any] = self.render(**(given or self.given))
        return made


def _order_card(profile: Profile) -> Case:
    given = {"order": ORDER, "card_id": "card-1", "asked_by": "U0ADA00001"}
    return Case(f"order_card {profile}", given, lambda **g: orders.order_card(profile=profile, seen_at=NOW, **g))


def _list(profile: Profile, **given: Any) -> Message:
    return orders.order_list(profile=profile, page_number=2, has_previous=True, now=NOW, **given)


_LIST = {
    "page": Page((ORDER, Order(1002, "ON_HOLD", reference="R-2")), "next"),
    "title": "Orders matching DE",
    "card_id": "card-1",
    "row_cards": ["row-1", "row-2"],
}
_FORM = {"view": connections.connect_form(card_id="card-1"), "errors": {"apiKey": "wrong", "elsewhere": "odd"}}
CASES: Sequence[Case] = (
    *(_order_card(profile) for profile in Profile),
    Case("order_details", {"order": ORDER, "card_id": "card-1"}, orders.order_details),
    Case("order_list", _LIST, lambda **g: _list(Profile.PUBLIC, **g)),
    Case("order_list empty", _LIST | {"page": Page(()), "row_cards": []}, lambda **g: _list(Profile.PUBLIC, **g)),
    Case("connect_form", {"card_id": "card-1", "back_end": "quivo"}, connections.connect_form),
    Case(
        "connections_list",
        {"connections": [CONNECTION], "connectable": {"quivo": "card-1", "vendo": "card-2"}},
        connections.connections_list,
    ),
    Case("connected", {"connection": CONNECTION}, connections.connected),
    Case("disconnected", {"back_end": "quivo"}, lambda **g: connections.disconnected(was_connected=True, **g)),
    Case(
        "disconnected, not revoked",
        {"back_end": "vendo"},
        lambda **g: connections.disconnected(was_connected=True, revoked=False, **g),
    ),
    Case("nothing to remove", {"back_end": "quivo"}, lambda **g: connections.disconnected(was_connected=False, **g)),
    Case(
        "connect_prompt",
        {"back_end": "quivo", "card_id": "card-1", "command": "/order 1001"},
        connections.connect_prompt,
    ),
    Case(
        "with_errors", {"errors": _FORM["errors"], "banner": "No."}, lambda **g: forms.with_errors(_FORM["view"], **g)
    ),
    Case("busy", {"text": "Checking with Quivo…"}, lambda **g: forms.busy(_FORM["view"], **g)),
    Case("loading", {"title": "Order"}, forms.loading),
    Case("notice", {"title": "Order", "text": "Not found.", "reference": "7f3k"}, forms.notice),
    Case(
        "failure",
        {"safe_text": "Quivo did not answer.", "reference": "7f3k", "hint": "Try `/order 1001` later."},
        lambda **g: failures.failure(actions=[button("Again", "order.refresh", "card-1")], **g),
    ),
    Case("did_you_mean", {"typed": "/order fnd", "suggestion": "find", "usage": "/order find"}, failures.did_you_mean),
    Case("expired_card", {}, failures.expired_card),
    Case("not_allowed", {"why": "Guests can't.", "reference": "7f3k"}, failures.not_allowed),
    Case(
        "home",
        {
            "connectable": {"quivo": "card-1"},
            "mine": home.Mine(
                "U0ADA00001", connections=(CONNECTION,), commands=(("/order find <words>", "Find orders"),)
            ),
        },
        home.home,
    ),
    Case("help_message", {"entries": [help.HelpEntry("/order find", "<words>", "Find orders")]}, help.help_message),
    Case(
        "status_message",
        {"version": "0.1.0", "back_ends": [status.BackEndStatus("quivo", True)], "connections": [CONNECTION]},
        lambda **g: status.status_message(uptime=timedelta(hours=2), now=NOW, **g),
    ),
)


Put = Callable[[str], Any]


def places(value: Any, path: str = "") -> Iterator[tuple[str, Put]]:
    """Every string in here: where it is, and a function that gives a copy with another string in its place."""
    if isinstance(value, str):
        yield path, lambda text: text
    for step, item, put_item in _steps(value):
        for place, put in places(item, path + step):
            yield place, _chain(put, put_item)


def _steps(value: Any) -> Iterator[tuple[str, Any, Callable[[Any], Any]]]:
    """What is one step inside: its name, itself, and a function that puts something else there."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield f".{field.name}", getattr(value, field.name), partial(_put_field, value, field.name)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield f"[{key}]", item, partial(_put_key, value, key)
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield f"[{index}]", item, partial(_put_index, value, index)


def _chain(put: Put, put_item: Callable[[Any], Any]) -> Put:
    return lambda text: put_item(put(text))


def _put_field(value: Any, name: str, item: Any) -> Any:
    return replace(value, **{name: item})


def _put_key(value: Mapping[str, Any], key: str, item: Any) -> Any:
    return {**value, key: item}


def _put_index(value: Any, index: int, item: Any) -> Any:
    return type(value)([*value[:index], item, *value[index + 1 :]])


def blocks_of(made: Message | Mapping[str, Any]) -> list[dict[str, Any]]:
    """The blocks of a message or a view."""
    return list(made.blocks if isinstance(made, Message) else made["blocks"])


def flaws(made: Message | Mapping[str, Any]) -> list[Any]:
    """What Slack would refuse, by the workspace's checks and by slack_sdk's models, which must also lose nothing."""
    blocks = blocks_of(made)
    parsed = SdkBlock.parse_all(blocks)
    for block in parsed:
        block.validate_json()
    lost = [] if [block.to_dict() for block in parsed] == blocks else ["slack_sdk reads other blocks"]
    if isinstance(made, Message):
        too_long = ["fallback text too long"] if len(made.text) > 4000 else []
        return [*check_message(blocks), *lost, *too_long, *([] if made.text.strip() else ["no fallback text"])]
    return [*check_view(dict(made)), *lost]


def _objects(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for item in node.values():
            yield from _objects(item)
    elif isinstance(node, tuple | list):
        for item in node:
            yield from _objects(item)


def reading(node: Any) -> str:
    """All that a person reads in these blocks or this view, one line for each text."""
    return "\n".join(_lines(node))


def _lines(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping) and node.get("type") == "rich_text_section":
        yield "".join(_read(item) for item in node["elements"])
    elif isinstance(node, Mapping):
        if isinstance(node.get("text"), str):
            yield _read(node)
        for item in node.values():
            yield from _lines(item)
    elif isinstance(node, tuple | list):
        for item in node:
            yield from _lines(item)


def _read(item: Mapping[str, Any]) -> str:
    if item["type"] == "mrkdwn":
        return read_mrkdwn(item["text"])
    return html.unescape(item["text"]).replace("\u2060", "")


@lru_cache(50_000)
def read_mrkdwn(text: str) -> str:
    """What a person reads in mrkdwn: an entity's label, else the text with its escapes undone."""
    shown = re.sub(r"<([^<>]*)>", lambda found: found[1].rpartition("|")[2], text).replace("\u2060", "")
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


_ALIVE = {
    "style": r"(?<![\w\u2060])([*_~`])(?![\s\u2060])[^\n]*?(?<![\s\u2060])\1(?![\w\u2060])",
    "emoji": r":[\w+'-]+:",
    "url": r"[a-z][a-z0-9+.-]*://[^\s\u2060]|mailto:[^\s\u2060]|www\.\w|\w\.\w\w",
    "mail": r"\w@\w",
    "mention": r"(?<!\w)@\w",
    "channel": r"#\w",
    "quote": r"^\s*(?:&gt;|>)",
}


def alive_mrkdwn(text: str) -> list[str]:
    """Everything in mrkdwn that is more than its letters."""
    return [*_alive_mrkdwn(text)]


@lru_cache(50_000)  # a message with one other text in it is the same in all the others
def _alive_mrkdwn(text: str) -> tuple[str, ...]:
    entities = re.findall(r"<[^<>]*>", text)
    rest = re.sub(r"<[^<>]*>", "", text)
    strays = [f"stray {sign}" for sign in re.findall(r"[<>]|&(?!amp;|lt;|gt;)", rest)]
    found = [f"{kind} {hit[0]}" for kind, form in _ALIVE.items() for hit in re.finditer(form, rest, re.M | re.I)]
    return *entities, *strays, *found


def alive(node: Any) -> list[str]:
    """Everything in these blocks or this view that does more than show its letters."""
    found: list[str] = []
    for item in _objects(node):
        match item.get("type"):
            case "mrkdwn":
                found += alive_mrkdwn(item["text"])
            case "plain_text":
                found += re.findall(r":[\w+'-]+:", item["text"]) if item.get("emoji") is not False else []
            case (
                "link" | "user" | "usergroup" | "channel" | "broadcast" | "emoji" | "date" | "team" | "markdown" as kind
            ):
                found.append(f"{kind} {item.get('url', '')}")
        found += [f"button {item['url']}"] if item.get("type") == "button" and "url" in item else []
    return sorted(found)


def pt(text: str) -> dict[str, Any]:
    """A plain_text object as Shipclerk sends it."""
    return {"type": "plain_text", "text": text, "emoji": False}


def mk(text: str) -> dict[str, Any]:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def t(text: str, **style: bool) -> dict[str, Any]:
    """A text element of rich text."""
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    """A rich text block with one section."""
    return {"type": "rich_text", "elements": [line(*elements)]}


def line(*elements: dict[str, Any]) -> dict[str, Any]:
    """A section of rich text."""
    return {"type": "rich_text_section", "elements": list(elements)}


def listing(title: str, *lines: dict[str, Any]) -> dict[str, Any]:
    """A rich text block with a bold title and bullets."""
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": list(lines)}
    return {"type": "rich_text", "elements": [line(t(title, bold=True)), bullets]}


def small(*elements: dict[str, Any]) -> dict[str, Any]:
    """A context block."""
    return {"type": "context", "elements": list(elements)}


def press(text: str, action_id: str, value: str, **more: Any) -> dict[str, Any]:
    """A button."""
    return {"type": "button", "text": pt(text), "action_id": action_id, "value": value, **more}


def row(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An actions block."""
    return {"type": "actions", "elements": list(elements), **more}


def para(text: str, **more: Any) -> dict[str, Any]:
    """A section of plain text."""
    return {"type": "section", "text": pt(text), **more}
