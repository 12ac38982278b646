"""Short-lived rights that a payload carries: trigger_ids and response_urls, both by the workspace's clock."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.slack.refusals import ApiError

TRIGGER_SECONDS = 3.0
URL_SECONDS = 30 * 60.0
URL_USES = 5
_TRIGGER_SHAPE = re.compile(r"\d+\.\d+\.[0-9a-z]+\Z")


@dataclass
class Trigger:
    """The right to open one modal for `user`; `channel` is where the member was, if anywhere."""

    id: str
    user: str
    made_at: float
    channel: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """The right to answer in `channel` for `user`; `message_ts` is the message whose element was used, if any."""

    id: str
    kind: str
    channel: str
    user: str
    made_at: float
    message_ts: str | None = None
    uses: int = 0


class Passes:
    """Makes and spends triggers (3 s, once) and response_urls (30 min, 5 times): `apis/slack.md` §5."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def trigger(self, user: str, channel: str | None = None) -> str:
        """A new trigger_id in Slack's shape `132456.7890123.abcdef`."""
        made_at = self._clock.now()
        key = f"{len(self._triggers) + 1}.{int(made_at * 1000)}.{secrets.token_hex(16)}"
        self._triggers[key] = Trigger(key, user, made_at, channel)
        return key

    def look(self, trigger_id: str) -> Trigger:
        """The trigger if it can be used now; raises `ApiError` `invalid_`, `exchanged_` or `expired_trigger_id`."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None or not _TRIGGER_SHAPE.match(trigger_id):
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock.now() - trigger.made_at > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        return trigger

    def url(self, kind: str, channel: str, user: str, message_ts: str | None = None) -> ResponseUrl:
        """A new response_url; `kind` is `commands`, `actions` or `app`, as in Slack's own paths."""
        key = secrets.token_hex(16)
        self._urls[key] = ResponseUrl(key, kind, channel, user, self._clock.now(), message_ts)
        return self._urls[key]

    def answer(self, key: str) -> ResponseUrl:
        """The response_url if it can be used now; raises `ApiError` `no_service`, `expired_url` or `used_url`."""
        url = self._urls.get(key)
        if url is None:
            raise ApiError("no_service")
        if self._clock.now() - url.made_at > URL_SECONDS:
            raise ApiError("expired_url")
        if url.uses >= URL_USES:
            raise ApiError("used_url")
        return url
