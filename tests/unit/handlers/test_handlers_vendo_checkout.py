"""Checking out from Slack: the steps in one modal, what was typed stays, one order, and what nobody knows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import ADA, BEN, CHANNEL, TEAM, request
from ops_fakes import Clock
from vendo_fakes import HOME, STORE, FakeVendo
from vendo_stage import VendoStage, on_stage, signed_in

from backends.errors import FieldError, Invalid, NoAnswer, Unreachable
from backends.vendo.catalogue import Country
from handlers import checkout_message
from handlers.cart_extras import PRESSES as EXTRAS
from handlers.carts import PRESSES as CARTS
from handlers.checking_out import PRESSES as STEPS
from handlers.connect_vendo import PRESSES as CONNECT
from handlers.ordering import PRESSES as ORDERING
from handlers.render.profile import Profile
from handlers.request import Kind
from handlers.suggesting_countries import countries
from operations.vendo_looks import COMPLETE

ADDRESS = {
    "email": "grace@canary.example",
    "ship_address.firstname": "Grace",
    "ship_address.lastname": "Canary",
    "ship_address.address1": "Kanarienweg 77",
    "ship_address.city": "Boston",
    "ship_address.zipcode": "02108",
    "ship_address.country_iso": "US",
    "ship_address.phone": "+1 555 0177",
}
PERSONAL = ("grace@canary", "Canary", "Kanarienweg", "555 0177")
RATE = {"shipments[0].selected_shipping_rate_id": "r-fast"}


def step(home: VendoStage) -> str:
    """Which modal is shown."""
    return str(home.view()["callback_id"])


async def filled(home: VendoStage, user: str = ADA) -> None:
    """A guest's cart with something in it, and its checkout at the first step."""
    await home.type("/cart add MUG-1 2", user=user)
    assert await home.type("/cart checkout", user=user) == "asked"


async def reviewed(home: VendoStage, user: str = ADA) -> None:
    """A checkout at its last step."""
    await filled(home, user)
    assert step(home) == "checkout.address"
    assert await home.submit(ADDRESS, user) == "asked"
    assert step(home) == "checkout.delivery"
    assert await home.submit(RATE, user) == "asked"
    assert step(home) == "checkout.payment"
    assert await home.submit({"payment_method_id": "pm-check"}, user) == "asked"
    assert step(home) == "checkout.complete"


def posted(home: VendoStage) -> list[str]:
    """What was posted to the channel."""
    return [one.text for one in home.said if one.how == "post"]


async def test_a_guest_orders_step_by_step(tmp_path: Path) -> None:
    """Address, delivery, payment, review, order: one order at the store, and its card in the channel."""
    async with on_stage(tmp_path) as home:
        await reviewed(home)
        shown = str(home.view())
        assert [part for part in ("2 × ", "Fast", "Kanarienweg", "$34.00") if part not in shown] == []
        assert posted(home) == []
        assert await home.submit({}) == "done"
        order = home.vendo.only()
        assert (order.state, order.email) == ("complete", "grace@canary.example")
        [said] = posted(home)
        lines = said.replace("\u2060", "").splitlines()
        assert [line for line in lines if "R000000001" in line] == ["✅ Shop order R000000001 is ordered."]
        assert [part for part in PERSONAL if part in said.replace("\u2060", "")] == []
        assert "✅ Shop order R000000001 is ordered. The message tells more." in str(home.view())
        card = home.stage.cards.get(home.carried("shop_order.refresh"), TEAM)
        assert (card and card.payload) == {"number": "R000000001", "store": STORE}


async def test_the_modal_is_there_before_the_store_is_asked(tmp_path: Path) -> None:
    """A7: the loading modal opens first, by command and by button."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        seen: list[int] = []
        home.stage.slack.before = lambda how: seen.append(len(home.vendo.reads)) if how == "open" else None
        home.vendo.reads.clear()
        assert await home.press("cart.checkout") == "asked"
        home.vendo.reads.clear()
        assert await home.type("/cart checkout") == "asked"
        assert seen == [0, 0]


NEEDED = ["email", "ship_address.firstname", "ship_address.lastname", "ship_address.city", "ship_address.country_iso"]


@pytest.mark.parametrize("missing", NEEDED)
async def test_what_is_missing_is_said_under_its_input_at_once(tmp_path: Path, missing: str) -> None:
    """An address that can't be sent is refused in the acknowledgement, and nothing leaves."""
    async with on_stage(tmp_path) as home:
        await filled(home)
        home.vendo.writes.clear()
        assert await home.submit({**ADDRESS, missing: ""}) == f"errors:{missing}"
        assert home.vendo.writes == []


