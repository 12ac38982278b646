"""A file of orders: what can be read of it, what cannot and why, and the JSON that it is kept as (seed 001)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from ops_fakes import HOME, NEW

from backends.quivo.new_order import Attachment, Identifier, NewOrder, NewPosition
from backends.quivo.order import Address
from operations.csv_orders import MOST_BYTES, MOST_ROWS, Row, Unusable, parse_csv
from operations.packing import pack, unpack

ADDRESS = (
    "deliveryAddress.name,deliveryAddress.street,deliveryAddress.zip,deliveryAddress.city,deliveryAddress.countryIso2"
)
HEAD = f"sellerId,orderIdentifier,orderReference,{ADDRESS},sku,quantity"
PLACE = "Ada L,Ring 1,1010,Wien,AT"
WHOLE = NewOrder(
    seller_id=12,
    order_identifier="SC-1",
    order_reference="#1",
    delivery_address=replace(HOME, latitude=48.2, longitude=16.4),
    positions=(
        NewPosition(
            "A", 2, "Tea", Decimal("1.50"), "L1", date(2027, 1, 2), "R1", "p1", "x1", (("colour.dark", "red"),)
        ),
    ),
    warehouse_id=4,
    has_invoice_address=True,
    has_invoice_data=False,
    invoice_address=Address(company="ACME", street="Weg 2", zip="8010", city="Graz", country_iso2="AT"),
    order_date=datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
    currency_code="EUR",
    invoice_ids=("I1", "I2"),
    comment="ring; twice",
    earliest_delivery_date=date(2026, 12, 1),
    latest_delivery_date=date(2026, 12, 2),
    transport_insurance_amount=Decimal("9.99"),
    cash_on_delivery_amount=Decimal("5"),
    cash_on_delivery_currency="EUR",
    shipping_method_identifier="UPSS",
    shipping_method_name="UPS Saver",
    tags=("a", "b"),
    tracking_enabled=True,
    order_priority=2,
    order_reference2="#2",
    customer_purchase_order_number="PO-1",
    sscc_label=True,
    channel_id="ch",
    channel_name="Channel",
    attachments=(Attachment("LABEL_PRINTER", "INSIDE_PACKAGE", 2, "f.pdf", "ORDER", "key", "application/pdf"),),
    custom_attributes=(("gift", "yes"),),
    address_identifier="addr",
    additional_identifiers=(Identifier("id-1", "GLN"),),
)
CELLS = {
    "sellerId": "12",
    "orderIdentifier": "SC-1",
    "orderReference": "#1",
    "deliveryAddress.name": "Ada L",
    "deliveryAddress.street": "Ring 1",
    "deliveryAddress.zip": "1010",
    "deliveryAddress.city": "Wien",
    "deliveryAddress.countryIso2": "AT",
    "deliveryAddress.latitude": "48.2",
    "deliveryAddress.longitude": "16.4",
    "deliveryAddress.addressIdentifier": "addr",
    "deliveryAddress.additionalIdentifiers[0].identifier": "id-1",
    "deliveryAddress.additionalIdentifiers[0].type": "GLN",
    "positions[0].sku": "A",
    "positions[0].quantity": "2",
    "positions[0].name": "Tea",
    "positions[0].price": "1.50",
    "positions[0].lot": "L1",
    "positions[0].expirationDate": "2027-01-02",
    "positions[0].location": "R1",
    "positions[0].positionIdentifier": "p1",
    "positions[0].productIdentifier": "x1",
    "positions[0].customAttributes.colour.dark": "red",
    "warehouseId": "4",
    "hasInvoiceAddress": "yes",
    "hasInvoiceData": "FALSE",
    "invoiceAddress.company": "ACME",
    "invoiceAddress.street": "Weg 2",
    "invoiceAddress.zip": "8010",
    "invoiceAddress.city": "Graz",
    "invoiceAddress.countryIso2": "AT",
    "orderDate": "2026-11-01T09:30:00Z",
    "currencyCode": "EUR",
    "invoiceIds": "I1|I2",
    "comment": '"ring; twice"',
    "earliestDeliveryDate": "2026-12-01",
    "latestDeliveryDate": "2026-12-02",
    "transportInsuranceAmount": "9.99",
    "cashOnDeliveryAmount": "5",
    "cashOnDeliveryCurrency": "EUR",
    "shippingMethodIdentifier": "UPSS",
    "shippingMethodName": "UPS Saver",
    "tags": "a|b",
    "trackingEnabled": "true",
    "orderPriority": "2",
    "orderReference2": "#2",
    "customerPurchaseOrderNumber": "PO-1",
    "ssccLabel": "1",
    "channelId": "ch",
    "channelName": "Channel",
    "attachments[0].printerType": "LABEL_PRINTER",
    "attachments[0].attachmentPlacement": "INSIDE_PACKAGE",
    "attachments[0].copyCount": "2",
    "attachments[0].filename": "f.pdf",
    "attachments[0].printingType": "ORDER",
    "attachments[0].fileKey": "key",
    "attachments[0].mimeType": "application/pdf",
    "customAttributes.gift": "yes",
}


def rows_of(text: str | bytes) -> tuple[Row, ...]:
    raw = text if isinstance(text, bytes) else text.encode()
    parsed = parse_csv(raw)
    assert not isinstance(parsed, Unusable), parsed.text
    return parsed


def line(identifier: str = "SC-1", *, seller: str = "12", sku: str = "SKU-1", quantity: str = "1") -> str:
    return f"{seller},{identifier},#1,{PLACE},{sku},{quantity}"


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_every_field_of_the_seed_is_a_column(delimiter: str) -> None:
    """Each field of seed 001, under Quivo's own name, arrives where it belongs."""
    raw = f"{delimiter.join(CELLS)}\r\n{delimiter.join(CELLS.values())}\r\n"
    (row,) = rows_of(raw)
    assert (row.why, row.order) == ("", WHOLE)
    assert {one.name for one in fields(NewOrder) if getattr(WHOLE, one.name) in (None, ())} == set()


