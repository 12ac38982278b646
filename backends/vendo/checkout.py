"""What a checkout is told (apis/vendo.md §6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from backends.secret import Secret, Unportable
from backends.vendo.cart import Address


@dataclass(frozen=True)
class RateChoice:
    """Which rate ships which shipment."""

    shipment_id: str
    rate_id: str


@dataclass(frozen=True)
class CheckoutUpdate:
    """A change of a checkout; None leaves a field alone.

    An address is given whole or as the ``id`` of one in the account; ``use_billing`` ships to the billing address.
    """

    email: str | None = None
    ship_address: Address | None = None
    bill_address: Address | None = None
    ship_address_id: str | None = None
    bill_address_id: str | None = None
    use_billing: bool | None = None
    special_instructions: str | None = None
    shipments: tuple[RateChoice, ...] = ()


@dataclass(frozen=True)
class Card(Unportable):
    """A card that a payment gateway already keeps; ``profile`` is the gateway's own token for it."""

    profile: Secret
    name: str | None = None
    cc_type: str | None = None
    last_digits: str | None = None
    month: int | None = None
    year: int | None = None


def body(**given: Any) -> Secret:
    """A plain JSON object, which is what every write takes (apis/vendo.md §1)."""
    return Secret(json.dumps(given))


def order(update: CheckoutUpdate) -> Secret:
    """The body of a change, by Vendo's names; only what was given (apis/vendo.md §6)."""
    given = {
        "email": update.email,
        "special_instructions": update.special_instructions,
        "use_billing": update.use_billing,
        "ship_address_id": update.ship_address_id,
        "bill_address_id": update.bill_address_id,
        "ship_address_attributes": _address(update.ship_address),
        "bill_address_attributes": _address(update.bill_address),
        "shipments_attributes": [
            {"id": one.shipment_id, "selected_shipping_rate_id": one.rate_id} for one in update.shipments
        ]
        or None,
    }
    return body(order=_present(given))


def payment(payment_method_id: str, amount: Decimal | None, source_id: str | None, card: Card | None) -> Secret:
    """The body of a payment, by Vendo's names; only what was given (apis/vendo.md §6)."""
    given = {
        "payment_method_id": payment_method_id,
        "amount": None if amount is None else float(amount),
        "source_id": source_id,
        "source_attributes": None if card is None else _card(card),
    }
    return body(**_present(given))


def _card(card: Card) -> dict[str, Any]:
    given = {
        "gateway_payment_profile_id": card.profile.reveal(),
        "cc_type": card.cc_type,
        "last_digits": card.last_digits,
        "month": card.month,
        "year": card.year,
        "name": card.name,
    }
    return _present(given)


def _address(address: Address | None) -> dict[str, Any] | None:
    """An address by the names that it has here too; its id is no part of it."""
    if address is None:
        return None
    return _present({one.name: getattr(address, one.name) for one in fields(address) if one.name != "id"})


def _present(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