async def test_an_odd_email_is_said_under_its_input(tmp_path: Path) -> None:
    """An e-mail address without an @ is not sent to the store."""
    async with on_stage(tmp_path) as home:
        await filled(home)
        assert await home.submit({**ADDRESS, "email": "grace"}) == "errors:email"


async def test_what_the_store_refuses_stands_under_its_input_and_nothing_is_lost(tmp_path: Path) -> None:
    """A field error of the store lands under the same input of the same form; what has no input is said on top."""
    async with on_stage(tmp_path) as home:
        await filled(home)
        form = home.view()
        wrong = (FieldError("ship_address.zipcode", "is invalid"), FieldError("base", "Something else is wrong"))
        home.vendo.fails(Invalid("vendo", fields=wrong))
        assert await home.submit(ADDRESS) == "refused:invalid"
        blocks = {block.get("block_id"): block for block in home.view()["blocks"]}
        assert "Is invalid." in str(blocks["note.ship_address.zipcode"])
        assert "Something else is wrong" in str(blocks["note.banner"])
        inputs = [block["block_id"] for block in form["blocks"] if block["type"] == "input"]
        assert [name for name in blocks if name in inputs] == inputs
        assert await home.submit(ADDRESS, view=form) == "asked"


async def test_a_store_that_cannot_be_reached_leaves_the_form_as_it_was(tmp_path: Path) -> None:
    """Known not done: said on top of the same form."""
    async with on_stage(tmp_path) as home:
        await filled(home)
        home.vendo.fails(Unreachable("vendo"))
        assert await home.submit(ADDRESS) == "refused:no_answer"
        assert (step(home), "could not reach" in str(home.view())) == ("checkout.address", True)


async def test_saved_addresses_come_first(tmp_path: Path) -> None:
    """Who is signed in chooses one of their own addresses, or asks for the form for another one."""
    async with on_stage(tmp_path) as home:
        await signed_in(home)
        home.vendo.saved["ada@example.com"] = (replace(HOME, id="a-1"), replace(HOME, id="a-2", city="Paris"))
        await filled(home)
        assert step(home) == "checkout.saved"
        assert await home.press("checkout.address_new", view={**home.view(), "id": "V1"}) == "asked"
        assert step(home) == "checkout.address"
        assert await home.press("checkout.address_open") == "asked"
        assert await home.submit({"saved": "a-2", "email": ""}) == "errors:email"
        assert await home.submit({"saved": "a-2", "email": "ada@example.com"}) == "asked"
        assert (step(home), home.vendo.only().ship_address.city) == ("checkout.delivery", "Paris")  # type: ignore[union-attr]


async def test_a_saved_address_that_is_gone_is_said_under_its_menu(tmp_path: Path) -> None:
    """Somebody who deletes the address meanwhile is asked to choose again."""
    async with on_stage(tmp_path) as home:
        await signed_in(home)
        home.vendo.saved["ada@example.com"] = (replace(HOME, id="a-1"),)
        await filled(home)
        home.vendo.saved.clear()
        assert await home.submit({"saved": "a-1", "email": "ada@example.com"}) == "refused:invalid"
        assert "note.saved" in str(home.view())


async def test_another_billing_address(tmp_path: Path) -> None:
    """The button adds inputs for it, keeps all others, and both addresses arrive."""
    async with on_stage(tmp_path) as home:
        await filled(home)
        before = [block["block_id"] for block in home.view()["blocks"] if block["type"] == "input"]
        assert await home.press("checkout.billing_open", view={**home.view(), "id": "V1"}) == "done"
        after = [block["block_id"] for block in home.view()["blocks"] if block["type"] == "input"]
        assert after[: len(before)] == before
        bill = {name.replace("ship_", "bill_"): text for name, text in ADDRESS.items() if name != "email"}
        bill["bill_address.city"] = "Salem"
        assert await home.submit({**ADDRESS, **bill, "bill_address.city": ""}) == "errors:bill_address.city"
        assert await home.submit({**ADDRESS, **bill}) == "asked"
        order = home.vendo.only()
        assert (order.ship_address.city, order.bill_address.city) == ("Boston", "Salem")  # type: ignore[union-attr]


async def test_the_rate_is_always_asked_for(tmp_path: Path) -> None:
    """A store may choose one by itself; the person still sees what it costs before they go on."""
    async with on_stage(tmp_path) as home:
        await reviewed(home)
        assert await home.press("checkout.address_open") == "asked"
        assert await home.submit(ADDRESS) == "asked"
        assert step(home) == "checkout.delivery"
        assert "Fast, $15.00" in str(home.view())


@pytest.mark.parametrize(
    ("button", "shown"),
    [
        ("checkout.address_open", "checkout.address"),
        ("checkout.delivery_open", "checkout.delivery"),
        ("checkout.payment_open", "checkout.payment"),
    ],
)
async def test_the_review_leads_back_to_each_step(tmp_path: Path, button: str, shown: str) -> None:
    """Each part can be changed before anything is ordered."""
    async with on_stage(tmp_path) as home:
        await reviewed(home)
        assert await home.press(button) == "asked"
        assert step(home) == shown
        assert home.vendo.only().state == "cart"


