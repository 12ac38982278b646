"""Steering scheduled orders from Slack: previewed, confirmed, sent once (issue QPilot; CHECKS A7, B7, D3, E1 to E4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fakes import ADA, BEN, CHANNEL, TEAM
from ops_fakes import NOON
from qpilot_fakes import ORDER, VISA, FakeQpilot
from qpilot_stage import ACTORS, BENS, QpilotStage, on_stage

from backends.errors import Fault, FieldError, NoAnswer, SessionExpired
from backends.qpilot.order import Item, PaymentMethod, ScheduledOrder
from backends.qpilot.refusals import QpilotForbidden, QpilotInvalid
from handlers.render.profile import Profile
from handlers.scheduled_look import DRAWS
from handlers.slack import Posted
from operations import qpilot_looks
from operations.changes import NOT_DONE, UNKNOWN
from operations.checking import LOOKS, check
from store.ledger import Action

MASTER = PaymentMethod(20001, "Braintree", "107", "1111", datetime(2027, 1, 31, tzinfo=UTC))
FAILED = replace(ORDER, status="Failed", error_code=2001, failure_reason="Stripe: no answer")
LATER = datetime(2026, 12, 24, 9, 30, tzinfo=UTC)


def site(order: ScheduledOrder = ORDER) -> FakeQpilot:
    """A site with this order and two payment methods of its customer."""
    return FakeQpilot(orders={order.id: order}, methods={VISA.id: VISA, MASTER.id: MASTER})


def channel(home: QpilotStage) -> list[str]:
    """What the channel was told."""
    return home.texts("post")


PLAIN = [
    ("pause", ORDER, ("set_status", ORDER.id, "Paused"), "is paused.", "active → paused"),
    ("resume", replace(ORDER, status="Paused"), ("safe_activate", ORDER.id, False), "active again", "paused → active"),
    ("cancel", ORDER, ("delete", ORDER.id), "is cancelled.", "active → cancelled"),
]


@pytest.mark.parametrize(("verb", "order", "write", "done", "change"), PLAIN)
async def test_previewed_confirmed_sent_once_and_told(
    tmp_path: Path, verb: str, order: ScheduledOrder, write: Any, done: str, change: str
) -> None:
    """The modal says what will be different, nothing is sent; *confirm* sends it once; the channel reads it after."""
    async with on_stage(tmp_path, site(order)) as home:
        assert await home.type(f"/scheduled {verb} 208022") == "asked"
        assert (home.hows(), home.qpilot.writes) == (["open", "update"], [])
        before, after = change.split(" → ")
        assert [part in home.shown() for part in (before, after, "Scheduled order 208022")] == [True] * 3
        assert await home.submit() == "done"
        assert home.qpilot.writes == [write]
        assert [done in channel(home)[0], change in channel(home)[0]] == [True, True]
        assert home.shop.outcomes()[-2:] == ["sending", "done"]


async def test_the_modal_opens_before_anything_is_asked(tmp_path: Path) -> None:
    """A7: by command, by button and by menu."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled 208022")
        menu = home.values("scheduled.more")
        pressed = menu[0].partition(":")[0]
        acts: list[Callable[[], Awaitable[str]]] = [
            lambda: home.type("/scheduled pause 208022"),
            lambda: home.press("scheduled.pause_open", pressed),
            lambda: home.press("scheduled.more", menu[2]),
        ]
        seen: list[tuple[str, int]] = []
        home.stage.slack.before = lambda how: seen.append((how, len(home.qpilot.requests)))
        for act in acts:
            asked = len(home.qpilot.requests)
            seen.clear()
            assert await act() == "asked"
            assert seen[0] == ("open", asked)


