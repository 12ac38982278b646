"""What each class of channel may show of a shop order, field by field (CHECKS D3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from render_kit import NOW, reading
from render_shop import ORDER, TOKEN

from backends.secret import Secret
from backends.vendo.cart import Address, Cart, Line, OrderPage, Payment, Promotion, Rate, Shipment
from handlers.render.profile import Profile
from handlers.render.shop_orders import shop_order_card, shop_order_details, shop_order_list
from handlers.render.shop_profile import ALLOWED, trim_order

EXTERNAL = {"number", "state", "completed_at", "payment_state", "shipment_state"}
PUBLIC = EXTERNAL | {
    "currency",
    "item_count",
    "total",
    "lines.name",
    "lines.options",
    "lines.sku",
    "lines.quantity",
    "shipments.number",
    "shipments.state",
    "shipments.tracking_url",
}
PRIVATE = PUBLIC | {
    "item_total",
    "ship_total",
    "promo_total",
    "tax_total",
    "lines.total",
    "ship_address.city",
    "ship_address.country_iso",
}
DIRECT = PRIVATE | {
    "special_instructions",
    "promotions.name",
    "promotions.code",
    "promotions.amount",
    "payments.state",
    "payments.amount",
    "payments.payment_method_name",
    *(
        f"ship_address.{name}"
        for name in ("firstname", "lastname", "company", "address1", "address2", "zipcode", "state_name")
    ),
}
PARTS = {field.name for field in fields(Address)} - {"id", "label"}
MODAL = DIRECT | {"email", "lines.price", "ship_address.phone", *(f"bill_address.{name}" for name in PARTS)}
MAY: Mapping[Profile, set[str]] = {
    Profile.EXTERNAL: EXTERNAL,
    Profile.PUBLIC: PUBLIC,
    Profile.PRIVATE: PRIVATE,
    Profile.DIRECT: DIRECT,
    Profile.MODAL: MODAL,
}
MOMENT = datetime(2026, 5, 4, 3, 2, tzinfo=UTC)
BARE = Cart("id", "R1", "complete", total=Decimal("1.25"))
SET: dict[str, Any] = {
    "id": "canary-id",
    "number": "canary-number",
    "state": "canary-state",
    "token": Secret(TOKEN),
    "email": "canary@example.com",
    "currency": "EUR",
    "item_count": 7001,
    "item_total": Decimal("7002.5"),
    "ship_total": Decimal("7003.5"),
    "adjustment_total": Decimal("7004.5"),
    "promo_total": Decimal("-7005.5"),
    "tax_total": Decimal("7006.5"),
    "total": Decimal("7007.5"),
    "special_instructions": "canary-note",
    "payment_state": "canary-payment",
    "shipment_state": "canary-shipment",
    "user_id": "canary-user",
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "completed_at": MOMENT,
}
NESTED: dict[str, tuple[Any, dict[str, Any]]] = {
    "lines": (
        Line("x"),
        {
            "id": "canary-line",
            "variant_id": "canary-variant",
            "name": "canary-name",
            "options": "canary-options",
            "sku": "canary-sku",
            "quantity": 7008,
            "price": Decimal("7009.5"),
            "total": Decimal("7010.5"),
            "slug": "canary-slug",
        },
    ),
    "promotions": (
        Promotion("x"),
        {
            "id": "canary-promotion",
            "name": "canary-name",
            "code": "canary-code",
            "amount": Decimal("-7011.5"),
            "description": "canary-description",
        },
    ),
    "shipments": (
        Shipment("x"),
        {
            "id": "canary-shipment",
            "number": "canary-number",
            "state": "canary-state",
            "tracking_url": "https://canary.example/t",
            "shipped_at": MOMENT,
            "final_price": Decimal("7012.5"),
            "free": True,
            "rates": (Rate("canary-rate", "canary-rate", selected=True),),
        },
    ),
    "payments": (
        Payment("x"),
        {
            "id": "canary-payment",
            "number": "canary-number",
            "state": "canary-state",
            "amount": Decimal("7013.5"),
            "payment_method_id": "canary-method",
            "payment_method_name": "canary-name",
        },
    ),
}


def _with(**changes: Any) -> Cart:
    return replace(BARE, **changes)


def _pairs() -> list[tuple[str, Cart, Cart]]:
    """Each field of an order: the order without it and with it."""
    pairs = [(name, BARE, _with(**{name: value})) for name, value in SET.items()]
    for name, (bare, parts) in NESTED.items():
        for part, value in parts.items():
            pairs.append(
                (f"{name}.{part}", _with(**{name: (bare,)}), _with(**{name: (replace(bare, **{part: value}),)}))
            )
    for name in ("ship_address", "bill_address"):
        for field in fields(Address):
            address = replace(Address(), **{field.name: f"canary-{field.name}"})
            pairs.append((f"{name}.{field.name}", _with(**{name: Address()}), _with(**{name: address})))
    return pairs


PAIRS = _pairs()


def _shown(order: Cart, profile: Profile) -> str:
    if profile is Profile.MODAL:
        return json.dumps(shop_order_details(order, "c"))
    made = shop_order_card(order, profile, card_id="c", seen_at=NOW)
    return json.dumps([made.text, made.blocks])


def test_the_pairs_cover_every_field() -> None:
    """The cases below are all fields that an order has, so a new field cannot be forgotten here."""
    nested = {"lines": Line, "promotions": Promotion, "shipments": Shipment, "payments": Payment}
    addresses = {"ship_address": Address, "bill_address": Address}
    own = {field.name for field in fields(Cart)} - set(nested) - set(addresses)
    parts = {f"{name}.{field.name}" for name, part in (nested | addresses).items() for field in fields(part)}
    assert {path for path, _, _ in PAIRS} == own | parts


@pytest.mark.parametrize("profile", Profile)
def test_a_profile_shows_exactly_its_fields(profile: Profile) -> None:
    """D3: setting a field changes what this profile shows exactly if the field is on its list."""
    shown = {path for path, without, with_it in PAIRS if _shown(without, profile) != _shown(with_it, profile)}
    assert shown == MAY[profile]


@pytest.mark.parametrize("profile", Profile)
def test_the_declared_lists_are_these(profile: Profile) -> None:
    """D3: the declared allow-list of each profile is the one written down here, no field more."""
    assert set(ALLOWED[profile]) == MAY[profile]


@pytest.mark.parametrize("profile", Profile)
def test_the_token_is_shown_nowhere(profile: Profile) -> None:
    """What opens an order is in no profile, and a trimmed order does not carry it (apis/vendo.md §7)."""
    order = replace(ORDER, token=Secret(TOKEN))
    assert trim_order(order, profile).token is None
    assert TOKEN not in _shown(order, profile)


@pytest.mark.parametrize("profile", [Profile.EXTERNAL, Profile.PUBLIC, Profile.PRIVATE])
def test_no_personal_data_where_others_read(profile: Profile) -> None:
    """D3: an order full of names shows none of them in a channel, on its card or in a list."""
    listed = shop_order_list(OrderPage((ORDER,), 1, 1, 1), card_id="c", row_cards=["r"], now=NOW)
    shown = (_shown(ORDER, profile) + listed.text + reading(listed.blocks)).replace("\u2060", "")
    personal = ("Grace", "Hopper", "Sample Street", "Back door", "10115", "+49 30 123", "Compilers", "grace@", "ring")
    assert [word for word in personal if word in shown] == []
    assert ("Berlin" in shown) is (profile is Profile.PRIVATE)
