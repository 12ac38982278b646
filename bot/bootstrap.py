"""The one place where real parts are chosen and put together (DESIGN.md §1)."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.back_ends import BackEnds
from bot.door import Door
from bot.engine import Alarm, Engine, Runner
from bot.housekeeping import Housekeeping
from bot.http import HttpApp, HttpFront
from bot.late import LateRegistry, LateRunners, import_features
from bot.observing import UNOBSERVED, Observer, PatientAndTold
from bot.probes import checks, listening, observed, watch
from bot.report import Reporter
from bot.settings import Mode, Settings, check
from bot.sockets import SocketFront
from bot.tasks import Tasks
from bot.webhook import Webhook
from handlers.context import Services
from handlers.directory import Directory
from handlers.registry import Registry
from handlers.slack import Slack
from operations.accounts import QUIVO, Accounts
from operations.circuit import Breaker
from operations.digest_tick import ensure_tick
from operations.linking import QPILOT, VENDO
from operations.ports import Ports
from operations.qpilot_accounts import QpilotAccounts
from operations.vendo_accounts import VendoAccounts
from store.database import Database
from store.envelope import Sealer
from store.keyring import KeyRing
from store.stores import Stores, open_stores
from store.times import Now, utc_now

if TYPE_CHECKING:
    from bot.health import Health

DRAIN_SECONDS = 20.0
WARM_AFTER_SECONDS = 0.5  # what is imported then must not hold up who has waited for the start
_ANYTHING = re.compile("")


@dataclass
class Bot:
    """The running bot, for whoever starts and stops it."""

    front: SocketFront | HttpFront
    door: Door
    bolt: AsyncApp
    stores: Stores
    services: Services
    engine: Engine
    _tasks: Tasks
    _housekeeping: Housekeeping
    _back_ends: BackEnds
    _session: aiohttp.ClientSession
    health: Health | None = None
    _warming: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Let Slack in."""
        if self.health:
            await self.health.start()
        await ensure_tick(self.services.ports)
        self._housekeeping.start()
        await self.front.start()
        await asyncio.to_thread(import_features)
        self.engine.start()
        self._warming = asyncio.get_running_loop().call_later(WARM_AFTER_SECONDS, self._warm)

    def _warm(self) -> None:
        self._tasks.spawn(self._back_ends.warm())

    @property
    def waiting(self) -> int:
        """How much acknowledged work is not finished."""
        return len(self._tasks)

    async def idle(self) -> None:
        """Wait until all acknowledged work is finished."""
        await self._tasks.idle()

    async def stop(self, seconds: float = DRAIN_SECONDS) -> int:
        """Let nothing more in, finish what is running, and close everything; how much had to be cut off."""
        if self._warming:
            self._warming.cancel()
        await self.front.stop()
        cut = await self._tasks.drain(seconds)
        await self.engine.stop(seconds)
        await self._housekeeping.stop()
        await self._back_ends.close()
        await self._session.close()
        if self.health:
            await self.health.stop()
        await self.stores.database.close()
        return cut


def key_ring(settings: Settings) -> KeyRing:
    """The vault's keys from the environment or from their file; KeyRingError if they are missing or weak."""
    if settings.vault_key_file is not None and not settings.vault_keys.get_secret_value().strip():
        return KeyRing.from_file(settings.vault_key_file)
    return KeyRing.parse(settings.vault_keys.get_secret_value())