async def test_a_cancelled_one_can_be_restored_from_its_message(tmp_path: Path) -> None:
    """QPilot's soft delete is said, *Restore* stands on the confirmation, and restoring is previewed and sent too."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled cancel 208022")
        assert "can be restored" in home.shown()
        await home.submit()
        assert "can be restored" in channel(home)[0]
        assert await home.press("scheduled.restore_open", message_ts="6.6") == "asked"
        assert await home.submit() == "done"
        assert home.qpilot.writes == [("delete", ORDER.id), ("safe_activate", ORDER.id, True)]
        assert "is restored" in channel(home)[-1]
        assert [how for how in home.hows() if how == "edit" or "replace" in how] == []


async def test_the_card_that_was_pressed_is_drawn_anew(tmp_path: Path) -> None:
    """After the change the card shows the order as it is now, in its place."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled 208022")
        await home.press("scheduled.pause_open", message_ts="7.7")
        await home.submit()
        assert home.hows()[-1] == "edit"
        assert (home.said[-1].where, "⏸️ Scheduled order 208022 is paused." in home.last()) == (f"{CHANNEL} 7.7", True)
        home.stage.slack.refused.add("edit")
        await home.press("scheduled.resume_open", message_ts="7.7")
        await home.submit()
        assert (home.hows()[-1], "is active." in home.last()) == ("respond in_channel replace", True)


async def test_a_click_uses_the_clickers_connection(tmp_path: Path) -> None:
    """B7: Ben presses Ada's card, and all is asked and sent as Ben; who has none is asked to connect."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled 208022")
        card = home.values("scheduled.pause_open")[0]
        assert await home.press("scheduled.pause_open", card, BEN) == "refused:not_connected"
        await home.shop.connect(ACTORS[BEN], BENS)
        home.qpilot.logins.clear()
        assert await home.press("scheduled.pause_open", card, BEN) == "asked"
        assert await home.submit(user=BEN) == "done"
        assert set(home.qpilot.logins) == {"ben@shop.example"}
        assert f"<@{BEN}>" in channel(home)[-1]


async def test_nobody_confirms_for_somebody_else(tmp_path: Path) -> None:
    """B6: a modal's card is for who opened it; a card that was only shown is no yes."""
    async with on_stage(tmp_path) as home:
        await home.shop.connect(ACTORS[BEN], BENS)
        await home.type("/scheduled pause 208022")
        view = home.view()
        assert await home.submit(user=BEN, view=view) == "refused:expired"
        assert await home.submit(view={**view, "private_metadata": "nope"}) == "refused:expired"
        await home.type("/scheduled reschedule 208022")
        assert (
            await home.submit(view={**view, "private_metadata": home.view()["private_metadata"]}) == "refused:expired"
        )
        assert home.qpilot.writes == []


async def test_fifty_confirm_at_once(tmp_path: Path) -> None:
    """E1: one is sent, and the others are told who was first or that it has changed."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled pause 208022")
        view = home.view()
        words = await asyncio.gather(*(home.submit(view=view) for _ in range(50)))
        assert (words.count("done"), len(home.qpilot.writes)) == (1, 1)
        assert set(words) <= {"done", "refused:already", "refused:status", "refused:stale"}
        assert f"<@{ADA}>" in str([one.what for one in home.said])


@pytest.mark.parametrize(
    "moved",
    [
        {"status": "Paused"},
        {"next_occurrence": LATER},
        {"frequency": 60},
        {"total": Decimal(99)},
        {"items": (*ORDER.items, Item(9, "100983", 1))},
        {"locked": True},
        {"payment_method_id": 5},
    ],
)
async def test_one_that_has_moved_on_is_shown_again_and_not_changed(tmp_path: Path, moved: dict[str, Any]) -> None:
    """E4: what differs from what was seen is shown, nothing is sent, and the next yes is about the new preview."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled cancel 208022")
        home.qpilot.set(**moved)
        assert await home.submit() == "refused:stale"
        assert ("has changed since you saw it" in home.shown(), home.qpilot.writes) == (True, [])
        assert await home.submit() == "done"
        assert home.qpilot.writes == [("delete", ORDER.id)]


