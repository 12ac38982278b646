"""Quivo's bodies as they are on the wire, and the domain types that they become (apis/quivo.md §5.2, §5.3, §7).

Field names are Quivo's own, so that they can be compared with its documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from backends.quivo.order import Address, Order, Position, Tracking
from backends.wire import DEFERRED, Day, Flag, Id, Maybe, Moment, Price, Several, Text, Whole, Wire, https, utc


@dataclass(frozen=True)
class Seller:
    """A seller whose orders this account may see."""

    id: int
    name: str | None = None
    identifier: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class Warehouse:
    """A warehouse; one that is not ``active`` is not offered for new orders."""

    id: int
    name: str | None = None
    country_iso2: str | None = None
    active: bool = True


class AddressWire(Wire):
    """An address as it is read; written addresses have other names (apis/quivo.md §5.3)."""

    name1: Text = None
    name2: Text = None
    company: Text = None
    address1: Text = None
    address2: Text = None
    address3: Text = None
    zip: Text = None
    city: Text = None
    state: Text = None
    country: Text = None
    phone: Text = None
    email: Text = None
    latitude: Maybe[float] = None
    longitude: Maybe[float] = None

    def to_address(self) -> Address | None:
        """The address, its second name and third line joined to their neighbours; None if nothing is known."""
        return _known(
            Address(
                name=_joined(" ", self.name1, self.name2),
                company=self.company,
                street=self.address1,
                street2=_joined(", ", self.address2, self.address3),
                zip=self.zip,
                city=self.city,
                state=self.state,
                country_iso2=self.country,
                phone=self.phone,
                email=self.email,
                latitude=self.latitude,
                longitude=self.longitude,
            )
        )


class PositionWire(Wire):
    """One line of an order."""

    sku: Text = None
    name: Text = None
    quantity: Whole = None
    lot: Text = None
    price: Price = None
    productIdentifier: Text = None
    customAttributes: Any = None

    def to_position(self) -> Position:
        """The line in Shipclerk's words; the SKU is empty where only a name is known."""
        return Position(
            sku=self.sku or "",
            name=self.name,
            quantity=self.quantity,
            lot=self.lot,
            price=self.price,
            product_identifier=self.productIdentifier,
            custom_attributes=_attributes(self.customAttributes),
        )


class TrackingWire(Wire):
    """One parcel's number and page."""

    number: Text = None
    link: Text = None


