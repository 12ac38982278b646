"""Every limit of seed 001 just inside and just outside, and the rules that hold between fields."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from writing_kit import BERLIN, MUG, SMALL, VIENNA, WHOLE

from backends.errors import FieldError
from backends.quivo import create
from backends.quivo.create import Attachment, Edit, Identifier, NewOrder, NewPosition, check, check_edit, from_order
from backends.quivo.order import Address, Order, Position

INT32, INT64 = 2147483647, 9223372036854775807
EMPTY = "must not be empty"
LENGTHS = [
    ("order_identifier", "orderIdentifier", 40),
    ("order_reference", "orderReference", 40),
    ("order_reference2", "orderReference2", 40),
    ("comment", "comment", 250),
    ("shipping_method_identifier", "shippingMethodIdentifier", 50),
    ("shipping_method_name", "shippingMethodName", 100),
    ("customer_purchase_order_number", "customerPurchaseOrderNumber", 255),
    ("channel_id", "channelId", 10),
    ("channel_name", "channelName", 100),
]


class Many(tuple[NewPosition, ...]):
    """A tuple that says it has so many lines, since that many fit into no memory."""

    length = 0

    def __len__(self) -> int:
        return self.length


def many(length: int) -> Many:
    lines = Many((MUG,))
    lines.length = length
    return lines


def said(order: NewOrder) -> dict[str, str]:
    """Complaints by their fields, each field once."""
    found = check(order)
    assert len({one.field for one in found}) == len(found)
    return {one.field: one.message for one in found}


def line(**changes: Any) -> NewOrder:
    return replace(SMALL, positions=(MUG, replace(MUG, **changes)))


@pytest.mark.parametrize("order", [SMALL, WHOLE])
def test_good_orders(order: NewOrder) -> None:
    """The smallest order and the one with every field given have nothing to complain about."""
    assert check(order) == ()


def test_whole_is_whole() -> None:
    """The whole order of these tests leaves no field of seed 001 at its default."""
    assert [one.name for one in fields(NewOrder) if getattr(WHOLE, one.name) == getattr(SMALL, one.name)] == [
        "seller_id",
        "order_identifier",
        "order_reference",
    ]


@pytest.mark.parametrize(("name", "field", "most"), LENGTHS)
def test_lengths(name: str, field: str, most: int) -> None:
    """Seed 001's longest texts are taken, one character more is refused under Quivo's name for the field."""
    short: dict[str, Any] = {name: "ü" * most}
    assert check(replace(WHOLE, **short)) == ()
    for text in ("x" * (most + 1), "x" * (most - 1) + "🍺"):  # two characters to Java, which counts here
        long: dict[str, Any] = {name: text}
        assert said(replace(WHOLE, **long)) == {field: f"must have at most {most} characters"}


def test_lengths_are_shown_to_forms() -> None:
    """Forms read the same limits as the check does."""
    assert dict(create.MAX_LENGTH) == {field: most for _, field, most in LENGTHS}


INSIDE: list[dict[str, Any]] = [
    {"seller_id": 1},
    {"seller_id": INT64},
    {"warehouse_id": 1},
    {"warehouse_id": INT64},
    {"order_priority": 1},
    {"order_priority": 3},
    {"positions": many(INT32)},
    {"transport_insurance_amount": Decimal("0.01")},
    {"transport_insurance_amount": Decimal("123456789012.345")},
    {"cash_on_delivery_amount": Decimal(0)},
    {"cash_on_delivery_amount": Decimal("0.01")},
    {"currency_code": "EUR"},
    {"cash_on_delivery_currency": "CHF"},
    {"order_date": datetime(2026, 1, 1, tzinfo=UTC)},
    {"earliest_delivery_date": date(2026, 1, 1), "latest_delivery_date": date(2026, 1, 1)},
    {"latest_delivery_date": date(2026, 1, 1)},
    {"has_invoice_address": False},
    {"invoice_address": VIENNA},
    {"sscc_label": False},
    {"sscc_label": True, "customer_purchase_order_number": "PO"},
    {"comment": ""},
    {"has_invoice_data": False},
    {"has_invoice_data": True, "currency_code": "EUR", "positions": (replace(MUG, price=Decimal(0)),)},
    {"custom_attributes": (("a", ""), ("b", "1"))},
]


@pytest.mark.parametrize("changes", INSIDE)
def test_just_inside(changes: dict[str, Any]) -> None:
    """What lies just inside of a limit or rule is taken."""
    assert check(replace(SMALL, **changes)) == ()


LINES = f"must be 1 to {INT32} lines"
ABOVE, DIGITS, CODE = "must be more than 0", "must be a number of at most 15 digits", "must be three capital letters"
OUTSIDE: list[tuple[dict[str, Any], str, str]] = [
    ({"seller_id": 0}, "sellerId", "must be at least 1"),
    ({"seller_id": INT64 + 1}, "sellerId", f"must be at most {INT64}"),
    ({"warehouse_id": 0}, "warehouseId", "must be at least 1"),
    ({"warehouse_id": INT64 + 1}, "warehouseId", f"must be at most {INT64}"),
    ({"order_identifier": ""}, "orderIdentifier", EMPTY),
    ({"order_identifier": " \t"}, "orderIdentifier", EMPTY),
    ({"order_reference": ""}, "orderReference", EMPTY),
    ({"order_priority": 0}, "orderPriority", "must be at least 1"),
    ({"order_priority": 4}, "orderPriority", "must be at most 3"),
    ({"positions": ()}, "positions", LINES),
    ({"positions": many(INT32 + 1)}, "positions", LINES),
    ({"transport_insurance_amount": Decimal(0)}, "transportInsuranceAmount", ABOVE),
    ({"transport_insurance_amount": Decimal("-0.01")}, "transportInsuranceAmount", ABOVE),
    ({"transport_insurance_amount": Decimal("NaN")}, "transportInsuranceAmount", DIGITS),
    ({"transport_insurance_amount": Decimal("Infinity")}, "transportInsuranceAmount", DIGITS),
    ({"transport_insurance_amount": Decimal("1e400")}, "transportInsuranceAmount", DIGITS),
    ({"transport_insurance_amount": Decimal("1234567890123456.78")}, "transportInsuranceAmount", DIGITS),
    ({"cash_on_delivery_amount": Decimal("-0.01")}, "cashOnDeliveryAmount", "must be at least 0"),
    ({"currency_code": "eur"}, "currencyCode", f"{CODE}, such as EUR"),
    ({"currency_code": ""}, "currencyCode", f"{CODE}, such as EUR"),
    ({"currency_code": "EURO"}, "currencyCode", f"{CODE}, such as EUR"),
    ({"cash_on_delivery_currency": "€"}, "cashOnDeliveryCurrency", f"{CODE}, such as EUR"),
    ({"order_date": datetime(2026, 1, 1)}, "orderDate", "must have a time zone"),  # noqa: DTZ001
    (
        {"order_date": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=10)))},
        "orderDate",
        "must be a date of this calendar",
    ),
    (
        {"earliest_delivery_date": date(2026, 1, 2), "latest_delivery_date": date(2026, 1, 1)},
        "latestDeliveryDate",
        "must not be before the earliest delivery date",
    ),
    ({"has_invoice_address": True}, "invoiceAddress", EMPTY),
    (
        {"has_invoice_address": False, "invoice_address": VIENNA},
        "hasInvoiceAddress",
        "must not be false where there is an invoice address",
    ),
    ({"sscc_label": True}, "customerPurchaseOrderNumber", EMPTY),
    (
        {"has_invoice_data": True, "positions": (replace(MUG, price=Decimal(1)),)},
        "currencyCode",
        "must not be empty where there are invoice data",
    ),
    (
        {"has_invoice_data": True, "currency_code": "EUR"},
        "positions[0].price",
        "must not be empty where there are invoice data",
    ),
    ({"invoice_ids": ("R-1", " ")}, "invoiceIds[1]", EMPTY),
    ({"tags": ("gift", "")}, "tags[1]", EMPTY),
    ({"custom_attributes": (("", "1"),)}, "customAttributes", "must have a name for each value"),
    ({"custom_attributes": (("a", "1"), ("a", "2"))}, "customAttributes", "must not have a name twice"),
    (
        {"additional_identifiers": (Identifier("x"), Identifier(" "))},
        "deliveryAddress.additionalIdentifiers[1].identifier",
        EMPTY,
    ),
    ({"delivery_address": replace(BERLIN, zip=None)}, "deliveryAddress.zip", EMPTY),
    ({"invoice_address": replace(VIENNA, country_iso2="at")}, "invoiceAddress.countryIso2", "must be two capital"),
]


@pytest.mark.parametrize(("changes", "field", "message"), OUTSIDE)
def test_just_outside(changes: dict[str, Any], field: str, message: str) -> None:
    """What lies just outside of a limit or rule is one complaint, under Quivo's own path."""
    found = said(replace(SMALL, **changes))
    assert list(found) == [field]
    assert found[field].startswith(message)


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"sku": ""}, "sku", EMPTY),
        ({"sku": "  "}, "sku", EMPTY),
        ({"quantity": 0}, "quantity", "must be at least 1"),
        ({"quantity": -1}, "quantity", "must be at least 1"),
        ({"quantity": INT32 + 1}, "quantity", f"must be at most {INT32}"),
        ({"price": Decimal("-0.01")}, "price", "must be at least 0"),
        ({"price": Decimal("sNaN")}, "price", DIGITS),
        ({"custom_attributes": ((" ", "1"),)}, "customAttributes", "must have a name for each value"),
    ],
)
def test_lines(changes: dict[str, Any], path: str, message: str) -> None:
    """Each line is checked under its own number."""
    assert said(line(**changes)) == {f"positions[1].{path}": message}


