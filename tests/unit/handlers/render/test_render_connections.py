"""Connections in Slack: the form, the list, and what is said when one comes or goes (DESIGN.md §4.1 to §4.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from render_kit import (
    CONNECTION,
    NOW_SHOWN,
    ORDERED_SHOWN,
    flaws,
    mk,
    para,
    press,
    pt,
    reading,
    rich,
    row,
    small,
    t,
)

from handlers.render.connections import (
    FORGET,
    connect_form,
    connect_prompt,
    connected,
    connections_list,
    disconnected,
    name_of,
)
from handlers.render.message import Message

CONFIRM = {
    "title": pt("Disconnect Quivo?"),
    "text": pt("Your stored login is deleted at once. Nothing changes there, and you can connect again."),
    "confirm": pt("Disconnect"),
    "deny": pt("Keep it"),
}
CONNECTED_BLOCKS = [
    para("Your connections. Only you can use them."),
    para(
        "🔗 Quivo (ada)",
        accessory=press("Disconnect", "connection.remove", "conn-1", style="danger", confirm=CONFIRM),
    ),
    small(mk(f"Connected {ORDERED_SHOWN} · last used {NOW_SHOWN}")),
]
NOTHING = "You have not connected anything yet. Shipclerk only ever acts with your own account."


def field(block_id: str, label: str, **more: Any) -> dict[str, Any]:
    """An input for one line of text."""
    element = {"type": "plain_text_input", "action_id": "value", "max_length": 3000}
    return {"type": "input", "block_id": block_id, "label": pt(label), "element": element, **more}


def test_the_form() -> None:
    """The whole form: inputs named as Quivo's login names them, and a plain word about where secrets go."""
    option = {
        "text": pt("Don't keep my password"),
        "description": pt("I'll be asked again after an hour"),
        "value": "forget",
    }
    assert connect_form(card_id="card-1") == {
        "type": "modal",
        "callback_id": "connection.quivo",
        "title": pt("Connect Quivo"),
        "close": pt("Cancel"),
        "submit": pt("Connect"),
        "private_metadata": "card-1",
        "blocks": [
            para("Shipclerk looks up orders with your own Quivo account. We log in once to see that it works."),
            field("apiKey", "API key", hint=pt("You find it in Quivo's dashboard.")),
            field("username", "User name"),
            field("password", "Password"),
            {
                "type": "input",
                "block_id": "keepPassword",
                "optional": True,
                "label": pt("Keeping it"),
                "element": {"type": "checkboxes", "action_id": "value", "options": [option]},
            },
            small(
                pt(
                    "What you type is stored encrypted for you alone, and only you can use it. "
                    "Slack shows it while you type and carries it to us, as it does with every modal."
                )
            ),
        ],
    }
    assert option["value"] == FORGET


def test_the_form_holds_no_secret() -> None:
    """No input of the form comes filled in, so a secret is never sent back to Slack."""
    inputs = [block for block in connect_form(card_id="c")["blocks"] if block["type"] == "input"]
    assert [name for block in inputs for name in block["element"] if name.startswith("initial")] == []


def test_the_list_of_one() -> None:
    """The whole list: account, since when, last used, a button to remove it that asks first, one to connect again."""
    made = connections_list([CONNECTION], connectable={"quivo": "card-1", "vendo": "card-2"})
    assert made == Message(
        text=f"Your connections. Only you can use them.\n🔗 Quivo (ada)\n"
        f"Connected {ORDERED_SHOWN} · last used {NOW_SHOWN}",
        blocks=(
            *CONNECTED_BLOCKS,
            row(press("Connect Quivo again", "connection.open", "card-1"), block_id="connect.quivo"),
            row(press("Connect Vendo", "connection.open", "card-2", style="primary"), block_id="connect.vendo"),
        ),
    )


def test_a_connection_that_was_never_used() -> None:
    """A connection that was not used says so, and one without a kept password says that."""
    new = replace(CONNECTION, last_used_at=None, keeps_password=False, account="")
    made = connections_list([new], connectable={})
    assert made.blocks[2] == small(mk(f"Connected {ORDERED_SHOWN} · not used yet · password not kept"))
    assert made.blocks[1]["text"] == pt("🔗 Quivo")