async def test_a_skip_is_reckoned_by_qpilot_and_anew_when_it_has_moved(tmp_path: Path) -> None:
    """The following occurrence comes from QPilot's calculator; a stale one is reckoned from the new date."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/scheduled skip 208022") == "asked"
        assert str(int(datetime(2027, 1, 5, 8, tzinfo=UTC).timestamp())) in home.shown()
        home.qpilot.set(next_occurrence=LATER)
        assert await home.submit() == "refused:stale"
        assert await home.submit() == "done"
        assert home.qpilot.writes == [("set_next_occurrence", ORDER.id, LATER + timedelta(days=30))]
        assert "skips one occurrence" in channel(home)[0]


@pytest.mark.parametrize("status", ["Processing", "Deleted"])
@pytest.mark.parametrize("verb", ["pause", "resume", "reschedule", "frequency", "items", "payment", "retry"])
async def test_a_status_that_forbids_it_says_what_to_do(tmp_path: Path, verb: str, status: str) -> None:
    """Nothing is sent, and there is no form and no button to press."""
    async with on_stage(tmp_path, site(replace(ORDER, status=status))) as home:
        assert await home.type(f"/scheduled {verb} 208022") == "refused:status"
        shown = home.shown()
        assert ("⛔" in shown, "Nothing was sent." in shown, "submit" in home.view()) == (True, True, False)
        assert home.qpilot.writes == []


async def test_a_past_due_one_says_that_resuming_charges(tmp_path: Path) -> None:
    """The caution stands in the modal before the yes."""
    late = replace(ORDER, status="Paused", next_occurrence=NOON - timedelta(days=3))
    async with on_stage(tmp_path, site(late)) as home:
        await home.type("/scheduled resume 208022")
        assert "charge at once" in home.shown()


async def test_rescheduling(tmp_path: Path) -> None:
    """The form begins with today's date; the moment that was chosen is shown, sent, and told in each reader's zone."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled reschedule 208022")
        assert "'initial_date_time': 1796544000" in home.shown()
        assert await home.submit({"nextOccurrenceUtc": None}) == "errors:nextOccurrenceUtc"
        assert await home.submit({"nextOccurrenceUtc": int(LATER.timestamp())}) == "asked"
        assert await home.submit() == "done"
        assert home.qpilot.writes == [("set_next_occurrence", ORDER.id, LATER)]
        assert f"<!date^{int(LATER.timestamp())}^" in channel(home)[0]


async def test_a_date_in_the_past_is_said_under_its_input(tmp_path: Path) -> None:
    """What was typed stays, and nothing is asked or sent."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled reschedule 208022")
        asked = len(home.qpilot.requests)
        past = int((NOON - timedelta(hours=1)).timestamp())
        assert await home.submit({"nextOccurrenceUtc": past}) == "refused:invalid"
        assert [
            block["block_id"] for block in home.view()["blocks"] if str(block.get("block_id")).startswith("note")
        ] == [
            "note.banner",
            "note.nextOccurrenceUtc",
        ]
        assert len(home.qpilot.requests) == asked


@pytest.mark.parametrize("stale", [False, True])
async def test_a_date_that_has_passed_by_the_time_of_the_yes(tmp_path: Path, stale: bool) -> None:
    """E4: back to the form with what was typed and the complaint under it; nothing is sent."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled reschedule 208022")
        soon = int((NOON + timedelta(minutes=5)).timestamp())
        assert await home.submit({"nextOccurrenceUtc": soon}) == "asked"
        home.shop.clock.advance(600)
        if stale:
            home.qpilot.set(frequency=60)
        assert await home.submit() == "refused:invalid"
        assert home.view()["callback_id"] == "scheduled.reschedule"
        assert ["note.nextOccurrenceUtc" in home.shown(), str(soon) in home.shown()] == [True, True]
        assert home.qpilot.writes == []


@pytest.mark.parametrize(
    ("kind", "number", "errors"),
    [
        ("Days", "0", "frequency"),
        ("Days", "366", "frequency"),
        ("DayOfTheWeek", "8", "frequency"),
        ("DayOfTheMonth", "32", "frequency"),
        ("Days", "x", "frequency"),
        ("Days", "", "frequency"),
        (None, "3", "frequencyType"),
        ("Fortnights", "3", "frequencyType"),
    ],
)
async def test_a_frequency_that_there_is_not(tmp_path: Path, kind: str | None, number: str, errors: str) -> None:
    """What is wrong is said under its input at once, before anything is asked."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled frequency 208022")
        assert await home.submit({"frequencyType": kind, "frequency": number}) == f"errors:{errors}"


async def test_another_frequency(tmp_path: Path) -> None:
    """Before and after in words, also the date after the next one."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled frequency 208022")
        assert await home.submit({"frequencyType": "DayOfTheMonth", "frequency": "15"}) == "asked"
        said = home.shown()
        assert [part in said for part in ("every 30 days", "on the 15th of every month", "The one after it")] == [
            True
        ] * 3
        assert await home.submit() == "done"
        assert home.qpilot.writes == [("set_frequency", ORDER.id, "DayOfTheMonth", 15)]
        assert "Recurs: every 30 days → on the 15th of every month" in channel(home)[0]


