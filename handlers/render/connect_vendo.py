"""The two forms that connect Vendo: the e-mail address, and then the code that was sent there (seed 003)."""

from __future__ import annotations

from handlers.render.build import actions, button, context, modal, section, words
from handlers.render.inputs import typed
from handlers.render.message import View

TITLE = "Connect Vendo"
EMAIL, CODE, AGAIN = "connection.vendo", "connection.vendo_code", "connection.vendo_again"
_ASKED = "Shipclerk shops with your own account at the store. There is no password: the store sends you a code."
_NEW = "Only used if you are new there: an e-mail address that the store does not know makes a new customer."
_KEPT = "What you type is stored encrypted for you alone, and only you can use it. The code is not kept."


def email_form(*, card_id: str, store: str = "") -> View:
    """The modal `connection.vendo`: who signs in, and where; ``store`` is the store that is meant if none is typed."""
    default = f"Leave it empty for {store}." if store else "Leave it empty for the usual one."
    blocks = [
        section(_ASKED),
        typed("email", "E-mail", needed=True),
        typed("first_name", "First name", hint=_NEW),
        typed("last_name", "Last name"),
        typed("store", "Store address", hint=default),
        context(words(_KEPT)),
    ]
    return modal(TITLE, blocks, callback_id=EMAIL, card_id=card_id, submit="Send me a code")


def code_form(*, card_id: str, email: str, again: bool = False) -> View:
    """The modal `connection.vendo_code`, with a button `connection.vendo_again` that has another code sent."""
    said = f"✅ A new code was sent to {email}. The one before works no more." if again else f"✅ Code sent to {email}."
    blocks = [
        section(said),
        typed("code", "Code from the e-mail", needed=True),
        actions(button("Send again", AGAIN, card_id)),
    ]
    return modal(TITLE, blocks, callback_id=CODE, card_id=card_id, submit="Connect")
