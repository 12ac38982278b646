"""The choices that the sheet leaves open, one field each, so that tests cover every branch (`apis/vendo.md` §13)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args, get_type_hints


@dataclass(frozen=True)
class Switches:
    """What this Vendo does where nobody knows what the real one does; the defaults are the sheet's assumptions.

    - `auto_advance`: after `PATCH /checkout` the order walks on as far as it can, short of complete (§6)
    - `order_header`: which header with an order token is read (§1.1)
    - `order_type`: the resource type of the orders of an account (§7)
    - `refresh_refused`: a bad refresh token is a 401, or OAuth's 400 `invalid_grant` (§2)
    - `code_refused`: the status of a wrong, used or expired code (§2)
    - `logout`: `DELETE /auth/{token}` is answered 204 without, or 200 with a body (§2)
    - `old_access`: the old access token after a refresh lives until its expiry, or is revoked (§2)
    - `times`: moments in UTC, or with the store's offset as in 2022 (§1)
    - `phone_required`: an address needs a phone number, a setting of the store (§7)
    """

    auto_advance: bool = False
    order_header: Literal["both", "vendo", "spree"] = "both"
    order_type: Literal["order", "cart"] = "order"
    refresh_refused: Literal["401", "invalid_grant"] = "401"
    code_refused: Literal[422, 401] = 422
    logout: Literal[204, 200] = 204
    old_access: Literal["lives", "revoked"] = "lives"
    times: Literal["utc", "offset"] = "utc"
    phone_required: bool = False

    def changed(self, changes: Mapping[str, Any]) -> "Switches":
        """Return a copy with `changes` applied; ValueError names a switch that is unknown or has no such value."""
        hints = get_type_hints(Switches)
        for name, value in changes.items():
            if name not in hints or not any(
                type(choice) is type(value) and choice == value for choice in choices(name)
            ):
                raise ValueError(f"{name}: not a switch, or not one of its values")
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """Return every switch with its value."""
        return asdict(self)


def choices(name: str) -> tuple[Any, ...]:
    """Return the values that the switch of this name can have; KeyError if there is none."""
    return get_args(get_type_hints(Switches)[name]) or (False, True)
