"""A new order as `POST /orders` takes it, by seed 001's fields, and one made from an order that there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from backends.quivo.order import Address, Order, Position


@dataclass(frozen=True)
class NewPosition:
    """One line of a new order."""

    sku: str
    quantity: int
    name: str | None = None
    price: Decimal | None = None
    lot: str | None = None
    expiration_date: date | None = None
    location: str | None = None
    position_identifier: str | None = None
    product_identifier: str | None = None
    custom_attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Attachment:
    """A document that the warehouse prints; its words are those of ``create.PRINTER_TYPES`` and the like."""

    printer_type: str
    attachment_placement: str
    copy_count: int = 1
    filename: str | None = None
    printing_type: str | None = None
    file_key: str | None = None
    mime_type: str | None = None


@dataclass(frozen=True)
class Identifier:
    """One of the delivery address's ``additionalIdentifiers``."""

    identifier: str
    type: str | None = None


@dataclass(frozen=True)
class NewOrder:
    """An order to be made; its fields are seed 001's, by their names in snake case.

    ``address_identifier`` and ``additional_identifiers`` belong to the delivery address; ``order_date`` has a time
    zone; with an ``invoice_address``, ``has_invoice_address`` need not be said; ``tracking_enabled`` costs money.
    """

    seller_id: int
    order_identifier: str
    order_reference: str
    delivery_address: Address
    positions: tuple[NewPosition, ...]
    warehouse_id: int | None = None
    has_invoice_address: bool | None = None
    has_invoice_data: bool | None = None
    invoice_address: Address | None = None
    order_date: datetime | None = None
    currency_code: str | None = None
    invoice_ids: tuple[str, ...] = ()
    comment: str | None = None
    earliest_delivery_date: date | None = None
    latest_delivery_date: date | None = None
    transport_insurance_amount: Decimal | None = None
    cash_on_delivery_amount: Decimal | None = None
    cash_on_delivery_currency: str | None = None
    shipping_method_identifier: str | None = None
    shipping_method_name: str | None = None
    tags: tuple[str, ...] = ()
    tracking_enabled: bool | None = None
    order_priority: int | None = None
    order_reference2: str | None = None
    customer_purchase_order_number: str | None = None
    sscc_label: bool | None = None
    channel_id: str | None = None
    channel_name: str | None = None
    attachments: tuple[Attachment, ...] = ()
    custom_attributes: tuple[tuple[str, str], ...] = ()
    address_identifier: str | None = None
    additional_identifiers: tuple[Identifier, ...] = ()


def from_order(order: Order, *, identifier: str) -> NewOrder:
    """A new order with what can be read of an old one, under an identifier of its own.

    Dates are left out, for they lie in the past. What the old order does not say (a seller, an address, a quantity) is
    empty or 0, which ``create.check`` refuses under that field. Raises ValueError without a new identifier.
    """
    if not identifier.strip() or identifier == order.identifier:
        raise ValueError("a copy needs an identifier of its own")
    return NewOrder(
        seller_id=order.seller_id or 0,
        order_identifier=identifier,
        order_reference=order.reference or "",
        delivery_address=order.delivery_address or Address(),
        positions=tuple(_again(line) for line in order.positions),
        warehouse_id=order.warehouse_id,
        invoice_address=order.invoice_address,
        currency_code=order.currency,
        comment=order.comment,
        shipping_method_identifier=order.shipping_method_identifier,
        shipping_method_name=_name_of_the_method(order),
        tags=order.tags,
        tracking_enabled=order.tracking_enabled,
        order_priority=order.priority,
        customer_purchase_order_number=order.purchase_order_number,
        sscc_label=order.sscc_label,
        custom_attributes=order.custom_attributes,
    )


def _name_of_the_method(order: Order) -> str | None:
    """The name, which an order shows as its method unless there is only an identifier."""
    return None if order.shipping_method == order.shipping_method_identifier else order.shipping_method


def _again(line: Position) -> NewPosition:
    return NewPosition(
        sku=line.sku,
        quantity=line.quantity or 0,
        name=line.name,
        price=line.price,
        lot=line.lot,
        product_identifier=line.product_identifier,
        custom_attributes=line.custom_attributes,
    )
