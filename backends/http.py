"""The way to every back end: the only module that knows httpx (DESIGN.md §5, §11).

It works on httpx's transport, below its client: there no redirect is followed, no cookie kept from one person for the
next, no proxy taken from the environment, no URL logged; and a call is a tenth faster.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from backends.errors import BackendError, Busy, Fault, Garbled, NoAnswer, Unreachable
from backends.secret import Secret

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("shipclerk.backends")
for _chatty in ("httpx", "httpcore"):  # httpx logs URLs with their query, httpcore logs headers (DESIGN.md §5)
    logging.getLogger(_chatty).setLevel(logging.WARNING)

Observe = Callable[[str, str, float], None]
"""Is told of each request: the back end's short name, an HTTP status or the failure's name, and its seconds."""

_ATTEMPTS = 3
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_LONGEST_BACKOFF = 1.0
_HEADERS = {
    "Accept-Encoding": "identity",  # so that the cap on size is a cap on memory too
    "User-Agent": "shipclerk",
}


def unobserved(back_end: str, result: str, seconds: float) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Care:
    """How a kind of request is treated: what may be asked again, and whether silence leaves something unknown."""

    asked_again_after: tuple[type[BackendError], ...]
    changes_something: bool


READ = Care((Unreachable, NoAnswer, Busy, Fault), changes_something=False)
LOGIN = Care((Unreachable,), changes_something=True)
WRITE = Care((), changes_something=True)
IDEMPOTENT = Care(READ.asked_again_after, changes_something=True)
PROBE = Care((), changes_something=False)


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and numbers that hold one back end at a distance (check E5, DESIGN.md §5)."""

    read_total: float = 12.0
    write_total: float = 30.0
    attempt: float = 10.0
    connect: float = 5.0
    at_once: int = 20
    answer_bytes: int = 4_000_000


@dataclass(frozen=True)
class Call:
    """One request; ``path`` is a template such as ``/orders/{id}``, and only it is ever logged or shown.

    ``media`` is the type of the body and of the answer that is wished for.
    """

    method: str
    path: str
    care: Care
    parts: Mapping[str, str | int | Secret] = field(default_factory=dict, repr=False)
    query: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    headers: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    body: Secret | None = field(default=None, repr=False)
    request_id: str = ""
    media: str = field(default="application/json", repr=False)

    def __post_init__(self) -> None:
        """Make a request id where the caller has none."""
        if not self.request_id:
            object.__setattr__(self, "request_id", secrets.token_hex(4))

    def target(self) -> str:
        """Path and query as they go on the wire; whatever stands in ``parts`` and ``query`` stays inside its place."""
        path = self.path.format_map({name: quote(_plain(part), safe="") for name, part in self.parts.items()})
        query = {name: _plain(value) for name, value in self.query.items()}
        return f"{path}?{urlencode(query, errors='replace', quote_via=quote)}" if query else path


@dataclass(frozen=True)
class Answer:
    """A 2xx or a 4xx other than 429; its ``body`` is never shown, for it may hold a token or a person's address.

    ``repeated`` is True where an earlier attempt was sent and may have done it already.
    """

    status: int
    body: bytes = field(repr=False)
    request_id: str
    changes_something: bool
    repeated: bool = field(default=False, repr=False)


