"""Files: who may put them where, what they look like to the app, and who may know of them."""

from __future__ import annotations

from typing import Any

import pytest
from slack_samples import SCOPES, call, manifest, modal, text_input, workspace

from sandbox.slack.delivery import Answer
from sandbox.slack.refusals import ApiError
from sandbox.slack.ui_state import state
from sandbox.slack.workspace import ADA, BEN, BOT_USER, OLGA, ORDERS, PRIVATE, SHARED, TEAM, Impossible, Workspace

Json = dict[str, Any]
ALLOWED = SCOPES | {"files:read"}


def file_input(block_id: str = "file", **element: Any) -> Json:
    """An input block that takes files."""
    field = {"type": "file_input", "action_id": "f"} | element
    return {"type": "input", "block_id": block_id, "label": {"type": "plain_text", "text": "F"}, "element": field}


def opened(ws: Workspace, *blocks: Json, user: str = ADA) -> str:
    """A modal in front of a member; its id."""
    trigger = ws.passes.trigger(user)
    return str(call(ws, "views.open", trigger_id=trigger, view=modal(*blocks))["view"]["id"])


def refused(ws: Workspace, method: str, **args: Any) -> str:
    """The error of a call that is refused."""
    with pytest.raises(ApiError) as error:
        call(ws, method, **args)
    return error.value.code


async def test_a_submitted_file_is_slacks_file_object() -> None:
    """`state.values` carries id, name, kind, size, giver and the two private addresses (apis/slack.md §4)."""
    ws, app = workspace(bot_scopes=ALLOWED)
    view = opened(ws, file_input())
    file_id = await ws.upload(ADA, "Orders Köln.CSV", b"a;b\n1;2\n", "text/csv")
    assert (await ws.submit(ADA, view, {"file": [file_id]})).acked
    (shown,) = app.last["view"]["state"]["values"]["file"]["f"]["files"]
    address = f"{ws.base_url}/files-pri/{TEAM}-{file_id}"
    expected = {"id": file_id, "name": "Orders Köln.CSV", "mimetype": "text/csv", "filetype": "csv", "size": 8}
    expected |= {"user": ADA, "mode": "hosted", "is_public": False, "pretty_type": "CSV", "title": "Orders Köln.CSV"}
    expected |= {"url_private": f"{address}/orders_k_ln.csv"}
    expected |= {"url_private_download": f"{address}/download/orders_k_ln.csv"}
    assert {key: shown[key] for key in expected} == expected
    assert app.last["view"]["state"]["values"]["file"]["f"]["type"] == "file_input"


@pytest.mark.parametrize(
    ("name", "given", "mimetype", "filetype"),
    [
        ("a.csv", None, "text/csv", "csv"),
        ("a.txt", None, "text/plain", "text"),
        ("README", None, "application/octet-stream", "binary"),
        ("a.csv", "application/vnd.ms-excel", "application/vnd.ms-excel", "csv"),
    ],
)
async def test_a_kind_comes_from_the_name(name: str, given: str | None, mimetype: str, filetype: str) -> None:
    """Without a type of its own the name decides; filetype is Slack's short word."""
    ws, _ = workspace(bot_scopes=ALLOWED)
    ts = await ws.post(ADA, ORDERS, "", files=[await ws.upload(ADA, name, b"x", given)])
    (shown,) = ws.visible(BEN, ORDERS)[0].files
    assert (ws.visible(BEN, ORDERS)[0].ts, shown["mimetype"], shown["filetype"]) == (ts, mimetype, filetype)


@pytest.mark.parametrize(("name", "data"), [("", b"x"), (" ", b"x"), ("a.csv", b"")])
async def test_what_slacks_client_does_not_upload(name: str, data: bytes) -> None:
    """No name or no bytes is no file, and nothing is kept."""
    ws, _ = workspace()
    with pytest.raises(Impossible):
        await ws.upload(ADA, name, data)
    assert ws.files == {}


@pytest.mark.parametrize(
    ("element", "names", "giver"),
    [
        ({"max_files": 1}, ["a.csv", "b.csv"], ADA),
        ({}, [f"{number}.csv" for number in range(11)], ADA),
        ({"filetypes": ["csv"]}, ["a.pdf"], ADA),
        ({}, ["a.csv"], BEN),
    ],
)
async def test_what_a_file_input_does_not_take(element: Json, names: list[str], giver: str) -> None:
    """Too many files, another kind, or a file of somebody else: the app hears nothing, the state stays empty."""
    ws, app = workspace(bot_scopes=ALLOWED)
    view = opened(ws, file_input(**element))
    ids = [await ws.upload(giver, name, b"x") for name in names]
    with pytest.raises(Impossible):
        await ws.submit(ADA, view, {"file": ids})
    assert app.got == []
    assert ws.views(ADA)[0].state["file"]["f"]["files"] == []


async def test_a_required_file_is_asked_for() -> None:
    """Without a file Slack's client says so; kinds are compared without a dot and regardless of case."""
    ws, app = workspace(bot_scopes=ALLOWED)
    view = opened(ws, file_input(filetypes=["csv"]))
    outcome = await ws.submit(ADA, view, {"file": []})
    assert (outcome.error, outcome.payload) == ("input_refused", {"file": "Please complete this required field."})
    file_id = await ws.upload(ADA, "A.CSV", b"x")
    assert (await ws.submit(ADA, view, {"file": [file_id]})).acked
    assert len(app.got) == 1