ITEMS = [
    ({"item": "551", "quantity": "2"}, ("change_item", ORDER.id, 551, 2), "4 × Shampoo → 2 × Shampoo"),
    ({"item": "551", "quantity": "0"}, ("remove_item", ORDER.id, 551), "4 × product 100982 → none"),
]


@pytest.mark.parametrize(("typed", "write", "said"), ITEMS)
async def test_changing_and_removing_an_item(tmp_path: Path, typed: Any, write: Any, said: str) -> None:
    """One line at a time: another quantity, or 0 to remove it; the last one says that an empty order fails."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled items 208022")
        assert await home.submit(typed) == "asked"
        assert "total can change" in home.shown()
        assert ("without items fails" in home.shown()) is (typed["quantity"] == "0")
        assert await home.submit() == "done"
        assert (home.qpilot.writes, said in channel(home)[0]) == ([write], True)


async def test_adding_a_product_by_suggestion(tmp_path: Path) -> None:
    """The suggestion's words stand in the preview, the amount is sent once, and the total as it is now is told."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled items 208022")
        assert await home.suggest("product.suggest", "sham") == [
            ("100982", "Shampoo"),
            ("sham", "“sham” as I typed it"),
        ]
        chosen = {"selected_option": {"value": "100999", "text": {"type": "plain_text", "text": "Soap bar"}}}
        view = {**home.view(), "state": {"values": {"productId": {"product.suggest": chosen}}}}
        assert await home.submit({"item": "add", "productId": "100999", "quantity": "2"}, view=view) == "asked"
        assert "2 × Soap bar" in home.shown()
        assert await home.submit() == "done"
        [write] = home.qpilot.writes
        assert (write[:2], write[2][0].product_id, write[2][0].quantity) == (("add_items", ORDER.id), "100999", 2)
        assert ("The total is $24.00 now." in channel(home)[0]) is True


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"item": "add", "quantity": "1"}, "productId"),
        ({"item": "add", "productId": "1", "quantity": "0"}, "quantity"),
        ({"item": "551", "quantity": "-1"}, "quantity"),
        ({"item": "551", "quantity": "many"}, "quantity"),
        ({"item": "551", "quantity": ""}, "quantity"),
        ({"item": None, "quantity": "1"}, "item"),
    ],
)
async def test_items_that_cannot_be_read(tmp_path: Path, typed: Any, errors: str) -> None:
    """What is wrong is said under its input, and nothing is asked."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled items 208022")
        assert await home.submit(typed) == f"errors:{errors}"


async def test_an_item_that_is_gone_meanwhile(tmp_path: Path) -> None:
    """The line was removed by somebody else: said, and nothing is sent."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled items 208022")
        home.qpilot.set(items=())
        assert await home.submit({"item": "551", "quantity": "2"}) == "refused:status"
        assert ("no longer on it" in home.shown(), home.qpilot.writes) == (True, [])


async def test_choosing_another_payment_method(tmp_path: Path) -> None:
    """Type, last four digits and expiry to choose from; the channel reads that it changed, not to what (D3)."""
    async with on_stage(tmp_path, site()) as home:
        assert await home.type("/scheduled payment 208022") == "asked"
        shown = home.shown()
        assert [
            "Stripe, ending in 4242, until 08/2028" in shown,
            "Braintree, ending in 1111, until 01/2027" in shown,
        ] == [True] * 2
        assert await home.submit({"paymentMethodId": "20001"}) == "asked"
        assert "Braintree, ending in 1111" in home.shown()
        assert await home.submit() == "done"
        assert home.qpilot.writes == [("set_payment_method", ORDER.id, 20001)]
        said = channel(home)[0]
        assert ("Payment method" in said, "1111" in said, "Braintree" in said) == (True, False, False)