def test_an_order_survives_as_json() -> None:
    """What is kept of a row comes back as it was, whole or bare."""
    assert unpack(NewOrder, pack(WHOLE)) == WHOLE
    assert unpack(NewOrder, pack(NEW)) == NEW


@pytest.mark.parametrize(
    "raw",
    [
        f"{HEAD}\n{line()}".encode(),
        f"\ufeff{HEAD}\n{line()}\n".encode(),
        f"{HEAD}\r\n\r\n{line()}\r\n,,,,,,,,,\r\n".encode(),
        f"{HEAD}\n{line()}".replace(",", ";").encode(),
        f"{HEAD},\n{line()},".encode(),
        f"{HEAD.replace('sku', 'positions[0].sku')}\n{line()}".encode(),
    ],
    ids=["plain", "bom", "blank lines", "semicolons", "nameless column", "full names"],
)
def test_files_as_programs_write_them(raw: bytes) -> None:
    """One order comes out of each, whatever the program that wrote it."""
    (row,) = rows_of(raw)
    assert (row.identifier, row.order) == ("SC-1", NEW)


def test_old_windows_letters() -> None:
    """A file that is not UTF-8 is read as Windows' western code page."""
    (row,) = rows_of(f"{HEAD}\n{line()}".replace("Ada L", "Zoë Müller").encode("cp1252"))
    assert row.order is not None
    assert row.order.delivery_address.name == "Zoë Müller"


def test_rows_with_one_identifier_are_the_positions_of_one_order() -> None:
    """Three rows, two of them one order; what a later row leaves empty is not said again."""
    later = "12,SC-1,,,,,,,SKU-2,3"
    one, two = rows_of(f"{HEAD}\n{line()}\n{line('SC-2')}\n{later}")
    assert (one.number, two.number) == (2, 3)
    assert one.order == replace(NEW, positions=(*NEW.positions, NewPosition("SKU-2", 3)))
    assert two.order == replace(NEW, order_identifier="SC-2")


def test_the_same_identifier_of_two_sellers_is_two_orders() -> None:
    """Identifiers are unique for a seller only (apis/quivo.md §5.1)."""
    assert [row.number for row in rows_of(f"{HEAD}\n{line()}\n{line(seller='13')}")] == [2, 3]


