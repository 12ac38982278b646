"""Submitting and closing modals."""

from __future__ import annotations

from typing import Any

import pytest
from slack_samples import Json, modal, plain, text_input, workspace

from sandbox.slack import acks
from sandbox.slack.delivery import Answer
from sandbox.slack.workspace import ADA, BEN, BOT_ID, ORDERS, TEAM, Impossible, Outcome, Workspace


def _three(ws: Workspace, **fields: Any) -> list[str]:
    ws.screens.open(ADA, modal(**fields))
    ws.screens.push(ADA, modal(**fields))
    ws.screens.push(ADA, modal(**fields))
    return [view.id for view in ws.views(ADA)]


async def test_a_submission_carries_the_whole_view() -> None:
    """View, state of every input, trigger and empty response_urls (apis/slack.md §4)."""
    ws, app = workspace()
    view = ws.screens.open(ADA, modal(text_input("name"), private_metadata="pm", callback_id="c", notify_on_close=True))
    hash_before = view.hash
    assert await ws.submit(ADA, view.id, {"name": "Ada"}) == Outcome(True)
    sent = app.last
    assert (sent["type"], sent["response_urls"], app.got[0].accepts_response) == ("view_submission", [], True)
    assert ws.passes.look(sent["trigger_id"]).user == ADA
    shown = sent["view"]
    shown.pop("blocks")
    assert shown == {
        "id": view.id,
        "team_id": TEAM,
        "type": "modal",
        "private_metadata": "pm",
        "callback_id": "c",
        "external_id": "",
        "state": {"values": {"name": {"a": {"type": "plain_text_input", "value": "Ada"}}}},
        "hash": hash_before,
        "title": plain("Title"),
        "close": None,
        "submit": plain("Send"),
        "clear_on_close": False,
        "notify_on_close": True,
        "root_view_id": view.id,
        "previous_view_id": None,
        "app_id": "A0SHIPCLK1",
        "app_installed_team_id": TEAM,
        "bot_id": BOT_ID,
    }
    assert ws.views(ADA) == []


async def test_an_empty_ack_pops_one_modal() -> None:
    """The modal below comes back (apis/slack.md §9.8)."""
    ws, _ = workspace()
    ids = _three(ws)
    await ws.submit(ADA, ids[2], {"name": "x"})
    assert [view.id for view in ws.views(ADA)] == ids[:2]


async def test_clear_pops_all() -> None:
    """`response_action: clear` ends the whole stack."""
    ws, _ = workspace(Answer({"response_action": "clear"}))
    ids = _three(ws)
    await ws.submit(ADA, ids[2], {"name": "x"})
    assert ws.views(ADA) == []


async def test_update_keeps_what_stays_in_its_place() -> None:
    """The updated modal has the same id, the typed text, and a new block."""
    ws, _ = workspace(
        Answer({"response_action": "update", "view": modal(text_input("name", initial_value="z"), text_input("b"))})
    )
    view = ws.screens.open(ADA, modal(text_input("name")))
    await ws.submit(ADA, view.id, {"name": "typed"})
    assert [shown.id for shown in ws.views(ADA)] == [view.id]
    assert (view.state["name"]["a"]["value"], view.state["b"]["a"]["value"]) == ("typed", None)


async def test_push_puts_one_on_top() -> None:
    """The submitted modal stays below the pushed one."""
    ws, _ = workspace(Answer({"response_action": "push", "view": modal(callback_id="top")}))
    view = ws.screens.open(ADA, modal())
    await ws.submit(ADA, view.id, {"name": "x"})
    assert [shown.content.get("callback_id") for shown in ws.views(ADA)] == [None, "top"]


async def test_errors_stand_under_their_inputs_and_nothing_is_lost() -> None:
    """The modal stays with what was typed; the next submission clears the errors."""
    answer = {"response_action": "errors", "errors": {"name": "Quivo does not know this key."}}
    ws, _ = workspace(Answer(answer))
    view = ws.screens.open(ADA, modal())
    assert await ws.submit(ADA, view.id, {"name": "x"}) == Outcome(True, None, answer)
    assert (view.errors, view.trouble) == ({"name": "Quivo does not know this key."}, None)
    assert view.state["name"]["a"]["value"] == "x"
    await ws.submit(ADA, view.id)
    assert ws.views(ADA) == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(error="operation_timeout"), "operation_timeout"),
        (Answer(error="dispatch_failed"), "dispatch_failed"),
        (Answer({"ok": True}), "bad_ack"),
        (Answer("done"), "bad_ack"),
        (Answer({"response_action": "errors", "errors": {"elsewhere": "no"}}), "bad_ack"),
        (Answer({"response_action": "update", "view": {"type": "modal"}}), "invalid_arguments"),
        (Answer({"response_action": "push", "view": {"type": "home", "blocks": []}}), "invalid_arguments"),
    ],
)
async def test_a_bad_ack_leaves_the_modal_with_trouble(answer: Answer, error: str) -> None:
    """The member reads Slack's sentence and keeps what they typed (apis/slack.md §5)."""
    ws, _ = workspace(answer)
    view = ws.screens.open(ADA, modal())
    outcome = await ws.submit(ADA, view.id, {"name": "x"})
    assert (outcome.acked, outcome.error) == (answer.acked, error)
    assert (view.trouble, view.state["name"]["a"]["value"]) == (acks.TROUBLE, "x")
    assert ws.views(ADA) == [view]
    assert [sent["error"] for sent in ws.sent] == ([error] if answer.acked else [])


