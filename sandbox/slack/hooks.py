"""response_urls: an app answers a member without a token (`apis/slack.md` §5)."""

from __future__ import annotations

import json

from aiohttp import web

from sandbox.slack import messages
from sandbox.slack.blocks import check_message, says_something
from sandbox.slack.core import Core
from sandbox.slack.passes import ResponseUrl
from sandbox.slack.refusals import ApiError, refuse_flawed
from sandbox.slack.state import BOT_USER, Json, Message

_GONE = {"used_url", "expired_url", "no_service"}


async def answer(core: Core, request: web.Request) -> web.Response:
    """One use of a response_url: text `ok`, or the reason with 404 (over) or 400 (refused, not counted)."""
    body: Json = {}
    try:
        url = core.passes.answer(request.match_info["key"])
        body = _body(await request.text())
        _say(core, url, body)
    except ApiError as refusal:
        core.sends("response", body, refusal.code)
        return web.Response(status=404 if refusal.code in _GONE else 400, text=refusal.code)
    url.uses += 1
    core.sends("response", body)
    return web.Response(text="ok")


def _body(text: str) -> Json:
    try:
        body = json.loads(text)
    except json.JSONDecodeError:
        raise ApiError("invalid_payload") from None
    if not isinstance(body, dict):
        raise ApiError("invalid_payload")
    return body


def _say(core: Core, url: ResponseUrl, body: Json) -> None:
    channel, original = core.channels[url.channel], _original(core, url)
    if body.get("delete_original"):
        if original:
            messages.delete(core, channel, original)
        return
    _check(body)
    if body.get("replace_original") and original:
        messages.edit(core, channel, original, body)
        return
    ephemeral = body.get("response_type", "ephemeral") != "in_channel"
    messages.post(core, channel, BOT_USER, body, ephemeral_to=url.user if ephemeral else None)


def _check(body: Json) -> None:
    blocks = body.get("blocks") or []
    refuse_flawed("invalid_blocks", check_message(blocks))
    if not says_something(body.get("text"), blocks, body.get("attachments")):
        raise ApiError("no_text")


def _original(core: Core, url: ResponseUrl) -> Message | None:
    log = messages.visible(core.channels[url.channel], url.user)
    return next((message for message in log if message.ts == url.message_ts and message.by_bot), None)
