"""What each class of channel may show of a scheduled order, field by field (CHECKS D3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from render_kit import NOW
from render_scheduled import ADA, ORDER, PAGE

from backends.qpilot.order import Address, Item, PaymentMethod, Person, ScheduledOrder
from handlers.render.founded import what
from handlers.render.profile import Profile
from handlers.render.scheduled import scheduled_card, scheduled_details
from handlers.render.scheduled_list import scheduled_list
from handlers.render.scheduled_profile import ALLOWED, trim
from operations.qpilot_looks import NEW_CUSTOMER, NEW_ORDER, NEW_PAYMENT_METHOD
from operations.scheduled import Asked, row_of

EXTERNAL = {"id", "status", "next_occurrence", "last_occurrence", "snoozed_until", "last_editable", "locked"}
PUBLIC = EXTERNAL | {
    "customer_id",
    "frequency",
    "frequency_type",
    "frequency_name",
    "cycles",
    "currency",
    "total",
    "error_code",
    "in_dunning",
    *(f"items.{name}" for name in ("product_id", "title", "sku", "quantity", "availability", "processed")),
}
PRIVATE = PUBLIC | {
    "subtotal",
    "shipping_total",
    "tax_total",
    "shipping_rate",
    "coupons",
    "items.price",
    "items.sale_price",
    "address.city",
    "address.country",
}
DIRECT = PRIVATE | {
    "name",
    "note",
    "company",
    "failure_reason",
    *(f"address.{name}" for name in ("first_name", "last_name", "street1", "street2", "state", "postcode")),
    *(f"payment_method.{name}" for name in ("type", "last_four_digits", "expiration")),
}
MODAL = DIRECT | {"customer.first_name", "customer.last_name", "customer.email", "phone", "origin", "created"}
MAY: Mapping[Profile, set[str]] = {
    Profile.EXTERNAL: EXTERNAL,
    Profile.PUBLIC: PUBLIC,
    Profile.PRIVATE: PRIVATE,
    Profile.DIRECT: DIRECT,
    Profile.MODAL: MODAL,
}
MOMENT = datetime(2026, 5, 4, 3, 2, tzinfo=UTC)
BARE = ScheduledOrder(1, "Active", total=Decimal("1.25"))
SET: dict[str, Any] = {
    "id": 700,
    "status": "canary-status",
    "site_id": 701,
    "customer_id": "canary-id",
    "name": "canary-name",
    "next_occurrence": MOMENT,
    "last_occurrence": MOMENT,
    "next_occurrence_offset": 702,
    "utc_offset": 703,
    "frequency": 704,
    "frequency_type": "canary-type",
    "frequency_name": "canary-frequency",
    "cycles": 705,
    "payment_method_id": 706,
    "currency": "EUR",
    "subtotal": Decimal("707.5"),
    "shipping_total": Decimal("708.5"),
    "tax_total": Decimal("709.5"),
    "total": Decimal("710.5"),
    "lifetime_value": Decimal("711.5"),
    "phone": "canary-phone",
    "company": "canary-company",
    "shipping_rate": "canary-rate",
    "coupons": ("canary-coupon",),
    "locked": True,
    "last_editable": MOMENT,
    "failure_reason": "canary-reason",
    "error_code": 2001,
    "in_dunning": True,
    "snoozed_until": MOMENT,
    "note": "canary-note",
    "origin": "canary-origin",
    "created": MOMENT,
    "updated": MOMENT,
    "document": '{"canary": 1}',
}
NESTED: dict[str, tuple[Any, dict[str, Any]]] = {
    "items": (
        Item(1, ""),
        {
            "id": 720,
            "product_id": "canary-product",
            "quantity": 721,
            "price": Decimal("722.5"),
            "sale_price": Decimal("723.5"),
            "title": "canary-title",
            "sku": "canary-sku",
            "availability": "OutOfStock",
            "processed": False,
            "cycles": 724,
            "min_cycles": 725,
            "max_cycles": 726,
        },
    ),
    "payment_method": (
        PaymentMethod(1),
        {
            "id": 730,
            "type": "canary-type",
            "customer_id": "canary-customer",
            "last_four_digits": "7314",
            "expiration": MOMENT,
            "description": "canary-description",
            "status": "canary-status",
            "is_default": True,
        },
    ),
    "address": (Address(), {field.name: f"canary-{field.name}" for field in fields(Address)}),
    "customer": (Person(), {field.name: f"canary-{field.name}" for field in fields(Person)}),
}


def _with(**changes: Any) -> ScheduledOrder:
    return replace(BARE, **changes)


def _pairs() -> list[tuple[str, ScheduledOrder, ScheduledOrder]]:
    """Each field of an order: the order without it and with it."""
    pairs = [(name, BARE, replace(BARE, **{name: value})) for name, value in SET.items()]
    for name, (bare, parts) in NESTED.items():
        for part, value in parts.items():
            both = (bare, replace(bare, **{part: value}))
            without, with_it = (_with(**{name: (one,) if name == "items" else one}) for one in both)
            pairs.append((f"{name}.{part}", without, with_it))
    return pairs


PAIRS = _pairs()


def shown(order: ScheduledOrder, profile: Profile) -> str:
    """All that this profile shows of an order."""
    if profile is Profile.MODAL:
        return json.dumps(scheduled_details(order, "c"))
    made = scheduled_card(order, profile, card_id="c", asked_by=ADA, seen_at=NOW)
    return json.dumps([made.text, made.blocks])


def test_the_pairs_cover_every_field() -> None:
    """The cases below are all fields that an order has, so a new field cannot be forgotten here."""
    parts = {"items": Item, "payment_method": PaymentMethod, "address": Address, "customer": Person}
    own = {field.name for field in fields(ScheduledOrder)} - set(parts)
    nested = {f"{name}.{field.name}" for name, part in parts.items() for field in fields(part)}
    assert {path for path, _, _ in PAIRS} == own | nested


@pytest.mark.parametrize("profile", Profile)
def test_a_profile_shows_exactly_its_fields(profile: Profile) -> None:
    """D3: setting a field changes what this profile shows exactly if the field is on its list."""
    changed = {path for path, without, with_it in PAIRS if shown(without, profile) != shown(with_it, profile)}
    assert changed == MAY[profile]


@pytest.mark.parametrize("profile", Profile)
def test_the_declared_lists_are_these(profile: Profile) -> None:
    """D3: the declared allow-list of each profile is the one written down here, no field more."""
    assert set(ALLOWED[profile]) == MAY[profile]


@pytest.mark.parametrize("profile", [Profile.EXTERNAL, Profile.PUBLIC, Profile.PRIVATE])
def test_no_personal_data_where_others_read(profile: Profile) -> None:
    """D3: an order full of names shows none of them in a channel, on its card or in a list; QPilot's JSON neither."""
    listed = scheduled_list(PAGE, Asked(), card_id="c", now=NOW)
    said = (shown(replace(ORDER, document='{"x": "Grace"}'), profile) + listed.text).replace("\u2060", "")
    personal = ("Grace", "Hopper", "Sample Street", "Back door", "10115", "+49 30 123", "Compilers", "grace@", "4242")
    assert [word for word in personal if word in said] == []
    assert ("Berlin" in said) is (profile is Profile.PRIVATE)
    assert trim(ORDER, profile).document == "{}"


