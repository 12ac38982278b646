"""How an order and a person are named in a message."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers.render import limits
from handlers.render.build import Element, bold
from handlers.render.escape import plain

_USER = re.compile("[UW][A-Z0-9]{2,30}")


@dataclass(frozen=True)
class Named:
    """What every message about an order may show of it, wherever it is read: its number and its reference."""

    order_id: int
    reference: str | None = None


def order_name(order_id: int, reference: str | None) -> str:
    """For text that Slack does not parse: "Order 1001 (#DE38678)"."""
    shown = plain(reference or "", limits.LINE_VALUE)
    return f"Order {order_id}" + (f" ({shown})" if shown else "")


def named(order: Named) -> Element:
    """The order's name in bold rich text."""
    return bold(order_name(order.order_id, order.reference), 2 * limits.LINE_VALUE)


def mention(user: str | None) -> str:
    """A person in mrkdwn; what is not a Slack user id is nobody's mention."""
    return f"<@{user}>" if user and _USER.fullmatch(user) else "somebody"


def is_user(user: str | None) -> bool:
    """Whether this can be mentioned."""
    return bool(user and _USER.fullmatch(user))