async def test_an_empty_cart_and_no_cart_are_not_ordered(tmp_path: Path) -> None:
    """There is nothing to lead through, and that is said in the modal."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/cart checkout") == "refused:no_cart"
        await home.type("/cart new")
        assert await home.type("/cart checkout") == "refused:items"
        assert "empty" in str(home.view())


async def test_a_cart_that_changed_after_the_review_is_not_ordered(tmp_path: Path) -> None:
    """E4: what would be ordered now is shown instead, and only the next press orders it."""
    async with on_stage(tmp_path) as home:
        await reviewed(home)
        review = home.view()
        await home.type("/cart set V-MUG 3")
        assert await home.submit({}, view=review) == "refused:stale"
        assert (home.vendo.only().state, "has changed" in str(home.view()), "3 × " in str(home.view())) == (
            "cart", True, True,
        )  # fmt: skip
        assert posted(home) == []


async def test_five_presses_make_one_order(tmp_path: Path) -> None:
    """E1: several deliveries of the last button at once order once and post once."""
    async with on_stage(tmp_path) as home:
        await reviewed(home)
        review = home.view()
        words = await asyncio.gather(*(home.submit({}, view=review) for _ in range(5)))
        assert words.count("done") == 1
        assert [what for what, _ in home.vendo.writes].count("complete") == 1
        assert len(posted(home)) == 1


async def test_nobody_orders_with_anothers_modal(tmp_path: Path) -> None:
    """B6: a card of another person, of another kind or without a review is expired, and nothing is sent."""
    async with on_stage(tmp_path) as home:
        await reviewed(home)
        review = home.view()
        assert await home.submit({}, BEN, view=review) == "refused:expired"
        early = await home.stage.cards.put("checkout", TEAM, ADA, {"channel": CHANNEL})
        wrong = await home.stage.cards.put("cart", TEAM, ADA, {"channel": CHANNEL, "seen": "x"})
        for card in (early, wrong):
            assert await home.submit({}, view={**review, "private_metadata": card.id}) == "refused:expired"
        for callback_id in ("checkout.saved", "checkout.address", "checkout.delivery", "checkout.payment"):
            asked = request(Kind.SUBMISSION, callback_id, user=BEN, view={**review, "id": "V1"}, channel=None)
            press = next(one for one in STEPS if one.name == callback_id)
            assert await press.handler(home.stage.context(asked)) == "refused:expired"
        assert [what for what, _ in home.vendo.writes].count("complete") == 0


async def test_an_order_that_nobody_answered_is_found_by_its_status(tmp_path: Path) -> None:
    """E3: silence after it was accepted: the order's status says that it is ordered, and that is what is said."""
    async with on_stage(tmp_path) as home:
        await reviewed(home)
        home.vendo.fails(NoAnswer("vendo", outcome_known=False), accepts=True)
        assert await home.submit({}) == "done"
        assert [what for what, _ in home.vendo.writes].count("complete") == 1
        assert "is ordered." in posted(home)[0]


UNKNOWN = "❔ Shop order R000000001:"


async def unknown(home: VendoStage) -> None:
    """A checkout whose end nobody knows: silence, and then a store that does not answer."""
    await reviewed(home)
    home.vendo.fails(NoAnswer("vendo", outcome_known=False), accepts=True)

    async def deaf(when: str, what: str) -> None:
        if home.vendo.writes and home.vendo.writes[-1][0] == "complete" and what in ("cart", "status"):
            raise NoAnswer("vendo")

    home.vendo.hook = deaf
    assert await home.submit({}) == "unknown"


async def test_unknown_is_said_as_unknown_and_a_look_clears_it_up(tmp_path: Path) -> None:
    """E3: the message says that we do not know; *Look again* reads, sends nothing, and edits it."""
    async with on_stage(tmp_path) as home:
        await unknown(home)
        assert ("do not know" in posted(home)[0], "do not know" in str(home.view())) == (True, True)
        carried = home.carried("checkout.look")
        assert await home.press("checkout.look", carried, message_ts=None) == "unknown"
        assert await home.press("checkout.look", carried, user=BEN) == "refused:no"
        home.vendo.hook = FakeVendo(home.shop.clock).hook
        assert await home.press("checkout.look", carried) == "done"
        assert "is ordered." in posted(home)[-1]
        assert [what for what, _ in home.vendo.writes].count("complete") == 1


