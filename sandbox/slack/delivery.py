"""How a payload reaches the app: the port that Socket Mode and signed HTTP both fill."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sandbox.slack.state import Json

EnvelopeKind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Envelope:
    """One payload on its way; events count their attempts (`apis/slack.md` §2.3), everything else is sent once."""

    kind: EnvelopeKind
    payload: Json
    accepts_response: bool = False
    retry_attempt: int = 0
    retry_reason: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Answer:
    """What the app did: acked with `body` (None if empty), or `error` `operation_timeout` / `dispatch_failed`.

    `reason` is the word that Slack gives to a retry (`timeout`, `http_error`, …); `no_retry` that the app forbade one.
    """

    body: Any = None
    error: str | None = None
    reason: str = ""
    no_retry: bool = False

    @property
    def acked(self) -> bool:
        """Whether the app answered in time and with success."""
        return self.error is None


class Transport(Protocol):
    """Takes one envelope to the app and waits `seconds` for its answer; never raises for a dead or late app."""

    async def deliver(self, envelope: Envelope, seconds: float) -> Answer: ...
