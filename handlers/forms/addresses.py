"""An address in a form: read from it, and written into it (seed 001, seed 002)."""

from __future__ import annotations

from backends.quivo.order import Address
from handlers.forms.values import Typed, coordinate, coordinate_text, country


def read_address(typed: Typed, prefix: str = "", *, has_coordinates: bool = True) -> Address:
    """The address whose inputs begin with ``prefix``; what cannot be read is in ``typed.errors``."""
    return Address(
        name=typed.text(f"{prefix}name"),
        company=typed.text(f"{prefix}company"),
        street=typed.text(f"{prefix}street"),
        street2=typed.text(f"{prefix}street2"),
        zip=typed.text(f"{prefix}zip"),
        city=typed.text(f"{prefix}city"),
        state=typed.text(f"{prefix}state"),
        country_iso2=typed.read(f"{prefix}countryIso2", country),
        phone=typed.text(f"{prefix}phone"),
        email=typed.text(f"{prefix}email"),
        latitude=typed.read(f"{prefix}latitude", coordinate) if has_coordinates else None,
        longitude=typed.read(f"{prefix}longitude", coordinate) if has_coordinates else None,
    )


def address_values(address: Address | None, prefix: str = "") -> dict[str, str]:
    """What the inputs hold for an address, by block_id; parts that it does not have are left out."""
    if address is None:
        return {}
    held = {
        "name": address.name,
        "company": address.company,
        "street": address.street,
        "street2": address.street2,
        "zip": address.zip,
        "city": address.city,
        "state": address.state,
        "countryIso2": address.country_iso2,
        "phone": address.phone,
        "email": address.email,
        "latitude": None if address.latitude is None else coordinate_text(address.latitude),
        "longitude": None if address.longitude is None else coordinate_text(address.longitude),
    }
    return {f"{prefix}{name}": text for name, text in held.items() if text}