async def test_a_refused_order_goes_back_to_the_review(tmp_path: Path) -> None:
    """Known not done: the store's sentence on top of the review, and no message in the channel."""
    async with on_stage(tmp_path) as home:
        await reviewed(home)
        home.vendo.fails(Invalid("vendo", fields=(FieldError("base", "Some line items have insufficient quantity."),)))
        assert await home.submit({}) == "refused:invalid"
        assert (step(home), posted(home)) == ("checkout.complete", [])
        assert "insufficient quantity" in str(home.view())


@pytest.mark.parametrize("profile", [Profile.EXTERNAL, Profile.PUBLIC, Profile.PRIVATE])
async def test_the_message_shows_only_what_the_channel_may_read(tmp_path: Path, profile: Profile) -> None:
    """D3: the order in a channel has no name, e-mail, phone or street in it."""
    async with on_stage(tmp_path, profiles={CHANNEL: profile}) as home:
        await reviewed(home)
        assert await home.submit({}) == "done"
        said = posted(home)[0].replace("\u2060", "")
        assert [part for part in PERSONAL if part in said] == []
        assert ("Boston" in said) is (profile is Profile.PRIVATE)
        assert "order-token" not in str([one.text for one in home.said])


async def test_the_message_is_drawn_for_every_state_of_the_ledger(tmp_path: Path) -> None:
    """After a crash the check draws the message from the ledger: ordered, not ordered, not known (`DRAWS`)."""
    async with on_stage(tmp_path) as home:
        await unknown(home)
        home.vendo.hook = FakeVendo(home.shop.clock).hook
        card = home.stage.cards.get(home.carried("checkout.look"), TEAM)
        assert card is not None
        action = home.shop.ledger.get(card.payload["action"], TEAM)
        assert action is not None
        texts = {}
        for state in ("sending", "unknown", "refused", "not_done", "done"):
            made = await checkout_message.picture(home.stage.services, replace(action, state=state))
            texts[state] = made.text.splitlines()[0].replace("\u2060", "")
        assert texts == {
            "sending": f"{UNKNOWN} we do not know whether it was ordered.",
            "unknown": f"{UNKNOWN} we do not know whether it was ordered.",
            "refused": f"⚠️ Shop order R000000001 was not ordered. {action.payload['why']}",
            "not_done": f"⚠️ Shop order R000000001 was not ordered. {action.payload['why']}",
            "done": "✅ Shop order R000000001 is ordered.",
        }
        assert list(checkout_message.DRAWS) == [COMPLETE]


def test_what_changes_something_asks_slack_anew() -> None:
    """B3: every press that sends a change, and no other, is checked against what Slack says now."""
    presses = [*CARTS, *EXTRAS, *STEPS, *ORDERING, *CONNECT]
    assert {press.name for press in presses if press.changes} == {
        "cart.add_pick", "cart.more", "cart.less", "cart.remove", "cart.coupon", "cart.coupon_remove", "cart.note",
        "cart.refresh", "cart.note_open",
        "checkout.saved", "checkout.address", "checkout.delivery", "checkout.payment", "checkout.complete",
        "connection.vendo", "connection.vendo_code", "connection.vendo_again",
    }  # fmt: skip


class Atlas(FakeVendo):
    """A store that knows two countries, and counts how often it is asked."""

    asked_countries = 0

    async def countries(self, store: str, *, shippable: bool = False) -> tuple[Country, ...]:
        self.asked_countries += 1
        if self.read_fails:
            raise self.read_fails
        return (Country("PL", "Poland"), Country("US", "United States"), Country("UM", "US Outlying Islands"))


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("", ["PL", "US", "UM"]),
        ("pol", ["PL"]),
        ("us", ["US", "UM"]),
        ("de", ["DE"]),
        ("nothing", []),
    ],
)
async def test_countries_are_suggested(tmp_path: Path, typed: str, values: list[str]) -> None:
    """By name or letters; letters that the store does not list can be chosen as they were typed."""
    async with on_stage(tmp_path, vendo=Atlas(Clock())) as home:
        asked = request(Kind.SUGGESTION, "country.suggest", text=typed)
        found = [one["value"] for one in await countries(home.stage.context(asked))]
        again = [one["value"] for one in await countries(home.stage.context(asked))]
        assert (found, again) == (values, values)
        assert home.vendo.asked_countries == 1  # type: ignore[attr-defined]


async def test_a_store_that_does_not_answer_suggests_what_was_typed(tmp_path: Path) -> None:
    """Nothing is remembered of a failure, and two letters can be chosen all the same."""
    async with on_stage(tmp_path, vendo=Atlas(Clock())) as home:
        home.vendo.read_fails = Unreachable("vendo")
        asked = request(Kind.SUGGESTION, "country.suggest", text="us")
        assert [one["value"] for one in await countries(home.stage.context(asked))] == ["US"]
        home.vendo.read_fails = None
        assert len(await countries(home.stage.context(asked))) == 2
