"""Why a scheduled order failed, in plain words, with what to do about it (apis/qpilot.md §4.1, §7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["payment", "items", "shipping", "store", "other"]


@dataclass(frozen=True)
class Failure:
    """One way to fail: ``words`` say what happened, ``advice`` what to do next; both are ours and may be shown.

    ``may_have_charged`` is True where the customer may have paid although the order failed: look at the gateway first.
    """

    code: int | None
    name: str
    group: Group
    words: str
    advice: str
    may_have_charged: bool = False


_UNKNOWN: tuple[Group, str, str] = (
    "other",
    "QPilot does not know why it failed.",
    "Look at its last processing cycle in QPilot.",
)
_FROM_THE_STORE = "Check that the store can be reached; if many fail, think of pausing the site's processing."
_CHARGED = "Look at the payment gateway before anything is tried again: the customer may have been charged."
FAILURES: dict[int, Failure] = {
    one.code: one
    for one in (
        Failure(99, "UnknownError", *_UNKNOWN),
        Failure(1000, "EmptyScheduledOrder", "items", "There are no items on it.", "Add an item, then resume it."),
        Failure(
            1001,
            "NoItemsToShip",
            "items",
            "None of its items can be shipped now.",
            "Check stock and whether the products may be processed, or swap the items; then retry.",
        ),
        Failure(
            1002,
            "ShippingRateNotFound",
            "shipping",
            "No shipping rate fits its address.",
            "Check the address and the site's shipping rates, then retry.",
        ),
        Failure(
            1003,
            "PaymentIntegrationNotFound",
            "payment",
            "The payment gateway is not connected to the site.",
            "Connect the gateway in QPilot, then retry.",
        ),
        Failure(
            1004, "PaymentMethodNull", "payment", "No payment method is chosen.", "Choose a payment method, then retry."
        ),
        Failure(
            1005,
            "PaymentMethodInvalid",
            "payment",
            "Its payment method is not valid.",
            "Choose another payment method, then retry.",
        ),
        Failure(
            2000,
            "PaymentFailed",
            "payment",
            "The payment was declined.",
            "Ask the customer for another payment method and choose it before a retry.",
        ),
        Failure(
            2001,
            "PaymentGatewayCommunicationFailed",
            "payment",
            "The payment gateway did not answer.",
            _CHARGED,
            may_have_charged=True,
        ),
        Failure(3000, "ClientOrderCreationFailure", "store", "The store did not take the new order.", _FROM_THE_STORE),
        Failure(
            3001,
            "ClientOrderUpdateFailure",
            "store",
            "The store did not take the order's update.",
            "The store has the order, and most likely it is paid: look there before anything is tried again.",
            may_have_charged=True,
        ),
        Failure(
            3002,
            "ClientOrderCreationInvalidResponse",
            "store",
            "The store answered with an order that QPilot cannot read.",
            _FROM_THE_STORE,
        ),
    )
    if one.code is not None
}


def failure(code: int | None) -> Failure:
    """What a ``processingErrorCode`` means; one that we do not know, or none, is of the group ``other``."""
    return FAILURES.get(code or 0) or Failure(code, "Unknown", *_UNKNOWN)
