"""What history, threads and updates keep and leave out, without the wire."""

from __future__ import annotations

from typing import Any

import pytest
from slack_samples import actions, button, call, modal, option, plain, text_input, workspace

from sandbox.slack.delivery import Answer
from sandbox.slack.refusals import ApiError
from sandbox.slack.workspace import ADA, BEN, BOT_USER, ORDERS, Impossible, Workspace

META = {"event_type": "shipclerk", "event_payload": {"key": "k1"}}


def said(answer: dict[str, Any]) -> list[str]:
    """The texts of an answer's messages."""
    return [message["text"] for message in answer["messages"]]


def posted(ws: Workspace, **content: Any) -> str:
    """A message of the bot; its ts."""
    return str(call(ws, "chat.postMessage", channel=ORDERS, **content)["ts"])


async def test_an_update_keeps_metadata_unless_it_brings_its_own() -> None:
    """Absent stays, another replaces, an empty object removes, as chat.update documents it."""
    ws, _ = workspace()
    ts = posted(ws, text="a", metadata=META)
    other = META | {"event_payload": {"key": "k2"}}
    seen = []
    changes: tuple[dict[str, Any], ...] = ({}, {"metadata": other}, {"metadata": {}}, {"metadata": "{}"})
    for more in changes:
        call(ws, "chat.update", channel=ORDERS, ts=ts, text="b", **more)
        seen.append(ws.visible(ADA, ORDERS)[0].metadata)
    assert seen == [META, other, None, None]
    with pytest.raises(ApiError) as error:
        call(ws, "chat.postMessage", channel=ORDERS, text="x", metadata={})
    assert error.value.code == "invalid_metadata_format"


async def test_an_update_keeps_what_it_does_not_name() -> None:
    """Attachments stay until an empty list comes, blocks only if no text comes."""
    ws, _ = workspace()
    attached = [{"text": "more"}]
    ts = posted(ws, text="a", blocks=[actions(button())], attachments=attached)
    call(ws, "chat.update", channel=ORDERS, ts=ts, attachments=[{"text": "new"}])
    message = ws.visible(ADA, ORDERS)[0]
    assert (message.text, message.blocks, message.attachments) == ("a", [actions(button())], [{"text": "new"}])
    call(ws, "chat.update", channel=ORDERS, ts=ts, text="b")
    assert (message.text, message.blocks, message.attachments) == ("b", [], [{"text": "new"}])
    call(ws, "chat.update", channel=ORDERS, ts=ts, text="c", attachments=[])
    assert message.attachments == []


async def test_replies_stand_in_their_thread_only() -> None:
    """History has the parent with its counts, replies the parent and its answers; a reply by itself is itself."""
    ws, _ = workspace()
    root = await ws.post(ADA, ORDERS, "root")
    first = posted(ws, text="one", thread_ts=root, metadata=META)
    await ws.post(BEN, ORDERS, "two", thread_ts=root)
    history = call(ws, "conversations.history", channel=ORDERS)
    assert said(history) == ["root"]
    parent = history["messages"][0]
    assert (parent["reply_count"], parent["reply_users"], parent["thread_ts"]) == (2, [BOT_USER, BEN], root)
    thread = call(ws, "conversations.replies", channel=ORDERS, ts=root, include_all_metadata=True)
    assert said(thread) == ["root", "one", "two"]
    assert [one.get("metadata") for one in thread["messages"]] == [None, META, None]
    assert [one.get("parent_user_id") for one in thread["messages"]] == [None, ADA, ADA]
    assert said(call(ws, "conversations.replies", channel=ORDERS, ts=first)) == ["one"]
    assert "metadata" not in call(ws, "conversations.replies", channel=ORDERS, ts=first)["messages"][0]


async def test_moments_are_exact() -> None:
    """`oldest` leaves its own message out unless inclusive, to the last digit; what is no moment is named."""
    ws, _ = workspace()
    stamps = [posted(ws, text=str(number)) for number in range(3)]
    asked: dict[str, Any] = {"channel": ORDERS, "oldest": stamps[1]}
    assert said(call(ws, "conversations.history", **asked)) == ["2"]
    assert said(call(ws, "conversations.history", **asked, inclusive=True)) == ["2", "1"]
    assert said(call(ws, "conversations.history", channel=ORDERS, inclusive="true")) == ["2", "1", "0"]
    assert said(call(ws, "conversations.replies", channel=ORDERS, ts=stamps[0], oldest=stamps[0])) == []
    for bad in ("nan", "inf", "-1", "soon"):
        with pytest.raises(ApiError) as error:
            call(ws, "conversations.history", channel=ORDERS, latest=bad)
        assert error.value.code == "invalid_ts_latest"


async def test_a_reply_of_the_bot_can_be_updated_in_place() -> None:
    """An updated reply keeps its thread and its metadata."""
    ws, _ = workspace()
    root = await ws.post(ADA, ORDERS, "root")
    ts = posted(ws, text="working", thread_ts=root, metadata=META)
    call(ws, "chat.update", channel=ORDERS, ts=ts, text="done")
    reply = ws.visible(BEN, ORDERS)[1]
    assert (reply.ts, reply.text, reply.thread_ts, reply.metadata) == (ts, "done", root, META)


def search(**element: Any) -> dict[str, Any]:
    """An input with an external select."""
    field = {"type": "external_select", "action_id": "s", "min_query_length": 1} | element
    return {"type": "input", "block_id": "sku", "label": plain("Product"), "element": field}


async def test_a_suggestion_knows_the_form_and_its_pick_stays() -> None:
    """The question carries what was typed elsewhere; the pick survives an update of the same element, no other."""
    ws, app = workspace(Answer({"options": [option("cup"), option("cap")]}))
    trigger = ws.passes.trigger(ADA)
    form = modal(text_input("name"), search())
    view = call(ws, "views.open", trigger_id=trigger, view=form)["view"]["id"]
    await ws.type_into(ADA, view, "name", "a", "Jana")
    offered = await ws.suggest(ADA, view, "sku", "s", "c")
    assert [one["value"] for one in offered] == ["cup", "cap"]
    assert app.last["view"]["state"]["values"]["name"]["a"]["value"] == "Jana"
    assert (app.last["value"], app.last["block_id"], app.last["container"]) == (
        *("c", "sku"),
        {"type": "view", "view_id": view},
    )
    await ws.type_into(ADA, view, "sku", "s", "cap")
    call(ws, "views.update", view_id=view, view=modal(search(), text_input("name"), text_input("lot")))
    assert ws.views(ADA)[0].state["sku"]["s"]["selected_option"] == option("cap")
    call(ws, "views.update", view_id=view, view=modal(search(action_id="other")))
    assert ws.views(ADA)[0].state["sku"] == {"other": {"type": "external_select", "selected_option": None}}


async def test_an_option_that_stood_there_from_the_start_can_be_submitted() -> None:
    """An initial option of an external select is on offer without a question; any other is not."""
    ws, app = workspace()
    view = call(ws, "views.open", trigger_id=ws.passes.trigger(ADA), view=modal(search(initial_option=option("cup"))))
    view_id = view["view"]["id"]
    with pytest.raises(Impossible):
        await ws.submit(ADA, view_id, {"sku": "cap"})
    assert (await ws.submit(ADA, view_id, {"sku": "cup"})).acked
    assert app.last["view"]["state"]["values"]["sku"]["s"]["selected_option"] == option("cup")
