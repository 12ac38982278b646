"""The Web API through slack-sdk's own client, in the shapes in which that client and others send."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from bolt_world import Json, button, client_of, home, listening, modal
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.workspace import ADA, BEN, BOT_USER, DM_ADA, OLGA, ORDERS, PRIVATE, SHARED, TEAM, Workspace

Call = Callable[[AsyncWebClient], Awaitable[Any]]


async def _refused(work: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as error:
        await work
    return str(error.value.response["error"])


async def _raw(ws: Workspace, method: str, *, verb: str = "POST", token: str | None = None, **request: Any) -> Json:
    """One request as another client would write it."""
    headers = {"Authorization": f"Bearer {token or ws.bot_token}"} if token != "" else {}
    url = f"{ws.base_url}/api/{method}"
    async with aiohttp.ClientSession() as session, session.request(verb, url, headers=headers, **request) as answer:
        assert answer.status == 200
        body: Json = await answer.json()
        return body


async def test_one_message_in_four_shapes() -> None:
    """JSON body, query-string POST, GET and form with JSON texts all post the same (apis/slack.md §1, §9.1)."""
    blocks = [button()]
    text = {"channel": ORDERS, "text": "hi"}
    async with listening(bot_events=frozenset()) as ws:
        in_query = {**text, "blocks": json.dumps(blocks)}
        for request in (
            {"json": {**text, "blocks": blocks}},
            {"json": in_query},
            {"params": in_query},
            {"params": in_query, "verb": "GET"},
            {"data": in_query},
        ):
            answer = await _raw(ws, "chat.postMessage", **request)
            assert answer["ok"] is True
        shown = [(message.text, message.blocks) for message in ws.visible(ADA, ORDERS)]
        assert shown == [("hi", blocks)] * 5
        assert {call.token_kind for call in ws.calls} == {"bot"}


async def test_a_token_in_the_form_counts_and_is_not_remembered() -> None:
    """Slack also takes `token` as an argument; it never lands in `calls`."""
    async with listening() as ws:
        answer = await _raw(ws, "auth.test", token="", data={"token": ws.bot_token})
        assert (answer["ok"], answer["user_id"], ws.calls[0].args) == (True, BOT_USER, {})


async def test_multipart_forms_are_read_too() -> None:
    """A form with parts is a form."""
    async with listening() as ws:
        with aiohttp.MultipartWriter("form-data") as form:
            for name, value in (("channel", ORDERS), ("text", "hi")):
                form.append(value).set_content_disposition("form-data", name=name)
            assert (await _raw(ws, "chat.postMessage", data=form))["ok"] is True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "invalid_json"),
        (b"[]", "json_not_object"),
        (b'{"channel": "C0ORDERS01", "blocks": "["}', "invalid_blocks_format"),
    ],
)
async def test_broken_json_is_named(body: bytes, code: str) -> None:
    """Each kind of broken body has its error, and nothing is posted."""
    async with listening() as ws:
        async with aiohttp.ClientSession() as session:
            headers = {"Authorization": f"Bearer {ws.bot_token}", "Content-Type": "application/json"}
            async with session.post(f"{ws.base_url}/api/chat.postMessage", data=body, headers=headers) as response:
                answer = await response.json()
        assert answer == {"ok": False, "error": code}
        assert ws.visible(ADA, ORDERS) == []


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "not_authed"),
        ("xoxb-other", "invalid_auth"),
        ("xapp", "not_allowed_token_type"),
        ("revoked", "token_revoked"),
    ],
)
async def test_tokens(token: str, code: str) -> None:
    """No token, a foreign one, the wrong kind and a revoked one are refused by name (apis/slack.md §9.11)."""
    async with listening() as ws:
        if token == "revoked":
            ws.break_token(ws.bot_token, "token_revoked")
        used = {"xapp": ws.app_token, "revoked": ws.bot_token}.get(token, token)
        answer = await _raw(ws, "chat.postMessage", token=used, json={"channel": ORDERS, "text": "x"})
        assert answer == {"ok": False, "error": code}
        assert (ws.visible(ADA, ORDERS), ws.calls[-1].error) == ([], code)


async def test_scopes_are_the_manifests() -> None:
    """A method whose scope the manifest lacks says which is needed and which there are, also in a header."""
    async with listening(bot_scopes=frozenset({"users:read", "commands"})) as ws, client_of(ws) as client:
        with pytest.raises(SlackApiError) as error:
            await client.chat_postMessage(channel=ORDERS, text="x")
        answer = error.value.response
        assert (answer["error"], answer["needed"], answer["provided"]) == (
            "missing_scope",
            "chat:write",
            "commands,users:read",
        )
        assert answer.headers["x-oauth-scopes"] == "commands,users:read"
        assert await _refused(client.conversations_info(channel=ORDERS)) == "missing_scope"
        assert await _refused(client.users_lookupByEmail(email="ada@home.example")) == "missing_scope"
        assert "email" not in (await client.users_info(user=ADA))["user"]["profile"]


async def test_scopes_follow_the_kind_of_channel() -> None:
    """channels:read is not groups:read, and history has its own."""
    scopes = frozenset({"channels:read", "channels:history"})
    async with listening(bot_scopes=scopes) as ws, client_of(ws) as client:
        assert (await client.conversations_info(channel=ORDERS))["channel"]["name"] == "orders"
        assert (await client.conversations_history(channel=ORDERS))["messages"] == []
        assert await _refused(client.conversations_info(channel=PRIVATE)) == "missing_scope"
        assert await _refused(client.conversations_list(types="public_channel,private_channel")) == "missing_scope"


async def test_unknown_methods_are_unknown() -> None:
    """A method that the workspace does not have is not quietly accepted."""
    async with listening() as ws, client_of(ws) as client:
        assert await _refused(client.api_call("chat.nope")) == "unknown_method"
        assert await _refused(client.api_call("files.upload")) == "unknown_method"


async def test_a_limit_is_a_429_with_retry_after() -> None:
    """The plain client raises; with its rate-limit handler it waits and succeeds (apis/slack.md §1, §9.16)."""
    async with listening() as ws, client_of(ws) as client:
        ws.limit("chat.postMessage", ORDERS, times=1, retry_after=7)
        with pytest.raises(SlackApiError) as error:
            await client.chat_postMessage(channel=ORDERS, text="x")
        answer = error.value.response
        assert (answer.status_code, answer.headers["Retry-After"], answer.data) == (
            429,
            "7",
            {"ok": False, "error": "ratelimited"},
        )
        ws.limit("chat.postMessage", ORDERS, times=1, retry_after=0)
        await client.chat_postMessage(channel=PRIVATE, text="elsewhere")
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
        await client.chat_postMessage(channel=ORDERS, text="after all")
        assert [message.text for message in ws.visible(ADA, ORDERS)] == ["after all"]
        errors = [call.error for call in ws.calls if call.args.get("channel") == ORDERS]
        assert errors == ["ratelimited", "ratelimited", None]


async def test_auth_test_names_the_bot() -> None:
    """Ids are the workspace's fixed ones; after auth.revoke the token is dead."""
    async with listening() as ws, client_of(ws) as client:
        answer = await client.auth_test()
        named = {key: answer[key] for key in ("team_id", "user_id", "bot_id", "user")}
        assert named == {"team_id": TEAM, "user_id": BOT_USER, "bot_id": "B0BOT00001", "user": "shipclerk"}
        assert (await client.api_test(foo="bar"))["args"]["foo"] == "bar"
        assert await _refused(client.api_test(error="my_error")) == "my_error"
        assert (await client.auth_revoke(test=True))["revoked"] is False
        assert (await client.auth_revoke())["revoked"] is True
        assert await _refused(client.auth_test()) == "token_revoked"


