"""The choices that the sheet leaves open, one field each, so that tests cover every branch (`apis/qpilot.md` §9)."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args, get_type_hints

BearerMode = Literal["single_use", "ttl", "forever"]
V3Rows = Literal["both", "results", "items"]
SuccessBody = Literal["entity", "empty"]


@dataclass(frozen=True)
class Switches:
    """What this QPilot does where nobody knows what the real one does, and what a site may set.

    - `bearer_mode`: a token is good for one request, for `token_seconds`, or for ever
    - `token_seconds`: how long a token lives, by the clock (not if it lives for ever)
    - `v3_rows`: which of a v3 list's two arrays are filled
    - `success_body`: a change is answered with the entity, or with 200 and nothing
    - `strict_precision`: a new date must have the fraction digits that records have (three)
    - `snooze_enabled`: the site has the feature; without it 400 with code 1010
    - `paused`: the site does not process by itself
    - `lock_days`: how many days before its date an order is locked, 0 to 14
    - `merchant_bypasses_lock`: the lock binds customers only
    - `offset_days`: how many days before its date an order is processed
    - `processing_seconds`: how long an order stays Queued, and then Processing
    - `rate_limit`, `rate_per_second`, `rate_burst`: the quota of a site, by the clock
    """

    bearer_mode: BearerMode = "single_use"
    token_seconds: float = 300.0
    v3_rows: V3Rows = "both"
    success_body: SuccessBody = "entity"
    strict_precision: bool = False
    snooze_enabled: bool = False
    paused: bool = False
    lock_days: int = 1
    merchant_bypasses_lock: bool = False
    offset_days: int = 0
    processing_seconds: float = 2.0
    rate_limit: bool = True
    rate_per_second: float = 10.0
    rate_burst: int = 20

    def changed(self, changes: Mapping[str, Any]) -> "Switches":
        """Return a copy with `changes` applied; ValueError names a switch that is unknown or has no such value."""
        hints = get_type_hints(Switches)
        for name, value in changes.items():
            if name not in hints or not _fits(hints[name], value) or (name == "lock_days" and value > 14):
                raise ValueError(f"{name}: not a switch, or not one of its values")
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """Return every switch with its value."""
        return asdict(self)


def _fits(hint: Any, value: Any) -> bool:
    if choices := get_args(hint):
        return any(type(choice) is type(value) and choice == value for choice in choices)
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value) and value >= 0
    return type(value) is hint and (hint is not int or value >= 0)
