"""What each class of channel may show, field by field (CHECKS D3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from render_kit import NOW, reading

from backends.quivo.order import Address, Order, Page, Position, Tracking
from handlers.render.orders import order_card, order_details, order_list
from handlers.render.profile import ALLOWED, Profile, trim

EXTERNAL = {"order_id", "reference", "status", "created", "last_modified", "ordered", "completed", "cancel_requested"}
PUBLIC = EXTERNAL | {
    "abilities",
    "positions.sku",
    "positions.name",
    "positions.quantity",
    "tracking.number",
    "tracking.link",
    "seller_name",
    "priority",
    "earliest_delivery",
    "latest_delivery",
    "shipping_method",
}
PRIVATE = PUBLIC | {"delivery_address.city", "delivery_address.country_iso2"}
DIRECT = PRIVATE | {
    "delivery_address.name",
    "delivery_address.company",
    "delivery_address.street",
    "delivery_address.street2",
    "delivery_address.zip",
    "delivery_address.state",
    "comment",
    "tags",
}
MODAL = DIRECT | {
    "identifier",
    "seller_id",
    "warehouse_id",
    "tracking_enabled",
    "currency",
    "custom_attributes",
    "personal_data_removed",
    "shipping_method_identifier",
    "purchase_order_number",
    "sscc_label",
    "positions.lot",
    "positions.price",
    "positions.product_identifier",
    "positions.custom_attributes",
    "delivery_address.phone",
    "delivery_address.email",
    "delivery_address.latitude",
    "delivery_address.longitude",
    *(f"invoice_address.{field.name}" for field in fields(Address)),
}
MAY: Mapping[Profile, set[str]] = {
    Profile.EXTERNAL: EXTERNAL,
    Profile.PUBLIC: PUBLIC,
    Profile.PRIVATE: PRIVATE,
    Profile.DIRECT: DIRECT,
    Profile.MODAL: MODAL,
}
BARE = Order(1, "PROCESSING")
MOMENT = datetime(2026, 5, 4, 3, 2, tzinfo=UTC)
SET: dict[str, Any] = {
    "order_id": 987654,
    "status": "CANARY",
    "reference": "canary-reference",
    "identifier": "canary-identifier",
    "seller_id": 7001,
    "seller_name": "canary-seller",
    "warehouse_id": 7002,
    "created": MOMENT,
    "last_modified": MOMENT,
    "ordered": MOMENT,
    "completed": MOMENT,
    "cancel_requested": MOMENT,
    "earliest_delivery": date(2026, 5, 5),
    "latest_delivery": date(2026, 5, 6),
    "tags": ("canary-tag",),
    "comment": "canary-comment",
    "tracking_enabled": True,
    "shipping_method": "canary-method",
    "shipping_method_identifier": "canary-method-identifier",
    "purchase_order_number": "canary-purchase-order",
    "sscc_label": True,
    "priority": 7003,
    "currency": "canary-currency",
    "custom_attributes": (("canary-name", "canary-value"),),
    "personal_data_removed": True,
}
PLACE: dict[str, Any] = {"latitude": 1.25, "longitude": 2.25}
COORDINATES = Address(**PLACE)


def _address(name: str) -> list[tuple[str, Order, Order]]:
    """Each field of an address: the order without it and with it; coordinates come in pairs."""
    cases = []
    for field in fields(Address):
        bare, full = Address(), Address(**{field.name: f"canary-{name}-{field.name}"})  # type: ignore[arg-type]
        if field.name in PLACE:
            bare, full = Address(), COORDINATES
        cases.append((f"{name}.{field.name}", replace(BARE, **{name: bare}), replace(BARE, **{name: full})))  # type: ignore[arg-type]
    return cases


POSITION, PARCEL = Position("sku"), Tracking("number")
PAIRS: list[tuple[str, Order, Order]] = [
    *((name, BARE, replace(BARE, **{name: value})) for name, value in SET.items()),
    *_address("delivery_address"),
    *_address("invoice_address"),
    ("positions.sku", BARE, replace(BARE, positions=(POSITION,))),
    *(
        (f"positions.{name}", replace(BARE, positions=(POSITION,)), replace(BARE, positions=(changed,)))
        for name, changed in (
            ("name", replace(POSITION, name="canary-position")),
            ("quantity", replace(POSITION, quantity=7004)),
            ("lot", replace(POSITION, lot="canary-lot")),
            ("price", replace(POSITION, price=Decimal("7.50"))),
            ("product_identifier", replace(POSITION, product_identifier="canary-product")),
            ("custom_attributes", replace(POSITION, custom_attributes=(("canary-name", "canary-value"),))),
        )
    ),
    ("tracking.number", BARE, replace(BARE, tracking=(PARCEL,))),
    (
        "tracking.link",
        replace(BARE, tracking=(PARCEL,)),
        replace(BARE, tracking=(replace(PARCEL, link="https://canary.example/"),)),
    ),
]


def _shown(order: Order, profile: Profile) -> str:
    if profile is Profile.MODAL:
        return json.dumps(order_details(order, "c"))
    made = order_card(order, profile, card_id="c", seen_at=NOW)
    return json.dumps([made.text, made.blocks])


def test_the_pairs_cover_every_field() -> None:
    """The cases below are all fields that an order has, so a new field cannot be forgotten here."""
    nested = {"delivery_address": Address, "invoice_address": Address, "positions": Position, "tracking": Tracking}
    own = {field.name for field in fields(Order)} - set(nested)
    parts = {f"{name}.{field.name}" for name, part in nested.items() for field in fields(part)}
    assert {path for path, _, _ in PAIRS} == own | parts


@pytest.mark.parametrize("profile", Profile)
def test_a_profile_shows_exactly_its_fields(profile: Profile) -> None:
    """D3: setting a field changes what this profile shows exactly if the field is on its list."""
    shown = {path for path, without, with_it in PAIRS if _shown(without, profile) != _shown(with_it, profile)}
    assert shown == MAY[profile] - {"abilities"}
    assert ("Can be changed and cancelled" in _shown(BARE, profile)) is ("abilities" in MAY[profile])


@pytest.mark.parametrize("profile", Profile)
def test_the_declared_lists_are_these(profile: Profile) -> None:
    """D3: the declared allow-list of each profile is the one written down here, no field more."""
    assert set(ALLOWED[profile]) == MAY[profile]


def _everything() -> Order:
    whole = BARE
    for _, _, full in PAIRS:
        changes = {
            field.name: getattr(full, field.name)
            for field in fields(Order)
            if getattr(full, field.name) != getattr(BARE, field.name) and "address" not in field.name
        }
        whole = replace(whole, **changes)
    address = {field.name: f"canary-{field.name}" for field in fields(Address) if field.name not in PLACE}
    return replace(
        whole,
        delivery_address=Address(**address, **PLACE),  # type: ignore[arg-type]
        invoice_address=Address(**address, **PLACE),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("profile", [Profile.EXTERNAL, Profile.PUBLIC, Profile.PRIVATE])
def test_no_personal_data_where_others_read(profile: Profile) -> None:
    """D3: an order full of canaries shows no personal data or free text in a channel, on card or list."""
    order = _everything()
    listed = order_list(
        Page((order,)),
        title="x",
        profile=profile,
        card_id="c",
        row_cards=["r"],
        page_number=1,
        has_previous=False,
        now=NOW,
    )
    shown = _shown(order, profile) + listed.text + reading(listed.blocks)
    personal = ("name", "company", "street", "street2", "zip", "state", "phone", "email", "comment", "tag", "value")
    assert [word for word in personal if f"canary-{word}" in shown.replace("canary-seller", "")] == []
    assert ("canary-city" in shown) is (profile is Profile.PRIVATE)


def test_trim_takes_out_and_adds_nothing() -> None:
    """A trimmed order has the allowed values as they were and the defaults for all others."""
    order = _everything()
    assert trim(order, Profile.MODAL) == order
    kept = trim(order, Profile.EXTERNAL)
    assert kept == Order(
        order_id=order.order_id,
        status=order.status,
        reference=order.reference,
        created=MOMENT,
        last_modified=MOMENT,
        ordered=MOMENT,
        completed=MOMENT,
        cancel_requested=MOMENT,
    )
    assert trim(order, Profile.PRIVATE).delivery_address == Address(
        city="canary-city", country_iso2="canary-country_iso2"
    )
    assert trim(BARE, Profile.DIRECT) == BARE
