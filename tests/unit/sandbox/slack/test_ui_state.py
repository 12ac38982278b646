"""What one member sees: rooms, messages, views and commands are theirs and nobody else's."""

from __future__ import annotations

import json

from slack_samples import actions, button, home, modal, plain, text_input, workspace

from sandbox.slack import messages
from sandbox.slack.delivery import Answer
from sandbox.slack.ui_state import people, state
from sandbox.slack.workspace import ADA, BEN, BOT_USER, OLGA, ORDERS, PRIVATE, SHARED, Workspace


def opened(space: Workspace, user: str = ADA) -> str:
    """A modal in front of a member; its id."""
    return space.screens.open(user, modal(text_input("name"))).id


def test_a_colleague_sees_every_room() -> None:
    """Public, private and shared channels and the direct message, with kind, members and the other company."""
    shown = state(workspace()[0], ADA)
    rooms = [(room["name"], room["kind"], room.get("partner")) for room in shown["channels"]]
    assert rooms == [
        ("orders", "public", None),
        ("orders-private", "private", None),
        ("partner-acme", "shared", "Acme"),
        ("Shipclerk", "dm", None),
    ]
    assert (shown["me"]["id"], shown["me"]["outsider"], shown["home_tab"]) == (ADA, False, True)


def test_the_outsider_sees_one_room_and_is_offered_nothing() -> None:
    """B2: the shared channel only; no direct message, no Home, no commands, no shortcuts."""
    shown = state(workspace()[0], OLGA)
    assert [(room["id"], room["partner"]) for room in shown["channels"]] == [(SHARED, "Sandbox")]
    assert list(shown["messages"]) == [SHARED]
    assert (shown["commands"], shown["shortcuts"], shown["home_tab"], shown["home"]) == ([], [], False, None)
    assert (shown["me"]["outsider"], shown["me"]["company"]) == (True, "Acme")


async def test_messages_of_other_rooms_are_nowhere_in_the_outsiders_state() -> None:
    """D3: neither the text of a private nor of a public message is in any part of the outsider's JSON."""
    space, _ = workspace()
    for channel in (ORDERS, PRIVATE):
        await space.post(ADA, channel, "canary-4711")
    assert "canary-4711" not in json.dumps(state(space, OLGA))
    assert "canary-4711" in json.dumps(state(space, BEN))


async def test_an_ephemeral_message_is_in_one_members_state_only() -> None:
    """The member who asked sees it, marked; the colleague in the same channel does not have it."""
    space, _ = workspace(Answer({"text": "only you"}))
    await space.command(ADA, ORDERS, "/order 1")
    hers = state(space, ADA)["messages"][ORDERS]
    assert [(one["text"], one["ephemeral"], one["user"]) for one in hers] == [("only you", True, BOT_USER)]
    assert state(space, BEN)["messages"][ORDERS] == []


async def test_a_message_says_who_reacted_edited_or_was_late() -> None:
    """Reactions are counted, an edit is marked, and an unanswered button is named for the warning mark."""
    space, _ = workspace(Answer(error="operation_timeout"))
    room = space.channels[ORDERS]
    message = messages.post(space, room, BOT_USER, {"text": "card", "blocks": [actions(button("go"))]})
    message.reactions["eyes"] = [ADA, BEN]
    await space.click(ADA, ORDERS, message.ts, "go")
    plain_one = messages.post(space, room, BOT_USER, {"text": "first"})
    messages.edit(space, room, plain_one, {"text": "second"})
    card, edited = state(space, BEN)["messages"][ORDERS]
    assert (card["reactions"], card["warnings"], card["edited"]) == ([{"name": "eyes", "count": 2}], ["go"], False)
    assert (edited["text"], edited["edited"]) == ("second", True)


async def test_views_belong_to_one_member_top_last() -> None:
    """A modal with what was typed is in its member's state only, in the order of the stack."""
    space, _ = workspace()
    first = opened(space)
    await space.type_into(ADA, first, "name", "a", "Jana")
    space.screens.push(ADA, modal(text_input("more")))
    shown = state(space, ADA)["views"]
    assert [view["blocks"][0]["block_id"] for view in shown] == ["name", "more"]
    assert shown[0]["state"]["name"]["a"]["value"] == "Jana"
    assert state(space, BEN)["views"] == []


async def test_a_refused_submission_shows_its_errors() -> None:
    """Errors by block and the trouble of a late app are part of the view."""
    space, _ = workspace(Answer(error="operation_timeout"))
    view_id = opened(space)
    await space.submit(ADA, view_id)
    assert state(space, ADA)["views"][0]["errors"] == {"name": "Please complete this required field."}
    await space.submit(ADA, view_id, {"name": "Jana"})
    shown = state(space, ADA)["views"][0]
    assert (shown["errors"], shown["trouble"]) == ({}, "We had some trouble connecting. Try again?")


def test_home_is_the_members_own() -> None:
    """A published Home is in that member's state, and not in another's."""
    space, _ = workspace()
    space.screens.publish(ADA, home({"type": "header", "text": plain("Yours")}))
    mine = state(space, ADA)["home"]
    assert [block["text"]["text"] for block in mine["blocks"]] == ["Yours"]
    assert state(space, BEN)["home"] is None


def test_commands_and_shortcuts_are_the_manifests() -> None:
    """Each command comes with description and hint, each shortcut with its kind."""
    shown = state(workspace()[0], ADA)
    assert [command["command"] for command in shown["commands"]] == ["/order", "/who"]
    assert shown["commands"][0] == {"command": "/order", "description": "Look up orders", "usage_hint": ""}
    assert [(one["callback_id"], one["type"]) for one in shown["shortcuts"]] == [
        ("order.create", "global"),
        ("order.lookup", "message"),
    ]


def test_the_switch_offers_people_only() -> None:
    """Two colleagues and the outsider, neither the bot nor Slackbot; but all of them have names."""
    space, _ = workspace()
    assert [member.id for member in people(space)] == [ADA, BEN, OLGA]
    assert {"USLACKBOT", BOT_USER} <= set(state(space, ADA)["people"])


async def test_the_state_holds_no_token_and_no_metadata() -> None:
    """What a browser does not need is not in it: tokens, signing secret, private_metadata, message metadata."""
    space, _ = workspace()
    space.screens.open(ADA, modal(text_input("name")) | {"private_metadata": "canary-meta"})
    event = {"event_type": "x", "event_payload": {"k": "canary-meta"}}
    messages.post(space, space.channels[ORDERS], BOT_USER, {"text": "hi", "metadata": event})
    text = json.dumps(state(space, ADA))
    assert [one for one in (space.bot_token, space.app_token, space.signing_secret, "canary-meta") if one in text] == []
