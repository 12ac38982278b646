"""Orders for the tests of writing: the smallest that is good, and one in which every field of seed 001 is given."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from backends.quivo.create import Attachment, Identifier, NewOrder, NewPosition
from backends.quivo.order import Address

BERLIN = Address(name="Jana Bergmann", street="Lindenstraße 14", zip="10969", city="Berlin", country_iso2="DE")
VIENNA = Address(company="ACME", street="Graben 1", zip="1010", city="Wien", country_iso2="AT")
MUG = NewPosition("MUG-1", 2)
SMALL = NewOrder(12, "shop-1", "#DE38678", BERLIN, (MUG,))
WHOLE = NewOrder(
    seller_id=12,
    order_identifier="shop-1",
    order_reference="#DE38678",
    delivery_address=Address(
        name="Jana Bergmann",
        company="Bergmann GmbH",
        street="Lindenstraße 14",
        street2="c/o Vogel",
        zip="10969",
        city="Berlin",
        state="BE",
        country_iso2="DE",
        phone="+49 30 23125 014",
        email="jana@mail.example",
        latitude=52.5,
        longitude=13.25,
    ),
    positions=(
        NewPosition(
            sku="MUG-1",
            quantity=2,
            name="Mug",
            price=Decimal("12.10"),
            lot="L1",
            expiration_date=date(2027, 1, 31),
            location="A-01",
            position_identifier="line-1",
            product_identifier="p-1",
            custom_attributes=(("engraving", "Jänner"),),
        ),
        NewPosition("BOWL-1", 1, price=Decimal(20)),
    ),
    warehouse_id=4,
    has_invoice_address=True,
    has_invoice_data=True,
    invoice_address=VIENNA,
    order_date=datetime(2026, 11, 7, 7, 31, 56, 789, tzinfo=timezone(timedelta(hours=2))),
    currency_code="EUR",
    invoice_ids=("R-1", "R-2"),
    comment="Handle with care",
    earliest_delivery_date=date(2026, 12, 24),
    latest_delivery_date=date(2026, 12, 25),
    transport_insurance_amount=Decimal("100.5"),
    cash_on_delivery_amount=Decimal("44.20"),
    cash_on_delivery_currency="EUR",
    shipping_method_identifier="UPSS",
    shipping_method_name="UPS Saver",
    tags=("gift", "vip"),
    tracking_enabled=False,
    order_priority=2,
    order_reference2="#2",
    customer_purchase_order_number="PO-89225",
    sscc_label=True,
    channel_id="obi",
    channel_name="Obi E-Commerce",
    attachments=(
        Attachment("LABEL_PRINTER", "INSIDE_PACKAGE", 2, "card.pdf", "ORDER", "key-1", "application/pdf"),
        Attachment("DOCUMENT_PRINTER", "OUTSIDE_PACKAGE"),
    ),
    custom_attributes=(("priority", "high"), ("gift", "yes")),
    address_identifier="a-1",
    additional_identifiers=(Identifier("GLN-1", "GLN"), Identifier("x")),
)
