"""Resources as JSON:API documents: relationships, includes and sparse fields (`apis/vendo.md` §4.1, §4.2)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """One thing as it is shown; a relation is worked out when it is needed, so two things may refer to each other."""

    type: str
    id: str | None
    attributes: Mapping[str, Any]
    relations: "Relations" = field(default_factory=dict)


Relations = Mapping[str, Callable[[], Resource | Sequence[Resource] | None]]

_CART = {
    "line_items": "line_item", "variants": "variant", "promotions": "promotion", "payments": "payment",
    "shipments": "shipment", "user": "user", "billing_address": "address", "shipping_address": "address",
}  # fmt: skip
RELATIONS: Mapping[str, Mapping[str, str]] = {
    "cart": _CART,
    "order": _CART,
    "line_item": {"variant": "variant", "digital_links": "digital_link"},
    "variant": {"product": "product", "images": "image", "option_values": "option_value"},
    "product": {
        "variants": "variant", "option_types": "option_type", "product_properties": "product_property",
        "taxons": "taxon", "images": "image", "default_variant": "variant", "primary_variant": "variant",
    },
    "option_value": {"option_type": "option_type"},
    "payment": {"source": "credit_card", "payment_method": "payment_method"},
    "credit_card": {"payment_method": "payment_method"},
    "shipment": {
        "shipping_rates": "shipping_rate", "selected_shipping_rate": "shipping_rate",
        "stock_location": "stock_location", "line_items": "line_item",
    },
    "user": {"default_billing_address": "address", "default_shipping_address": "address"},
    "country": {"states": "state"},
    "store": {"menus": "menu", "cms_pages": "cms_page", "default_country": "country"},
    "taxon": {
        "parent": "taxon", "taxonomy": "taxonomy", "children": "taxon", "products": "product", "image": "taxon_image",
    },
}  # fmt: skip
"""Every relation by the type that has it, with the type that it leads to: what may stand in `include`."""


class UnknownInclude(ValueError):
    """A name in `include` is no relation of the type before it; the text is the server's."""


def paths(kind: str, include: str) -> list[list[str]]:
    """Read an `include` for resources of this kind; UnknownInclude for a name that leads nowhere."""
    found = [part.strip().split(".") for part in include.split(",") if part.strip()]
    for path in found:
        at = kind
        for name in path:
            if name not in RELATIONS.get(at, {}):
                serializer = "".join(word.title() for word in at.split("_"))
                text = f"{name} is not specified as a relationship on Spree::V2::Storefront::{serializer}Serializer"
                raise UnknownInclude(text)
            at = RELATIONS[at][name]
    return found


def sparse(query: Mapping[str, str]) -> dict[str, set[str]]:
    """Read `fields[type]=a,b`; a blank one is ignored."""
    asked = {name[7:-1]: value for name, value in query.items() if name.startswith("fields[") and name.endswith("]")}
    return {kind: {name.strip() for name in value.split(",")} for kind, value in asked.items() if value.strip()}


def document(
    data: Resource | Sequence[Resource], include: Sequence[Sequence[str]], fields: Mapping[str, set[str]]
) -> Document:
    """Return `data`, and `included` if something was asked to be; each thing is included once."""
    roots = [data] if isinstance(data, Resource) else list(data)
    rendered = [_render(one, fields) for one in roots]
    shown: Document = {"data": rendered[0] if isinstance(data, Resource) else rendered}
    if include:
        shown["included"] = _included(roots, include, fields)
    return shown


def _included(
    roots: Iterable[Resource], include: Sequence[Sequence[str]], fields: Mapping[str, set[str]]
) -> list[Document]:
    found: dict[tuple[str, str | None], Resource] = {}
    for root in roots:
        for path in include:
            for one in _along(root, path):
                found.setdefault((one.type, one.id), one)
    return [_render(one, fields) for one in found.values()]


def _along(resource: Resource, path: Sequence[str]) -> Iterator[Resource]:
    for one in _related(resource, path[0]):
        yield one
        if path[1:]:
            yield from _along(one, path[1:])


def _related(resource: Resource, name: str) -> Sequence[Resource]:
    relation = resource.relations[name]()
    if relation is None:
        return []
    return [relation] if isinstance(relation, Resource) else relation


def _render(resource: Resource, fields: Mapping[str, set[str]]) -> Document:
    wanted = fields.get(resource.type)
    attributes = {name: value for name, value in resource.attributes.items() if wanted is None or name in wanted}
    shown: Document = {"id": resource.id, "type": resource.type, "attributes": attributes}
    if resource.type in RELATIONS:
        names = [name for name in resource.relations if wanted is None or name in wanted]
        shown["relationships"] = {name: {"data": _linkage(resource.relations[name]())} for name in names}
    return shown


def _linkage(relation: Resource | Sequence[Resource] | None) -> Any:
    if relation is None:
        return None
    if isinstance(relation, Resource):
        return {"id": relation.id, "type": relation.type}
    return [{"id": one.id, "type": one.type} for one in relation]
