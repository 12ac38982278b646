"""Quivo's webhooks: hints that an order may have changed, and nothing more (apis/quivo.md §11).

They are unsigned. So only the ids are read, the address cannot be guessed, and whoever looks because of a hint reads
the order again with their own connection.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import structlog
from pydantic import BaseModel, Field, StrictInt, ValidationError

from handlers.watch_looking import HINT
from operations.accounts import QUIVO
from operations.changes import CANCEL
from operations.ports import Ports
from store.errors import StoreError
from store.occurrences import Due

log = structlog.get_logger("shipclerk.webhook")
MOST_BODY_BYTES = 65_536
_PURPOSE = b"shipclerk: the path of Quivo's webhook, 1"


class _Event(BaseModel):
    id: StrictInt = Field(gt=0, lt=10**18)
    entity: str = Field(max_length=40)
    version: StrictInt = Field(ge=0, lt=10**18)


class _Body(BaseModel):
    events: list[_Event] = Field(max_length=100)


def webhook_path(secret: str) -> str:
    """The path to register with Quivo: 256 bits made from SHIPCLERK_WEBHOOK_SECRET, which they do not give away."""
    return f"/quivo/{hmac.new(secret.strip().encode(), _PURPOSE, hashlib.sha256).hexdigest()}"


class Webhook:
    """Takes Quivo's events and makes what waits for these orders look now."""

    def __init__(self, secret: str, team: str, ports: Ports, wake: Callable[[], None]) -> None:
        self._path = webhook_path(secret).encode()
        self._team = team
        self._ports = ports
        self._wake = wake

    def is_at(self, path: str) -> bool:
        """Whether this is the path, told in a time that says nothing about how much of it is right."""
        return hmac.compare_digest(self._path, path.encode(errors="replace"))

    async def take(self, body: bytes | None) -> int:
        """The HTTP status for a delivery: 200 once what it is about is written down, before anything is asked.

        413 for None (too large), 400 for what is no list of ids, 503 if it could not be written down.
        """
        if body is None:
            return 413
        try:
            events = _Body.model_validate_json(body).events
        except ValidationError:
            log.warning("webhook not readable", length=len(body))
            return 400
        try:
            taken = sum([await self._hint(event) for event in events])
        except StoreError as error:
            log.error("webhook not kept", error=type(error).__name__)
            return 503
        log.info("webhook", events=len(events), taken=taken)
        return 200

    async def _hint(self, event: _Event) -> bool:
        """Have it looked at, if somebody here waits for this order; one version is told once, by its key."""
        if event.entity != "ORDERS" or not self._matters(event.id):
            return False
        key = f"webhook:{QUIVO}:{event.entity}:{event.id}:{event.version}"
        due = Due(key, HINT, self._ports.now(), {"order_id": event.id}, self._team)
        if not await self._ports.occurrences.add(due):
            return False
        self._wake()
        return True

    def _matters(self, order_id: int) -> bool:
        watches = self._ports.watches.of(self._team, QUIVO, order_id)
        return bool(watches) or self._ports.ledger.open_for(CANCEL, self._team, QUIVO, str(order_id)) is not None
