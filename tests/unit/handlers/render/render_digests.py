"""What the tests of digests' renderers share: sample digests and numbers, and every renderer as a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from render_kit import CONNECTION, NOW, ORDERED, Case, flaws

from handlers.render import digest_ended, digest_form, digest_handover, digest_list, digest_rows
from handlers.render.approving import Approval
from handlers.render.chart_words import as_text
from handlers.render.digest_message import Lateness, Told, digest_message
from handlers.render.home import Mine, find_form, home
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.render.watching import Watched
from operations.digest_facts import Absent, Collected, Covers, Delta, Part, RowOf, Section, What
from operations.digesting import Health, Listed
from operations.outcome import Reason
from operations.summary_facts import Amount, Tally
from sandbox.slack.blocks import check_message
from store.digests import Digest
from store.ledger import Action

OWNER, CHANNEL = "U0ADA00001", "C0ORDERS01"
YESTERDAY = NOW - timedelta(days=1)
DIGEST = Digest(
    "digest-1",
    "T0HOME0001",
    OWNER,
    CHANNEL,
    (What.DUE_WEEK.value, What.FAILED.value, What.BY_STATUS.value, What.SHIPPED.value),
    (0, 1, 2, 3, 4),
    "09:00",
    "Europe/Berlin",
    "summary",
    ORDERED,
    next_at=NOW + timedelta(hours=1),
    last_posted_at=YESTERDAY,
)
FULL = replace(DIGEST, size="full")
EUR, USD = Amount("EUR", Decimal("30.5")), Amount("USD", Decimal(1200))
WEEK = Section(
    What.DUE_WEEK,
    NOW,
    Tally(12, (EUR, USD), 1),
    (Part("2026-11-24", Tally(10, (USD,), 1)), Part("2026-11-25", Tally(2, (EUR,)))),
    (("past_due", 2), ("undated", 0), ("at_risk", 1)),
    (RowOf(208022, "Active", None, NOW),),
    11,
    Covers(NOW, NOW + timedelta(days=7)),
)
FAILED = Section(What.FAILED, NOW, Tally(3, (EUR,)), (Part("payment", Tally(3, (EUR,))),), (("unexplained", 1),))
STATUS = Section(
    What.BY_STATUS,
    NOW,
    Tally(5),
    (Part("PENDING", Tally(1)), Part("PROCESSING", Tally(4))),
    rows=(RowOf(1001, "PROCESSING", "#DE38678", ORDERED),),
    more=4,
)
ABSENT = Absent(What.SHIPPED, Reason.NO_ANSWER, "Quivo did not answer.")
COLLECTED = Collected(NOW, (WEEK, FAILED, STATUS, ABSENT))
CHANGES = (
    Delta(What.FAILED, "", None, Decimal(1), Decimal(3), YESTERDAY),
    Delta(What.FAILED, "", "EUR", Decimal(40), Decimal("30.5"), YESTERDAY),
    Delta(What.BY_STATUS, "PENDING", None, Decimal(3), Decimal(1), YESTERDAY),
)
TOLD = Told(DIGEST, COLLECTED, CHANGES, Lateness(3, YESTERDAY), "U0BEN00001")
RUNNING = Listed(DIGEST, Health.RUNNING)
STOPPED = Listed(replace(DIGEST, state="stopped", next_at=None, reason="not_connected"), Health.STOPPED)
UNCONNECTED = Listed(replace(DIGEST, offered_to="U0BEN00001"), Health.UNCONNECTED, ("qpilot",))
APPROVAL = Approval(1004, "R-4", "U0BEN00001", "Worth more.", NOW, "card-4")
WATCHED = Watched(1001, "#DE38678", "PROCESSING", ORDERED, OWNER, "watch-1")


def action(kind: str = "order.cancel", state: str = "unknown", target: str = "1001") -> Action:
    """One thing that was done."""
    return Action("act-1", kind, "T0HOME0001", OWNER, "quivo", target, state, "7f3k", NOW, NOW, {"card": "card-9"})


MINE = Mine(
    OWNER,
    connections=(CONNECTION,),
    resting=("vendo",),
    commands=(("/order <id>", "Show an order"),),
    approvals=(APPROVAL,),
    unknown=(action(),),
    offered=(RUNNING,),
    digests=(RUNNING, STOPPED, UNCONNECTED),
    watches=(WATCHED,),
    recent=(action(state="cancelled"), action("order.create", "done", "12:shop-77")),
)


def _told(profile: Profile, size: str) -> Case:
    given = {"told": replace(TOLD, digest=replace(DIGEST, size=size)), "card_id": "card-1"}
    return Case(f"digest {size} {profile}", given, lambda **g: digest_message(profile=profile, **g))


DIGEST_CASES: Sequence[Case] = (
    _told(Profile.EXTERNAL, "summary"),
    _told(Profile.PUBLIC, "one_line"),
    _told(Profile.DIRECT, "full"),
    Case(
        "digest_list",
        {"listed": (RUNNING, STOPPED), "reader": OWNER},
        lambda **g: digest_list.digest_list(is_admin=False, **g),
    ),
    Case("digest_list of none", {"reader": OWNER}, lambda **g: digest_list.digest_list((), is_admin=False, **g)),
    Case("delete_question", {"one": RUNNING}, digest_list.delete_question),
    Case("said", {"digest": DIGEST, "by": OWNER}, lambda **g: digest_list.said(what="is paused.", **g)),
    Case("made", {"one": UNCONNECTED, "reader": OWNER}, lambda **g: digest_list.made(is_new=True, **g)),
    Case("offer", {"digest": DIGEST}, digest_handover.offer),
    Case("decided", {"digest": DIGEST, "by": OWNER}, lambda **g: digest_handover.decided(accepted=True, **g)),
    Case(
        "told_to_owner",
        {"digest": DIGEST, "reason": "login_again", "text": "Quivo said no."},
        digest_ended.told_to_owner,
    ),
    Case("told_to_channel", {"digest": DIGEST, "reason": "owner_left"}, digest_ended.told_to_channel),
    Case("order_rows", {"found": STATUS, "row_cards": ("row-1",)}, digest_rows.order_rows),
    Case("handover_form", {"digest": DIGEST, "card_id": "card-1"}, digest_form.handover_form),
    Case("home with everything", {"mine": MINE, "connectable": {"quivo": "card-1"}}, home),
    Case("find_form", {}, find_form),
)


def unfit(made: Message | Mapping[str, Any]) -> list[Any]:
    """What Slack would refuse; slack_sdk's models know no charts, so they are asked about the rest."""
    if not isinstance(made, Message):
        return flaws(made)
    plain = Message(made.text, tuple(as_text(made.blocks)))
    return [*check_message(list(made.blocks)), *flaws(plain)]


def many(count: int, currencies: Sequence[str] = ("EUR",)) -> Collected:
    """Numbers of so many orders in each source."""
    amounts = tuple(Amount(currency, Decimal(count)) for currency in sorted(currencies))
    tally = Tally(count, amounts if count else ())
    rows = tuple(
        RowOf(1000 + number, "PROCESSING", f"#DE{number}", datetime(2026, 11, 22, tzinfo=UTC))
        for number in range(min(count, 20))
    )
    sections = (
        Section(
            what, NOW, tally, (Part("2026-11-24", tally), Part("2026-11-25", Tally())), (), rows, max(count - 20, 0)
        )
        for what in What
    )
    return Collected(NOW, tuple(sections))