async def test_messages_keep_time_and_place() -> None:
    """ts are strings that only grow; update keeps ts, delete removes, a reply stays in its thread."""
    async with listening() as ws, client_of(ws) as client:
        stamps = [(await client.chat_postMessage(channel=ORDERS, text=str(n)))["ts"] for n in range(5)]
        assert stamps == sorted(set(stamps))
        ws.clock.advance(-100)
        assert (await client.chat_postMessage(channel=ORDERS, text="earlier?"))["ts"] > stamps[-1]
        changed = await client.chat_update(channel=ORDERS, ts=stamps[1], text="changed")
        assert (changed["ts"], changed["message"]["edited"]["user"]) == (stamps[1], BOT_USER)
        await client.chat_delete(channel=ORDERS, ts=stamps[0])
        await client.chat_postMessage(channel=ORDERS, text="reply", thread_ts=stamps[1])
        history = await client.conversations_history(channel=ORDERS)
        assert [message["text"] for message in history["messages"]] == ["earlier?", "4", "3", "2", "changed"]
        thread = await client.conversations_replies(channel=ORDERS, ts=stamps[1])
        assert [message["text"] for message in thread["messages"]] == ["changed", "reply"]
        link = (await client.chat_getPermalink(channel=ORDERS, message_ts=stamps[1]))["permalink"]
        assert link.endswith(f"/archives/{ORDERS}/p{stamps[1].replace('.', '')}")


