"""What a checkout asks for, by the back end's own names (apis/vendo.md §6, §7)."""

from __future__ import annotations

from backends.vendo.cart import Address
from handlers.render.order_fields import Field, Kind

SHIP, BILL = "ship_address.", "bill_address."
EMAIL, SAVED, METHOD = "email", "saved", "payment_method_id"
COUNTRY = "country.suggest"
ADDRESS = (
    Field("firstname", "First name", needed=True),
    Field("lastname", "Last name", needed=True),
    Field("company", "Company"),
    Field("address1", "Street", needed=True),
    Field("address2", "Street 2"),
    Field("zipcode", "Zip", hint="Most countries need it."),
    Field("city", "City", needed=True),
    Field("state_name", "State", hint="Some countries need it, e.g. the United States."),
    Field("country_iso", "Country", Kind.SUGGESTION, needed=True, action_id=COUNTRY),
    Field("phone", "Phone", hint="Most stores need it for the carrier."),
)


def rate_block(number: int) -> str:
    """The block_id of the menu that chooses how this shipment is sent."""
    return f"shipments[{number}].selected_shipping_rate_id"


def address_values(address: Address | None, prefix: str) -> dict[str, str]:
    """What the inputs of an address hold, by block_id."""
    if address is None:
        return {}
    return {f"{prefix}{field.path}": getattr(address, field.path) or "" for field in ADDRESS}