@pytest.mark.parametrize(("order", "said"), [(ORDER, "payment new 107"), (replace(ORDER, customer_id=None), "whose")])
async def test_no_payment_method_to_choose(tmp_path: Path, order: ScheduledOrder, said: str) -> None:
    """A customer without one, and an order without a customer: told, with the way on."""
    async with on_stage(tmp_path, FakeQpilot(orders={order.id: order}, methods={})) as home:
        assert await home.type("/scheduled payment 208022") == "refused:no"
        assert said in home.shown()


async def test_a_retry_is_a_red_button_that_says_that_it_may_charge(tmp_path: Path) -> None:
    """No submit: a red button in the modal, after "may charge" and, for 2001, "may already be charged"; once."""
    async with on_stage(tmp_path, site(FAILED)) as home:
        assert await home.type("/scheduled retry 208022") == "asked"
        shown = home.shown()
        assert ["may charge" in shown, "may already be charged" in shown, "submit" in home.view()] == [
            True,
            True,
            False,
        ]
        [red] = [block for block in home.view()["blocks"] if block["type"] == "actions"]
        assert [one["style"] for one in red["elements"]] == ["danger"]
        assert await home.press_in_view("scheduled.retry") == "done"
        assert (home.qpilot.writes, "was tried again" in channel(home)[0]) == ([("retry", ORDER.id)], True)


async def test_a_retry_that_fails_again_says_so(tmp_path: Path) -> None:
    """The message has the new cause, in plain words with its code."""
    async with on_stage(tmp_path, site(FAILED)) as home:
        await home.type("/scheduled retry 208022")
        again = replace(FAILED, error_code=2000, updated=NOON)
        home.qpilot.while_writing = lambda: None
        change = home.qpilot._change

        async def fail_again(tickets: Any, what: Any, **changes: Any) -> None:
            await change(tickets, what, **changes)
            home.qpilot.orders[ORDER.id] = again

        home.qpilot._change = fail_again  # type: ignore[method-assign]
        assert await home.press_in_view("scheduled.retry") == "done"
        said = channel(home)[0]
        assert ["failed again" in said, "declined" in said, "code 2000" in said, "Stripe" in said] == [True] * 3 + [
            False
        ]


async def test_an_unknown_retry_is_said_and_not_repeated(tmp_path: Path) -> None:
    """E3: QPilot was silent; the message says that nobody knows and that it may have charged; no second one is sent."""
    async with on_stage(tmp_path, site(FAILED)) as home:
        await home.type("/scheduled retry 208022")
        home.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        assert await home.press_in_view("scheduled.retry") == "unknown"
        said = channel(home)[0]
        assert ["do not know" in said, "may have charged" in said] == [True, True]
        await home.type("/scheduled retry 208022")
        assert await home.press_in_view("scheduled.retry") == "refused:already"
        assert home.qpilot.writes == [("retry", ORDER.id)]


UNKNOWNS = [(NoAnswer("qpilot", outcome_known=False), True), (Fault("qpilot", outcome_known=False), True)]


@pytest.mark.parametrize(("error", "accepts"), UNKNOWNS)
async def test_accepted_and_then_silence_is_found_out_by_looking(tmp_path: Path, error: Any, accepts: bool) -> None:
    """E3: QPilot took it and said nothing; the order shows it, so it is done, and it was sent once."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled cancel 208022")
        home.qpilot.fails(error, accepts=accepts)
        assert await home.submit() == "done"
        assert ("is cancelled" in channel(home)[0], len(home.qpilot.writes)) == (True, 1)


async def test_look_again(tmp_path: Path) -> None:
    """Nobody knows; only who asked may look; once the order shows it, the same message says so."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled pause 208022")
        home.qpilot.fails(NoAnswer("qpilot", outcome_known=False), accepts=True)
        home.qpilot.while_writing = lambda: home.qpilot.failing.update(order=NoAnswer("qpilot"))
        assert await home.submit() == "unknown"
        assert "do not know" in channel(home)[0]
        assert await home.press("scheduled.look", user=BEN, message_ts="5.5") == "refused:no"
        assert await home.press("scheduled.look", message_ts="5.5") == "unknown"
        home.qpilot.failing.clear()
        button = home.values("scheduled.look")[0]
        assert await home.press("scheduled.look", button, message_ts="5.5") == "done"
        assert (home.said[-1].how, home.said[-1].where) == ("edit", f"{CHANNEL} 5.5")
        assert "is paused" in home.last()
        assert len(home.qpilot.writes) == 1


