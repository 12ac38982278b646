"""Small stand-ins for the ports, shared by the tests of operations, handlers and bot; no network, no files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from slack_sdk.errors import SlackApiError

from backends.errors import BackendError, LoginRefused, NotFound, SessionExpired
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import OrderQuery, Seller
from backends.quivo.create import AddressType, Edit, NewOrder
from backends.quivo.order import Address, Order, Page
from handlers.access import Role
from handlers.context import Context, Services
from handlers.everything import REGISTRY
from handlers.registry import Registry
from handlers.render.message import Message, View
from handlers.render.profile import Profile
from handlers.request import Kind, Request
from handlers.slack import Posted, Slack
from operations.accounts import Accounts, Actor
from sandbox.serving import serve
from store.audit import AuditLine
from store.cards import Card
from store.connection import Connection

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
TEAM, ADA, BEN, CHANNEL = "T0HOME0001", "U0ADA00001", "U0BEN00001", "C0ORDERS01"
ACTOR = Actor(TEAM, ADA)
KEY, PASSWORD = "canary-key-4f1b", "canary-password-88d2"
CREDENTIALS = Credentials(KEY, "ada", PASSWORD)


class FakeVault:
    """A vault that keeps everything in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], tuple[Connection, dict[str, bytes]]] = {}
        self.touched: list[str] = []
        self._made = 0

    def connection(self, team: str, user: str, back_end: str) -> Connection | None:
        return self.rows[team, user, back_end][0] if (team, user, back_end) in self.rows else None

    def connections(self, team: str, user: str) -> list[Connection]:
        return [row for (of_team, of_user, _), (row, _) in self.rows.items() if (of_team, of_user) == (team, user)]

    def people(self, team: str) -> list[str]:
        return sorted({user for of_team, user, _ in self.rows if of_team == team})

    async def connect(
        self, team: str, user: str, back_end: str, *, account: str, keeps_password: bool, secrets: Mapping[str, bytes]
    ) -> Connection:
        self._made += 1
        row = Connection(f"connection-{self._made}", team, user, back_end, account, NOW, None, keeps_password)
        self.rows[team, user, back_end] = row, dict(secrets)
        return row

    def secret(self, connection: Connection, purpose: str) -> bytes | None:
        kept = self._of(connection)
        return None if kept is None else kept.get(purpose)

    async def keep(self, connection: Connection, purpose: str, secret: bytes) -> bool:
        kept = self._of(connection)
        if kept is not None:
            kept[purpose] = secret
        return kept is not None

    def renewing(self, connection: Connection) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def touch(self, connection: Connection) -> None:
        self.touched.append(connection.id)

    async def disconnect(self, team: str, user: str, back_end: str) -> Connection | None:
        gone = self.rows.pop((team, user, back_end), None)
        return gone[0] if gone else None

    def _of(self, connection: Connection) -> dict[str, bytes] | None:
        row, kept = self.rows.get((connection.team, connection.user, connection.back_end), (None, {}))
        return kept if row is not None and row.id == connection.id else None


class FakeQuivo:
    """A Quivo with one token that is good at a time for each user name, and a list of what it was asked."""

    def __init__(self, *orders: Order, sellers: tuple[int, ...] = (12,)) -> None:
        self.known = {order.order_id: order for order in orders}
        self.seller_ids = sellers
        self.passwords = {"ada": PASSWORD, "ben": PASSWORD}
        self.good: set[str] = set()
        self.logins: list[str] = []
        self.asked: list[tuple[str, Any, str]] = []
        self.queries: list[OrderQuery] = []
        self.pages: Callable[[OrderQuery, str | None], Page] = lambda query, after: Page(self.matching(query))
        self.failing: BackendError | None = None
        self.gate: asyncio.Event | None = None
        self.login_gate: asyncio.Event | None = None
        self.waiting = asyncio.Event()

    def expire(self) -> None:
        """Every session that was handed out is no longer good."""
        self.good.clear()

    def matching(self, query: OrderQuery) -> tuple[Order, ...]:
        return tuple(
            order
            for order in self.known.values()
            if (query.reference is None or order.reference == query.reference)
            and (query.identifier is None or order.identifier == query.identifier)
            and (query.status is None or order.status == query.status)
            and (query.text is None or query.text in f"{order.reference} {order.identifier}")
        )

    async def create(self, session: Session, order: NewOrder, *, request_id: str = "") -> int:
        raise AssertionError("nothing was to be written")

    async def edit(self, session: Session, order_id: int, change: Edit, *, request_id: str = "") -> None:
        raise AssertionError("nothing was to be written")

    async def address(
        self, session: Session, order_id: int, kind: AddressType, address: Address, *, request_id: str = ""
    ) -> None:
        raise AssertionError("nothing was to be written")

    async def cancel_request(self, session: Session, order_id: int, *, request_id: str = "") -> None:
        raise AssertionError("nothing was to be written")

    async def login(self, credentials: Credentials) -> Session:
        self.logins.append(credentials.username)
        if self.login_gate:
            self.waiting.set()
            await self.login_gate.wait()
        await asyncio.sleep(0)
        if self.failing:
            raise self.failing
        if credentials.password.reveal() != self.passwords.get(credentials.username):
            raise LoginRefused("quivo", "request-1")
        token = f"token-{credentials.username}-{len(self.logins)}"
        self.good.add(token)
        return Session(credentials.api_key, token)

    async def order(self, session: Session, order_id: int) -> Order:
        await self._asked("order", order_id, session)
        if order_id not in self.known:
            raise NotFound("quivo", "request-1")
        return self.known[order_id]

    async def orders(
        self, session: Session, query: OrderQuery, *, page_size: int = 10, search_after: str | None = None
    ) -> Page:
        await self._asked("orders", (page_size, search_after), session)
        self.queries.append(query)
        return self.pages(query, search_after)

    async def sellers(self, session: Session) -> tuple[Seller, ...]:
        await self._asked("sellers", None, session)
        return tuple(Seller(seller_id, f"Seller {seller_id}") for seller_id in self.seller_ids)

    async def ping(self) -> bool:
        return self.failing is None

    async def _asked(self, what: str, detail: object, session: Session) -> None:
        self.asked.append((what, detail, session.token.reveal()))
        await (self.gate.wait() if self.gate else asyncio.sleep(0))
        if session.token.reveal() not in self.good:
            raise SessionExpired("quivo", "request-1")
        if self.failing:
            raise self.failing


