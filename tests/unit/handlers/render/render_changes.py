"""Sample data and cases for the renderers of everything that changes an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from render_kit import NOW, ORDER, Case

from handlers.render import (
    approving,
    cancelling,
    correcting,
    creating,
    found,
    importing,
    order_form,
    settings,
    watching,
)
from handlers.render.approving import Approval
from handlers.render.cancelling import Cancel
from handlers.render.changes import Change
from handlers.render.importing import BadRow
from handlers.render.naming import Named
from handlers.render.order_fields import ADDRESS as ADDRESS_FIELDS
from handlers.render.order_fields import ATTACHMENT, DELIVERY_EXTRAS, FIRST, MORE, Field, Kind
from handlers.render.order_form import OrderForm
from handlers.render.profile import Profile
from handlers.render.watching import Watched
from store.preferences import Preferences

ADA, BEN = "U0ADA00001", "U0BEN00001"
CANCEL = Cancel(1001, "#DE38678", ADA, "card-1")
APPROVAL = Approval(
    1001, "#DE38678", ADA, "The order is worth more than 500 EUR.", NOW + timedelta(minutes=30), "card-1"
)
WATCHED = Watched(1001, "#DE38678", "PROCESSING", NOW, ADA, "watch-1")
HELD: Mapping[Kind, Any] = {
    Kind.LINE: "Sample",
    Kind.LINES: "name=value\nother=value",
    Kind.DAY: "2026-11-24",
    Kind.MOMENT: 1795356300,
    Kind.TICK: ["yes"],
    Kind.SUGGESTION: "12",
}


def held(fields: Sequence[Field], prefix: str = "") -> dict[str, Any]:
    """Something in each of these inputs, by block_id."""
    return {f"{prefix}{one.path}": one.choices[0][0] if one.choices else HELD[one.kind] for one in fields}


FORM = OrderForm(
    values={
        **held(FIRST),
        **held((*ADDRESS_FIELDS, *DELIVERY_EXTRAS), "deliveryAddress."),
        **held(MORE),
        **held(ADDRESS_FIELDS, "invoiceAddress."),
        **held(ATTACHMENT, "attachments[0]."),
        "positions[0].sku": "SKU-1",
        "positions[0].quantity": "2",
        "positions[0].more": "price=12.50",
        "positions[2].sku": "SKU-3",
    },
    positions=3,
    more=True,
    gone=frozenset({1}),
    labels={"sellerId": "Acme (12)", "warehouseId": "Berlin (3)"},
    left_out=4,
)
COUNTS = {"ready": 3, "sending": 1, "done": 990, "refused": 4, "unknown": 1, "bad": 1}
CHANGE = Change("comment", "Comment", "as it was", "as it is")
ATTRIBUTE = Change("custom_attributes", "Custom attribute", "red", "blue", "colour")


def _changed(profile: Profile) -> Case:
    given = {"order": ORDER, "changes": [CHANGE, ATTRIBUTE], "by": ADA, "card_id": "card-1"}
    return Case(f"changed {profile}", given, partial(correcting.changed, profile=profile, at=NOW))


def _approval(name: str, given: dict[str, Any], **more: Any) -> Case:
    return Case(name, {"approval": APPROVAL} | given, partial(getattr(approving, name), **more))


def _cancel(name: str, given: dict[str, Any] | None = None, **more: Any) -> Case:
    return Case(name, {"cancel": CANCEL} | (given or {}), partial(getattr(cancelling, name), **more))


_CREATE_UNKNOWN = {"why": "Quivo did not answer.", "card_id": "card-1", "reference": "7f3k"}
CHANGE_CASES: Sequence[Case] = (
    Case("order_form", {"form": FORM, "card_id": "card-1"}, order_form.order_form),
    Case("order_form first", {"form": order_form.OrderForm(), "card_id": "card-1"}, order_form.order_form),
    Case("edit_form", {"order": ORDER, "card_id": "card-1"}, correcting.edit_form),
    Case("address_form", {"order": ORDER, "card_id": "card-1"}, correcting.address_form),
    Case(
        "will_change",
        {"order": ORDER, "changes": [CHANGE, ATTRIBUTE], "card_id": "card-1"},
        partial(correcting.will_change, callback_id="order.edit_confirm"),
    ),
    *(_changed(profile) for profile in Profile),
    Case("accepted", {"order": ORDER, "by": ADA, "card_id": "card-1"}, partial(correcting.accepted, at=NOW)),
    Case("change_unknown", {"order": ORDER} | _CREATE_UNKNOWN, correcting.change_unknown),
    Case("cannot_change", {"order": ORDER, "hint": "It waits.", "reference": "7f3k"}, correcting.cannot_change),
    Case(
        "cancel_form",
        {"order": ORDER, "card_id": "card-1", "approval": "It is worth a lot."},
        partial(cancelling.cancel_form, undo_seconds=10),
    ),
    _cancel("held", seconds=10),
    _cancel("sending"),
    _cancel("requested", at=NOW),
    _cancel("cancelled", at=NOW),
    _cancel("shipped_anyway", at=NOW),
    _cancel("refused", {"why": "It was shipped.", "reference": "7f3k"}),
    _cancel("undone", {"by": BEN}),
    _cancel("unknown", {"reference": "7f3k"}, at=NOW),
    _cancel("gave_up", since=NOW),
    Case("already", {"by": ADA}, cancelling.already),
    Case("too_late", {}, cancelling.too_late),
    *(
        Case(f"needs_approval {profile}", {"approval": APPROVAL}, partial(approving.needs_approval, profile=profile))
        for profile in Profile
    ),
    _approval("approved", {"by": BEN}, at=NOW),
    _approval("declined", {"by": BEN}, at=NOW),
    _approval("expired", {}),
    Case(
        "approvals_list",
        {"waiting": [APPROVAL, replace(APPROVAL, order_id=1002)], "reader": BEN},
        partial(approving.approvals_list, profile=Profile.PRIVATE),
    ),
    Case("change_line", {"order": ORDER, "before": "PENDING"}, partial(watching.change_line, profile=Profile.PUBLIC)),
    Case("watch_started", {"watched": WATCHED}, partial(watching.watch_started, is_new=True)),
    Case("watch_stopped", {"watched": WATCHED, "by": BEN}, watching.watch_stopped),
    Case("watch_ended", {"watched": WATCHED, "why": "It can't change any more."}, watching.watch_ended),
    Case("not_watched", {"reference": "R-1"}, partial(watching.not_watched, 1001)),
    Case("watch_list", {"watches": [WATCHED, replace(WATCHED, order_id=7, status="ON_HOLD")]}, watching.watch_list),
    Case("upload_form", {"card_id": "card-1"}, importing.upload_form),
    Case(
        "preview",
        {"bad": [BadRow(7, "deliveryAddress.zip must not be empty")], "card_id": "card-1"},
        partial(importing.preview, COUNTS, profile=Profile.MODAL),
    ),
    Case("progress", {"by": ADA, "card_id": "card-1"}, partial(importing.progress, COUNTS)),
    Case("stopped", {"by": ADA, "stopped_by": BEN, "card_id": "card-1"}, partial(importing.stopped, COUNTS)),
    Case("finished", {"by": ADA}, partial(importing.finished, COUNTS)),
    Case("created", {"order": Named(1001, "#DE38678"), "card_id": "card-1"}, creating.created),
    Case("already_there", {"order": Named(1001, "#DE38678"), "card_id": "card-1"}, creating.already_there),
    Case("create_unknown", _CREATE_UNKNOWN, creating.create_unknown),
    Case(
        "settings_form",
        {"preferences": Preferences(Decimal(500), 20, "EUR"), "card_id": "card-1"},
        settings.settings_form,
    ),
    Case("settings_saved", {"preferences": Preferences(Decimal(500), 20, "EUR"), "by": ADA}, settings.settings_saved),
    Case(
        "found_orders",
        {"orders": [ORDER], "missing": ["R-7", "8888"], "row_cards": ["row-1"]},
        partial(found.found_orders, profile=Profile.PUBLIC, now=NOW),
    ),
    Case("nothing_to_look_up", {}, found.nothing_to_look_up),
)
