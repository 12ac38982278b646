"""The choices that the sheet leaves open, one field each, so that tests cover every branch (`apis/quivo.md` §12)."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args, get_type_hints

ErrorBodies = Literal["text", "json"]
OrderById = Literal["present", "not_found", "no_route"]
NoData = Literal[200, 204]
ForbiddenCode = Literal[400, 409, 422]
Settles = Literal["at_once", "after", "never"]


@dataclass(frozen=True)
class Switches:
    """What this Quivo does where nobody knows what the real one does; the defaults are the sheet's assumptions.

    - `error_bodies`: refusals such as 400 and 404 as plain text, or as JSON `{"message": …}`
    - `page_base`: the number of the first page, 0 or 1
    - `sort_in_items`: list items carry a `sort` array
    - `order_by_id`: `GET /orders/{id}` exists, always answers 404, or is a route that the gateway does not know (403)
    - `index_lag_ms`: how long, by the stand-in's clock, lists keep showing the state before a change
    - `update_success`: what an accepted edit or address is answered with; neither has a body
    - `cancel_success`: an accepted cancel request is answered with 200 and the envelope, or with 204
    - `forbidden_code`: the status of "cannot be updated (cancelled) in status …"
    - `business_failure`: the status under which the envelope says ERROR
    - `duplicate`: an identifier that the seller used before is an error, or the order that has it is answered
    - `cancel_settles`: an asked-for order is CANCELLED at once, `cancel_seconds` later by the clock, or never
    - `unknown_fields`: a field that no sheet names is refused, or ignored
    """

    error_bodies: ErrorBodies = "text"
    page_base: Literal[0, 1] = 0
    sort_in_items: bool = True
    order_by_id: OrderById = "present"
    index_lag_ms: int = 0
    update_success: NoData = 204
    cancel_success: NoData = 204
    forbidden_code: ForbiddenCode = 400
    business_failure: Literal[200, 400] = 200
    duplicate: Literal["error", "echo"] = "error"
    cancel_settles: Settles = "after"
    cancel_seconds: float = 5.0
    unknown_fields: Literal["refused", "ignored"] = "refused"

    def changed(self, changes: Mapping[str, Any]) -> "Switches":
        """Return a copy with `changes` applied; ValueError names a switch that is unknown or has no such value."""
        hints = get_type_hints(Switches)
        for name, value in changes.items():
            if name not in hints or not _fits(hints[name], value):
                raise ValueError(f"{name}: not a switch, or not one of its values")
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """Return every switch with its value."""
        return asdict(self)


def _fits(hint: Any, value: Any) -> bool:
    choices = get_args(hint)
    if choices:
        return any(type(choice) is type(value) and choice == value for choice in choices)
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value) and value >= 0
    return type(value) is hint and (hint is not int or value >= 0)
