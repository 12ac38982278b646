"""Prometheus' view of the process: counters of what happened, and gauges that look when they are asked.

prometheus-client takes a while to import, so nobody imports this module unless metrics are on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.version import VERSION

CONTENT_TYPE = CONTENT_TYPE_LATEST
_QUICK = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LATE = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0)
MOST_WORDS = 200
OTHER = "other"


class Metrics:
    """An observer that counts, with a registry of its own; docs/operations.md says what each metric means."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._words: dict[str, set[str]] = {}
        self._acks = Histogram(
            "shipclerk_ack_seconds", "Until Slack had its acknowledgement", ["kind"], buckets=_QUICK, registry=own
        )
        self._deliveries = Counter(
            "shipclerk_deliveries", "Deliveries of Slack's", ["kind", "action", "outcome"], registry=own
        )
        self._calls = Counter("shipclerk_back_end_calls", "Requests to back ends", ["back_end", "result"], registry=own)
        self._call_seconds = Histogram(
            "shipclerk_back_end_seconds", "How long they took", ["back_end"], buckets=_SLOW, registry=own
        )
        self._runs = Counter("shipclerk_runs", "Due runs that ended", ["kind", "result"], registry=own)
        self._run_seconds = Histogram(
            "shipclerk_run_seconds", "How long they took", ["kind"], buckets=_SLOW, registry=own
        )
        self._lag = Histogram("shipclerk_run_lag_seconds", "How late they began", ["kind"], buckets=_LATE, registry=own)
        self._limits = Counter("shipclerk_slack_rate_limited", "Times that Slack said 429", registry=own)
        Gauge("shipclerk_version", "Which version runs", ["version"], registry=own).labels(VERSION).set(1)

    def acknowledged(self, kind: str, seconds: float) -> None:
        """See Observer."""
        self._acks.labels(kind).observe(seconds)

    def delivered(self, kind: str, action: str, outcome: str) -> None:
        """See Observer; of an outcome only its first word counts: ``refused``, whatever the reason."""
        word = self._word("outcome", outcome.partition(":")[0])
        self._deliveries.labels(kind, self._word("action", action), word).inc()

    def asked(self, back_end: str, result: str, seconds: float) -> None:
        """See Observer."""
        self._calls.labels(back_end, self._word("call", result)).inc()
        self._call_seconds.labels(back_end).observe(seconds)

    def ran(self, kind: str, result: str, lag: float, seconds: float) -> None:
        """See Observer."""
        self._runs.labels(kind, self._word("result", result)).inc()
        self._run_seconds.labels(kind).observe(seconds)
        self._lag.labels(kind).observe(lag)

    def limited(self) -> None:
        """See Observer."""
        self._limits.inc()

    def gauge(self, name: str, says: str, look: Callable[[], float]) -> None:
        """A gauge that looks when it is asked; NaN where it cannot see."""
        Gauge(name, says, registry=self._registry).set_function(lambda: _seen(look))

    def gauges(self, name: str, says: str, label: str, looks: Mapping[str, Callable[[], float]]) -> None:
        """The same, one for each value of a label."""
        made = Gauge(name, says, [label], registry=self._registry)
        for value, look in looks.items():
            made.labels(value).set_function(lambda look=look: _seen(look))  # type: ignore[misc]

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self._registry)

    def _word(self, label: str, word: str) -> str:
        """The word, or ``other`` once there were too many of them: a mistake of ours must not fill the memory."""
        known = self._words.setdefault(label, set())
        if word not in known and len(known) >= MOST_WORDS:
            return OTHER
        known.add(word)
        return word


def _seen(look: Callable[[], float]) -> float:
    try:
        return look()
    except Exception:  # one gauge that cannot see must not take all the others away
        return float("nan")
