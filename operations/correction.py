"""What a correction writes, and how the order tells afterwards whether it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, ClassVar, Protocol

from backends.quivo.address import AddressType
from backends.quivo.auth import Session
from backends.quivo.edit import Edit
from backends.quivo.order import Address, Order
from operations.accounts import Quivo
from operations.changes import ADDRESS, EDIT, digest
from operations.packing import unpack


class Verdict(Enum):
    """What an order that was read again says about a change."""

    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Addresses:
    """Both addresses of an order, as they were."""

    delivery: Address | None = None
    invoice: Address | None = None


class Correction(Protocol):
    """One correction of one order; it and what it ``seen`` before can be kept as JSON."""

    @property
    def kind(self) -> str:
        """The ledger's word for it."""
        ...

    @property
    def order_id(self) -> int:
        """Which order."""
        ...

    async def send(self, quivo: Quivo, session: Session, ref: str) -> None:
        """The one write."""
        ...

    def seen(self, order: Order) -> Edit | Addresses:
        """The part of an order that is about to change."""
        ...

    def unpacked(self, packed: Mapping[str, Any]) -> Edit | Addresses:
        """That part, from JSON."""
        ...

    def verdict(self, before: Edit | Addresses, after: Order) -> Verdict:
        """Whether the order shows what was written, or still what was there before."""
        ...


@dataclass(frozen=True)
class Edition:
    """Comment, tracking, custom attributes."""

    order_id: int
    change: Edit
    kind: ClassVar[str] = EDIT

    async def send(self, quivo: Quivo, session: Session, ref: str) -> None:
        """See Correction."""
        await quivo.edit(session, self.order_id, self.change, request_id=ref)

    def seen(self, order: Order) -> Edit:
        """See Correction."""
        return Edit(order.comment, order.tracking_enabled, order.custom_attributes)

    def unpacked(self, packed: Mapping[str, Any]) -> Edit:
        """See Correction."""
        return unpack(Edit, packed)

    def verdict(self, before: Edit | Addresses, after: Order) -> Verdict:
        """Quivo may not show a field at all (apis/quivo.md §5.3): what was and is empty proves nothing."""
        assert isinstance(before, Edit)  # noqa: S101
        wanted, was, now = (_plain(one) for one in (self.change, before, self.seen(after)))
        asked = [name for name, value in vars(self.change).items() if value is not None]
        if all(now[name] == wanted[name] for name in asked):
            return Verdict.DONE
        unchanged = all(now[name] == was[name] for name in asked)
        shown = any(now[name] not in (None, "", {}) for name in asked)
        return Verdict.NOT_DONE if unchanged and shown else Verdict.UNKNOWN


@dataclass(frozen=True)
class AddressChange:
    """One address of an order, or both to the same."""

    order_id: int
    type: AddressType
    address: Address
    kind: ClassVar[str] = ADDRESS

    async def send(self, quivo: Quivo, session: Session, ref: str) -> None:
        """See Correction."""
        await quivo.address(session, self.order_id, self.type, self.address, request_id=ref)

    def seen(self, order: Order) -> Addresses:
        """See Correction."""
        return Addresses(order.delivery_address, order.invoice_address)

    def unpacked(self, packed: Mapping[str, Any]) -> Addresses:
        """See Correction."""
        return unpack(Addresses, packed)

    def verdict(self, before: Edit | Addresses, after: Order) -> Verdict:
        """An address that is not shown proves nothing."""
        assert isinstance(before, Addresses)  # noqa: S101
        wanted = replace(before, **dict.fromkeys(self._parts(), self.address))
        now = self.seen(after)
        if all(_same(name, now, wanted) for name in self._parts()):
            return Verdict.DONE
        shown = all(getattr(now, name) is not None for name in self._parts())
        unchanged = all(_same(name, now, before) for name in self._parts())
        return Verdict.NOT_DONE if shown and unchanged else Verdict.UNKNOWN

    def _parts(self) -> tuple[str, ...]:
        both = ("delivery", "invoice")
        return {AddressType.DELIVERY: both[:1], AddressType.INVOICE: both[1:]}.get(self.type, both)


def mark(order: Order) -> str:
    """All that a form for corrections is filled with, and the status: for stale forms (CHECKS E4)."""
    texts = (order.comment, order.tracking_enabled, order.custom_attributes)
    return digest(order.status, *texts, order.delivery_address, order.invoice_address)


def correction_of(kind: str, packed: Mapping[str, Any]) -> Correction:
    """The correction that was kept in the ledger."""
    return unpack(Edition, packed) if kind == EDIT else unpack(AddressChange, packed)


def _plain(change: Edit) -> dict[str, object]:
    """The values with one form for *nothing there*, and attributes in any order."""
    return {
        "comment": " ".join((change.comment or "").split()),
        "tracking_enabled": change.tracking_enabled,
        "custom_attributes": dict(change.custom_attributes or ()),
    }


def _same(name: str, one: Addresses, other: Addresses) -> bool:
    return _written(name, getattr(one, name)) == _written(name, getattr(other, name))


def _written(name: str, address: Address | None) -> dict[str, object]:
    """An address with one form for *nothing there*; coordinates are ignored for an invoice (seed 002)."""
    parts = vars(address or Address())
    dropped = ("latitude", "longitude") if name == "invoice" else ()
    return {
        part: " ".join(value.split()) if isinstance(value, str) else value
        for part, value in parts.items()
        if part not in dropped and value not in (None, "")
    }