class FakeCards:
    """Cards in a dictionary; a card is its team's own."""

    def __init__(self) -> None:
        self.kept: dict[str, Card] = {}

    async def put(self, kind: str, team: str, created_by: str, payload: dict[str, Any]) -> Card:
        written = json.loads(json.dumps(payload))
        card = Card(f"card-{len(self.kept) + 1}", kind, team, created_by, NOW, written)
        self.kept[card.id] = card
        return card

    def get(self, card_id: str, team: str) -> Card | None:
        card = self.kept.get(card_id)
        return card if card is not None and card.team == team else None

    async def change(self, card_id: str, payload: dict[str, Any]) -> None:
        self.kept[card_id] = replace(self.kept[card_id], payload=payload)

    async def drop(self, card_id: str) -> None:
        self.kept.pop(card_id, None)

    async def forget_older_than(self, days: float) -> int:
        return 0


@dataclass(frozen=True)
class Said:
    """One thing that was said to Slack: how, to whom or where, and what."""

    how: str
    where: str | None
    what: Message | View

    @property
    def text(self) -> str:
        """All that it says, as a person would search for it."""
        return self.what.text if isinstance(self.what, Message) else json.dumps(self.what, ensure_ascii=False)


@dataclass
class FakeSlack(Slack):
    """Remembers what was said; what is listed in ``refused`` does not arrive.

    ``limited`` are the channels (and ``joined``) that were asked for too often, ``left`` those that the bot is not in.
    """

    said: list[Said] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    limited: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    breaking: Exception | None = None
    spoken: asyncio.Event = field(default_factory=asyncio.Event)
    before: Callable[[str], None] = lambda how: None

    async def post(
        self, channel: str, message: Message, *, thread_ts: str | None = None, key: str | None = None
    ) -> Posted | None:
        return Posted(channel, "1.1") if self._say("post", channel, message) else None

    async def whisper(self, channel: str | None, user: str, message: Message) -> None:
        self._say("whisper", user, message)

    async def respond(
        self, url: str | None, message: Message, *, in_channel: bool = False, replace: bool = False
    ) -> bool:
        how = f"respond{' in_channel' if in_channel else ''}{' replace' if replace else ''}"
        return url is not None and self._say(how, url, message)

    async def open_view(self, trigger_id: str | None, view: View) -> str | None:
        return "V1" if self._say("open", trigger_id, view) else None

    async def update_view(self, view_id: str | None, view: View) -> bool:
        return self._say("update", view_id, view)

    async def publish_home(self, user: str, view: View) -> None:
        self._say("home", user, view)

    async def user(self, user: str) -> dict[str, Any] | None:
        self.asked.append(user)
        await asyncio.sleep(0)
        return self.people.get(user)

    async def channel(self, channel: str, *, strict: bool = False) -> dict[str, Any] | None:
        self.asked.append(channel)
        await asyncio.sleep(0)
        if strict:
            self._limit(channel)
        return None if channel in self.limited else self.channels.get(channel)

    async def joined(self) -> AsyncIterator[list[dict[str, Any]]]:
        self.asked.append("joined")
        await asyncio.sleep(0)
        self._limit("joined")
        shown = ((channel, found) for channel, found in self.channels.items() if channel not in self.left)
        yield [{"id": channel, "is_member": True, **found} for channel, found in shown]

    def _limit(self, what: str) -> None:
        if what in self.limited:
            raise SlackApiError("no", {"ok": False, "error": "ratelimited"})  # type: ignore[no-untyped-call]

    def _say(self, how: str, where: str | None, what: Message | View) -> bool:
        self.before(how)
        if self.breaking:
            raise self.breaking
        if how.split()[0] in self.refused:
            return False
        self.said.append(Said(how, where, what))
        self.spoken.set()
        return True