class OrderWire(Wire):
    """An order as a list item (``shipTo…``) or whole (``deliveryAddress``); all but id and status may be missing."""

    orderId: Id
    orderStatus: Annotated[str, Field(min_length=1)]
    orderReference: Text = None
    orderIdentifier: Text = None
    sellerId: Whole = None
    sellerName: Text = None
    warehouseId: Whole = None
    created: Moment = None
    lastModified: Moment = None
    orderDate: Moment = None
    completedAt: Moment = None
    cancelRequestedAt: Moment = None
    earliestDeliveryDate: Day = None
    latestDeliveryDate: Day = None
    deliveryAddress: Maybe[AddressWire] = None
    invoiceAddress: Maybe[AddressWire] = None
    shipToName1: Text = None
    shipToName2: Text = None
    shipToCompany: Text = None
    shipToZip: Text = None
    shipToCountry: Text = None
    shipToEmail: Text = None
    billToEmail: Text = None
    positions: Several[PositionWire] = ()
    shipmentTracking: Several[TrackingWire] = ()
    tags: Several[str] = ()
    comment: Text = None
    trackingEnabled: Flag = None
    shippingMethodName: Text = None
    shippingMethodIdentifier: Text = None
    customerPurchaseOrderNumber: Text = None
    ssccLabel: Flag = None
    orderPriority: Whole = None
    currency: Text = None
    currencyCode: Text = None
    customAttributes: Any = None
    piiDataRemoved: Flag = None
    sort: Any = None

    def to_order(self) -> Order:
        """The order in Shipclerk's words; links that are not https are left out (apis/quivo.md §6)."""
        return Order(
            order_id=self.orderId,
            status=self.orderStatus,
            reference=self.orderReference,
            identifier=self.orderIdentifier,
            seller_id=self.sellerId,
            seller_name=self.sellerName,
            warehouse_id=self.warehouseId,
            created=utc(self.created),
            last_modified=utc(self.lastModified),
            ordered=utc(self.orderDate),
            completed=utc(self.completedAt),
            cancel_requested=utc(self.cancelRequestedAt),
            earliest_delivery=self.earliestDeliveryDate,
            latest_delivery=self.latestDeliveryDate,
            delivery_address=self.deliveryAddress.to_address() if self.deliveryAddress else self._shipped_to(),
            invoice_address=self.invoiceAddress.to_address() if self.invoiceAddress else self._billed_to(),
            positions=_positions(self.positions),
            tracking=_tracking(self.shipmentTracking),
            tags=tuple(tag for tag in self.tags if tag),
            comment=self.comment,
            tracking_enabled=self.trackingEnabled,
            shipping_method=self.shippingMethodName or self.shippingMethodIdentifier,
            shipping_method_identifier=self.shippingMethodIdentifier,
            purchase_order_number=self.customerPurchaseOrderNumber,
            sscc_label=self.ssccLabel,
            priority=self.orderPriority,
            currency=self.currency or self.currencyCode,
            custom_attributes=_attributes(self.customAttributes),
            personal_data_removed=bool(self.piiDataRemoved),
        )

    def cursor(self) -> str:
        """What to hand back as ``searchAfter`` to go on behind this order (apis/quivo.md §4)."""
        values = self.sort
        if not isinstance(values, list) or not values or not all(isinstance(value, str | int) for value in values):
            return str(self.orderId)
        return str(values[0]) if len(values) == 1 else json.dumps(values)

    def _shipped_to(self) -> Address | None:
        return _known(
            Address(
                name=_joined(" ", self.shipToName1, self.shipToName2),
                company=self.shipToCompany,
                zip=self.shipToZip,
                country_iso2=self.shipToCountry,
                email=self.shipToEmail,
            )
        )

    def _billed_to(self) -> Address | None:
        return _known(Address(email=self.billToEmail))


class SellerWire(Wire):
    """A seller; its body can hold ``connectorApiKey``, a secret, which is not even read (apis/quivo.md §7)."""

    id: Id
    name: Text = None
    identifier: Text = None
    status: Text = None

    def to_seller(self) -> Seller:
        """The seller in Shipclerk's words."""
        return Seller(self.id, self.name, self.identifier, self.status)


class WarehouseWire(Wire):
    """A warehouse."""

    id: Id
    name: Text = None
    warehouseAddress: Any = None
    deactivatedAt: Text = None

    def to_warehouse(self) -> Warehouse:
        """The warehouse in Shipclerk's words; it is active while ``deactivatedAt`` is empty."""
        address = self.warehouseAddress if isinstance(self.warehouseAddress, dict) else {}
        country = address.get("countryIso2")
        return Warehouse(self.id, self.name, country if isinstance(country, str) else None, self.deactivatedAt is None)


ORDERS = TypeAdapter(list[OrderWire], config=DEFERRED)
SELLERS = TypeAdapter(list[SellerWire], config=DEFERRED)
WAREHOUSES = TypeAdapter(list[WarehouseWire], config=DEFERRED)


_NOWHERE = Address()


def _known(address: Address) -> Address | None:
    return None if address == _NOWHERE else address


def _joined(between: str, *parts: str | None) -> str | None:
    return between.join(part for part in parts if part) or None


def _positions(lines: Iterable[PositionWire | None]) -> tuple[Position, ...]:
    return tuple(line.to_position() for line in lines if line and (line.sku or line.name))


def _tracking(parcels: Iterable[TrackingWire | None]) -> tuple[Tracking, ...]:
    return tuple(Tracking(parcel.number, https(parcel.link)) for parcel in parcels if parcel and parcel.number)


def _attributes(given: Any) -> tuple[tuple[str, str], ...]:
    """Custom attributes from an object, or from the JSON string that the reference pages show (apis/quivo.md §5.6)."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return ()
    if not isinstance(given, dict):
        return ()
    return tuple((str(name), _as_text(value)) for name, value in given.items() if value is not None)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
