"""Signed HTTP delivery to a request URL, the other way to reach an app (`apis/slack.md` §3)."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.delivery import Answer, Envelope
from sandbox.slack.payloads import VERIFICATION_TOKEN
from sandbox.slack.state import Json

_FORM = "application/x-www-form-urlencoded"
_NO_RETRY = "X-Slack-No-Retry"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's `v0=` signature of a raw body."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


def body_of(envelope: Envelope) -> tuple[str, bytes]:
    """Content type and raw body: JSON for events, form fields for commands, one form field `payload` for the rest."""
    if envelope.kind == "events_api":
        return "application/json", json.dumps(envelope.payload).encode()
    fields = envelope.payload if envelope.kind == "slash_commands" else {"payload": json.dumps(envelope.payload)}
    return _FORM, urlencode(fields).encode()


class HttpOut:
    """Posts every envelope to one address."""

    def __init__(self, request_url: str, signing_secret: str) -> None:
        self.request_url = request_url
        self._secret = signing_secret

    async def deliver(self, envelope: Envelope, seconds: float) -> Answer:
        """2xx is an ack, text or JSON its body; anything else `dispatch_failed`, silence `operation_timeout`."""
        kind, body = body_of(envelope)
        headers = {"Content-Type": kind} | _retry_headers(envelope)
        try:
            return await self._post(body, headers, seconds)
        except TimeoutError:
            return Answer(error="operation_timeout", reason="http_timeout")
        except aiohttp.ClientError:
            return Answer(error="dispatch_failed", reason="connection_failed")

    async def _post(self, body: bytes, headers: dict[str, str], seconds: float) -> Answer:
        # The signature's time is real: the app under test checks it against its own clock, not the workspace's.
        stamp = str(int(time.time()))
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(self._secret, stamp, body)}
        timeout = aiohttp.ClientTimeout(total=seconds)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            sending = session.post(self.request_url, data=body, headers=headers | signed, allow_redirects=False)
            async with sending as response:
                text = await response.text()
                if response.status // 100 != 2:
                    no_retry = response.headers.get(_NO_RETRY) == "1"
                    return Answer(error="dispatch_failed", reason="http_error", no_retry=no_retry)
                return Answer(_read(response.content_type, text))

    async def verify(self, seconds: float) -> bool:
        """Sends the signed `url_verification` of a newly entered address; True if the challenge comes back."""
        challenge = secrets.token_hex(16)
        asked: Json = {"type": "url_verification", "token": VERIFICATION_TOKEN, "challenge": challenge}
        answer = await self.deliver(Envelope("events_api", asked), seconds)
        return answer.acked and answer.body in (challenge, {"challenge": challenge})


def _retry_headers(envelope: Envelope) -> dict[str, str]:
    if not envelope.retry_attempt:
        return {}
    return {"X-Slack-Retry-Num": str(envelope.retry_attempt), "X-Slack-Retry-Reason": envelope.retry_reason}


def _read(content_type: str, text: str) -> Any:
    if content_type != "application/json" or not text:
        return text or None
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
