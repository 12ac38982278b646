"""What stands beside scheduled orders as it is on the wire, under QPilot's own names (apis/qpilot.md §5.2 to §5.8).

The functions at the end take one record's JSON and raise ValueError if it is none.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from backends.qpilot.documents import utc
from backends.qpilot.entities import (
    Coupon,
    Customer,
    EventLog,
    IntegrationCheck,
    Metrics,
    Problem,
    Product,
    Settings,
    Site,
)
from backends.qpilot.models import PaymentMethodWire, address
from backends.qpilot.order import Change, Cycle, PaymentMethod
from backends.wire import Flag, Id, Maybe, Moment, Money, Several, Text, Whole, Wire

_Key = Annotated[str, Field(min_length=1)]


class _Customer(Wire):
    id: _Key
    email: Text = None
    firstName: Text = None
    lastName: Text = None
    phoneNumber: Text = None
    company: Text = None
    shippingFirstName: Text = None
    shippingLastName: Text = None
    shippingStreet1: Text = None
    shippingStreet2: Text = None
    shippingCity: Text = None
    shippingState: Text = None
    shippingPostcode: Text = None
    shippingCountry: Text = None
    billingFirstName: Text = None
    billingLastName: Text = None
    billingStreet1: Text = None
    billingStreet2: Text = None
    billingCity: Text = None
    billingState: Text = None
    billingPostcode: Text = None
    billingCountry: Text = None
    paymentMethods: Several[PaymentMethodWire] = ()
    createdUtc: Moment = None


class _Product(Wire):
    id: _Key
    title: Text = None
    sku: Text = None
    price: Money = None
    salePrice: Money = None
    availability: Text = None
    stock: Whole = None
    addToScheduledOrder: Flag = None
    processScheduledOrder: Flag = None
    active: Flag = None
    valid: Flag = None


class _Site(Wire):
    id: Id
    name: Text = None
    url: Text = None
    environment: Text = None
    timezone: Text = None
    utcOffset: Whole = None
    lockDurationDays: Whole = None
    orderProcessingOffset: Whole = None
    orderProcessingStartTime: Text = None
    orderProcessingEndTime: Text = None
    isProcessingPaused: Flag = None


class _Settings(Wire):
    lockWindow: Whole = None
    utcOffset: Whole = None
    showNotes: Flag = None
    showCoupons: Flag = None


class _Coupon(Wire):
    id: Id
    code: _Key
    name: Text = None
    discountType: Text = None
    amount: Money = None


class _EventLog(Wire):
    eventUtc: Moment = None
    eventType: Text = None
    eventVerb: Text = None
    entityType: Text = None
    descriptionFormatted: Text = None


class _Metrics(Wire):
    totalScheduledOrdersActive: Whole = None
    totalScheduledOrdersActiveValue: Money = None
    totalScheduledOrdersPaused: Whole = None
    totalScheduledOrdersPausedValue: Money = None
    totalScheduledOrdersFailed: Whole = None
    totalScheduledOrdersFailedValue: Money = None
    totalScheduledOrdersDeleted: Whole = None
    totalScheduledOrdersDeletedValue: Money = None
    totalScheduledOrdersLifetimeValue: Money = None
    averageProcessingCycleValue: Money = None
    totalSuccessfulProcessingCycles: Whole = None
    totalProductsPurchased: Whole = None
    lastSuccessfulProcessingCycleDate: Moment = None
    lastFailedProcessingCycleDate: Moment = None


class _Problem(Wire):
    type: Whole = None
    statusCode: Whole = None
    message: Text = None


class _Integration(Wire):
    isSuccess: bool
    errors: Several[_Problem] = ()


class _Cycle(Wire):
    id: _Key
    scheduledOrderId: Whole = None
    status: Text = None
    startDateUtc: Moment = None
    endDateUtc: Moment = None
    scheduledOrderTotal: Money = None
    chargedOrderTotal: Money = None
    currencyIso: Text = None
    clientOrderId: Text = None
    processingErrorCode: Whole = None
    failureReason: Text = None


class _Change(Wire):
    id: Maybe[Id] = None
    scheduledOrderId: Whole = None
    createdUtc: Moment = None
    actionType: Text = None
    description: Text = None


def payment_method(record: Any) -> PaymentMethod:
    """A payment method."""
    return PaymentMethodWire.model_validate(record).to_payment_method()


def customer(record: Any) -> Customer:
    """A customer."""
    wire = _Customer.model_validate(record)
    return Customer(
        id=wire.id,
        email=wire.email,
        first_name=wire.firstName,
        last_name=wire.lastName,
        phone=wire.phoneNumber,
        company=wire.company,
        shipping=address(wire, "shipping"),
        billing=address(wire, "billing"),
        payment_methods=tuple(one.to_payment_method() for one in wire.paymentMethods if one),
        created=utc(wire.createdUtc),
    )


def product(record: Any) -> Product:
    """A product."""
    wire = _Product.model_validate(record)
    return Product(
        id=wire.id,
        title=wire.title,
        sku=wire.sku,
        price=wire.price,
        sale_price=wire.salePrice,
        availability=wire.availability,
        stock=wire.stock,
        add=wire.addToScheduledOrder,
        process=wire.processScheduledOrder,
        active=wire.active,
        valid=wire.valid,
    )


def site(record: Any) -> Site:
    """A site."""
    wire = _Site.model_validate(record)
    return Site(
        id=wire.id,
        name=wire.name,
        url=wire.url,
        environment=wire.environment,
        timezone=wire.timezone,
        utc_offset=wire.utcOffset,
        lock_days=wire.lockDurationDays,
        processing_offset_days=wire.orderProcessingOffset,
        processing_start=wire.orderProcessingStartTime,
        processing_end=wire.orderProcessingEndTime,
        processing_paused=bool(wire.isProcessingPaused),
    )


def settings(record: Any) -> Settings:
    """A site's settings."""
    wire = _Settings.model_validate(record)
    return Settings(wire.lockWindow, wire.utcOffset, wire.showNotes, wire.showCoupons)


