"""Scheduled orders as they are on the wire, and the domain types that they become (apis/qpilot.md §5.1, §5.3).

Field names are QPilot's own, so that they can be compared with its documents.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from backends.qpilot.documents import dumped, loaded, utc
from backends.qpilot.order import Address, Item, PaymentMethod, Person, Row, ScheduledOrder
from backends.wire import Flag, Id, Maybe, Moment, Money, Several, Text, Whole, Wire

_LAST_FOUR = re.compile(r"[0-9]{4}", re.ASCII)
_NOWHERE = Address()
_MOMENT = TypeAdapter(datetime)


class PersonWire(Wire):
    """The customer within a scheduled order."""

    id: Text = None
    email: Text = None
    firstName: Text = None
    lastName: Text = None

    def to_person(self) -> Person:
        """The person in Shipclerk's words."""
        return Person(self.id, self.email, self.firstName, self.lastName)


class PaymentMethodWire(Wire):
    """A payment method; the gateway's tokens in its body are not even read."""

    id: Id
    customerId: Text = None
    type: Text = None
    lastFourDigits: Text = None
    expirationDate: Moment = None
    description: Text = None
    status: Text = None
    isDefault: Flag = None

    def to_payment_method(self) -> PaymentMethod:
        """The payment method in Shipclerk's words; what should be four digits and is not is left out."""
        last_four = self.lastFourDigits
        return PaymentMethod(
            id=self.id,
            type=self.type,
            customer_id=self.customerId,
            last_four_digits=last_four if last_four and _LAST_FOUR.fullmatch(last_four) else None,
            expiration=utc(self.expirationDate),
            description=self.description,
            status=self.status,
            is_default=self.isDefault,
        )


class _ProductWire(Wire):
    """The product within a line."""

    title: Text = None
    sku: Text = None
    availability: Text = None
    processScheduledOrder: Flag = None


class ItemWire(Wire):
    """One line of a scheduled order."""

    id: Id
    productId: Annotated[str, Field(min_length=1)]
    product: Maybe[_ProductWire] = None
    quantity: Whole = None
    price: Money = None
    salePrice: Money = None
    cycles: Whole = None
    minCycles: Whole = None
    maxCycles: Whole = None

    def to_item(self) -> Item:
        """The line in Shipclerk's words."""
        product = self.product or _ProductWire()
        return Item(
            id=self.id,
            product_id=self.productId,
            quantity=self.quantity,
            price=self.price,
            sale_price=self.salePrice,
            title=product.title,
            sku=product.sku,
            availability=product.availability,
            processed=product.processScheduledOrder,
            cycles=self.cycles,
            min_cycles=self.minCycles,
            max_cycles=self.maxCycles,
        )


class RowWire(Wire):
    """A scheduled order in the light list; all but id and status may be missing."""

    id: Id
    status: Annotated[str, Field(min_length=1)]
    customerId: Text = None
    customer: Maybe[PersonWire] = None
    nextOccurrenceUtc: Moment = None
    lastOccurrenceUtc: Moment = None
    frequency: Whole = None
    frequencyType: Text = None
    frequencyDisplayName: Text = None
    currencyIso: Text = None
    total: Money = None
    subtotal: Money = None
    cycles: Whole = None
    locked: Flag = None
    processingErrorCode: Whole = None
    scheduledOrderFailureReason: Text = None

    def to_row(self) -> Row:
        """The row in Shipclerk's words."""
        return Row(
            id=self.id,
            status=self.status,
            customer_id=self.customer_id(),
            customer=self.customer.to_person() if self.customer else None,
            next_occurrence=utc(self.nextOccurrenceUtc),
            last_occurrence=utc(self.lastOccurrenceUtc),
            frequency=self.frequency,
            frequency_type=self.frequencyType,
            frequency_name=self.frequencyDisplayName,
            currency=self.currencyIso,
            total=self.total,
            subtotal=self.subtotal,
            cycles=self.cycles,
            locked=self.locked,
            error_code=self.processingErrorCode,
            failure_reason=self.scheduledOrderFailureReason,
        )

    def customer_id(self) -> str | None:
        """The store's id, which the customer has; a row's own can be QPilot's internal number (apis/qpilot.md §3.2)."""
        return (self.customer.id if self.customer else None) or self.customerId


