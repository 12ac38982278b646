"""The parts that an order's card and its modal share; each is a list of blocks, empty where nothing is known.

They show whatever the order still has: ``profile.trim`` has taken out what may not be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backends.quivo.order import Address, Order, Position, Tracking
from handlers.render import limits
from handlers.render.build import Element, bold, bullets, code, host, link, own, paragraph, safe_url, say
from handlers.render.escape import plain
from handlers.render.message import Block
from handlers.render.times import days, when

Line = Sequence[Element]


def times(order: Order, *, whole: bool = False) -> list[Block]:
    """When things happened, each in the reader's own zone; ``whole`` tells when it was received, too."""
    named = (
        ("Ordered", order.ordered or order.created),
        ("Shipped", order.completed),
        ("Cancel requested", order.cancel_requested),
        ("Last change", order.last_modified),
        ("Received", order.created if whole and order.ordered else None),
    )
    fields = [own(f"*{name}*\n{when(moment)}") for name, moment in named if moment]
    window = days(order.earliest_delivery, order.latest_delivery)
    fields += [own(f"*Delivery*\n{window}")] if window else []
    return [{"type": "section", "fields": fields}] if fields else []


def facts(order: Order, limit: int) -> list[Block]:
    """Short facts, one a line; ``limit`` is for each value."""
    named = (
        ("Seller", order.seller_name),
        ("Shipping", order.shipping_method),
        ("Priority", order.priority),
        ("Ship to", address_line(order.delivery_address)),
        ("Comment", order.comment),
        ("Tags", ", ".join(order.tags)),
        ("Your identifier", order.identifier),
        ("Seller number", order.seller_id),
        ("Warehouse number", order.warehouse_id),
        ("Shipping method's identifier", order.shipping_method_identifier),
        ("Purchase order", order.purchase_order_number),
        ("SSCC label", None if order.sscc_label is None else ("on" if order.sscc_label else "off")),
        ("Currency", order.currency),
        ("Paid tracking", None if order.tracking_enabled is None else ("on" if order.tracking_enabled else "off")),
        ("Personal data", "removed at Quivo" if order.personal_data_removed else None),
    )
    return _listed(_fact(name, value, limit) for name, value in named)


def recipient(order: Order) -> list[Block]:
    """Where it goes, on one line."""
    return _listed([_fact("Ship to", address_line(order.delivery_address), limits.MODAL_VALUE)])


def addresses(order: Order) -> list[Block]:
    """Both addresses, part by part."""
    both = (("Delivery address", order.delivery_address), ("Invoice address", order.invoice_address))
    return [block for title, address in both if address for block in _address(title, address)]


def address_line(address: Address | None) -> str:
    """An address on one line, from the person to the country; parts that are missing or trimmed are left out."""
    if address is None:
        return ""
    town = " ".join(filter(None, [address.zip, address.city]))
    parts = (address.name, address.company, address.street, address.street2, town, address.state, address.country_iso2)
    return ", ".join(filter(None, (plain(part or "") for part in parts)))


def positions(order: Order, limit: int) -> list[Block]:
    """What was ordered: up to ``limit`` lines, the rest announced."""
    return _bulleted("Positions", [_position(position) for position in order.positions], limit)


def parcels(order: Order, limit: int) -> list[Block]:
    """Parcels' numbers, with a link to the carrier's page where it is https; the link says where it leads."""
    return _bulleted("Parcels", [_parcel(parcel) for parcel in order.tracking], limit)


def attributes(order: Order) -> list[Block]:
    """Custom attributes, name and value."""
    pairs = order.custom_attributes
    lines = [[bold(f"{plain(name) or '–'}: "), say(value, limits.MODAL_VALUE)] for name, value in pairs]
    return _bulleted("Custom attributes", lines, limits.MODAL_PAIRS)


def _address(title: str, address: Address) -> list[Block]:
    place = None if address.latitude is None else f"{address.latitude}, {address.longitude}"
    named = (
        ("Name", address.name),
        ("Company", address.company),
        ("Street", address.street),
        ("Street 2", address.street2),
        ("Zip", address.zip),
        ("City", address.city),
        ("State", address.state),
        ("Country", address.country_iso2),
        ("Phone", address.phone),
        ("E-mail", address.email),
        ("Coordinates", place),
    )
    lines = [line for name, value in named if (line := _fact(name, value, limits.MODAL_VALUE))]
    return [paragraph([bold(title)], *lines)] if lines else []


def _position(position: Position) -> Line:
    count = [] if position.quantity is None else [say(f"{position.quantity} × ")]
    name = [say(f" {plain(position.name)}", limits.LINE_VALUE + 1)] if position.name else []
    more = (
        ("lot", position.lot),
        ("price", None if position.price is None else f"{position.price:f}"),
        ("product", position.product_identifier),
        *position.custom_attributes,
    )
    details = [say(f", {plain(name)} {plain(value)}", 2 * limits.LINE_VALUE) for name, value in more if value]
    return [*count, code(position.sku), *name, *details]


def _parcel(parcel: Tracking) -> Line:
    url = safe_url(parcel.link)
    where = [say(" "), link(url, f"Track at {host(url)}")] if url else []
    return [say(parcel.number), *where]


def _fact(name: str, value: str | int | None, limit: int) -> Line | None:
    shown = "" if value is None else plain(str(value), limit)
    return [bold(f"{name}: "), say(shown, limit)] if shown else None


def _listed(lines: Iterable[Line | None]) -> list[Block]:
    known = [line for line in lines if line]
    return [paragraph(*known)] if known else []


def _bulleted(title: str, lines: Sequence[Line], limit: int) -> list[Block]:
    if not lines:
        return []
    return [bullets(title, _first(lines, limit))]


def _first(lines: Sequence[Line], limit: int) -> Iterator[Line]:
    yield from lines[:limit]
    if len(lines) > limit:
        yield [say(limits.more(len(lines) - limit))]
