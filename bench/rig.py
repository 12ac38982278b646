"""What the benches share: the peer's process, signed requests, a bot with its own database, quantiles."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.bootstrap import Bot, bootstrap
from bot.settings import Mode, Settings
from handlers.everything import REGISTRY
from handlers.registry import Registry
from store.keyring import new_key

SECRET = "bench-signing-secret-0123456789"
_NUMBER = count()


@dataclass(frozen=True)
class Row:
    """One line of the table; ``ratio`` is ours / other, ``bar`` says what it is held to."""

    name: str
    ours: float
    other: float | None
    unit: str
    bar: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours by other."""
        return self.ours / self.other if self.other else None


@contextmanager
def peer() -> Iterator[str]:
    """The address of a running peer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.wait()


def settings(url: str, folder: Path, **changes: Any) -> Settings:
    """Settings of a bot in HTTP mode whose Slack and back ends are the peer."""
    return Settings().model_copy(
        update={
            "slack_bot_token": SecretStr("xoxb-bench"),
            "slack_signing_secret": SecretStr(SECRET),
            "slack_api_url": f"{url}/api/",
            "mode": Mode.HTTP,
            "http_port": 0,
            "database": str(folder / "private" / "bench.db"),
            "vault_keys": SecretStr(new_key()),
            "quivo_base_url": url,
            "vendo_base_url": url,
            "qpilot_base_url": url,
            "log_level": "WARNING",
            **changes,
        }
    )


@asynccontextmanager
async def bot(url: str, registry: Registry = REGISTRY, **changes: Any) -> AsyncIterator[Bot]:
    """A whole bot, with its own database file on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        running = await bootstrap(settings(url, Path(folder), **changes), registry=registry)
        try:
            yield running
        finally:
            await running.stop()


def form(command: str, text: str = "") -> bytes:
    """The body of one slash command, new each time."""
    fields = {
        "token": "t",
        "team_id": "T1",
        "team_domain": "bench",
        "channel_id": "C1",
        "channel_name": "orders",
        "user_id": "U1",
        "user_name": "ada",
        "command": command,
        "text": text,
        "api_app_id": "A1",
        "is_enterprise_install": "false",
        "trigger_id": f"1.{next(_NUMBER)}.x",
    }
    return urlencode(fields).encode()


def signed(body: bytes) -> dict[str, str]:
    """Slack's headers for this body."""
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
    }


def request(command: str, text: str = "") -> AsyncBoltRequest:
    """One signed slash command as Bolt takes it."""
    body = form(command, text)
    return AsyncBoltRequest(body=body.decode(), headers={**signed(body)})


def quantile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
