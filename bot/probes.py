"""What health and metrics look at: Slack's way in, the store, the engine, the back ends' circuits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from bot.engine import Engine
from bot.settings import Settings
from bot.tasks import Tasks
from operations.linking import Link
from store.deliveries import Deliveries
from store.occurrences import Occurrences

if TYPE_CHECKING:
    from bot.health import Check, Health
    from bot.metrics import Metrics

STILL_SECONDS = 30.0
_DELIVERY = "health:ready"


class Front(Protocol):
    """A way in for Slack."""

    async def trouble(self) -> str:
        """What is wrong with it; empty if nothing is."""
        ...


def checks(front: Front, deliveries: Deliveries, engine: Engine) -> Mapping[str, Check]:
    """What has to be well before this process can work."""

    async def store() -> str:
        await deliveries.first(_DELIVERY)  # goes the way of every write; after the first time there is nothing to write
        return ""

    async def engine_turns() -> str:
        return "" if engine.still_for() < STILL_SECONDS else "has not looked for work"

    return {"slack": front.trouble, "store": store, "engine": engine_turns}


def watch(
    metrics: Metrics,
    *,
    tasks: Tasks,
    engine: Engine,
    occurrences: Occurrences,
    links: Mapping[str, Link[Any]],
    now: Callable[[], datetime],
) -> None:
    """Gauges that look at these parts when they are asked."""

    def overdue() -> float:
        due = occurrences.next_due()
        return max(0.0, (now() - due).total_seconds()) if due else 0.0

    metrics.gauge("shipclerk_tasks", "Acknowledged work that is not finished", lambda: len(tasks))
    metrics.gauge("shipclerk_engine_running", "Due runs under way here", lambda: engine.running)
    metrics.gauge("shipclerk_engine_still_seconds", "Since the engine last looked for work", engine.still_for)
    metrics.gauge("shipclerk_engine_overdue_seconds", "How long the longest waiting due run waits", overdue)
    metrics.gauges("shipclerk_circuit_open", "1: this back end is left alone", "back_end", _circuits(links))


def _circuits(links: Mapping[str, Link[Any]]) -> dict[str, Callable[[], float]]:
    def of(link: Link[Any]) -> Callable[[], float]:
        return lambda: float(link.breaker is not None and link.breaker.open)

    return {back_end: of(link) for back_end, link in links.items()}


def observed(settings: Settings) -> Metrics | None:
    """Metrics where there is an address to read them at; else None, and nothing of Prometheus is imported."""
    if not settings.health_port:
        return None
    from bot.metrics import Metrics

    return Metrics()


def listening(settings: Settings, metrics: Metrics | None, checked: Mapping[str, Check]) -> Health | None:
    """The health address with these checks and metrics, not started yet; None where there are no metrics."""
    if metrics is None:
        return None
    from bot.health import Health
    from bot.metrics import CONTENT_TYPE

    text = metrics.text
    return Health(checked, lambda: (text(), CONTENT_TYPE), host=settings.health_host, port=settings.health_port)
