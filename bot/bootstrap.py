"""The one place where real parts are chosen and put together (DESIGN.md §1)."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from backends.http import BackendHttp
from backends.quivo.client import QuivoClient
from bot.door import Door
from bot.engine import Alarm, Engine
from bot.housekeeping import Housekeeping
from bot.http import HttpApp, HttpFront
from bot.report import Reporter
from bot.settings import Mode, Settings, check
from bot.sockets import SocketFront
from bot.tasks import Tasks
from bot.webhook import Webhook
from handlers.context import Services
from handlers.directory import Directory
from handlers.durable import runners
from handlers.everything import REGISTRY
from handlers.registry import Registry
from handlers.slack import Slack
from operations.accounts import QUIVO, Accounts
from operations.circuit import Breaker
from operations.ports import Ports
from store.audit import SqliteAudit
from store.cards import SqliteCards
from store.database import Database
from store.deliveries import SqliteDeliveries
from store.envelope import Sealer
from store.imports import SqliteImports
from store.intake import SqliteIntake
from store.keyring import KeyRing
from store.ledger import SqliteLedger
from store.occurrences import SqliteOccurrences
from store.preferences import SqlitePreferences
from store.times import Now, utc_now
from store.vault import SqliteVault
from store.watches import SqliteWatches

DRAIN_SECONDS = 20.0
_ANYTHING = re.compile("")


@dataclass
class Bot:
    """The running bot, for whoever starts and stops it."""

    front: SocketFront | HttpFront
    door: Door
    bolt: AsyncApp
    database: Database
    services: Services
    engine: Engine
    _tasks: Tasks
    _housekeeping: Housekeeping
    _http: BackendHttp
    _session: aiohttp.ClientSession

    async def start(self) -> None:
        """Let Slack in."""
        self._housekeeping.start()
        self.engine.start()
        await self.front.start()
        self._tasks.spawn(self._http.warm())

    @property
    def waiting(self) -> int:
        """How much acknowledged work is not finished."""
        return len(self._tasks)

    async def idle(self) -> None:
        """Wait until all acknowledged work is finished."""
        await self._tasks.idle()

    async def stop(self, seconds: float = DRAIN_SECONDS) -> int:
        """Let nothing more in, finish what is running, and close everything; how much had to be cut off."""
        await self.front.stop()
        cut = await self._tasks.drain(seconds)
        await self.engine.stop(seconds)
        await self._housekeeping.stop()
        await self._http.close()
        await self._session.close()
        await self.database.close()
        return cut


def key_ring(settings: Settings) -> KeyRing:
    """The vault's keys from the environment or from their file; KeyRingError if they are missing or weak."""
    if settings.vault_key_file is not None and not settings.vault_keys.get_secret_value().strip():
        return KeyRing.from_file(settings.vault_key_file)
    return KeyRing.parse(settings.vault_keys.get_secret_value())


def web_client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Slack's client on one shared session, waiting when Slack says 429 (DESIGN.md §5)."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, session=session
    )
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    return client


def response_origins(settings: Settings) -> frozenset[str]:
    """Where a response_url may lead: to Slack's hooks, or to the workspace that was configured (CHECKS A8)."""
    parts = urlsplit(settings.slack_api_url)
    if parts.hostname == "slack.com":
        return frozenset({"https://hooks.slack.com"})
    return frozenset({f"{parts.scheme}://{parts.netloc}"})


def quiet_logger() -> logging.Logger:
    """The logger that Bolt and slack-sdk are given: at DEBUG they print texts and response_urls (DESIGN.md §5)."""
    logger = logging.getLogger("shipclerk.bolt")
    logger.setLevel(logging.WARNING)
    return logger


def bolt_app(settings: Settings, client: AsyncWebClient, door: Door) -> AsyncApp:
    """Bolt with one listener for each kind of payload: our registry finds the handler (DESIGN.md §5)."""
    app = AsyncApp(
        logger=quiet_logger(),
        client=client,
        signing_secret=settings.slack_signing_secret.get_secret_value().strip() or None,
        process_before_response=True,
    )
    for listen in (app.command, app.action, app.view, app.options, app.shortcut, app.event):
        listen(_ANYTHING)(_listener(door))
    return app


def _listener(door: Door):  # type: ignore[no-untyped-def]  # Bolt finds the arguments by their names
    async def on_payload(body, ack):  # type: ignore[no-untyped-def]
        await door.receive(body, ack)

    return on_payload


async def bootstrap(settings: Settings, *, registry: Registry = REGISTRY, now: Now = utc_now) -> Bot:
    """Check the settings, open the store, ask Slack who we are, and put everything together.

    ``now`` is the clock of all that is due: the local workspace brings its own, which can be moved.
    """
    check(settings)
    ring = key_ring(settings)
    database = Database.open(Path(settings.database))
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30), trust_env=False)
    http = BackendHttp("quivo", settings.quivo_base_url)
    try:
        client = web_client(settings, session)
        team = str((await client.auth_test())["team_id"])
        if settings.mode is Mode.SOCKET:  # slack-sdk would try a wrong token for ever
            await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except BaseException:
        await http.close()
        await session.close()
        await database.close()
        raise
    sealer = Sealer(ring)
    vault, cards, audit = SqliteVault(database, sealer), SqliteCards(database, sealer), SqliteAudit(database)
    quivo = QuivoClient(http)
    accounts = Accounts(vault, quivo, Breaker(QUIVO, now))
    ports = _ports(database, sealer, accounts, now)
    slack = Slack(client, session, response_origins(settings))
    directory = Directory(slack, team)
    alarm = Alarm()
    services = Services(
        slack, accounts, cards, Reporter(accounts, quivo), ports, directory, alarm.ring, settings.undo_seconds, now
    )
    engine = Engine(
        ports.occurrences, runners(services), alarm=alarm, lease=timedelta(seconds=settings.lease_seconds), now=now
    )
    tasks = Tasks()
    door = Door(registry, services, directory, SqliteIntake(database), audit, tasks)
    bolt = bolt_app(settings, client, door)
    housekeeping = Housekeeping(SqliteDeliveries(database), cards, ports=ports)
    front = _front(settings, bolt, _webhook(settings, team, ports, alarm))
    return Bot(front, door, bolt, database, services, engine, tasks, housekeeping, http, session)


def _ports(database: Database, sealer: Sealer, accounts: Accounts, now: Now) -> Ports:
    return Ports(
        accounts=accounts,
        ledger=SqliteLedger(database, sealer, now),
        occurrences=SqliteOccurrences(database, sealer, now),
        watches=SqliteWatches(database, sealer, now),
        preferences=SqlitePreferences(database),
        imports=SqliteImports(database, sealer, now),
        now=now,
    )


def _webhook(settings: Settings, team: str, ports: Ports, alarm: Alarm) -> Webhook | None:
    secret = settings.webhook_secret.get_secret_value().strip()
    return Webhook(secret, team, ports, alarm.ring) if secret else None


def _front(settings: Settings, bolt: AsyncApp, webhook: Webhook | None) -> SocketFront | HttpFront:
    if settings.mode is Mode.SOCKET:
        return SocketFront(bolt, settings.slack_app_token.get_secret_value())
    app = HttpApp(bolt, settings.slack_signing_secret.get_secret_value().strip(), webhook=webhook)
    return HttpFront(app, settings.http_host, settings.http_port)
