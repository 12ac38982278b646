"""Demo sellers and warehouses, in the shapes of `apis/quivo.md` §7."""

from sandbox.quivo.fields import Document

HOME_SELLER, OTHER_SELLER = 12, 34

SELLER_NAMES = {HOME_SELLER: "Nordlicht Keramik", OTHER_SELLER: "Harbour & Hale"}


def sellers() -> list[Document]:
    """Return both demo sellers; each belongs to one demo account."""
    return [
        _seller(HOME_SELLER, "NORDLICHT", "Nordlicht Keramik GmbH", 4),
        _seller(OTHER_SELLER, "HARBOURHALE", "Harbour & Hale Ltd", 7),
    ]


def warehouses() -> list[Document]:
    """Return the warehouses; the last one was closed and must not be offered any more."""
    return [
        _warehouse(4, "Nürnberg", "Kupferstraße 18", "90431", "Nürnberg", "DE"),
        _warehouse(7, "Daventry", "2 Canal Wharf", "NN11 8PB", "Daventry", "GB"),
        _warehouse(8, "Columbus", "410 Orchard Lane", "43215", "Columbus", "US", state="OH"),
        _warehouse(5, "Linz", "Hafenstraße 3", "4020", "Linz", "AT", closed="2023-11-07T05:31:56Z"),
    ]


def _seller(number: int, identifier: str, company: str, warehouse: int) -> Document:
    name = SELLER_NAMES[number]
    return {
        "id": number,
        "identifier": identifier,
        "name": name,
        "companyName": company,
        "sendToEmail": f"office@{identifier.lower()}.example",
        "usesWarehouseSku": False,
        "warehouseId": warehouse,
        "sellerServices": [],
        "allowInboundOverReceiving": False,
        "allowReturnOverReceiving": False,
        "lottableIdRequired": False,
        "status": "ACTIVE",
    }


def _warehouse(
    number: int,
    city: str,
    street: str,
    code: str,
    town: str,
    country: str,
    *,
    state: str | None = None,
    closed: str | None = None,
) -> Document:
    return {
        "id": number,
        "name": f"Quivo {city}",
        "warehouseAddress": {
            "name": f"Quivo {city}",
            "company": "Quivo",
            "street": street,
            "street2": None,
            "zip": code,
            "city": town,
            "state": state,
            "countryIso2": country,
            "phone": None,
            "email": None,
        },
        "deactivatedAt": closed,
        "sellerIdForCartons": None,
        "managingGroup": "QUIVO",
        "legalEntityId": 1,
    }