class FakeIntake:
    """Admits each key once, or fails."""

    def __init__(self, failing: Exception | None = None) -> None:
        self.lines: list[AuditLine] = []
        self.failing = failing
        self._seen: set[str] = set()

    async def admit(self, key: str, line: AuditLine) -> bool:
        await asyncio.sleep(0)
        if self.failing:
            raise self.failing
        first = key not in self._seen
        self._seen.add(key)
        self.lines += [line] if first else []
        return first


class FakeAudit:
    """Keeps the lines, or fails."""

    def __init__(self, failing: Exception | None = None) -> None:
        self.kept: list[AuditLine] = []
        self.failing = failing

    async def write(self, line: AuditLine) -> None:
        if self.failing:
            raise self.failing
        self.kept.append(line)

    def lines(self, team: str, limit: int) -> list[AuditLine]:
        return self.kept[-limit:]

    def verify(self) -> int | None:
        return None


def request(kind: Kind = Kind.COMMAND, name: str = "/order", **more: Any) -> Request:
    """A request of ada's in #orders, as the front door reads it."""
    base = Request(kind, name, "command:1", TEAM, TEAM, ADA, CHANNEL, trigger_id="1.2", response_url="https://reply")
    return replace(base, **more)


def quiet_ports() -> Any:
    """Ports in whose store nothing waits and nothing runs, which is enough to draw Home."""

    def nothing(*_: Any, **__: Any) -> list[Any]:
        return []

    return SimpleNamespace(
        ledger=SimpleNamespace(mine=nothing, in_state=nothing),
        watches=SimpleNamespace(of_person=nothing),
        digests=SimpleNamespace(of_owner=nothing, offered_to=nothing, in_channel=nothing),
        now=lambda: NOW,
    )


@dataclass
class Stage:
    """All the ports behind a handler, and ways to start one."""

    quivo: FakeQuivo = field(default_factory=FakeQuivo)
    vault: FakeVault = field(default_factory=FakeVault)
    slack: FakeSlack = field(default_factory=FakeSlack)
    cards: FakeCards = field(default_factory=FakeCards)
    registry: Registry = REGISTRY
    ports: Any = field(default_factory=quiet_ports)
    directory: Any = None
    ran: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.vault, self.quivo)
        self.services = Services(
            self.slack,
            self.accounts,
            self.cards,
            self._report,
            self.ports,
            self.directory,
            links={"quivo": self.accounts},
            now=lambda: NOW,
        )

    async def _report(self, actor: Actor) -> Message:
        return Message(f"report for {actor.user}", ())

    async def _run(self, request: Request) -> None:
        self.ran.append(request)

    def context(self, request: Request, role: Role = Role.MEMBER, profile: Profile = Profile.PUBLIC) -> Context:
        """What a handler is given for this request."""
        return Context(request, "REF23456", role, profile, self.services, self.registry, self._run)

    async def connect(self, user: str = ADA, username: str = "ada", *, keep: bool = True) -> None:
        """Connect a person's Quivo account."""
        await self.accounts.connect(Actor(TEAM, user), Credentials(KEY, username, PASSWORD), keep_password=keep)

    def texts(self, how: str = "") -> list[str]:
        """What was said in this way so far."""
        return [said.text for said in self.slack.said if said.how.startswith(how)]


@dataclass
class SlackServer:
    """A Web API on loopback that answers as it is told, ``{"ok": true}`` otherwise, and remembers what came."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def answer(self, asked: web.Request) -> web.StreamResponse:
        """Answer one call: with JSON, or with whatever response a function makes."""
        body = await asked.json() if asked.content_type == "application/json" else dict(await asked.post())
        method = asked.path.removeprefix("/api").removeprefix("/")
        self.seen.append((method, body))
        said = self.answers.get(method, {})
        if callable(said):
            made: Awaitable[web.StreamResponse] | web.StreamResponse = said(asked)
            return made if isinstance(made, web.StreamResponse) else await made
        return web.json_response({"ok": True, **said})

    def methods(self) -> list[str]:
        """The methods that were called, in order."""
        return [method for method, _ in self.seen]


@asynccontextmanager
async def slack_server(**answers: Any) -> AsyncIterator[SlackServer]:
    """A SlackServer on a free port; methods are written with ``__`` for the dot."""
    server = SlackServer(answers={name.replace("__", "."): answer for name, answer in answers.items()})
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    served = await serve(app)
    server.url = served.url
    try:
        yield server
    finally:
        await served.close()


def leaks(texts: Iterable[str], *canaries: str) -> list[str]:
    """The canaries that stand in any of the texts."""
    return [canary for canary in canaries if any(canary in text for text in texts)]
