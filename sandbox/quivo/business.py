"""Why Quivo refuses a new order that is well formed: the second failure channel (`apis/quivo.md` §5.1)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.quivo.countries import COUNTRIES
from sandbox.quivo.fields import Document

if TYPE_CHECKING:
    from sandbox.quivo.quivo import Quivo


@dataclass(frozen=True)
class Failure:
    """The path of the field at fault and what is said about it."""

    field: str
    message: str


def failure(quivo: "Quivo", seller_ids: frozenset[int], body: Document) -> Failure | None:
    """Return the first thing that is wrong with a new order of an account with these sellers, or None."""
    if body["sellerId"] not in seller_ids or body["sellerId"] not in {seller["id"] for seller in quivo.sellers}:
        return Failure("sellerId", "Seller not found")
    if body.get("warehouseId") is not None and body["warehouseId"] not in _open_warehouses(quivo):
        return Failure("warehouseId", "Warehouse not found")
    return _bad_country(body) or _bad_sku(quivo, body)


def _open_warehouses(quivo: "Quivo") -> set[int]:
    return {warehouse["id"] for warehouse in quivo.warehouses if not warehouse["deactivatedAt"]}


def _bad_country(body: Document) -> Failure | None:
    for name in ("deliveryAddress", "invoiceAddress"):
        country = (body.get(name) or {}).get("countryIso2")
        if country and country not in COUNTRIES:
            return Failure(f"{name}.countryIso2", "Country code is not valid")
    return None


def _bad_sku(quivo: "Quivo", body: Document) -> Failure | None:
    known = quivo.skus(body["sellerId"])
    for place, position in enumerate(body["positions"]):
        if position["sku"] not in known:
            return Failure(f"positions[{place}].sku", "SKU not found")
    return None
