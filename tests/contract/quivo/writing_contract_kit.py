"""What the contract tests of writing share: orders to write, a stand-in that listens, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from backends.errors import (
    BackendError,
    Invalid,
)
from backends.http import BackendHttp, Limits
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import QuivoClient
from backends.quivo.create import (
    AddressType,
    Attachment,
    Edit,
    Identifier,
    NewOrder,
    NewPosition,
)
from backends.quivo.order import Address
from sandbox.quivo import Quivo
from sandbox.serving import serve

ADA = Credentials("demo-key", "ada", "demo-pass")
QUICK = Limits(write_total=1.0)
NOWHERE, SHIPPED, WAITING, WORKED_ON = 999_999, "COMPLETED", "PENDING", 1001
BERLIN = Address(name="Jana Bergmann", street="Lindenstraße 14", zip="10969", city="Berlin", country_iso2="DE")
VIENNA = Address(company="ACME", street="Graben 1", street2="Top 3", zip="1010", city="Wien", country_iso2="AT")
ON_THE_MAP = Address(name="Jana", latitude=52.5, longitude=13.25)
MUG = NewPosition("MUG-SEA-350", 2)
SMALL = NewOrder(12, "new-1", "#NEW1", BERLIN, (MUG,))
WHOLE = NewOrder(
    seller_id=12,
    order_identifier="new-2",
    order_reference="#NEW2",
    delivery_address=replace(BERLIN, company="GmbH", state="BE", phone="1", email="a@mail.example", street2="c/o",
                             latitude=52.5, longitude=13.25),
    positions=(
        NewPosition("MUG-SEA-350", 2, "Mug", Decimal("12.10"), "L1", date(2027, 1, 31), "A-01", "line-1", "p-1",
                    (("engraving", "J"),)),
        NewPosition("BOWL-OAT-18", 1, price=Decimal(20)),
    ),
    warehouse_id=4,
    has_invoice_address=True,
    has_invoice_data=True,
    invoice_address=VIENNA,
    order_date=datetime(2026, 11, 7, 5, 31, 56, tzinfo=UTC),
    currency_code="EUR",
    invoice_ids=("R-1",),
    comment="Handle with care",
    earliest_delivery_date=date(2026, 12, 24),
    latest_delivery_date=date(2026, 12, 25),
    transport_insurance_amount=Decimal("100.5"),
    cash_on_delivery_amount=Decimal("44.20"),
    cash_on_delivery_currency="EUR",
    shipping_method_identifier="UPSS",
    shipping_method_name="UPS Saver",
    tags=("gift",),
    tracking_enabled=True,
    order_priority=2,
    order_reference2="#2",
    customer_purchase_order_number="PO-89225",
    sscc_label=True,
    channel_id="obi",
    channel_name="Obi E-Commerce",
    attachments=(Attachment("LABEL_PRINTER", "INSIDE_PACKAGE", 2, "a.pdf", "ORDER", "key", "application/pdf"),),
    custom_attributes=(("priority", "high"),),
    address_identifier="a-1",
    additional_identifiers=(Identifier("GLN-1", "GLN"),),
)  # fmt: skip

Write = Callable[[QuivoClient, Session], Awaitable[object]]
WRITES: dict[str, tuple[str, Write]] = {
    "create": ("POST /orders", lambda quivo, ada: quivo.create(ada, SMALL)),
    "edit": ("PATCH /orders", lambda quivo, ada: quivo.edit(ada, WORKED_ON, Edit("new"))),
    "address": (
        "PUT /orders",
        lambda quivo, ada: quivo.address(ada, WORKED_ON, AddressType.DELIVERY_AND_INVOICE, VIENNA),
    ),
    "cancel": ("POST /orders", lambda quivo, ada: quivo.cancel_request(ada, WORKED_ON)),
}


@asynccontextmanager
async def working(quivo: Quivo, limits: Limits = Limits()) -> AsyncIterator[tuple[QuivoClient, Session]]:  # noqa: B008
    """A client of a stand-in that listens, and Ada's session; the login is no longer in its journal."""
    served = await serve(quivo.app())
    http = BackendHttp("quivo", served.url, limits)
    try:
        client = QuivoClient(http)
        session = await client.login(ADA)
        quivo.requests.clear()
        yield client, session
    finally:
        await http.close()
        await served.close()


async def refused(work: Awaitable[object]) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await work
    return caught.value


def fields(error: BackendError) -> list[str]:
    return [one.field for one in error.fields] if isinstance(error, Invalid) else []


def in_status(quivo: Quivo, status: str) -> int:
    """An order of Ada's in this status."""
    return next(number for number, held in quivo.orders.items() if number < 2000 and held["orderStatus"] == status)