def web_client(settings: Settings, session: aiohttp.ClientSession, observer: Observer = UNOBSERVED) -> AsyncWebClient:
    """Slack's client on one shared session, waiting when Slack says 429 (DESIGN.md §5)."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, session=session
    )
    client.retry_handlers.append(PatientAndTold(observer))
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
        name="bolt",  # also a logger; without a name Bolt looks through the source of every loaded module
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


async def bootstrap(settings: Settings, *, registry: Registry | None = None, now: Now = utc_now) -> Bot:
    """Check the settings, open the store, ask Slack who we are, and put everything together.

    ``registry`` is what people can do; without one everything, imported once Slack is let in.
    ``now`` is the clock of all that is due: the local workspace brings its own, which can be moved.
    """
    check(settings)
    stores = await open_stores(settings.database, Sealer(key_ring(settings)), now)
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30), trust_env=False)
    metrics = observed(settings)
    observer: Observer = metrics or UNOBSERVED
    back_ends = BackEnds.of(settings, observer.asked)
    try:
        client = web_client(settings, session, observer)
        team = str((await client.auth_test())["team_id"])
        if settings.mode is Mode.SOCKET:  # slack-sdk would try a wrong token for ever
            await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except BaseException:
        await back_ends.close()
        await session.close()
        await stores.database.close()
        raise
    ports = _ports(settings, stores, back_ends, now)
    slack, alarm = Slack(client, session, response_origins(settings)), Alarm()
    directory = Directory(slack, team)
    services = Services(
        slack,
        ports.accounts,
        stores.cards,
        Reporter(ports.accounts, back_ends.by_name()),
        ports,
        directory,
        alarm.ring,
        settings.undo_seconds,
        ports.links(),
        now,
    )
    runs = LateRunners(lambda: _runners(services))
    engine = _engine(stores, runs, alarm, timedelta(seconds=settings.lease_seconds), now, observer)
    tasks = Tasks()
    door = Door(registry or LateRegistry(), services, directory, stores.intake, stores.audit, tasks, observer=observer)
    bolt = bolt_app(settings, client, door)
    housekeeping = Housekeeping(stores.deliveries, stores.cards, ports=ports)
    front = _front(settings, bolt, _webhook(settings, team, ports, alarm))
    if metrics is not None:
        watch(metrics, tasks=tasks, engine=engine, occurrences=stores.occurrences, links=ports.links(), now=now)
    health = listening(settings, metrics, checks(front, stores.deliveries, engine))
    return Bot(front, door, bolt, stores, services, engine, tasks, housekeeping, back_ends, session, health)


def _ports(settings: Settings, stores: Stores, back_ends: BackEnds, now: Now) -> Ports:
    vault, reuse = stores.vault, settings.qpilot_token_reuse_seconds
    return Ports(
        accounts=Accounts(vault, back_ends.quivo, Breaker(QUIVO, now)),
        vendo=VendoAccounts(
            vault, back_ends.vendo, stores.carts, settings.vendo_base_url, breaker=Breaker(VENDO, now), now=now
        ),
        qpilot=QpilotAccounts(vault, back_ends.qpilot, Breaker(QPILOT, now), reuse=reuse),
        ledger=stores.ledger,
        occurrences=stores.occurrences,
        watches=stores.watches,
        preferences=stores.preferences,
        imports=stores.imports,
        carts=stores.carts,
        digests=stores.digests,
        now=now,
    )


def _runners(services: Services) -> Mapping[str, Runner]:
    from handlers.durable import runners

    return runners(services)


def _engine(
    stores: Stores, runs: Mapping[str, Runner], alarm: Alarm, lease: timedelta, now: Now, observer: Observer
) -> Engine:
    """The engine that fits where the work is stored (DESIGN.md §6)."""
    if isinstance(stores.database, Database):
        return Engine(stores.occurrences, runs, alarm=alarm, lease=lease, now=now, observer=observer)
    from bot.replicas import replica_on  # psycopg and procrastinate take a while to import

    return replica_on(stores, runs, alarm=alarm, lease=lease, now=now, observer=observer)


def _webhook(settings: Settings, team: str, ports: Ports, alarm: Alarm) -> Webhook | None:
    secret = settings.webhook_secret.get_secret_value().strip()
    return Webhook(secret, team, ports, alarm.ring) if secret else None


def _front(settings: Settings, bolt: AsyncApp, webhook: Webhook | None) -> SocketFront | HttpFront:
    if settings.mode is Mode.SOCKET:
        return SocketFront(bolt, settings.slack_app_token.get_secret_value())
    app = HttpApp(bolt, settings.slack_signing_secret.get_secret_value().strip(), webhook=webhook)
    return HttpFront(app, settings.http_host, settings.http_port)
