"""The control panel: the clock, Quivo's orders, tokens and faults, and the app's refused calls."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from sandbox.quivo.faults import Fault
from sandbox.quivo.quivo import Quivo
from sandbox.slack.state import ApiCall, Json
from sandbox.slack.ui_acts import BadAct
from sandbox.slack.ui_sides import Preset, Side
from sandbox.slack.workspace import Workspace

_MOST_REFUSED = 10
SWITCHES = {
    "cancel_settles": "An asked-for cancel becomes Cancelled",
    "cancel_success": "An accepted cancel is answered with",
    "update_success": "An accepted edit is answered with",
    "forbidden_code": "“Cannot be changed in this status” is",
    "business_failure": "A wrong order is answered with",
    "duplicate": "An identifier used before is",
}
"""The switches of Quivo that the panel offers, with the words that stand before their choices."""


PRESETS = (
    Preset("reads-500", "Orders answer 500", "every read of orders fails at Quivo", Fault("GET /orders", "500")),
    Preset("reads-429", "Too many requests", "429 with Retry-After: 2", Fault("GET /orders", "429", retry_after="2")),
    Preset("reads-504", "Gateway timeout", "504 after the request was taken", Fault("GET /orders", "504")),
    Preset("reads-html", "Maintenance page", "200 with HTML where JSON is due", Fault("GET /orders", "html")),
    Preset("reads-empty", "Empty answers", "200 without a body", Fault("GET /orders", "empty")),
    Preset("all-close", "Hangs up", "the connection drops without an answer", Fault("* /", "close")),
    Preset("all-slow", "Slow answers", "two seconds for everything", Fault("* /", "slow", seconds=2.0)),
    Preset("posts-lost", "Creates and cancels break off", "done, then 500", Fault("POST /orders", "accept_then_500")),
    Preset("edits-409", "Edits are refused", "409 at PATCH /orders", Fault("PATCH /orders", "409")),
    Preset("login-503", "Sign-in is down", "503 at POST /login", Fault("POST /login", "503")),
)


class Panel:
    """What the drawer shows and does; everything goes through Quivo's and the workspace's public methods."""

    def __init__(self, workspace: Workspace, quivo: Quivo, *others: Side) -> None:
        self._workspace = workspace
        self._quivo = quivo
        self._others = others
        self._sides = {side.id: side for side in (Side("quivo", "Quivo", quivo, PRESETS, SWITCHES), *others)}
        self._doing: dict[str, Callable[[Json], None]] = {
            "advance": self._advance,
            "status": self._status,
            "expire": lambda body: self._side(body).back_end.expire_tokens(),
            "fault": lambda body: self._side(body).set_fault(body),
            "switch": lambda body: self._side(body).set_switch(body),
        }

    def state(self) -> Json:
        """Clock (epoch seconds and its distance from real time), orders, faults, and refused calls, newest first."""
        now, mine = self._quivo.clock.now(), self._sides["quivo"].state()
        return {
            "clock": now,
            "offset": round(now - time.time(), 3),
            "orders": [_order(*summary) for summary in self._quivo.order_summaries()],
            "statuses": list(self._quivo.status_names),
            "faults": mine["faults"],
            "switches": mine["switches"],
            "others": [side.state() for side in self._others],
            "refused": [_refusal(call) for call in reversed(self._workspace.calls) if not call.ok][:_MOST_REFUSED],
        }

    def do(self, body: Json) -> None:
        """One act: `advance` {seconds}, `status` {order, status}, `expire`, `fault` {id, on}, `switch` {name, value}.

        The last three are Quivo's, or those of the back end that `at` names. Raises `BadAct`.
        """
        doing = self._doing.get(str(body.get("what")))
        if doing is None:
            raise BadAct("what: unknown")
        doing(body)
        self._workspace.changed("control")

    def _advance(self, body: Json) -> None:
        seconds: Any = body.get("seconds")
        if type(seconds) not in (int, float) or not math.isfinite(seconds):
            raise BadAct("seconds: must be a number")
        self._quivo.clock.advance(seconds)

    def _status(self, body: Json) -> None:
        order, status = body.get("order"), body.get("status")
        if not isinstance(order, int) or order not in self._quivo.orders:
            raise BadAct("order: no such order")
        if not isinstance(status, str) or not status:
            raise BadAct("status: must be a text")
        self._quivo.set_status(order, status)

    def _side(self, body: Json) -> Side:
        side = self._sides.get(str(body.get("at") or "quivo"))
        if side is None:
            raise BadAct("at: no such back end")
        return side


def _order(order_id: int, reference: str, status: str) -> Json:
    return {"id": order_id, "reference": reference, "status": status}


def _refusal(call: ApiCall) -> Json:
    return {"method": call.method, "error": call.error}
