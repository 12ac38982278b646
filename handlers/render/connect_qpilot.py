"""The form that connects QPilot: who logs in, to which site, as its merchant or as one customer (seed 004, step 1)."""

from __future__ import annotations

from handlers.render.build import context, modal, section, words
from handlers.render.inputs import Option, picked, typed
from handlers.render.message import View

TITLE, CONNECT = "Connect QPilot", "connection.qpilot"
MERCHANT, CUSTOMER = "Merchant", "Customer"
SCOPES: tuple[Option, ...] = (
    (MERCHANT, "Merchant: everything of the site"),
    (CUSTOMER, "Customer: one customer's scheduled orders"),
)
_ASKED = "Shipclerk works with your own QPilot account. We log in once to see that it works."
_KEPT = (
    "What you type is stored encrypted for you alone, and only you can use it. QPilot wants a new login for each "
    "request, so your password is kept. Slack shows it while you type and carries it to us, as with every modal."
)


def qpilot_form(card_id: str) -> View:
    """The modal `connection.qpilot`: each input's block_id is seed 004's own field name."""
    blocks = [
        section(_ASKED),
        typed("email", "E-mail", needed=True),
        typed("password", "Password", needed=True),
        typed("siteId", "Site id", hint="The number of the site, as QPilot shows it.", needed=True),
        picked("accessScope", "Scope", SCOPES, MERCHANT, needed=True),
        typed("customerId", "Customer id", hint="Only for the scope Customer: the customer's id in the store."),
        context(words(_KEPT)),
    ]
    return modal(TITLE, blocks, callback_id=CONNECT, card_id=card_id, submit="Connect")
