"""A new order with something in every field of seed 001, and the form that holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from backends.quivo.new_order import Attachment, Identifier, NewOrder, NewPosition
from backends.quivo.order import Address, Order, Position
from handlers.forms.filling import filled

ADDRESS = Address(
    name="Grace Hopper",
    company="Compilers Ltd",
    street="Sample Street 1",
    street2="Back door",
    zip="10115",
    city="Berlin",
    state="BE",
    country_iso2="DE",
    phone="+49 30 123",
    email="grace@example.com",
    latitude=52.5,
    longitude=-13.25,
)
NEW_ORDER = NewOrder(
    seller_id=12,
    order_identifier="SC261122-1",
    order_reference="#DE38678",
    delivery_address=ADDRESS,
    positions=(
        NewPosition(
            "SKU-1",
            2,
            "Blue mug",
            Decimal("12.50"),
            "lot-9",
            date(2027, 1, 31),
            "A-1",
            "p-1",
            "prod-1",
            (("colour", "blue"),),
        ),
        NewPosition("SKU-2", 1, price=Decimal("1.125")),
    ),
    warehouse_id=3,
    has_invoice_address=True,
    has_invoice_data=True,
    invoice_address=replace(ADDRESS, name="Accounts", latitude=None, longitude=None),
    order_date=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    currency_code="EUR",
    invoice_ids=("R-1", "R-2"),
    comment="Please handle with care\nand keep dry",
    earliest_delivery_date=date(2026, 11, 24),
    latest_delivery_date=date(2026, 11, 26),
    transport_insurance_amount=Decimal("250"),
    cash_on_delivery_amount=Decimal("26.125"),
    cash_on_delivery_currency="EUR",
    shipping_method_identifier="UPSS",
    shipping_method_name="UPS Saver",
    tags=("gift", "very, very important"),
    tracking_enabled=True,
    order_priority=2,
    order_reference2="R-2",
    customer_purchase_order_number="PO-89225",
    sscc_label=True,
    channel_id="obi",
    channel_name="Obi E-Commerce",
    attachments=(Attachment("LABEL_PRINTER", "INSIDE_PACKAGE", 2, "note.pdf", "ORDER", "key-1", "application/pdf"),),
    custom_attributes=(("wrapping", "blue=dark"), ("note", "two\nlines")),
    address_identifier="home",
    additional_identifiers=(Identifier("4711", "gln"),),
)
FORM = filled(NEW_ORDER, {"sellerId": "Acme (12)"})
ORDER = Order(
    order_id=1001,
    status="PROCESSING",
    reference="#DE38678",
    identifier="shop-77",
    seller_id=12,
    delivery_address=ADDRESS,
    invoice_address=replace(ADDRESS, name="Accounts"),
    positions=(Position("SKU-1", "Blue mug", 2),),
    comment="Please handle with care",
    tracking_enabled=False,
    custom_attributes=(("wrapping", "blue"),),
)
