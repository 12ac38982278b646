"""The form that makes an order: read into a new order, kept through its buttons, filled from an order (seed 001)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from backends.errors import FieldError
from backends.quivo.create import check
from backends.quivo.new_order import Attachment, Identifier, NewOrder
from backends.quivo.order import Address
from handlers.forms.addresses import read_address
from handlers.forms.complaints import Placed, place
from handlers.forms.positions import read_position
from handlers.forms.values import Typed, amount, currency, day, moment, pairs, several, whole
from handlers.render.order_form import LEFT_OUT, OrderForm, order_form

_SLOT = re.compile(r"positions\[([0-9]{1,4})\]\.sku")
_POSITION = re.compile(r"positions\[([0-9]{1,9})\]")
_ANYWHERE = "orderIdentifier"  # where a complaint is said that belongs to no input, until the view has a banner


def read(values: Mapping[str, Any], form: OrderForm) -> NewOrder | dict[str, str]:
    """The order that was typed, or what is wrong by block_id; every limit of seed 001 is checked.

    ``values`` are ``Request.values``, ``form`` says which positions are shown.
    """
    typed = Typed(values)
    order = _order(typed, form)
    if typed.errors:
        return typed.errors
    return _complaints(check(order), form) or order


def _complaints(found: Iterable[FieldError], form: OrderForm) -> dict[str, str]:
    placed = placed_errors(found, form)
    stray = {_ANYWHERE: placed.banner} if placed.banner else {}
    return {**stray, **placed.errors}


def placed_errors(found: Iterable[FieldError], form: OrderForm) -> Placed:
    """Complaints of ``check`` or of Quivo about the order that this form made, each where its input is."""
    slots = dict(enumerate(form.slots))
    return place([FieldError(_in_form(one.field, slots), one.message) for one in found], inputs(form))


def _in_form(field: str, slots: Mapping[int, int]) -> str:
    """A field of the order by its path in the form: positions have their slot's number there."""
    return _POSITION.sub(lambda found: f"positions[{slots.get(int(found[1]), found[1])}]", field, count=1)


def inputs(form: OrderForm) -> tuple[str, ...]:
    """The block_ids of all inputs that the form shows, from top to bottom."""
    return tuple(block["block_id"] for block in order_form(form, card_id="")["blocks"] if block["type"] == "input")


def form_of(view: Mapping[str, Any]) -> OrderForm:
    """The form as Slack sent it: what is typed and chosen, how choices are shown, which positions there are."""
    names = [str(block.get("block_id", "")) for block in view["blocks"]]
    slots = [int(found[1]) for name in names if (found := _SLOT.fullmatch(name))]
    left_out = [int(name.removeprefix(LEFT_OUT)) for name in names if name.startswith(LEFT_OUT)]
    typed: Mapping[str, Mapping[str, Any]] = (view.get("state") or {}).get("values") or {}
    held: dict[str, Mapping[str, Any]] = {name: next(iter(parts.values()), {}) for name, parts in typed.items()}
    count = max(slots, default=0) + 1
    return OrderForm(
        values={name: value for name, part in held.items() if (value := _held(part)) is not None},
        positions=count,
        more="orderReference2" in names,
        gone=frozenset(range(count)) - frozenset(slots) if slots else frozenset(),
        labels={name: text for name, part in held.items() if (text := _label(part))},
        left_out=sum(left_out),
    )


def _held(part: Mapping[str, Any]) -> Any:
    if "selected_options" in part:
        return [option["value"] for option in part["selected_options"] or ()] or None
    if "selected_option" in part:
        return (part["selected_option"] or {}).get("value")
    return next((part[name] for name in ("value", "selected_date", "selected_date_time") if name in part), None)


def _label(part: Mapping[str, Any]) -> str:
    return str(((part.get("selected_option") or {}).get("text") or {}).get("text") or "")