async def test_a_picked_file_stays_over_an_update() -> None:
    """What was put in with type_into is in the state, also after the app drew the modal anew."""
    ws, _ = workspace(bot_scopes=ALLOWED)
    view = opened(ws, file_input())
    file_id = await ws.upload(ADA, "a.csv", b"x")
    await ws.type_into(ADA, view, "file", "f", [file_id])
    call(ws, "views.update", view_id=view, view=modal(text_input("more"), file_input()))
    assert [file["id"] for file in ws.views(ADA)[0].state["file"]["f"]["files"]] == [file_id]


async def test_file_inputs_need_a_scope() -> None:
    """Without files:read every way to show a file input is refused, and no view appears."""
    ws, _ = workspace(Answer({"response_action": "update", "view": modal(file_input())}))
    trigger = ws.passes.trigger(ADA)
    assert refused(ws, "views.open", trigger_id=trigger, view=modal(file_input())) == "missing_scope"
    view = opened(ws, text_input("name"))
    assert refused(ws, "views.update", view_id=view, view=modal(file_input())) == "missing_scope"
    assert (await ws.submit(ADA, view, {"name": "x"})).error == "missing_scope"
    assert [block["block_id"] for block in ws.views(ADA)[0].blocks] == ["name"]


async def test_the_app_knows_what_was_given_to_it() -> None:
    """files.info finds a file once it was submitted, or shared where the bot is; before and elsewhere it does not."""
    ws, _ = workspace(bot_scopes=ALLOWED)
    ws.set_channel(PRIVATE, bot=False)
    ids = [await ws.upload(ADA, f"{number}.csv", b"abc") for number in range(3)]
    await ws.post(ADA, ORDERS, "", files=[ids[0]])
    await ws.post(ADA, PRIVATE, "", files=[ids[1]])
    found = call(ws, "files.info", file=ids[0])["file"]
    assert (found["name"], found["channels"], found["groups"], found["is_public"]) == ("0.csv", [ORDERS], [], True)
    for unknown in (*ids[1:], "F404"):
        assert refused(ws, "files.info", file=unknown) == "file_not_found"
    await ws.submit(ADA, opened(ws, file_input()), {"file": [ids[2]]})
    assert call(ws, "files.info", file=ids[2])["file"]["channels"] == []


async def test_a_message_with_files_is_a_file_share() -> None:
    """Members see the files, the event has the subtype and a file_shared beside it; the app may subscribe to both."""
    ws, app = workspace(bot_scopes=ALLOWED, bot_events=manifest().bot_events | {"file_shared"})
    file_id = await ws.upload(ADA, "a.csv", b"abc")
    await ws.post(ADA, ORDERS, "look", files=[file_id])
    await ws.until(lambda: len(app.got) == 2)
    events = [envelope.payload["event"] for envelope in app.got]
    assert (events[0]["subtype"], events[0]["text"], events[0]["files"][0]["id"]) == ("file_share", "look", file_id)
    assert (events[1]["type"], events[1]["file_id"], events[1]["channel_id"]) == ("file_shared", file_id, ORDERS)


async def test_only_ones_own_files_are_posted() -> None:
    """Somebody else's file, an unknown one, and a thread that is not there are refused; nothing is posted."""
    ws, _ = workspace()
    theirs = await ws.upload(BEN, "a.csv", b"abc")
    senseless: tuple[Json, ...] = ({"files": [theirs]}, {"files": ["F404"]}, {"thread_ts": "1.000000"})
    for arguments in senseless:
        with pytest.raises(Impossible):
            await ws.post(ADA, ORDERS, "x", **arguments)
    assert (ws.visible(ADA, ORDERS), ws.files[theirs].channels) == ([], [])


async def test_the_page_links_to_what_a_member_may_read() -> None:
    """A message's files come with title, kind, size and an address for that member, and without Slack's own."""
    ws, _ = workspace()
    file_id = await ws.upload(ADA, "a.csv", b"abc")
    root = await ws.post(OLGA, SHARED, "root")
    await ws.post(ADA, SHARED, "", thread_ts=root, files=[file_id])
    shown = state(ws, OLGA)["messages"][SHARED][1]
    expected = {"id": file_id, "name": "a.csv", "title": "a.csv", "pretty_type": "CSV", "size": 3}
    assert shown["files"] == [expected | {"href": f"/ui/file/{file_id}?as={OLGA}"}]
    assert shown["thread_ts"] == root


async def test_the_apps_upload_ends_in_a_thread() -> None:
    """completeUploadExternal names a conversation by id and shares in its thread, with title and comment."""
    ws, _ = workspace(bot_scopes=ALLOWED)
    root = await ws.post(ADA, ORDERS, "root")
    asked = call(ws, "files.getUploadURLExternal", filename="r.csv", length=3)
    entry = [{"id": asked["file_id"], "title": "Report"}]
    arguments = {"files": entry, "thread_ts": root, "initial_comment": "here"}
    assert refused(ws, "files.completeUploadExternal", channel_id=ORDERS, **arguments) == "file_not_found"
    ws.files[asked["file_id"]].content = b"abc"
    for channel, code in (("#orders", "invalid_channel"), (ADA, "invalid_channel"), ("C404", "channel_not_found")):
        assert refused(ws, "files.completeUploadExternal", channel_id=channel, **arguments) == code
    theirs = [{"id": await ws.upload(ADA, "a.csv", b"abc")}]
    assert refused(ws, "files.completeUploadExternal", files=theirs) == "file_not_found"
    call(ws, "files.completeUploadExternal", channel_id=ORDERS, **arguments)
    message = ws.visible(BEN, ORDERS)[1]
    assert (message.user, message.text, message.thread_ts) == (BOT_USER, "here", root)
    assert (message.files[0]["title"], message.files[0]["user"]) == ("Report", BOT_USER)