@pytest.mark.parametrize("changes", [{"quantity": 1}, {"quantity": INT32}, {"price": Decimal(0)}, {"name": ""}])
def test_good_lines(changes: dict[str, Any]) -> None:
    """The smallest and the largest of a line are taken."""
    assert check(line(**changes)) == ()


@pytest.mark.parametrize("printer", create.PRINTER_TYPES)
@pytest.mark.parametrize("placement", create.PLACEMENTS)
@pytest.mark.parametrize("printing", [None, *create.PRINTING_TYPES])
def test_good_attachments(printer: str, placement: str, printing: str | None) -> None:
    """Every word that the sheet has for attachments is taken (apis/quivo.md §5.1)."""
    one = Attachment(printer, placement, 1, printing_type=printing)
    assert check(replace(SMALL, attachments=(one, replace(one, copy_count=INT32)))) == ()


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"printer_type": ""}, "printerType", f"must be one of {', '.join(create.PRINTER_TYPES)}"),
        ({"printer_type": "label_printer"}, "printerType", f"must be one of {', '.join(create.PRINTER_TYPES)}"),
        ({"attachment_placement": "ON"}, "attachmentPlacement", "must be one of INSIDE_PACKAGE, OUTSIDE_PACKAGE"),
        ({"printing_type": "BOTH"}, "printingType", "must be one of ORDER, SHIPMENT"),
        ({"copy_count": 0}, "copyCount", "must be at least 1"),
        ({"copy_count": INT32 + 1}, "copyCount", f"must be at most {INT32}"),
    ],
)
def test_bad_attachments(changes: dict[str, Any], path: str, message: str) -> None:
    """What the sheet does not name for an attachment is refused under the attachment's number."""
    good = Attachment("LABEL_PRINTER", "INSIDE_PACKAGE")
    assert said(replace(SMALL, attachments=(good, replace(good, **changes)))) == {f"attachments[1].{path}": message}