def test_the_list_of_none() -> None:
    """Without a connection the list says so and offers to make one."""
    made = connections_list([], connectable={"quivo": "card-1"})
    assert made == Message(
        text=NOTHING,
        blocks=(
            para(NOTHING),
            row(press("Connect Quivo", "connection.open", "card-1", style="primary"), block_id="connect.quivo"),
        ),
    )


@pytest.mark.parametrize("count", [1, 50, 500])
def test_many_connections_stay_within_limits(count: int) -> None:
    """A9: however many connections there are, the list stays within Slack's limits and says what is missing."""
    many = [replace(CONNECTION, id=f"conn-{number}") for number in range(count)]
    made = connections_list(many, connectable={"quivo": "card-1"})
    assert flaws(made) == []
    assert (" more" in reading(made.blocks)) is (count > 20)


def test_vendo_has_no_password_to_keep() -> None:
    """A store's sign-in is said to be kept and renewed, and nothing is said of a password."""
    vendo = replace(CONNECTION, back_end="vendo", keeps_password=False)
    assert "Your sign-in is kept, encrypted for you alone, and renewed by itself." in reading(connected(vendo))
    assert "password" not in reading(connected(vendo)) + reading(connections_list([vendo], connectable={}).blocks)


@pytest.mark.parametrize(
    ("keeps", "said"),
    [
        (True, "Your login is kept, encrypted for you alone, so that you are not asked every hour."),
        (False, "Your password is not kept; I will ask again after an hour."),
    ],
)
def test_connected(keeps: bool, said: str) -> None:
    """The modal after a login that worked says what is kept and what is not."""
    assert connected(replace(CONNECTION, keeps_password=keeps)) == {
        "type": "modal",
        "callback_id": "connection.connected",
        "title": pt("Connected"),
        "close": pt("Close"),
        "private_metadata": "",
        "blocks": [
            rich(t("✅ "), t("Quivo (ada)", bold=True), t(" is connected.")),
            para(said),
            small(pt("See or remove it any time with /connect or /disconnect.")),
        ],
    }


def test_disconnected() -> None:
    """Removing says that it is gone, or that there was nothing, and never the one for the other."""
    gone = "Quivo is disconnected, and your stored login is deleted."
    assert disconnected("quivo", was_connected=True) == Message(gone, (para(gone),))
    ended = f"{gone} Quivo has ended it on its side too."
    assert disconnected("quivo", was_connected=True, revoked=True) == Message(ended, (para(ended),))
    lasting = f"{gone} Quivo did not answer when I asked it to end the login, so there it may last until it runs out."
    assert disconnected("quivo", was_connected=True, revoked=False) == Message(lasting, (para(lasting),))
    nothing = "You have no connection to Quivo, so there was nothing to remove."
    assert disconnected("quivo", was_connected=False) == Message(nothing, (para(nothing),))


def test_the_prompt_promises_to_run_what_was_typed() -> None:
    """A command before connecting is answered with a button and the promise to run exactly what was typed."""
    button = row(press("Connect Quivo", "connection.open", "card-1", style="primary"))
    ask = t("Connect Quivo first, so that I can look with your own account.")
    assert connect_prompt("quivo", card_id="card-1", command="/order 1001") == Message(
        text="Connect Quivo first, so that I can look with your own account.\n"
        "Once that is done I'll run /order 1001 for you.",
        blocks=(
            rich(ask, t("\n"), t("Once that is done I'll run "), t("/order 1001", code=True), t(" for you.")),
            button,
        ),
    )
    assert connect_prompt("quivo", card_id="card-1").blocks == (rich(ask), button)


def test_names_of_back_ends() -> None:
    """Back ends are written as people write them; one that we do not know is shown as it is, short."""
    assert [name_of(name) for name in ("quivo", "vendo", "qpilot", "other")] == ["Quivo", "Vendo", "QPilot", "other"]
    assert name_of("x" * 99) == "x" * 39 + "…"