async def test_a_fourth_modal_by_ack_is_trouble() -> None:
    """push beyond three is refused there too."""
    ws, _ = workspace(Answer({"response_action": "push", "view": modal()}))
    ids = _three(ws)
    assert (await ws.submit(ADA, ids[2], {"name": "x"})).error == "push_limit_reached"
    assert [view.id for view in ws.views(ADA)] == ids


async def test_the_client_does_not_send_what_it_refuses() -> None:
    """An empty required input stays in the client with its text, and the app hears nothing."""
    ws, app = workspace()
    view = ws.screens.open(ADA, modal(text_input("name"), text_input("more", min_length=3)))
    outcome = await ws.submit(ADA, view.id, {"more": "ab"})
    refused = {"name": "Please complete this required field.", "more": "Enter at least 3 characters."}
    assert outcome == Outcome(False, "input_refused", refused)
    assert (view.errors, app.got) == (refused, [])


async def test_only_the_top_modal_with_a_submit_button_can_be_submitted() -> None:
    """A covered modal, someone else's, one without submit, and unknown inputs are impossible."""
    ws, app = workspace()
    ids = _three(ws)
    bare: Json = {"type": "modal", "title": plain("T"), "blocks": [{"type": "divider"}]}
    readonly = ws.screens.open(BEN, bare)
    tries: list[tuple[str, str, Json]] = [
        (ADA, ids[0], {}),
        (BEN, ids[2], {}),
        (BEN, readonly.id, {}),
        (ADA, ids[2], {"nope": "x"}),
    ]
    for user, view_id, values in tries:
        with pytest.raises(Impossible):
            await ws.submit(user, view_id, values)
    assert app.got == []


async def test_a_chosen_conversation_brings_a_response_url() -> None:
    """`response_url_enabled` selects in inputs give an address for that channel, others do not."""
    ws, app = workspace()
    element = {"type": "conversations_select", "action_id": "c", "response_url_enabled": True}
    where = {"type": "input", "block_id": "where", "label": plain("L"), "element": element}
    quiet = where | {"block_id": "quiet", "element": {"type": "channels_select", "action_id": "d"}}
    view = ws.screens.open(ADA, modal(where, quiet))
    await ws.submit(ADA, view.id, {"where": ORDERS, "quiet": ORDERS})
    (url,) = app.last["response_urls"]
    assert url.pop("response_url").startswith(f"{ws.base_url}/hooks/app/")
    assert url == {"block_id": "where", "action_id": "c", "channel_id": ORDERS}


async def test_cancel_closes_the_top_one_quietly() -> None:
    """Without notify_on_close nobody is told."""
    ws, app = workspace()
    ids = _three(ws)
    assert await ws.close(ADA, ids[2]) == Outcome(True)
    assert ([view.id for view in ws.views(ADA)], app.got) == (ids[:2], [])
    with pytest.raises(Impossible):
        await ws.close(ADA, ids[0])


async def test_cancel_tells_an_app_that_asked() -> None:
    """view_closed has the view, no trigger, and is_cleared false."""
    ws, app = workspace()
    ids = _three(ws, notify_on_close=True)
    await ws.close(ADA, ids[2])
    assert (app.last["type"], app.last["view"]["id"], app.last["is_cleared"]) == ("view_closed", ids[2], False)
    assert "trigger_id" not in app.last


@pytest.mark.parametrize(("fields", "everything"), [({}, True), ({"clear_on_close": True}, False)])
async def test_closing_everything_tells_of_each(fields: Json, everything: bool) -> None:
    """✕ and Esc, or Cancel with clear_on_close, end the stack from the top with is_cleared true."""
    ws, app = workspace()
    ids = _three(ws, notify_on_close=True, **fields)
    await ws.close(ADA, ids[2], all=everything)
    assert [(e.payload["view"]["id"], e.payload["is_cleared"]) for e in app.got] == [(i, True) for i in reversed(ids)]
    assert ws.views(ADA) == []


async def test_a_modal_closed_while_the_app_thinks_stays_closed() -> None:
    """A late empty ack does not pop the modal that is in front by then."""
    ws, app = workspace()
    ids = _three(ws)
    deliver = app.deliver

    async def slow(envelope: Any, seconds: float) -> Answer:
        ws.screens.drop(ws.views(ADA)[-1])
        return await deliver(envelope, seconds)

    app.deliver = slow  # type: ignore[method-assign]
    await ws.submit(ADA, ids[2], {"name": "x"})
    assert [view.id for view in ws.views(ADA)] == ids[:2]