def test_everything_at_once() -> None:
    """An order that is wrong all over gets all its complaints in one go, so that nobody is sent back twice."""
    assert said(NewOrder(0, "", "x" * 41, Address(), (NewPosition("", 0),), comment="x" * 251)) == {
        "sellerId": "must be at least 1",
        "orderIdentifier": EMPTY,
        "orderReference": "must have at most 40 characters",
        "comment": "must have at most 250 characters",
        "deliveryAddress.name": "must not be empty, unless there is a company",
        "deliveryAddress.street": EMPTY,
        "deliveryAddress.city": EMPTY,
        "deliveryAddress.zip": EMPTY,
        "deliveryAddress.countryIso2": EMPTY,
        "positions[0].sku": EMPTY,
        "positions[0].quantity": "must be at least 1",
    }


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (Edit(), ()),
        (Edit("", False, ()), ()),
        (Edit("x" * 250, True, (("a", "1"),)), ()),
        (Edit(comment="x" * 251), (FieldError("comment", "must have at most 250 characters"),)),
        (
            Edit(custom_attributes=(("a", "1"), ("a", "1"))),
            (FieldError("customAttributes", "must not have a name twice"),),
        ),
        (
            Edit("x" * 251, None, (("", "1"),)),
            (
                FieldError("comment", "must have at most 250 characters"),
                FieldError("customAttributes", "must have a name for each value"),
            ),
        ),
    ],
)
def test_edits(edit: Edit, found: tuple[FieldError, ...]) -> None:
    """A change's comment has at most 250 characters and its attributes have names of their own (seed 002)."""
    assert check_edit(edit) == found


