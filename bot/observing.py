"""What the process says about itself while it works, and nobody who listens, which is the default (DESIGN.md §11).

Only words of the code are told, so that whoever counts them counts a bounded number: no id, no name, no text of people.
"""

from __future__ import annotations

from typing import Protocol

from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState


class Observer(Protocol):
    """Is told what happened, at once and without waiting; durations are in seconds."""

    def acknowledged(self, kind: str, seconds: float) -> None:
        """A delivery of this kind (``command``, ``action`` …) was acknowledged so long after it came."""

    def delivered(self, kind: str, action: str, outcome: str) -> None:
        """A delivery was handled: an action of the registry, or ``?``, and the audit's word for what came of it."""

    def asked(self, back_end: str, result: str, seconds: float) -> None:
        """A back end was asked once: an HTTP status, or the name of the failure."""

    def ran(self, kind: str, result: str, lag: float, seconds: float) -> None:
        """A due run ended; ``lag`` is how long after its time it began, 0 where an earlier try had begun."""

    def limited(self) -> None:
        """Slack said 429."""


class Unobserved:
    """Nobody listens."""

    def acknowledged(self, kind: str, seconds: float) -> None:
        """See Observer."""

    def delivered(self, kind: str, action: str, outcome: str) -> None:
        """See Observer."""

    def asked(self, back_end: str, result: str, seconds: float) -> None:
        """See Observer."""

    def ran(self, kind: str, result: str, lag: float, seconds: float) -> None:
        """See Observer."""

    def limited(self) -> None:
        """See Observer."""


UNOBSERVED = Unobserved()


class PatientAndTold(AsyncRateLimitErrorRetryHandler):
    """Waits as Slack asks when it says 429, and tells the observer each time, also when no try is left."""

    def __init__(self, observer: Observer, tries: int = 8) -> None:
        super().__init__(max_retry_count=tries)
        self._observer = observer

    async def can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        """Whether it is a 429 and another try is left."""
        if response is not None and response.status_code == 429:
            self._observer.limited()
        return await super().can_retry_async(state=state, request=request, response=response, error=error)
