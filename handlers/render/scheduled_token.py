"""A customer's token, shown once to the merchant who asked for it (seed 004, step 1)."""

from __future__ import annotations

from backends.qpilot.auth import Token
from handlers.render import limits
from handlers.render.build import code, paragraph, section
from handlers.render.escape import plain
from handlers.render.message import Message

LONGEST = limits.SECTION_TEXT
_HEAD = "🔑 The access token of customer {customer}:"
_HOW = (
    "It is good for one request, as QPilot asks for a new one each time, and for a short time only. "
    "Whoever has it can change this customer's scheduled orders: give it to nobody else."
)
_ONCE = "I show it once and keep it nowhere."


def token_shown(customer: str, token: Token) -> Message:
    """The token with what it is good for; the fallback text, which a notification shows, leaves the token out.

    Raises ValueError for one that would have to be cut or changed.
    """
    value = token.value.reveal()
    shown = code(value, LONGEST)
    if shown["text"] != value:
        raise ValueError("cannot be shown as it is")
    head = section(_HEAD.format(customer=plain(customer)))
    blocks = (head, paragraph([shown]), section(_HOW), section(_ONCE))
    return Message(f"🔑 A customer's access token. {_HOW} {_ONCE}", blocks)