OLD = Order(
    1001,
    "COMPLETED",
    reference="#DE38678",
    identifier="shop-1",
    seller_id=12,
    seller_name="Nordlicht",
    warehouse_id=4,
    created=datetime(2026, 1, 1, tzinfo=UTC),
    ordered=datetime(2026, 1, 1, tzinfo=UTC),
    earliest_delivery=date(2026, 1, 2),
    latest_delivery=date(2026, 1, 3),
    delivery_address=BERLIN,
    invoice_address=VIENNA,
    positions=(Position("MUG-1", "Mug", 2, "L1", Decimal("12.10"), "p-1", (("engraving", "J"),)),),
    tags=("gift",),
    comment="Handle with care",
    tracking_enabled=True,
    shipping_method="UPS Saver",
    shipping_method_identifier="UPSS",
    purchase_order_number="PO-1",
    sscc_label=True,
    priority=2,
    currency="EUR",
    custom_attributes=(("priority", "high"),),
)


def test_copy() -> None:
    """A copy is the old order under a new identifier, without its dates, and good as it is."""
    copy = from_order(OLD, identifier="shop-2")
    assert copy == NewOrder(
        seller_id=12,
        order_identifier="shop-2",
        order_reference="#DE38678",
        delivery_address=BERLIN,
        positions=(NewPosition("MUG-1", 2, "Mug", Decimal("12.10"), "L1", product_identifier="p-1",
                               custom_attributes=(("engraving", "J"),)),),
        warehouse_id=4,
        invoice_address=VIENNA,
        currency_code="EUR",
        comment="Handle with care",
        shipping_method_identifier="UPSS",
        shipping_method_name="UPS Saver",
        tags=("gift",),
        tracking_enabled=True,
        order_priority=2,
        customer_purchase_order_number="PO-1",
        sscc_label=True,
        custom_attributes=(("priority", "high"),),
    )  # fmt: skip
    assert check(copy) == ()


def test_copy_of_little() -> None:
    """What an old order does not say is not made up: the check asks for it."""
    copy = from_order(Order(1, "X", positions=(Position("", "Mug"),), shipping_method="UPSS",
                            shipping_method_identifier="UPSS"), identifier="new")  # fmt: skip
    assert copy == NewOrder(0, "new", "", Address(), (NewPosition("", 0, "Mug"),), shipping_method_identifier="UPSS")
    assert {"sellerId", "orderReference", "positions[0].sku", "positions[0].quantity"} < set(said(copy))


@pytest.mark.parametrize("identifier", ["", "  ", "shop-1"])
def test_copy_needs_a_new_identifier(identifier: str) -> None:
    """Without an identifier of its own a copy could be taken for the order that it copies."""
    with pytest.raises(ValueError, match="identifier of its own"):
        from_order(OLD, identifier=identifier)
