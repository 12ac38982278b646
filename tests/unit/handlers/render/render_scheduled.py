"""Sample data and cases for the renderers of scheduled orders, and of what they are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from render_kit import NOW, Case

from backends.qpilot.entities import Customer, Product, Site
from backends.qpilot.new import NewItem
from backends.qpilot.order import Address, Item, Page, PaymentMethod, Person, Row, ScheduledOrder
from handlers.render import connect_qpilot, founded, founding, scheduled, scheduled_list, steer_forms, steering
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.render.summary import summary_message
from operations.scheduled import Asked, row_of
from operations.scheduled import Profile as CustomerProfile
from operations.steer_changes import AddItems, Cancel, Frequency, Payment, Quantity, Reschedule, Retry, seen_of
from operations.steer_preview import Preview, preview
from operations.summary import (
    Amount,
    AtRisk,
    Cause,
    Day,
    Due,
    Failed,
    Missing,
    Part,
    Risk,
    Source,
    Span,
    Stuck,
    Summary,
    Tally,
    Window,
)

ADA = "U0ADA00001"
MOMENT = datetime(2026, 12, 6, 8, 0, tzinfo=UTC)
VISA = PaymentMethod(10933, "Stripe", "107", "4242", datetime(2028, 8, 31, tzinfo=UTC), "My card", "Active")
ADDRESS = Address("Grace", "Hopper", "Sample Street 1", "Back door", "Berlin", "BE", "10115", "DE")
ITEMS = (
    Item(551, "100982", 4, Decimal("9.75"), Decimal("6.00"), "Shampoo", "rco-993", "InStock", True),
    Item(552, "100983", 1, Decimal("5.00"), None, "Soap", "soap", "OutOfStock", True),
)
ORDER = ScheduledOrder(
    id=208022,
    status="Failed",
    site_id=1113,
    customer_id="107",
    customer=Person("107", "grace@example.com", "Grace", "Hopper"),
    name="For Grace",
    next_occurrence=MOMENT,
    last_occurrence=datetime(2026, 11, 6, 8, 0, tzinfo=UTC),
    frequency=30,
    frequency_type="Days",
    frequency_name="Every 30 days",
    cycles=6,
    payment_method_id=10933,
    payment_method=VISA,
    currency="USD",
    subtotal=Decimal("29.00"),
    shipping_total=Decimal("5.00"),
    tax_total=Decimal("1.00"),
    total=Decimal("35.00"),
    items=ITEMS,
    address=ADDRESS,
    phone="+49 30 123",
    company="Compilers Ltd",
    shipping_rate="Standard",
    coupons=("WELCOME10",),
    locked=True,
    failure_reason="Stripe: Grace's card was declined.",
    error_code=2001,
    in_dunning=True,
    snoozed_until=MOMENT,
    note="Please ring twice",
    origin="Merchant",
    created=datetime(2026, 6, 9, tzinfo=UTC),
    updated=datetime(2026, 11, 6, tzinfo=UTC),
)
SITE = Site(1113, timezone="America/New_York")
PAGE: Page[Row] = Page((row_of(ORDER), row_of(replace(ORDER, status="On hold"))), 2, True, 25, 3)
CUSTOMER = Customer("107", "grace@example.com", "Grace", "Hopper", "+49 30 123", "Compilers Ltd", ADDRESS, ADDRESS)
PRODUCT = Product("100982", "Shampoo", "rco-993", Decimal("9.75"), Decimal(6), "OutOfStock", 50, True, False)
NEXT = founded.Next("card-1", "card-2")
TALLY = Tally(3, (Amount("EUR", Decimal("12.50")), Amount("USD", Decimal("1234.05"))), 1)
SOURCE = Source(("Active",), NOW)
SPAN = Span(Window.TOMORROW, NOW, NOW + timedelta(days=1), (date(2026, 11, 23),))
SUMMARY = Summary(
    span=SPAN,
    zone=UTC,
    as_of=NOW,
    due=Due(SOURCE, (Day(date(2026, 11, 23), TALLY),), TALLY, Tally(1, (Amount("JPY", Decimal(900)),)), 2),
    failed=Failed(
        SOURCE, (Cause("payment", ((2000, 2), (2001, 1)), TALLY), Cause("other", ((None, 1),), Tally(1))), TALLY, 1
    ),
    stuck=Stuck(SOURCE, Tally(2), (208001, 208002)),
    at_risk=AtRisk(
        SOURCE,
        (
            Risk(208003, MOMENT, ("Soap", "Shampoo")),
            Risk(208004, MOMENT, (), True),
            Risk(208005, MOMENT, (), False, datetime(2026, 11, 1, tzinfo=UTC)),
        ),
        40,
        5,
    ),
    processing_paused=True,
    missing=(Missing(Part.SITE, "QPilot did not answer."),),
)
WEEK = replace(
    SUMMARY,
    span=replace(SPAN, window=Window.WEEK, days=tuple(date(2026, 11, 22) + timedelta(days=n) for n in range(7))),
    due=Due(SOURCE, tuple(Day(date(2026, 11, 22) + timedelta(days=n), Tally(n)) for n in range(7)), TALLY, Tally(), 0),
    missing=(),
)
CHANGES: Sequence[Any] = (
    Reschedule(datetime(2027, 1, 1, 8, tzinfo=UTC)),
    Frequency("Weeks", 4),
    AddItems((NewItem("100999", 2),)),
    Quantity(551, 2),
    Payment(20001),
    Cancel(),
    Retry(),
)


def previewed(change: Any, order: ScheduledOrder = ORDER) -> Preview:
    """What this change would do to the order."""
    return preview(order, change, SITE, NOW)


def strange(product: str, group: str, currency: str, why: str) -> Summary:
    """A summary with these words from outside."""
    tally = Tally(2, (Amount(currency, Decimal("1.50")),))
    return replace(
        SUMMARY,
        failed=Failed(SOURCE, (Cause(group, ((2000, 2),), tally),), tally),
        at_risk=AtRisk(SOURCE, (Risk(208003, MOMENT, (product,)),), 1, 0),
        missing=(Missing(Part.SITE, why),),
    )


def _card(profile: Profile) -> Case:
    given = {"order": ORDER, "card_id": "card-1", "asked_by": ADA}
    return Case(
        f"scheduled_card {profile}", given, lambda **g: scheduled.scheduled_card(profile=profile, seen_at=NOW, **g)
    )


def _preview(change: Any) -> Case:
    def made(order: ScheduledOrder, labels: dict[str, str], card_id: str) -> dict[str, Any]:
        return steering.will_change(previewed(change, order), card_id=card_id, labels=labels)

    labels = {"100999": "Soap bar", "20001": "Braintree"}
    return Case(f"will_change {change.kind}", {"order": ORDER, "labels": labels, "card_id": "card-1"}, made)


def _form(kind: str) -> Case:
    def made(order: ScheduledOrder, methods: Sequence[PaymentMethod], card_id: str) -> dict[str, Any]:
        return steer_forms.form(kind, order, card_id=card_id, methods=methods)

    return Case(kind, {"order": ORDER, "methods": (VISA, replace(VISA, id=2)), "card_id": "card-1"}, made)


def _steered(profile: Profile, kind: str) -> Case:
    def made(after: ScheduledOrder, card_id: str, by: str) -> Message:
        before = seen_of(replace(ORDER, status="Active", items=ITEMS[:1], frequency=60))
        return steering.steered(208022, kind, before, after, profile, by=by, at=NOW, card_id=card_id)

    return Case(f"steered {kind} {profile}", {"after": ORDER, "card_id": "card-1", "by": ADA}, made)


SCHEDULED_CASES: Sequence[Case] = (
    *(_card(profile) for profile in Profile),
    Case("scheduled_details", {"order": ORDER, "card_id": "card-1"}, scheduled.scheduled_details),
    Case(
        "scheduled_list",
        {"page": PAGE, "asked": Asked("Failed", "grace"), "card_id": "card-1"},
        lambda **g: scheduled_list.scheduled_list(now=NOW, **g),
    ),
    Case("qpilot_form", {"card_id": "card-1"}, connect_qpilot.qpilot_form),
    *(_preview(change) for change in CHANGES),
    *(_form(kind) for kind in (steer_forms.RESCHEDULE, steer_forms.FREQUENCY, steer_forms.ITEMS, steer_forms.PAYMENT)),
    *(_steered(profile, Retry.kind) for profile in Profile),
    _steered(Profile.PUBLIC, Cancel.kind),
    Case(
        "cannot",
        {"order": ORDER, "text": "It is paused already.", "reference": "7f3k"},
        steering.cannot,
    ),
    Case("being_done", {"by": ADA}, lambda by: steering.being_done(1, by)),
    Case("accepted", {"card_id": "card-1", "by": ADA}, lambda **g: steering.accepted(1, at=NOW, **g)),
    Case(
        "unknown",
        {"why": "No answer.", "card_id": "card-1", "reference": "7f3k"},
        lambda **g: steering.unknown(1, Retry.kind, **g),
    ),
    Case(
        "founded",
        {"named": "Customer 107", "by": ADA},
        lambda **g: founded.founded(visible=False, following=NEXT, **g),
    ),
    Case(
        "founded_view",
        {"named": "Customer 107"},
        lambda **g: founded.founded_view(title="Customer", visible=False, following=NEXT, **g),
    ),
    Case(
        "not_known",
        {"named": "Customer 107", "why": "No answer.", "card_id": "card-1", "reference": "7f3k"},
        founded.not_known,
    ),
    Case("open_prompt", {"text": "Go on.", "card_id": "card-1"}, founded.open_prompt),
    Case(
        "customer_view",
        {"found": CustomerProfile(CUSTOMER, (VISA,), (ORDER,))},
        lambda **g: founded.customer_view(following=NEXT, **g),
    ),
    Case("product_card", {"one": PRODUCT}, founded.product_card),
    Case(
        "summary",
        {"product": "Soap", "group": "gremlins", "currency": "XYZ", "why": "QPilot did not answer.", "by": ADA},
        lambda by, **g: summary_message(strange(**g), by=by, chart=False),
    ),
)
FORMS = (founding.CUSTOMER_FORM, founding.METHOD_FORM, founding.PRODUCT_FORM, founding.ORDER_FORM)
