"""The demo site's customers and how they pay (`apis/qpilot.md` §5.2, §5.3).

Names and streets are made up, telephone numbers are from ranges that are kept free for fiction.
"""

import random
from calendar import monthrange
from datetime import UTC, datetime

from sandbox.qpilot.moments import Document, moment

ADDRESS = ("FirstName", "LastName", "Street1", "Street2", "City", "State", "Postcode", "Country")
COUNTRY_CURRENCY = {"US": "USD", "DE": "EUR", "FR": "EUR", "JP": "JPY"}

_FIRST_CUSTOMER, _FIRST_INTERNAL, _FIRST_METHOD = 101, 90001, 10901
_NAMES = (
    "Ada Quill", "Ben Marlow", "Cora Finch", "Dov Keller", "Elsa Bright", "Finn Okafor", "Gail Winters", "Hugo Lane",
    "Iris Penn", "Jonas Reed", "Kim Tran", "Leo Hart", "Mara Stone", "Nils Berg", "Olga Ferris", "Pia Novak",
    "Quinn Abbot", "Rosa Diaz", "Sam O'Dell", "Tara Singh", "Uma Grant", "Vic Moreno", "Wanda Price", "Xavier Cole",
    "Anja Krüger", "Björn Seidel", "Carla Vogt", "Dieter Lang", "Élise Moreau", "Fabien Petit", "Gisèle Roux",
    "Henri Blanc", "Ingrid Pohl", "Jürgen Thal", "Aiko Mori", "Botan Sato", "Chika Abe", "Daichi Ono", "Emi Kato",
    "Fumio Ito",
)  # fmt: skip
_PLACES = {
    "US": (("Springfield", "MA", "01101"), ("Burlington", "VT", "05401"), ("Portland", "OR", "97205")),
    "DE": (("Berlin", None, "10969"), ("Erfurt", None, "99084")),
    "FR": (("Lyon", None, "69002"), ("Nantes", None, "44000")),
    "JP": (("Kyoto", "Kyoto", "600-8216"), ("Sapporo", "Hokkaido", "060-0042")),
}
_PHONES = {"US": "+1 802 555 01", "DE": "+49 30 23125 0", "FR": "+33 1 99 00 12 ", "JP": "+81 75 000 00"}
_STREETS = ("Evergreen Terrace", "Maple Avenue", "Harbour Lane", "Willow Road", "Mill Street")
_TYPES = ("Stripe", "Stripe", "Stripe", "PayPalV3", "Braintree", "AuthorizeNet")
# Months from now until a card ends; the first few are what a look at the risks finds.
_ENDS = (0, -1, 0)


def people(now: float, dice: random.Random) -> tuple[dict[str, Document], dict[int, Document]]:
    """Return forty customers by id and their payment methods by id, the first three with a card that ends."""
    customers: dict[str, Document] = {}
    methods: dict[int, Document] = {}
    for place, name in enumerate(_NAMES):
        person = _customer(place, name, now, dice)
        customers[person["id"]] = person
        for second in range(2 if place % 5 == 4 else 1):
            ends = _ENDS[place] if place < len(_ENDS) else dice.randint(6, 40)
            number = _FIRST_METHOD + len(methods)
            fields = {"type": dice.choice(_TYPES), "lastFourDigits": f"{dice.randint(0, 9999):04d}"}
            methods[number] = method(number, person["id"], isDefault=not second, expirationDate=month_end(now, ends))
            methods[number] |= fields
    return customers, methods


def customer(customer_id: str, internal_id: int, email: str, created: float) -> Document:
    """Return a customer of whom nothing but the e-mail address is known."""
    sides = {f"{side}{part}": None for side in ("shipping", "billing") for part in ADDRESS}
    return {
        "id": customer_id,
        "customerId": internal_id,
        "email": email,
        "firstName": None,
        "lastName": None,
        **sides,
        "phoneNumber": None,
        "company": None,
        "createdUtc": moment(created),
        "metadata": {},
    }


def method(method_id: int, customer_id: str, **fields: object) -> Document:
    """Return a payment method with `fields` put over it."""
    return {
        "id": method_id,
        "customerId": customer_id,
        "type": "Stripe",
        "gatewayCustomerId": f"cus_{method_id}",
        "gatewayPaymentId": f"pm_{method_id}",
        "gatewayPaymentType": None,
        "lastFourDigits": None,
        "expirationDate": None,
        "status": "Active",
        "description": None,
        "isDefault": False,
        **fields,
    }


def month_end(now: float, months: int) -> str:
    """Return the first second of the last day of a month, counted from the one that it is."""
    today = datetime.fromtimestamp(now, UTC)
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return f"{year:04d}-{month + 1:02d}-{monthrange(year, month + 1)[1]:02d}T00:00:00Z"


def _customer(place: int, name: str, now: float, dice: random.Random) -> Document:
    first, last = name.split(" ")
    country = "US" if place < 24 else "JP" if place >= 34 else dice.choice(("DE", "FR"))
    city, state, postcode = dice.choice(_PLACES[country])
    street = f"{dice.randint(1, 980)} {dice.choice(_STREETS)}"
    address = (first, last, street, None, city, state, postcode, country)
    sides = {
        f"{side}{part}": value for side in ("shipping", "billing") for part, value in zip(ADDRESS, address, strict=True)
    }
    found = customer(
        str(_FIRST_CUSTOMER + place), _FIRST_INTERNAL + place, f"customer{place + 1}@mail.example", now - 86400 * 500
    )
    return found | sides | {"firstName": first, "lastName": last, "phoneNumber": f"{_PHONES[country]}{place:02d}"}
