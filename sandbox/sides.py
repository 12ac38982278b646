"""The back ends as the control panel shows them: which faults and switches are worth a place there."""

from __future__ import annotations

from sandbox.qpilot.faults import Fault as QpilotFault
from sandbox.qpilot.qpilot import Qpilot
from sandbox.slack.ui_sides import Preset, Side
from sandbox.vendo.faults import Fault as VendoFault
from sandbox.vendo.vendo import Vendo

_VENDO = (
    Preset("vendo-500", "The store answers 500", "every request fails", VendoFault("* /", "500")),
    Preset("vendo-429", "Too many requests", "429 with Retry-After: 2", VendoFault("* /", "429", retry_after="2")),
    Preset("vendo-html", "Maintenance page", "200 with HTML where JSON is due", VendoFault("* /", "html")),
    Preset("vendo-slow", "Slow answers", "two seconds for everything", VendoFault("* /", "slow", seconds=2.0)),
    Preset("vendo-403", "Turned away", "403 with HTML from the proxy", VendoFault("* /", "403_html")),
    Preset("vendo-auth", "Sign-in is down", "503 at /auth", VendoFault("POST /auth", "503")),
    Preset(
        "vendo-lost", "Orders break off", "placed, then 500", VendoFault("PATCH /checkout/complete", "accept_then_500")
    ),
    Preset(
        "vendo-adds",
        "Adding breaks off",
        "added, then the line drops",
        VendoFault("POST /cart/add_item", "accept_then_close"),
    ),
)
_QPILOT = (
    Preset("qpilot-500", "QPilot answers 500", "every request fails", QpilotFault("* /", "500")),
    Preset("qpilot-429", "Too many requests", "429 with Retry-After: 2", QpilotFault("* /", "429", retry_after="2")),
    Preset("qpilot-html", "Maintenance page", "200 with HTML where JSON is due", QpilotFault("* /", "html")),
    Preset("qpilot-slow", "Slow answers", "two seconds for everything", QpilotFault("* /", "slow", seconds=2.0)),
    Preset("qpilot-auth", "Sign-in is down", "503 at POST /AccessTokens", QpilotFault("POST /AccessTokens", "503")),
    Preset("qpilot-lost", "Changes break off", "done, then 500", QpilotFault("PUT /Sites", "accept_then_500")),
)


def vendo_side(vendo: Vendo) -> Side:
    """Vendo on the panel, with the mail that brings the one-time codes."""
    labels = {
        "auto_advance": "After each step of the checkout it walks on",
        "order_header": "An order token is read from",
        "refresh_refused": "A bad refresh token is answered with",
        "code_refused": "A wrong code is answered with",
        "logout": "A logout is answered with",
    }
    return Side("vendo", "Vendo", vendo, _VENDO, labels, lambda: vendo.mail)


def qpilot_side(qpilot: Qpilot) -> Side:
    """QPilot on the panel."""
    labels = {
        "bearer_mode": "A token is good",
        "snooze_enabled": "Snoozing",
        "paused": "The site is paused",
        "merchant_bypasses_lock": "Merchants pass the lock",
        "rate_limit": "At most ten requests a second",
        "v3_rows": "Rows of the light list stand under",
        "success_body": "A change is answered with",
        "strict_precision": "Dates must have three digits",
    }
    return Side("qpilot", "QPilot", qpilot, _QPILOT, labels)