class OrderWire(RowWire):
    """A whole scheduled order."""

    siteId: Whole = None
    name: Text = None
    nextOccurrenceOffset: Whole = None
    utcOffset: Whole = None
    paymentMethodId: Whole = None
    paymentMethod: Maybe[PaymentMethodWire] = None
    shippingTotal: Money = None
    taxTotal: Money = None
    lifetimeValue: Money = None
    scheduledOrderItems: Several[ItemWire] = ()
    shippingFirstName: Text = None
    shippingLastName: Text = None
    shippingStreet1: Text = None
    shippingStreet2: Text = None
    shippingCity: Text = None
    shippingState: Text = None
    shippingPostcode: Text = None
    shippingCountry: Text = None
    phoneNumber: Text = None
    company: Text = None
    shippingRateName: Text = None
    coupons: Several[str] = ()
    lastEditableDate: Moment = None
    dunning: Any = None
    snoozeUntilUtc: Moment = None
    note: Text = None
    origin: Text = None
    createdUtc: Moment = None
    updatedUtc: Moment = None

    def to_order(self, document: str) -> ScheduledOrder:
        """The scheduled order in Shipclerk's words, with QPilot's own."""
        return ScheduledOrder(
            id=self.id,
            status=self.status,
            site_id=self.siteId,
            customer_id=self.customer_id(),
            customer=self.customer.to_person() if self.customer else None,
            name=self.name,
            next_occurrence=utc(self.nextOccurrenceUtc),
            last_occurrence=utc(self.lastOccurrenceUtc),
            next_occurrence_offset=self.nextOccurrenceOffset,
            utc_offset=self.utcOffset,
            frequency=self.frequency,
            frequency_type=self.frequencyType,
            frequency_name=self.frequencyDisplayName,
            cycles=self.cycles,
            payment_method_id=self.paymentMethodId,
            payment_method=self.paymentMethod.to_payment_method() if self.paymentMethod else None,
            currency=self.currencyIso,
            subtotal=self.subtotal,
            shipping_total=self.shippingTotal,
            tax_total=self.taxTotal,
            total=self.total,
            lifetime_value=self.lifetimeValue,
            items=tuple(line.to_item() for line in self.scheduledOrderItems if line),
            address=address(self, "shipping"),
            phone=self.phoneNumber,
            company=self.company,
            shipping_rate=self.shippingRateName,
            coupons=tuple(code for code in self.coupons if code),
            locked=bool(self.locked),
            last_editable=utc(self.lastEditableDate),
            failure_reason=self.scheduledOrderFailureReason,
            error_code=self.processingErrorCode,
            in_dunning=bool(self.dunning),
            snoozed_until=utc(self.snoozeUntilUtc),
            note=self.note,
            origin=self.origin,
            created=utc(self.createdUtc),
            updated=utc(self.updatedUtc),
            document=document,
        )


def scheduled_order(record: Any) -> ScheduledOrder:
    """One whole scheduled order from its JSON; raises ValueError if it is none."""
    wire = OrderWire.model_validate(record)
    try:
        return wire.to_order(dumped(record))
    except RecursionError:
        pass  # its frames would be thousands
    raise ValueError("too deep")


def address(wire: Wire, kind: str) -> Address | None:
    """The address whose fields begin with ``kind``; None if nothing of it is known."""
    names = ("FirstName", "LastName", "Street1", "Street2", "City", "State", "Postcode", "Country")
    found = Address(*(getattr(wire, kind + name) for name in names))
    return None if found == _NOWHERE else found


def moment_of(body: bytes) -> datetime:
    """The moment in a body that is one JSON text; raises ValueError if it is none (apis/qpilot.md §6.1)."""
    said = loaded(body)
    found = utc(_MOMENT.validate_python(said)) if isinstance(said, str) else None
    if found is None:
        raise ValueError("not a moment")
    return found


def row(record: Any) -> Row:
    """One row of the light list from its JSON; raises ValueError if it is none."""
    return RowWire.model_validate(record).to_row()
