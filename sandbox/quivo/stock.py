"""Demo stock: what each seller has in each open warehouse, in the shape of `apis/quivo.md` §8."""

from sandbox.quivo.demo import GOODS
from sandbox.quivo.fields import Document
from sandbox.quivo.places import sellers, warehouses

Stock = dict[tuple[int, int], list[Document]]


def stock() -> Stock:
    """Return the items by (warehouse id, seller id); every eleventh is sold out, all of it reserved."""
    shops = {seller["id"]: seller["identifier"] for seller in sellers()}
    houses = [warehouse["id"] for warehouse in warehouses() if not warehouse["deactivatedAt"]]
    return {
        (house, seller): [_item(house, seller, identifier, place) for place in range(len(GOODS))]
        for house in houses
        for seller, identifier in shops.items()
    }


def _item(warehouse: int, seller: int, identifier: str, place: int) -> Document:
    sku, name = GOODS[place]
    inventory = 12 + 17 * place % 60
    reserved = inventory if place == 10 else place % 4
    number = warehouse * 10000 + seller * 100 + place
    return {
        "itemId": number,
        "warehouseId": warehouse,
        "sellerIdentifier": identifier,
        "sku": sku,
        "warehouseSku": f"W-{sku}",
        "sellerSku": sku,
        "name": name,
        "barcode": f"4006381{number:06d}",
        "countryOfOrigin": "DE",
        "tariffNumber": "69120081",
        "lotRequired": False,
        "expirationDateRequired": False,
        "serialNumberRequired": False,
        "restrictedShipping": False,
        "canShipWithoutCarton": False,
        "hasItemLedgerEntries": True,
        "weight": round(0.2 + 0.15 * place, 2),
        "inventory": inventory,
        "reserved": reserved,
        "quantity": inventory - reserved,
        "inbound": 24 if place == 10 else 0,
        "itemInventories": [
            {
                "lot": None,
                "expiration": None,
                "quantity": inventory,
                "locationBlocked": False,
                "storage": "SHELF",
                "location": f"A-{place + 1:02d}",
                "blockedReason": None,
            }
        ],
        "articleId": seller * 100 + place,
        "articleIdentifier": f"P-{sku}",
        "articleType": "PRODUCT",
        "articleName": {"value": name, "language": "en"},
        "articleDeletedAt": None,
    }