def _order(typed: Typed, form: OrderForm) -> NewOrder:
    seller = typed.needed("sellerId", "Choose a seller.")
    invoice = read_address(typed, "invoiceAddress.", has_coordinates=False)
    order = NewOrder(
        seller_id=(typed.read("sellerId", whole) or 0) if seller else 0,
        order_identifier=typed.needed("orderIdentifier", "Give it an identifier."),
        order_reference=typed.needed("orderReference", "Give it a reference."),
        delivery_address=read_address(typed, "deliveryAddress."),
        positions=tuple(read_position(typed, f"positions[{slot}].") for slot in form.slots),
        invoice_address=None if invoice == Address() else invoice,
        has_invoice_address=None if invoice == Address() else True,
    )
    return _with_lists(typed, _with_money(typed, _with_rest(typed, order)))


def _with_rest(typed: Typed, order: NewOrder) -> NewOrder:
    return replace(
        order,
        warehouse_id=typed.read("warehouseId", whole),
        order_date=typed.read("orderDate", moment),
        comment=typed.text("comment"),
        earliest_delivery_date=typed.read("earliestDeliveryDate", day),
        latest_delivery_date=typed.read("latestDeliveryDate", day),
        shipping_method_identifier=typed.text("shippingMethodIdentifier"),
        shipping_method_name=typed.text("shippingMethodName"),
        tracking_enabled=typed.tick("trackingEnabled") or None,
        order_priority=typed.read("orderPriority", whole),
        order_reference2=typed.text("orderReference2"),
        customer_purchase_order_number=typed.text("customerPurchaseOrderNumber"),
        sscc_label=typed.tick("ssccLabel") or None,
        channel_id=typed.text("channelId"),
        channel_name=typed.text("channelName"),
        address_identifier=typed.text("deliveryAddress.addressIdentifier"),
    )


def _with_money(typed: Typed, order: NewOrder) -> NewOrder:
    return replace(
        order,
        has_invoice_data=typed.tick("hasInvoiceData") or None,
        currency_code=typed.read("currencyCode", currency),
        transport_insurance_amount=typed.read("transportInsuranceAmount", amount),
        cash_on_delivery_amount=typed.read("cashOnDeliveryAmount", amount),
        cash_on_delivery_currency=typed.read("cashOnDeliveryCurrency", currency),
    )


def _with_lists(typed: Typed, order: NewOrder) -> NewOrder:
    return replace(
        order,
        invoice_ids=typed.read("invoiceIds", several) or (),
        tags=typed.read("tags", several) or (),
        attachments=_attachments(typed),
        custom_attributes=typed.read("customAttributes", pairs) or (),
        additional_identifiers=typed.read("deliveryAddress.additionalIdentifiers", _identifiers) or (),
    )


def _identifiers(text: str) -> tuple[Identifier, ...]:
    return tuple(Identifier(identifier, kind) for kind, identifier in pairs(text))


def _attachments(typed: Typed) -> tuple[Attachment, ...]:
    """The one attachment that the form has room for, if anything was said about it."""
    path = "attachments[0]."
    texts = {name: typed.text(f"{path}{name}") for name in (*_MUST_ATTACH, *_MAY_ATTACH)}
    if not any(texts.values()):
        return ()
    for name, missing in _MUST_ATTACH.items():
        typed.needed(f"{path}{name}", missing)
    return (
        Attachment(
            printer_type=texts["printerType"] or "",
            attachment_placement=texts["attachmentPlacement"] or "",
            copy_count=typed.read(f"{path}copyCount", whole) or 0,
            filename=texts["filename"],
            printing_type=texts["printingType"],
            file_key=texts["fileKey"],
            mime_type=texts["mimeType"],
        ),
    )


_MUST_ATTACH = {
    "printerType": "Choose a printer.",
    "attachmentPlacement": "Choose where it goes.",
    "copyCount": "Say how many copies.",
}
_MAY_ATTACH = ("filename", "printingType", "fileKey", "mimeType")
