"""``python -m bot doctor``: what is set, what is wrong, and what to do, without a secret (DESIGN.md §8)."""

from __future__ import annotations

import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError

from backends.errors import NAMES
from bot.back_ends import BackEnds
from bot.bootstrap import key_ring, web_client
from bot.manifest import bot_scopes
from bot.settings import Mode, Settings, SettingsError, check
from store.errors import StoreError
from store.stores import on_postgres, shown


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    says: str


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything, also after something was found to be wrong."""
    return [
        *_settings(settings),
        _checked(settings),
        _keys(settings),
        _health(settings),
        *await _store(settings),
        *await _slack(settings),
        *await _back_ends(settings),
    ]


def _settings(settings: Settings) -> list[Finding]:
    values = {name: getattr(settings, name) for name in Settings.model_fields} | {"database": shown(settings.database)}
    return [Finding(str(field.alias), True, _shown(values[name])) for name, field in Settings.model_fields.items()]


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "not set"
    return "not set" if value is None else str(value)


def _health(settings: Settings) -> Finding:
    if not settings.health_port:
        return Finding("health and metrics", True, "off; SHIPCLERK_HEALTH_PORT turns them on")
    return Finding("health and metrics", True, f"on http://{settings.health_host}:{settings.health_port}")


def _checked(settings: Settings) -> Finding:
    try:
        check(settings)
    except SettingsError as error:
        return Finding("settings", False, str(error))
    return Finding("settings", True, "complete")


def _keys(settings: Settings) -> Finding:
    try:
        return Finding("key ring", True, f"first key {key_ring(settings).primary.id}")
    except StoreError as error:
        return Finding("key ring", False, error.safe_text)


async def _store(settings: Settings) -> list[Finding]:
    if not on_postgres(settings.database):
        return _files(settings)
    from store.postgres.looking import look  # psycopg takes a while to import

    try:
        wrong = await look(settings.database)
    except StoreError as error:
        return [Finding("database", False, error.safe_text)]
    return [Finding("database", not wrong, "; ".join(wrong) or "keeps what it is told")]


def _files(settings: Settings) -> list[Finding]:
    database = Path(settings.database)
    wanted = {database.parent: 0o700, database: 0o600, Path(f"{database}-wal"): 0o600, Path(f"{database}-shm"): 0o600}
    return [_mode(path, mode) for path, mode in wanted.items() if path.exists()] or [
        Finding("database", True, "not there yet; it is made at the first start")
    ]


def _mode(path: Path, wanted: int) -> Finding:
    found = stat.S_IMODE(path.stat().st_mode)
    says = f"mode {found:04o}" + ("" if found == wanted else f", should be {wanted:04o}: chmod {wanted:o} it")
    return Finding(str(path), found == wanted, says)


async def _slack(settings: Settings) -> list[Finding]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        client = web_client(settings, session)

        async def bot_token() -> str:
            return _scopes(await client.auth_test())

        async def app_token() -> str:
            await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
            return "can open a socket"

        findings = [await _asked("bot token", bot_token)]
        if settings.mode is Mode.SOCKET:
            findings.append(await _asked("app token", app_token))
    return findings


def _scopes(answer: Any) -> str:
    granted = {scope for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",") if scope}
    missing, extra = bot_scopes() - granted, granted - bot_scopes()
    if missing or extra:
        raise SettingsError(
            f"scopes differ from manifest.yml; missing: {', '.join(sorted(missing)) or 'none'}, "
            f"not asked for: {', '.join(sorted(extra)) or 'none'}; install the app again"
        )
    return f"works in {answer['team']}, scopes as in manifest.yml"


async def _asked(what: str, ask: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(what, True, await ask())
    except SlackApiError as error:
        return Finding(what, False, f"Slack says {error.response.get('error', 'no')}")
    except SettingsError as error:
        return Finding(what, False, str(error))
    except (aiohttp.ClientError, TimeoutError):
        return Finding(what, False, "Slack could not be reached")


async def _back_ends(settings: Settings) -> list[Finding]:
    clients = BackEnds.of(settings)
    try:
        return [_reachable(name, await client.ping()) for name, client in clients.by_name().items()]
    finally:
        await clients.close()


def _reachable(name: str, reachable: bool) -> Finding:
    says = "answers" if reachable else f"does not answer; check {name.upper()}_BASE_URL"
    return Finding(NAMES[name], reachable, says)