@pytest.mark.parametrize("gone", [False, True])
async def test_not_seen_there_is_not_called_done(tmp_path: Path, gone: bool) -> None:
    """DESIGN §4.5: a 2xx alone is "QPilot took the change"; an order that is gone after a cancellation is cancelled."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled cancel 208022")

        async def nothing(*_: Any, **__: Any) -> None:
            if gone:
                home.qpilot.orders.clear()

        home.qpilot.delete = nothing  # type: ignore[method-assign]
        assert await home.submit() == "done"
        [action] = home.shop.ledger.in_state("scheduled.cancel", TEAM, "done")
        await DRAWS["scheduled.cancel"](home.stage.services, action, None)
        for said in channel(home):
            assert ("is cancelled" in said, "do not see it" in said) == (gone, not gone)
        assert len(channel(home)) == 2


REFUSALS = [
    (QpilotForbidden("qpilot", code=1001, said="<!channel> no"), "refused:no"),
    (QpilotInvalid("qpilot", fields=(FieldError("frequency", "must be odd"),)), "refused:invalid"),
    (SessionExpired("qpilot"), "done"),
]


@pytest.mark.parametrize(("error", "word"), REFUSALS)
async def test_what_qpilot_refuses(tmp_path: Path, error: Any, word: str) -> None:
    """A refusal is said where it was asked and to nobody else; a field's lands under its input with what was typed."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled frequency 208022")
        await home.submit({"frequencyType": "Weeks", "frequency": "4"})
        home.qpilot.fails(error)
        assert await home.submit() == word
        assert (channel(home) == []) is (word != "done")
        if word == "refused:invalid":
            assert ["Must be odd." in home.shown(), "'initial_value': '4'" in home.shown()] == [True, True]
            assert home.view()["callback_id"] == "scheduled.frequency"


@pytest.mark.parametrize("profile", Profile)
async def test_a_channel_reads_no_more_than_its_class(tmp_path: Path, profile: Profile) -> None:
    """D3: what changed is told with its values where they may be shown, by name alone elsewhere."""
    async with on_stage(tmp_path) as home:
        home.where(profile)
        await home.type("/scheduled items 208022")
        await home.submit({"item": "551", "quantity": "2"})
        await home.submit()
        shown = "2 × Shampoo" in channel(home)[0]
        assert (shown, "Items" in channel(home)[0]) == (profile is not Profile.EXTERNAL, True)


async def test_the_message_is_made_true_after_a_crash(tmp_path: Path) -> None:
    """E2: nobody was left who knew; the look that is due draws what the order shows, found or not."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled pause 208022")
        home.qpilot.fails(NoAnswer("qpilot", outcome_known=False), accepts=True)
        home.qpilot.while_writing = lambda: home.qpilot.failing.update(order=NoAnswer("qpilot"))
        await home.submit()
        [action] = home.shop.ledger.in_state("scheduled.pause", TEAM, UNKNOWN)
        await DRAWS["scheduled.pause"](home.stage.services, action, None)
        assert "do not know" in channel(home)[-1]
        home.qpilot.failing.clear()
        settled = await check(home.shop.ports, TEAM, action.id, "REF")
        assert isinstance(settled, Action)
        await DRAWS["scheduled.pause"](home.stage.services, settled, Posted(CHANNEL, "9.9"))
        assert (home.said[-1].how, "is paused" in home.last()) == ("edit", True)


async def test_what_was_not_done_is_said_to_be_so(tmp_path: Path) -> None:
    """E2: the order shows nothing of it: the message says that it was not changed."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled pause 208022")
        home.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        assert await home.submit() == "refused:no_answer"
        [action] = home.shop.ledger.in_state("scheduled.pause", TEAM, NOT_DONE)
        await DRAWS["scheduled.pause"](home.stage.services, action, None)
        assert "Scheduled order 208022 was not changed." in channel(home)[-1]


def test_every_kind_of_write_has_its_message() -> None:
    """E2: whatever can be looked after can be drawn, and nothing else."""
    assert set(DRAWS) == set(qpilot_looks.LOOKS)
    assert set(DRAWS) <= set(LOOKS)
