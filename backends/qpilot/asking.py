"""Requests to QPilot, each with a token of its own, also where a read is asked again (apis/qpilot.md §2.6)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from backends.errors import BackendError, Busy, Fault, NoAnswer
from backends.http import PROBE, READ, WRITE, Answer, BackendHttp, Call, Care
from backends.qpilot.auth import Token
from backends.qpilot.query import Value, target
from backends.qpilot.refusals import checked
from backends.qpilot.tickets import Tickets
from backends.secret import Secret

_ATTEMPTS, _LONGEST_BACKOFF = 3, 1.0  # as in http.py, whose own attempts would all carry the first one's token


@dataclass(frozen=True)
class Request:
    """One request before it has a token; ``site`` stands in every path."""

    method: str
    path: str
    parts: Mapping[str, str | int] = field(default_factory=dict, repr=False)
    query: Mapping[str, Value] = field(default_factory=dict, repr=False)
    body: Secret | None = field(default=None, repr=False)
    request_id: str = ""

    def call(self, token: Token, care: Care, request_id: str) -> Call:
        """The call on the wire."""
        path, parts = target(self.path, self.parts, self.query)
        return Call(self.method, path, care, parts, {}, token.headers(), self.body, request_id)


class Asking:
    """What reads and writes have in common; it keeps nothing between two requests."""

    def __init__(self, http: BackendHttp) -> None:
        self.http = http

    async def read(self, tickets: Tickets, request: Request, *, expect: bool = False) -> Answer:
        """A 2xx, asked up to three times within ``read_total`` seconds, logins included; each with its own token.

        ``expect`` says that another request will surely follow, whose token is fetched while this one runs. Raises
        BackendError, NoAnswer where the time is up.
        """
        reference = request.request_id or secrets.token_hex(4)
        deadline = asyncio.get_running_loop().time() + self.http.limits.read_total
        try:
            async with asyncio.timeout_at(deadline):
                answer = await self._tried(tickets, request, reference, deadline, expect)
            return self._checked(tickets, answer)
        except TimeoutError:
            pass  # its context holds the frames that held the token (check C10)
        raise NoAnswer(self.http.name, reference)

    async def write(self, tickets: Tickets, request: Request) -> Answer:
        """A 2xx to a request that is sent once; an error of its login says that nothing was done."""
        token = await self._token(tickets)
        answer = await self.http.ask(request.call(token, WRITE, request.request_id))
        return self._checked(tickets, answer)

    async def _tried(self, tickets: Tickets, request: Request, reference: str, deadline: float, expect: bool) -> Answer:
        import stamina

        def worth_it(error: Exception) -> bool | float:
            if not isinstance(error, READ.asked_again_after):
                return False
            left = deadline - asyncio.get_running_loop().time()
            wait = error.retry_after if isinstance(error, Busy | Fault) else None
            return left > _LONGEST_BACKOFF if wait is None else left > wait and wait

        async for attempt in stamina.retry_context(
            worth_it, attempts=_ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=_LONGEST_BACKOFF, wait_jitter=0.4
        ):
            call = request.call(await self._token(tickets), PROBE, reference)
            if expect:
                tickets.expect()
            with attempt:
                return await self.http.ask(call)
        raise AssertionError("stamina gives an answer or an error")

    async def _token(self, tickets: Tickets) -> Token:
        try:
            return await tickets.take()
        except BackendError as error:
            error.outcome_known = True  # what was asked for was not sent, only a login
            raise

    def _checked(self, tickets: Tickets, answer: Answer) -> Answer:
        if answer.status == 401:
            tickets.forget()
        return checked(self.http, answer)