class BackendHttp:
    """One back end's pool of connections, with its limits, retries and errors.

    ``name`` is the back end's short name (``quivo``), ``base_url`` its address without a path's end. Nothing is opened,
    and httpx not even imported, before the first request or ``warm``.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        limits: Limits = Limits(),
        *,
        clock: Callable[[], float] = time.time,
        observe: Observe = unobserved,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"the address of {name} must be http(s)://host[/path]")
        self.name = name
        self.limits = limits
        self._base = base_url.rstrip("/")
        self._clock = clock
        self._observe = observe
        self._slots = asyncio.Semaphore(limits.at_once)
        self._opening = asyncio.Lock()
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._timeouts = {"connect": limits.connect, "pool": limits.connect, "read": None, "write": None}

    async def warm(self) -> None:
        """Import httpx and read the certificates in a thread, so that neither start nor first request waits for it."""
        async with self._opening:
            if self._transport is None:
                self._transport = await asyncio.to_thread(_open, self.limits.at_once)

    async def close(self) -> None:
        """Close every connection."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def ask(self, call: Call) -> Answer:
        """Send a request and give its answer; raises BackendError for anything but 2xx and 4xx (429 raises Busy).

        Reads are asked up to three times, with jitter and within ``read_total`` seconds; writes once, unless they may
        be done twice: these like reads, within ``write_total`` (check E5).
        """
        if self._transport is None:
            await self.warm()
        limits = self.limits
        total = limits.write_total if call.care.changes_something else limits.read_total
        deadline = asyncio.get_running_loop().time() + total
        answer = await self._attempt(call, deadline)
        if isinstance(answer, Answer):
            return answer
        if not isinstance(answer, call.care.asked_again_after):
            raise answer
        return await self._again(call, deadline, answer)

    async def _again(self, call: Call, deadline: float, failed: BackendError) -> Answer:
        """The attempts after the first; stamina starts with the failure that there was."""
        import stamina

        def worth_it(error: Exception) -> bool | float:
            left = deadline - asyncio.get_running_loop().time()
            if not isinstance(error, call.care.asked_again_after):
                return False
            wait = error.retry_after if isinstance(error, Busy | Fault) else None
            return left > _LONGEST_BACKOFF if wait is None else left > wait and wait

        outcome: Answer | BackendError = failed
        doubt = False
        async for attempt in stamina.retry_context(
            worth_it, attempts=_ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=_LONGEST_BACKOFF, wait_jitter=0.4
        ):
            with attempt:
                if attempt.num > 1:
                    outcome = await self._attempt(call, deadline)
                if isinstance(outcome, BackendError):
                    doubt = doubt or not outcome.outcome_known
                    outcome.outcome_known = not doubt
                    raise outcome
        assert isinstance(outcome, Answer)  # noqa: S101
        return replace(outcome, repeated=doubt)

    async def _attempt(self, call: Call, deadline: float) -> Answer | BackendError:
        """One attempt, logged; its failure is returned, so that no frame of httpx hangs on the error (check C10)."""
        started = time.perf_counter()
        outcome = await self._exchange(call, deadline)
        result = str(outcome.status) if isinstance(outcome, Answer) else type(outcome).__name__
        seconds = time.perf_counter() - started
        self._observe(self.name, result, seconds)
        _log.info(
            "back_end=%s method=%s path=%s result=%s ms=%d request=%s",
            self.name,
            call.method,
            call.path,
            result,
            seconds * 1000,
            call.request_id,
        )
        return outcome

    async def _exchange(self, call: Call, deadline: float) -> Answer | BackendError:
        loop = asyncio.get_running_loop()
        once = call.care.changes_something and NoAnswer not in call.care.asked_again_after
        limit = self.limits.write_total if once else self.limits.attempt
        sent = False
        try:
            async with asyncio.timeout_at(min(deadline, loop.time() + limit)), self._slots:
                sent = True
                return await self._send(call)
        except TimeoutError:
            return self._error(NoAnswer if sent else Unreachable, call)
        except Exception as error:  # whatever a hostile answer makes httpx raise
            return self._error(_kind(error), call)

    async def _send(self, call: Call) -> Answer | BackendError:
        import httpx

        headers = {**_HEADERS, "Accept": call.media, **{name: value.reveal() for name, value in call.headers.items()}}
        if call.body is not None:
            headers["Content-Type"] = call.media
        request = httpx.Request(
            call.method,
            self._base + call.target(),
            headers=headers,
            content=None if call.body is None else call.body.reveal().encode(),
            extensions={"timeout": self._timeouts},
        )
        if self._transport is None:
            return self._error(Unreachable, call)
        response = await self._transport.handle_async_request(request)
        try:
            return await self._judge(call, response)
        finally:
            await response.aclose()

    async def _judge(self, call: Call, response: httpx.Response) -> Answer | BackendError:
        status = response.status_code
        if status == 429 or status >= 500:
            wait = _seconds(response.headers.get("retry-after"), self._clock())
            if status == 429:
                return Busy(self.name, call.request_id, retry_after=wait)
            known = not call.care.changes_something
            return Fault(self.name, call.request_id, outcome_known=known, retry_after=wait)
        if not (200 <= status < 300 or 400 <= status < 500):
            return self._error(Garbled, call)
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > self.limits.answer_bytes:
                return self._error(Garbled, call)
        plain = _unpacked(bytes(body), response.headers.get("content-encoding", ""), self.limits.answer_bytes)
        if plain is None:
            return self._error(Garbled, call)
        return Answer(status, plain, call.request_id, call.care.changes_something)

    def _error(self, kind: type[BackendError], call: Call) -> BackendError:
        known = kind is Unreachable or not call.care.changes_something
        return kind(self.name, call.request_id, outcome_known=known)


def _unpacked(body: bytes, encoding: str, most: int) -> bytes | None:
    """The body without its gzip, which nobody asked for; None for what is not whole, longer, or coded otherwise."""
    if encoding.strip().lower() in ("", "identity"):
        return body
    if encoding.strip().lower() != "gzip":
        return None
    unpacking = zlib.decompressobj(31)
    try:
        plain = unpacking.decompress(body, most + 1)
    except zlib.error:
        return None
    return plain if unpacking.eof and len(plain) <= most else None


def _plain(value: str | int | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else str(value)


def _open(at_once: int) -> httpx.AsyncHTTPTransport:
    import httpx

    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once, keepalive_expiry=20)
    return httpx.AsyncHTTPTransport(trust_env=False, limits=limits)


def _kind(error: Exception) -> type[BackendError]:
    """What an exception of httpx means; when in doubt, that the request may have been sent."""
    import httpx

    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return Unreachable
    return Garbled if isinstance(error, httpx.DecodingError) else NoAnswer


def _seconds(retry_after: str | None, now: float) -> float | None:
    """Seconds to wait, from Retry-After's two forms: a number of seconds, or a date; None if it is neither."""
    text = (retry_after or "").strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