async def test_blocks_are_replaced_wholly() -> None:
    """An update without blocks takes them away; one with blocks is not marked as edited."""
    async with listening() as ws, client_of(ws) as client:
        ts = (await client.chat_postMessage(channel=ORDERS, text="x", blocks=[button()]))["ts"]
        assert (
            "edited" not in (await client.chat_update(channel=ORDERS, ts=ts, text="y", blocks=[button("b")]))["message"]
        )
        assert ws.visible(ADA, ORDERS)[0].blocks == [button("b")]
        await client.chat_update(channel=ORDERS, ts=ts, text="z")
        assert ws.visible(ADA, ORDERS)[0].blocks == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"channel": "U404", "text": "x"}, "channel_not_found"),
        ({"text": "x", "channel": ""}, "invalid_arguments"),
        ({"channel": ORDERS}, "no_text"),
        ({"channel": ORDERS, "text": "  "}, "no_text"),
        ({"channel": ORDERS, "text": "x", "blocks": [{"type": "nope"}]}, "invalid_blocks"),
        ({"channel": ORDERS, "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"channel": ORDERS, "text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"channel": ORDERS, "text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"channel": ORDERS, "text": "x", "metadata": "m"}, "invalid_metadata_format"),
        ({"channel": ORDERS, "text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
        (
            {"channel": ORDERS, "text": "x", "metadata": {"event_type": "e", "event_payload": {"x": "y" * 9000}}},
            "metadata_too_large",
        ),
        ({"channel": ORDERS, "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
    ],
)
async def test_what_post_message_refuses(arguments: Json, code: str) -> None:
    """Each refusal has Slack's name, and nothing is posted (apis/slack.md §1, §9.12)."""
    async with listening() as ws:
        answer = await _raw(ws, "chat.postMessage", json=arguments)
        assert (answer["ok"], answer["error"]) == (False, code)
        assert ws.visible(ADA, ORDERS) == []
        assert ws.sent[-1]["error"] == code


async def test_flaws_come_with_their_place() -> None:
    """response_metadata names text and pointer of each flaw, for messages and views."""
    async with listening() as ws, client_of(ws) as client:
        long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
        with pytest.raises(SlackApiError) as error:
            await client.chat_postMessage(channel=ORDERS, text="x", blocks=[long])
        messages = error.value.response["response_metadata"]["messages"]
        assert messages == ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]
        with pytest.raises(SlackApiError) as error:
            await client.views_publish(user_id=ADA, view=home(long))
        assert error.value.response["error"] == "invalid_arguments"
        assert "[json-pointer:/view/blocks/0/text/text]" in error.value.response["response_metadata"]["messages"][0]
        answer = (await _raw(ws, "blocks.validate", json={"blocks": [long]}))["errors"]
        assert [(flaw["pointer"], flaw["message"]) for flaw in answer] == [
            ("/blocks/0/text/text", "must be less than 3001 characters")
        ]


async def test_where_the_bot_may_write() -> None:
    """Membership, archive and kind of channel decide; a name and a member's id work like an id."""
    async with listening() as ws, client_of(ws) as client:
        assert (await client.chat_postMessage(channel="#orders", text="x"))["channel"] == ORDERS
        assert (await client.chat_postMessage(channel=ADA, text="x"))["channel"] == DM_ADA
        ws.set_channel(ORDERS, bot=False)
        ws.set_channel(PRIVATE, bot=False)
        ws.set_channel(SHARED, archived=True)
        for channel, code in ((ORDERS, "not_in_channel"), (PRIVATE, "channel_not_found"), (SHARED, "is_archived")):
            assert await _refused(client.chat_postMessage(channel=channel, text="x")) == code
            assert await _refused(client.chat_postEphemeral(channel=channel, user=ADA, text="x")) == code
        assert (await client.conversations_join(channel=ORDERS))["channel"]["is_member"] is True
        await client.chat_postMessage(channel=ORDERS, text="x")
    async with listening(messages_tab=False) as ws, client_of(ws) as client:
        assert await _refused(client.chat_postMessage(channel=DM_ADA, text="x")) == "messages_tab_disabled"
    async with listening(bot_scopes=frozenset({"chat:write", "chat:write.public"})) as ws, client_of(ws) as client:
        ws.set_channel(ORDERS, bot=False)
        assert (await client.chat_postMessage(channel=ORDERS, text="x"))["ok"]


async def test_ephemeral_messages() -> None:
    """Seen by one, in no history, out of reach for update, delete, reactions and links (apis/slack.md §9.14)."""
    async with listening() as ws, client_of(ws) as client:
        ts = (await client.chat_postEphemeral(channel=ORDERS, user=ADA, text="psst"))["message_ts"]
        assert ([m.ts for m in ws.visible(ADA, ORDERS)], ws.visible(BEN, ORDERS)) == ([ts], [])
        assert (await client.conversations_history(channel=ORDERS))["messages"] == []
        for work in (
            client.chat_update(channel=ORDERS, ts=ts, text="x"),
            client.chat_delete(channel=ORDERS, ts=ts),
            client.reactions_add(channel=ORDERS, timestamp=ts, name="eyes"),
            client.chat_getPermalink(channel=ORDERS, message_ts=ts),
        ):
            assert await _refused(work) == "message_not_found"
        assert await _refused(client.chat_postEphemeral(channel=ORDERS, user=OLGA, text="x")) == "user_not_in_channel"
        assert [m.text for m in ws.visible(ADA, ORDERS)] == ["psst"]


async def test_only_its_own_messages_can_be_changed() -> None:
    """A member's words are theirs; text over 4,000 characters cannot be an update."""
    async with listening() as ws, client_of(ws) as client:
        theirs = await ws.post(ADA, ORDERS, "mine")
        assert await _refused(client.chat_update(channel=ORDERS, ts=theirs, text="x")) == "cant_update_message"
        assert await _refused(client.chat_delete(channel=ORDERS, ts=theirs)) == "cant_delete_message"
        own = (await client.chat_postMessage(channel=ORDERS, text="x" * 40_001))["ts"]
        assert len(ws.visible(ADA, ORDERS)[1].text) == 40_000
        assert await _refused(client.chat_update(channel=ORDERS, ts=own, text="x" * 4001)) == "msg_too_long"
        assert await _refused(client.chat_update(channel="C404", ts=own, text="x")) == "channel_not_found"


async def test_metadata_comes_back_from_history() -> None:
    """With include_all_metadata, and only then (apis/slack.md §9.13)."""
    metadata = {"event_type": "occurrence", "event_payload": {"key": "d1/2026-11-22"}}
    async with listening() as ws, client_of(ws) as client:
        sent = await client.chat_postMessage(channel=ORDERS, text="x", metadata=metadata)
        assert sent["message"]["metadata"] == metadata
        (bare,) = (await client.conversations_history(channel=ORDERS))["messages"]
        (full,) = (await client.conversations_history(channel=ORDERS, include_all_metadata=True))["messages"]
        assert ("metadata" in bare, full["metadata"]) == (False, metadata)
        await client.chat_update(channel=ORDERS, ts=sent["ts"], text="y")
        assert ws.visible(ADA, ORDERS)[0].metadata == metadata


async def test_history_between_two_moments() -> None:
    """oldest and latest exclude their own message unless inclusive; nonsense is named."""
    async with listening() as ws, client_of(ws) as client:
        stamps = [(await client.chat_postMessage(channel=ORDERS, text=str(n)))["ts"] for n in range(4)]
        for inclusive, texts in ((False, ["2", "1"]), (True, ["3", "2", "1", "0"])):
            answer = await client.conversations_history(
                channel=ORDERS, oldest=stamps[0], latest=stamps[3], inclusive=inclusive
            )
            assert [message["text"] for message in answer["messages"]] == texts
        assert await _refused(client.conversations_history(channel=ORDERS, oldest="soon")) == "invalid_ts_oldest"
        assert await _refused(client.conversations_replies(channel=ORDERS, ts="1.0")) == "thread_not_found"
        ws.set_channel(ORDERS, bot=False)
        assert await _refused(client.conversations_history(channel=ORDERS)) == "not_in_channel"


async def test_lists_come_in_pages() -> None:
    """The cursor walks to the end and is empty there; wrong limits and cursors are named."""
    async with listening() as ws, client_of(ws) as client:
        for n in range(5):
            await client.chat_postMessage(channel=ORDERS, text=str(n))
        found: list[str] = []
        async for answer in await client.conversations_history(channel=ORDERS, limit=2):
            found += [message["text"] for message in answer["messages"]]
        assert found == ["4", "3", "2", "1", "0"]
        first = await client.conversations_members(channel=SHARED, limit=3)
        rest = await client.conversations_members(
            channel=SHARED, limit=3, cursor=first["response_metadata"]["next_cursor"]
        )
        assert first["members"] + rest["members"] == [ADA, BEN, OLGA, BOT_USER]
        assert rest["response_metadata"]["next_cursor"] == ""
        for bad, code in (
            ({"limit": 0}, "invalid_limit"),
            ({"limit": "x"}, "invalid_limit"),
            ({"cursor": "?"}, "invalid_cursor"),
        ):
            assert await _refused(client.api_call("users.list", params=bad)) == code


async def test_conversations_say_what_kind_they_are() -> None:
    """The flags by which an app tells public, private, shared and direct (DESIGN §4.6)."""
    flags = ("is_channel", "is_group", "is_im", "is_private", "is_ext_shared", "is_shared", "is_org_shared")
    expected = {
        ORDERS: (True, False, False, False, False, False, False),
        PRIVATE: (False, True, False, True, False, False, False),
        SHARED: (True, False, False, False, True, True, False),
        DM_ADA: (False, False, True, True, False, False, False),
    }
    async with listening() as ws, client_of(ws) as client:
        for channel, values in expected.items():
            answer = (await client.conversations_info(channel=channel, include_num_members=True))["channel"]
            assert tuple(answer[flag] for flag in flags) == values
            assert answer["num_members"] == len(ws.channels[channel].members)
        assert "num_members" not in (await client.conversations_info(channel=ORDERS))["channel"]
        ws.set_channel(ORDERS, shared=True)
        assert (await client.conversations_info(channel=ORDERS))["channel"]["is_ext_shared"] is True
        assert await _refused(client.conversations_info(channel="C404")) == "channel_not_found"


async def test_conversations_that_the_bot_is_in() -> None:
    """users.conversations: only those with the bot, public by default, without is_member and num_members, in pages."""
    async with listening() as ws, client_of(ws) as client:
        assert [c["id"] for c in (await client.users_conversations())["channels"]] == [ORDERS, SHARED]
        ws.set_channel(SHARED, bot=False)
        asked = "public_channel,private_channel"
        channels = (await client.users_conversations(types=asked))["channels"]
        assert [c["id"] for c in channels] == [ORDERS, PRIVATE]
        shown = (await client.conversations_info(channel=ORDERS))["channel"]
        assert channels[0] == {name: value for name, value in shown.items() if name != "is_member"}
        first = await client.users_conversations(types=asked, limit=1)
        rest = await client.users_conversations(types=asked, cursor=first["response_metadata"]["next_cursor"])
        assert [*first["channels"], *rest["channels"]] == channels
        assert rest["response_metadata"] == {"next_cursor": ""}
        ws.set_channel(ORDERS, archived=True)
        assert len((await client.users_conversations())["channels"]) == 1
        assert (await client.users_conversations(exclude_archived=True))["channels"] == []
        assert await _refused(client.users_conversations(types="nope")) == "invalid_types"
    async with listening(bot_scopes=frozenset({"channels:read"})) as ws, client_of(ws) as client:
        assert await _refused(client.users_conversations(types="private_channel")) == "missing_scope"


async def test_conversations_list_and_open() -> None:
    """Public by default, others by type; a direct message is opened by its member."""
    async with listening() as ws, client_of(ws) as client:
        assert [c["id"] for c in (await client.conversations_list())["channels"]] == [ORDERS, SHARED]
        everything = await client.conversations_list(types="public_channel,private_channel,im")
        assert len(everything["channels"]) == 6
        ws.set_channel(SHARED, archived=True)
        assert [c["id"] for c in (await client.conversations_list(exclude_archived=True))["channels"]] == [ORDERS]
        assert await _refused(client.conversations_list(types="nope")) == "invalid_types"
        assert (await client.conversations_open(users=[ADA]))["channel"] == {"id": DM_ADA}
        assert (await client.conversations_open(channel=DM_ADA, return_im=True))["channel"]["user"] == ADA
        for arguments, code in (
            ({}, "users_list_not_supplied"),
            ({"users": f"{ADA},{BEN}"}, "too_many_users"),
            ({"users": "U404"}, "user_not_found"),
        ):
            assert await _refused(client.api_call("conversations.open", params=arguments)) == code
        assert await _refused(client.conversations_join(channel=PRIVATE)) == "method_not_supported_for_channel_type"
        assert await _refused(client.conversations_join(channel=SHARED)) == "is_archived"


async def test_users() -> None:
    """What an app reads of a member, also of one that a test changed; lists leave the other company out."""
    async with listening() as ws, client_of(ws) as client:
        ada = (await client.users_info(user=ADA))["user"]
        assert (ada["is_admin"], ada["team_id"], ada["tz"], ada["profile"]["email"]) == (
            True,
            TEAM,
            "Europe/Berlin",
            "ada@home.example",
        )
        ws.set_member(BEN, deleted=True, is_restricted=True)
        ben = (await client.users_info(user=BEN))["user"]
        flags = ("deleted", "is_restricted", "is_ultra_restricted", "is_admin", "is_owner", "is_bot", "is_stranger")
        assert tuple(ben[flag] for flag in flags) == (True, True, False, False, False, False, False)
        assert (await client.users_info(user=OLGA))["user"]["team_id"] == "T0OTHER001"
        assert OLGA not in [member["id"] for member in (await client.users_list())["members"]]
        assert (await client.users_lookupByEmail(email="Ada@home.example"))["user"]["id"] == ADA
        assert await _refused(client.users_lookupByEmail(email="ben@home.example")) == "users_not_found"
        assert await _refused(client.users_info(user="U404")) == "user_not_found"
        ws.usergroups["S1"] = [ADA]
        assert (await client.usergroups_users_list(usergroup="S1"))["users"] == [ADA]
        assert await _refused(client.usergroups_users_list(usergroup="S2")) == "no_such_subteam"


async def test_views_through_the_client() -> None:
    """open, push, update by id and external_id, hash conflict, publish, and their refusals (apis/slack.md §1)."""
    async with listening() as ws, client_of(ws) as client:
        trigger = ws.passes.trigger(ADA)
        opened = (await client.views_open(trigger_id=trigger, view=modal(external_id="e")))["view"]
        assert await _refused(client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
        assert await _refused(client.views_open(trigger_id="1.2.x", view=modal())) == "invalid_trigger_id"
        pushed = (await client.views_push(trigger_id=ws.passes.trigger(ADA), view=modal()))["view"]
        assert (pushed["previous_view_id"], pushed["root_view_id"]) == (opened["id"], opened["id"])
        updated = (await client.views_update(external_id="e", view=modal(external_id="e"), hash=opened["hash"]))["view"]
        assert (updated["id"], updated["hash"] != opened["hash"]) == (opened["id"], True)
        assert (
            await _refused(client.views_update(view_id=opened["id"], view=modal(), hash=opened["hash"]))
            == "hash_conflict"
        )
        assert await _refused(client.views_update(view_id="V404", view=modal())) == "not_found"
        assert await _refused(client.api_call("views.update", json={"view": modal()})) == "invalid_arguments"
        assert await _refused(client.api_call("views.open", json={"trigger_id": trigger})) == "invalid_arguments"
        assert await _refused(client.views_push(trigger_id=ws.passes.trigger(BEN), view=modal())) == "not_found"
        assert (await client.views_publish(user_id=ADA, view=home()))["view"]["type"] == "home"
        assert await _refused(client.views_publish(user_id="U404", view=home())) == "invalid_arguments"
        assert await _refused(client.views_publish(user_id=ADA, view=modal())) == "invalid_arguments"
    async with listening(home_tab=False) as ws, client_of(ws) as client:
        assert await _refused(client.views_publish(user_id=ADA, view=home())) == "not_enabled"


async def test_a_refused_view_does_not_cost_the_trigger() -> None:
    """A view with a flaw is refused first; the trigger then still opens a good one."""
    async with listening() as ws, client_of(ws) as client:
        trigger = ws.passes.trigger(ADA)
        assert await _refused(
            client.views_open(trigger_id=trigger, view=modal(title={"type": "plain_text", "text": "x" * 25}))
        )
        await client.views_open(trigger_id=trigger, view=modal())
        assert len(ws.views(ADA)) == 1


async def test_reactions_and_pins_once_each() -> None:
    """A second identical reaction or pin is refused, so is a name that is none (apis/slack.md §9.17)."""
    async with listening() as ws, client_of(ws) as client:
        ts = await ws.post(ADA, ORDERS, "hello")
        await client.reactions_add(channel=ORDERS, timestamp=ts, name="eyes")
        assert await _refused(client.reactions_add(channel=ORDERS, timestamp=ts, name="eyes")) == "already_reacted"
        assert await _refused(client.reactions_add(channel=ORDERS, timestamp=ts, name="Not A Name")) == "invalid_name"
        assert ws.visible(ADA, ORDERS)[0].reactions == {"eyes": [BOT_USER]}
        (shown,) = (await client.conversations_history(channel=ORDERS))["messages"]
        assert shown["reactions"] == [{"name": "eyes", "users": [BOT_USER], "count": 1}]
        await client.reactions_remove(channel=ORDERS, timestamp=ts, name="eyes")
        assert await _refused(client.reactions_remove(channel=ORDERS, timestamp=ts, name="eyes")) == "no_reaction"
        await client.pins_add(channel=ORDERS, timestamp=ts)
        assert await _refused(client.pins_add(channel=ORDERS, timestamp=ts)) == "already_pinned"
        assert (ws.visible(ADA, ORDERS)[0].reactions, ws.visible(ADA, ORDERS)[0].pinned) == ({}, True)


async def test_bots_and_team() -> None:
    """The app finds itself and its workspace, and no other."""
    async with listening() as ws, client_of(ws) as client:
        bot = (await client.bots_info(bot="B0BOT00001"))["bot"]
        assert (bot["user_id"], bot["app_id"], bot["name"]) == (BOT_USER, "A0SHIPCLK1", "Shipclerk")
        assert await _refused(client.bots_info(bot="B404")) == "bot_not_found"
        assert (await client.team_info())["team"]["id"] == TEAM
        assert await _refused(client.team_info(team="T404")) == "team_not_found"


async def test_a_file_is_uploaded_in_two_steps() -> None:
    """slack-sdk's files_upload_v2 works unchanged, and the file is in the message; half an upload is not found."""
    async with listening() as ws, client_of(ws) as client:
        answer = await client.files_upload_v2(
            channel=ORDERS, content="a,b\n1,2\n", filename="x.csv", title="Orders", initial_comment="here"
        )
        (message,) = ws.visible(ADA, ORDERS)
        assert (message.text, message.files[0]["title"], answer["files"][0]["id"]) == (
            "here",
            "Orders",
            message.files[0]["id"],
        )
        half = await client.files_getUploadURLExternal(filename="y", length=3)
        assert (
            await _refused(client.files_completeUploadExternal(files=[{"id": half["file_id"], "title": "y"}]))
            == "file_not_found"
        )
        async with aiohttp.ClientSession() as session:
            for url, body, status in (
                (half["upload_url"], b"four", 400),
                (half["upload_url"], b"abc", 200),
                (f"{ws.base_url}/upload/F404", b"x", 404),
            ):
                async with session.post(url, data=body) as response:
                    assert response.status == status


async def test_the_workspace_listens_on_loopback_only() -> None:
    """Its address is 127.0.0.1 (apis/slack.md §9.19)."""
    async with listening() as ws:
        assert ws.base_url.startswith("http://127.0.0.1:")


async def test_the_address_is_learned_from_the_first_request() -> None:
    """A workspace that nobody told its address still gives out whole ones."""
    async with listening() as ws, client_of(ws) as client:
        told, ws.base_url = ws.base_url, ""
        answer = await client.apps_connections_open(app_token=ws.app_token)
        assert ws.base_url == told
        assert answer["url"].startswith(told.replace("http", "ws") + "/link/?ticket=")
