"""Steering a scheduled order: what will be different before it is sent, and what was afterwards (DESIGN.md §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backends.qpilot.order import FAILED, ScheduledOrder
from handlers.render import limits
from handlers.render.build import (
    actions,
    bold,
    bullets,
    button,
    context,
    form_modal,
    message,
    modal,
    own,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.differences import NO_LABELS, Labels, between, labels_of, lines
from handlers.render.limits import VIEW, fit
from handlers.render.message import Block, Message, View
from handlers.render.money import money
from handlers.render.naming import mention
from handlers.render.profile import Profile
from handlers.render.scheduled import DETAILS, RESTORE
from handlers.render.scheduled_parts import why_failed
from handlers.render.scheduled_profile import trim
from handlers.render.scheduled_states import headline, name
from handlers.render.times import when
from operations.steer_changes import (
    AddItems,
    Cancel,
    Frequency,
    Pause,
    Payment,
    Quantity,
    RemoveItem,
    Reschedule,
    Restore,
    Resume,
    Retry,
    Seen,
    Skip,
    seen_of,
)
from operations.steer_preview import SAID, Caution, Preview

TITLE = "Scheduled order"
_ONLY_NOTES = (Caution.RESTORABLE, Caution.TOTAL_LATER)
CONFIRM, CHARGE, LOOK = "scheduled.confirm", "scheduled.retry", "scheduled.look"


@dataclass(frozen=True)
class Words:
    """How one kind of change is named: on its button, and in the sentence that says that it was done."""

    submit: str
    done: str


_ITEMS = Words("Change the items", " has other items.")
WORDS: Mapping[str, Words] = {
    Pause.kind: Words("Pause it", " is paused."),
    Resume.kind: Words("Resume it", " is active again."),
    Skip.kind: Words("Skip it", " skips one occurrence."),
    Reschedule.kind: Words("Reschedule it", " is rescheduled."),
    Frequency.kind: Words("Change it", " recurs differently."),
    AddItems.kind: _ITEMS,
    Quantity.kind: _ITEMS,
    RemoveItem.kind: _ITEMS,
    Payment.kind: Words("Change it", " has another payment method."),
    Retry.kind: Words("Retry it", " was tried again."),
    Cancel.kind: Words("Cancel the order", " is cancelled."),
    Restore.kind: Words("Restore it", " is restored."),
}


def will_change(preview: Preview, *, card_id: str, labels: Labels = NO_LABELS) -> View:
    """What a change will make different, with its cautions; the submit `scheduled.confirm` sends it.

    A retry may charge a card, so its button is a red one in the modal, `scheduled.retry`, and there is no submit.
    """
    order, kind = preview.order, preview.change.kind
    known = {**labels_of(order), **labels}
    differences = lines(
        preview.differences, Profile.MODAL, currency=order.currency, labels=known, title="This will be different"
    )
    blocks = [
        headline(order.id, order.status),
        *(differences or [section("Nothing that I can show will be different.")]),
        *(section(SAID[one] if one in _ONLY_NOTES else f"⚠️ {SAID[one]}") for one in preview.cautions),
    ]
    if kind == Retry.kind:
        charge = actions(button(WORDS[kind].submit, CHARGE, card_id, style="danger"))
        whole = fit(blocks, tail=[charge], room=VIEW, what="parts of this")
        return form_modal(TITLE, whole, callback_id=CHARGE, card_id=card_id, close="Leave it")
    whole = fit(blocks, room=VIEW, what="parts of this")
    submit = WORDS[kind].submit
    return form_modal(TITLE, whole, callback_id=CONFIRM, card_id=card_id, submit=submit, close="Leave it")


def cannot(order: ScheduledOrder, text: str, *, reference: str) -> View:
    """Its status forbids it; ``text`` is our own sentence about what to do instead."""
    blocks = [headline(order.id, order.status), section(f"⛔ {text}"), section("Nothing was sent.")]
    return modal(TITLE, [*blocks, context(words(f"Reference {reference}", 100))], callback_id="shipclerk.notice")


def being_done(order_id: int, by: str) -> View:
    """Somebody was first, and nothing was sent for the second one (CHECKS E1)."""
    said = section(f"⛔ {name(order_id)} is already being changed in this way, so I sent nothing.")
    return modal(TITLE, [said, context(own(f"First was {mention(by)}"))], callback_id="shipclerk.notice")


def steered(
    order_id: int,
    kind: str,
    before: Seen,
    after: ScheduledOrder | None,
    profile: Profile,
    *,
    by: str,
    at: datetime,
    card_id: str,
) -> Message:
    """What was done, as read again in ``after``; None there is one that QPilot shows no more since it was cancelled.

    A cancelled one has a button that restores it.
    """
    head = [say("🚫 " if kind == Cancel.kind else "✅ "), bold(name(order_id)), say(WORDS[kind].done)]
    cancelled = kind == Cancel.kind
    buttons = [button("Restore", RESTORE, card_id)] if cancelled else []
    blocks = [
        paragraph(head),
        *([section(SAID[Caution.RESTORABLE])] if cancelled else []),
        *([] if after is None else _now(kind, before, after, profile)),
    ]
    return message(blocks, tail=[_small(by, at), _looks(card_id, *buttons)])


def _now(kind: str, before: Seen, after: ScheduledOrder, profile: Profile) -> list[Block]:
    """What differs, and what a change of this kind is asked about next: the total, or whether it failed again."""
    differences = between(before, seen_of(after))
    shown = trim(after, profile)
    changes = lines(differences, profile, currency=after.currency, labels=labels_of(after))
    if kind in (AddItems.kind, Quantity.kind, RemoveItem.kind) and shown.total is not None:
        changes.append(section(f"The total is {money(shown.total, shown.currency)} now."))
    if kind == Retry.kind and after.status == FAILED:
        changes += [section("⚠️ It has failed again."), *why_failed(shown)]
    return changes


def accepted(order_id: int, *, by: str, at: datetime, card_id: str) -> Message:
    """QPilot took the change, but the order does not show it, or could not be read; nobody says that it is there."""
    said = ": QPilot took the change. I do not see it in the order yet."
    return message([paragraph([say("❔ "), bold(name(order_id)), say(said)])], tail=[_small(by, at), _looks(card_id)])


def unknown(order_id: int, kind: str, *, why: str, card_id: str, reference: str) -> Message:
    """Nobody can say whether it was done; `scheduled.look` looks at the order again and sends nothing."""
    charged = [section("It may have charged the customer: I do not try it again.")] if kind == Retry.kind else []
    head = paragraph([say("❔ "), bold(name(order_id)), say(": we do not know whether it was changed.")])
    small = context(words(f"Reference {reference}", 100))
    return message([head, section(why), *charged], tail=[small, actions(button("Look again", LOOK, card_id))])


def current_items(order: ScheduledOrder) -> list[Block]:
    """What is on it now, above the form that changes it."""
    known = labels_of(order)
    rows = [
        [say(f"{item.quantity} × " if item.quantity is not None else ""), say(known[item.product_id])]
        for item in order.items[: limits.MODAL_POSITIONS]
    ]
    left = len(order.items) - len(rows)
    more = [[say(limits.more(left))]] if left > 0 else []
    return [bullets("On it now", [*rows, *more])] if rows else [section("There is nothing on it now.")]


def _small(by: str, at: datetime) -> Block:
    return context(own(f"Changed by {mention(by)}"), own(f"As of {when(at)}"))


def _looks(card_id: str, *first: Block) -> Block:
    return actions(*first, button("Details", DETAILS, card_id))