@pytest.mark.parametrize("profile", Profile)
def test_a_customer_id_that_is_an_email_is_shown_in_a_modal_alone(profile: Profile) -> None:
    """D3: some stores' ids are e-mail addresses: no channel, no direct message and no list has one; others stay."""
    mail = replace(ORDER, customer=None, customer_id="grace@canary.example")
    page = replace(PAGE, items=(row_of(mail), row_of(ORDER)))
    listed = scheduled_list(page, Asked(), card_id="c", now=NOW).text.replace("\u2060", "")
    assert ("canary" in shown(mail, profile)) is (profile is Profile.MODAL)
    assert ("canary" in listed, listed.count("customer 107")) == (False, 1)
    wanted = "grace@canary.example" if profile is Profile.MODAL else None
    assert trim(mail, profile).customer_id == wanted
    assert trim(ORDER, profile).customer_id == (None if profile is Profile.EXTERNAL else "107")


MAIL = "grace@canary.example"
MADE = [
    (NEW_CUSTOMER, MAIL, "Customer", f"Customer {MAIL}"),
    (NEW_PAYMENT_METHOD, "20001", "Payment method 20001", f"Payment method 20001 of customer {MAIL}"),
    (NEW_ORDER, "3001", "Scheduled order 3001", f"Scheduled order 3001 of customer {MAIL}"),
]


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize(("kind", "record", "kept", "whole"), MADE)
def test_what_was_made_names_no_email(kind: str, record: str, kept: str, whole: str, profile: Profile) -> None:
    """D3: the message about a new record leaves such an id out, wherever others or a direct message may hold it."""
    outside = {NEW_CUSTOMER: "Customer", NEW_PAYMENT_METHOD: "Payment method"}.get(kind, kept)
    expected = {Profile.MODAL: whole, Profile.EXTERNAL: outside}.get(profile, kept)
    assert what(kind, record, MAIL, profile) == expected
