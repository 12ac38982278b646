"""Connections: the form that makes one, what is connected, and taking it away (DESIGN.md §4.1 to §4.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backends.errors import NAMES
from handlers.render import limits
from handlers.render.build import (
    Element,
    actions,
    bold,
    button,
    code,
    confirmation,
    context,
    message,
    modal,
    own,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.escape import plain
from handlers.render.message import Block, Message, View
from handlers.render.times import when
from store.connection import Connection

FORGET = "forget"
_NOT_REVOKED = " {title} did not answer when I asked it to end the login, so there it may last until it runs out."
_LONGEST_NAME = 40
_HOW_KEPT = (
    "What you type is stored encrypted for you alone, and only you can use it. "
    "Slack shows it while you type and carries it to us, as it does with every modal."
)


def name_of(back_end: str) -> str:
    """The back end's name as people write it."""
    return NAMES.get(back_end) or plain(back_end, _LONGEST_NAME)


def connect_form(*, card_id: str, back_end: str = "quivo") -> View:
    """The modal `connection.<back end>`: each input's block_id is the login's own field name, its action_id `value`.

    The checkbox `keepPassword` holds the option `forget` when ticked (``FORGET``).
    """
    title = name_of(back_end)
    blocks = [
        section(f"Shipclerk looks up orders with your own {title} account. We log in once to see that it works."),
        _input("apiKey", "API key", f"You find it in {title}'s dashboard."),
        _input("username", "User name"),
        _input("password", "Password"),
        _forget(),
        context(words(_HOW_KEPT)),
    ]
    callback_id = f"connection.{back_end}"[: limits.ID]
    return modal(f"Connect {title}", blocks, callback_id=callback_id, card_id=card_id, submit="Connect")


def connections_list(connections: Sequence[Connection], *, connectable: Mapping[str, str]) -> Message:
    """What is connected and since when, with a button to remove each and to connect what is missing; never a secret."""
    return message(connection_blocks(connections, connectable=connectable))


def connection_blocks(connections: Sequence[Connection], *, connectable: Mapping[str, str]) -> list[Block]:
    """The blocks of ``connections_list``, for Home too.

    `connection.remove` carries the connection's id; `connection.open`, in a block named `connect.<back end>`, the id of
    the card that ``connectable`` has for that back end.
    """
    if connections:
        head = "Your connections. Only you can use them."
    else:
        head = "You have not connected anything yet. Shipclerk only ever acts with your own account."
    rows = [block for connection in connections for block in _connection(connection)]
    linked = {connection.back_end for connection in connections}
    return [
        section(head),
        *rows,
        *(_open(name, card_id, is_again=name in linked) for name, card_id in connectable.items()),
    ]


def connected(connection: Connection) -> View:
    """The modal after a login that worked."""
    blocks = [
        paragraph([say("✅ "), bold(_title(connection)), say(" is connected.")]),
        section(_kept(connection)),
        context(words("See or remove it any time with /connect or /disconnect.")),
    ]
    return modal("Connected", blocks, callback_id="connection.connected")


def _kept(connection: Connection) -> str:
    if connection.back_end == "vendo":  # there is no password, and the sign-in renews itself
        return "Your sign-in is kept, encrypted for you alone, and renewed by itself."
    if connection.keeps_password:
        return "Your login is kept, encrypted for you alone, so that you are not asked every hour."
    return "Your password is not kept; I will ask again after an hour."


def disconnected(back_end: str, *, was_connected: bool, revoked: bool | None = None) -> Message:
    """What is said after a disconnect, also when there was nothing to remove.

    ``revoked`` is whether the back end ended the login on its side; None where it has no way to.
    """
    title = name_of(back_end)
    if was_connected:
        ended = {None: "", True: f" {title} has ended it on its side too.", False: _NOT_REVOKED.format(title=title)}
        return message([section(f"{title} is disconnected, and your stored login is deleted.{ended[revoked]}")])
    return message([section(f"You have no connection to {title}, so there was nothing to remove.")])


def connect_prompt(back_end: str, *, card_id: str, command: str | None = None) -> Message:
    """A *Connect* button instead of an answer; ``command`` is what was typed and will run once connected."""
    title = name_of(back_end)
    ask: list[Element] = [say(f"Connect {title} first, so that I can look with your own account.")]
    promise = [say("Once that is done I'll run "), code(command), say(" for you.")] if command else []
    connect = button(f"Connect {title}", "connection.open", card_id, style="primary")
    return message([paragraph(ask, promise) if promise else paragraph(ask), actions(connect)])


def _title(connection: Connection) -> str:
    return (
        f"{name_of(connection.back_end)} ({connection.account})" if connection.account else name_of(connection.back_end)
    )


def _input(block_id: str, label: str, hint: str | None = None) -> Block:
    element = {"type": "plain_text_input", "action_id": "value", "max_length": limits.SECTION_TEXT}
    more = {"hint": words(hint)} if hint else {}
    return {"type": "input", "block_id": block_id, "label": words(label), "element": element, **more}


def _forget() -> Block:
    option = {
        "text": words("Don't keep my password", limits.OPTION_TEXT),
        "description": words("I'll be asked again after an hour", limits.OPTION_DESCRIPTION),
        "value": FORGET,
    }
    element = {"type": "checkboxes", "action_id": "value", "options": [option]}
    return {
        "type": "input",
        "block_id": "keepPassword",
        "optional": True,
        "label": words("Keeping it"),
        "element": element,
    }


def _connection(connection: Connection) -> list[Block]:
    used = f"last used {when(connection.last_used_at)}" if connection.last_used_at else "not used yet"
    kept = "" if connection.keeps_password or connection.back_end == "vendo" else " · password not kept"
    confirm = confirmation(
        f"Disconnect {name_of(connection.back_end)}?",
        "Your stored login is deleted at once. Nothing changes there, and you can connect again.",
        "Disconnect",
        "Keep it",
    )
    remove = button("Disconnect", "connection.remove", connection.id, style="danger", confirm=confirm)
    return [
        section(f"🔗 {_title(connection)}", accessory=remove),
        context(own(f"Connected {when(connection.connected_at)} · {used}{kept}")),
    ]


def _open(back_end: str, card_id: str, *, is_again: bool) -> Block:
    name = name_of(back_end)
    if is_again:
        connect = button(f"Connect {name} again", "connection.open", card_id)
    else:
        connect = button(f"Connect {name}", "connection.open", card_id, style="primary")
    return {**actions(connect), "block_id": f"connect.{back_end}"[: limits.ID]}