def coupon(record: Any) -> Coupon:
    """A coupon."""
    wire = _Coupon.model_validate(record)
    return Coupon(wire.id, wire.code, wire.name, wire.discountType, wire.amount)


def event_log(record: Any) -> EventLog:
    """An event."""
    wire = _EventLog.model_validate(record)
    return EventLog(utc(wire.eventUtc), wire.eventType, wire.eventVerb, wire.entityType, wire.descriptionFormatted)


def metrics(record: Any) -> Metrics:
    """A customer's figures."""
    wire = _Metrics.model_validate(record)
    return Metrics(
        active=wire.totalScheduledOrdersActive,
        active_value=wire.totalScheduledOrdersActiveValue,
        paused=wire.totalScheduledOrdersPaused,
        paused_value=wire.totalScheduledOrdersPausedValue,
        failed=wire.totalScheduledOrdersFailed,
        failed_value=wire.totalScheduledOrdersFailedValue,
        deleted=wire.totalScheduledOrdersDeleted,
        deleted_value=wire.totalScheduledOrdersDeletedValue,
        lifetime_value=wire.totalScheduledOrdersLifetimeValue,
        average_cycle_value=wire.averageProcessingCycleValue,
        successful_cycles=wire.totalSuccessfulProcessingCycles,
        products_purchased=wire.totalProductsPurchased,
        last_success=utc(wire.lastSuccessfulProcessingCycleDate),
        last_failure=utc(wire.lastFailedProcessingCycleDate),
    )


def integration_check(record: Any) -> IntegrationCheck:
    """The result of the check of the store's connection."""
    wire = _Integration.model_validate(record)
    return IntegrationCheck(
        wire.isSuccess, tuple(Problem(one.type, one.statusCode, one.message) for one in wire.errors if one)
    )


def cycle(record: Any) -> Cycle:
    """A processing cycle."""
    wire = _Cycle.model_validate(record)
    return Cycle(
        id=wire.id,
        scheduled_order_id=wire.scheduledOrderId,
        status=wire.status,
        started=utc(wire.startDateUtc),
        ended=utc(wire.endDateUtc),
        scheduled_total=wire.scheduledOrderTotal,
        charged_total=wire.chargedOrderTotal,
        currency=wire.currencyIso,
        store_order_id=wire.clientOrderId,
        error_code=wire.processingErrorCode,
        failure_reason=wire.failureReason,
    )


def change(record: Any) -> Change:
    """An entry of the history."""
    wire = _Change.model_validate(record)
    return Change(wire.id, wire.scheduledOrderId, utc(wire.createdUtc), wire.actionType, wire.description)
