"""Files over the wire: what an app downloads with its token, and what everybody else gets (apis/slack.md §1)."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from bolt_world import SCOPES, Json, bolt, bolt_http, client_of, listening, modal, option, plain, text_input
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from sandbox.slack.workspace import ADA, BOT_USER, ORDERS, PRIVATE, Workspace

ALLOWED = SCOPES | {"files:read"}
CONTENT = b"identifier;sku\r\nA-1;CUP\r\n"


async def _get(url: str, **headers: str) -> tuple[int, str, bytes]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.content_type, await answer.read()


async def _shared(ws: Workspace, channel: str = ORDERS) -> Json:
    """A file that Ada put into a channel, as its message shows it."""
    file_id = await ws.upload(ADA, "orders.csv", CONTENT, "text/csv")
    await ws.post(ADA, channel, "", files=[file_id])
    shown: Json = ws.visible(ADA, channel)[-1].files[0]
    return shown


async def test_the_token_opens_a_file() -> None:
    """Both private addresses answer the bytes at once, with the file's type, and files.info leads there."""
    async with listening(bot_scopes=ALLOWED) as ws, client_of(ws) as client:
        shown = await _shared(ws)
        info = (await client.files_info(file=shown["id"]))["file"]
        assert info["url_private_download"] == shown["url_private_download"]
        for url in (shown["url_private"], shown["url_private_download"]):
            assert await _get(url, Authorization=f"Bearer {ws.bot_token}") == (200, "text/csv", CONTENT)


@pytest.mark.parametrize("header", ["", "Bearer xoxb-wrong", "Bearer {app}", "Basic {bot}", "{bot}"])
async def test_without_the_token_there_is_a_page_to_sign_in(header: str) -> None:
    """Status 200 and HTML, no redirect, and none of the content: only the type tells."""
    async with listening(bot_scopes=ALLOWED) as ws:
        shown = await _shared(ws)
        filled = header.format(app=ws.app_token, bot=ws.bot_token)
        status, kind, body = await _get(shown["url_private_download"], **({"Authorization": filled} if filled else {}))
        assert (status, kind, CONTENT in body, b"Sign in" in body) == (200, "text/html", False, True)


async def test_the_right_to_read_is_needed() -> None:
    """Without files:read, with a revoked token, for a file elsewhere and an unknown one it is the same page."""
    bearer = {}
    async with listening() as ws, client_of(ws) as client:
        bearer = {"Authorization": f"Bearer {ws.bot_token}"}
        shown = await _shared(ws)
        assert (await _get(shown["url_private"], **bearer))[1] == "text/html"
        with pytest.raises(SlackApiError) as error:
            await client.files_info(file=shown["id"])
        assert (error.value.response["error"], error.value.response["needed"]) == ("missing_scope", "files:read")
    async with listening(bot_scopes=ALLOWED) as ws:
        ws.set_channel(PRIVATE, bot=False)
        elsewhere, shown = await _shared(ws, PRIVATE), await _shared(ws)
        unknown = shown["url_private"].replace(shown["id"], "F404")
        for url in (elsewhere["url_private"], unknown):
            assert (await _get(url, **bearer))[1] == "text/html"
        ws.break_token(ws.bot_token, "token_revoked")
        assert (await _get(shown["url_private"], **bearer))[1] == "text/html"


async def test_a_file_of_the_app_stands_in_the_thread() -> None:
    """files_upload_v2 with a thread_ts: the members find it under the message, and the app can read it back."""
    async with listening(bot_scopes=ALLOWED) as ws, client_of(ws) as client:
        root = await ws.post(ADA, ORDERS, "import please")
        await client.files_upload_v2(channel=ORDERS, thread_ts=root, content="a;b\n", filename="done.csv", title="Done")
        message = ws.visible(ADA, ORDERS)[1]
        assert (message.user, message.thread_ts, message.files[0]["title"]) == (BOT_USER, root, "Done")
        url = message.files[0]["url_private_download"]
        assert (await _get(url, Authorization=f"Bearer {ws.bot_token}"))[2] == b"a;b\n"
        thread = (await client.conversations_replies(channel=ORDERS, ts=root))["messages"]
        assert [file["name"] for file in thread[1]["files"]] == ["done.csv"]


def _form() -> Json:
    """A modal with a text, an external select and a file input."""
    pick = {"type": "external_select", "action_id": "s", "min_query_length": 0}
    file = {"type": "file_input", "action_id": "f", "filetypes": ["csv"]}
    blocks = [
        text_input("name"),
        {"type": "input", "block_id": "sku", "label": plain("Product"), "element": pick},
        {"type": "input", "block_id": "file", "label": plain("List"), "element": file, "optional": True},
    ]
    return modal(*blocks)


def _listens(seen: list[Json]) -> Any:
    def wire(app: AsyncApp) -> None:
        @app.shortcut("order.create")
        async def start(ack: Any, body: Json, client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=_form())

        @app.options("s")
        async def offer(ack: Any, body: Json) -> None:
            seen.append({"typed": body["value"], "values": body["view"]["state"]["values"]})
            await ack(options=[option(f"cup-{body['value'] or 'any'}")])

        @app.view("m")
        async def save(ack: Any, view: Json) -> None:
            await ack()
            seen.append(view["state"]["values"])

    return wire


async def _walk(ws: Workspace, seen: list[Json]) -> None:
    await ws.shortcut(ADA, "order.create")
    await ws.until(lambda: ws.views(ADA))
    view = ws.views(ADA)[0].id
    await ws.type_into(ADA, view, "name", "a", "Jana")
    (offered,) = await ws.suggest(ADA, view, "sku", "s", "big")
    file_id = await ws.upload(ADA, "orders.csv", CONTENT)
    assert (await ws.submit(ADA, view, {"sku": offered["value"], "file": [file_id]})).acked
    await ws.until(lambda: len(seen) == 2)
    asked, saved = seen
    assert (asked["typed"], asked["values"]["name"]["a"]["value"]) == ("big", "Jana")
    assert asked["values"]["sku"]["s"]["selected_option"] is None
    assert saved["sku"]["s"]["selected_option"] == option("cup-big")
    url = saved["file"]["f"]["files"][0]["url_private_download"]
    assert (await _get(url, Authorization=f"Bearer {ws.bot_token}"))[2] == CONTENT


async def test_a_form_with_suggestions_and_a_file_over_sockets() -> None:
    """A Bolt app in Socket Mode is asked with the form's state, gets the pick and can read the file."""
    seen: list[Json] = []
    async with bolt(_listens(seen), bot_scopes=ALLOWED) as ws:
        await _walk(ws, seen)


async def test_a_form_with_suggestions_and_a_file_over_http() -> None:
    """The same walk by signed HTTP comes to the same."""
    seen: list[Json] = []
    async with bolt_http(_listens(seen), bot_scopes=ALLOWED) as (ws, _):
        await _walk(ws, seen)