def test_rows_that_contradict_each_other_are_bad() -> None:
    """Two references for one order: not sent, and the rows are named."""
    (row,) = rows_of(f"{HEAD}\n{line()}\n{line().replace('#1', '#2')}")
    assert (row.order, row.why) == (None, "row 3 says something else than row 2 about the same order")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (line(quantity="two"), "quantity is not a whole number"),
        (line(quantity="1.0"), "quantity is not a whole number"),
        (line(quantity="0"), "positions[0].quantity"),
        (line(sku=""), "positions[0].sku"),
        (line(seller=""), "sellerId"),
        (line(identifier=""), "orderIdentifier"),
        (line(identifier="x" * 41), "orderIdentifier"),
        (line() + ",more", "row 2 has more cells than there are columns"),
        (line().replace("AT", "Austria"), "deliveryAddress.countryIso2"),
        (f"12,SC-1,#1,{',' * 4},SKU-1,1", "deliveryAddress.name"),
    ],
)
def test_a_bad_row_says_why(text: str, why: str) -> None:
    """What can't be read, or what seed 001 forbids, is said with the name of its column; the others stay good."""
    bad, good = rows_of(f"{HEAD}\n{text}\n{line('SC-9')}")
    assert bad.order is None
    assert bad.why.startswith(why)
    assert (good.identifier, good.why) == ("SC-9", "")


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("trackingEnabled", "maybe", "trackingEnabled is neither true nor false"),
        ("earliestDeliveryDate", "01.12.2026", "earliestDeliveryDate is not a day such as 2026-11-30"),
        ("orderDate", "yesterday", "orderDate is not a time such as 2026-11-30T09:30:00Z"),
        ("price", "NaN", "price is not a number such as 12.50"),
        ("price", "1e400", "price is not a number such as 12.50"),
        ("comment", "x" * 251, "comment must have at most 250 characters"),
    ],
)
def test_cells_that_make_no_sense(column: str, cell: str, why: str) -> None:
    """Each kind of value says what it should look like."""
    (row,) = rows_of(f"{HEAD},{column}\n{line()},{cell}")
    assert (row.order, row.why) == (None, why)


def test_many_flaws_are_cut() -> None:
    """Three reasons are enough, and the rest is counted."""
    (row,) = rows_of(f"{HEAD}\n,SC-1,,,,,,,,")
    assert row.why.count(";") == 3
    assert "more" in row.why


def test_decimal_commas_go_with_semicolons() -> None:
    """Where columns are divided by semicolons, a price may have a comma."""
    (row,) = rows_of(f"{HEAD};price".replace(",", ";") + "\n" + f"{line()}".replace(",", ";") + ";12,50")
    assert row.order is not None
    assert row.order.positions[0].price == Decimal("12.50")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (HEAD.encode(), "nothing below its first row"),
        (b"sellerId,orderReference\n1,2", "orderIdentifier is missing"),
        (b"orderIdentifier,colour\n1,2", "there is no column colour"),
        (b"orderIdentifier,deliveryAddress\n1,2", "needs more to its name"),
        (b"orderIdentifier,positions\n1,2", "needs more to its name"),
        (b"orderIdentifier,sku,positions[0].sku\n1,2,3", "is there twice"),
        (b'orderIdentifier,comment\n1,"open', "quotation marks"),
        (f"{HEAD}\n{line()}".encode("utf-16"), "CSV in UTF-8"),
        (b"orderIdentifier\n\0", "CSV in UTF-8"),
        (b"orderIdentifier\n\x81", "CSV in UTF-8"),
        (b"PK\x03\x04\n1", "there is no column"),
        (b"x" * (MOST_BYTES + 1), "larger than 1 MB"),
    ],
)
def test_files_that_cannot_be_used(raw: bytes, words: str) -> None:
    """The file as a whole is refused with a reason, and nothing is kept."""
    parsed = parse_csv(raw)
    assert isinstance(parsed, Unusable)
    assert words in parsed.text


def test_two_thousand_rows_and_not_one_more() -> None:
    """The limit is just inside and just outside."""
    many = [line(f"SC-{number}") for number in range(MOST_ROWS + 1)]
    assert len(rows_of("\n".join([HEAD, *many[:-1]]))) == MOST_ROWS
    assert isinstance(parse_csv("\n".join([HEAD, *many]).encode()), Unusable)


def test_rows_show_no_personal_data() -> None:
    """A row in a log or a traceback shows its number and no more (D1)."""
    (row,) = rows_of(f"{HEAD}\n{line()}")
    assert repr(row) == "Row(number=2)"
