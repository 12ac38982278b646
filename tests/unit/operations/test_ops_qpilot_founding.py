"""The seed's steps 2 to 5: each record made once, looked for where nobody answered, and never made twice (E1 to E3)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ops_fakes import ADA, BEN, TEAM, Behaviour, Killed
from qpilot_fakes import SITE_ID, FakeQpilot, Shop, shop

from backends.errors import BackendError, Busy, Fault, FieldError, Forbidden, Invalid, NoAnswer, NotFound, Unreachable
from backends.qpilot.auth import Credentials
from backends.qpilot.entities import Customer, Product
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from backends.qpilot.order import Item, PaymentMethod, ScheduledOrder
from operations.changes import AlreadyBeing
from operations.creating import InvalidInput
from operations.founding import (
    NEW_CUSTOMER,
    NEW_ORDER,
    NEW_PAYMENT_METHOD,
    NEW_PRODUCT,
    AlreadyThere,
    Founded,
    Founding,
    MovedOn,
    add_payment_method,
    create_customer,
    create_product,
    create_scheduled_order,
)
from operations.linking import QPILOT, not_connected
from operations.once import settle
from operations.outcome import Reason, Refused, Unknown
from operations.qpilot_accounts import MERCHANTS_ONLY
from operations.qpilot_looks import LANDS_WITHIN, LOOKS

CUSTOMER = NewCustomer(
    "29920",
    "chris@shop.example",
    "Chris",
    "Wilking",
    payment_methods=(NewPaymentMethod("Stripe", "cus_canary", "pm_canary"),),
)
METHOD = NewPaymentMethod("Stripe", "cus_canary", "pm_canary", "107")
PRODUCT = NewProduct("200", "Shampoo", Decimal("9.75"))
NEW = NewOrder("107", "Days", 30, (NewItem("100982", 4), NewItem("200", 1), NewItem("200", 1)), 10933)
SAME = (Item(1, "100982", 4), Item(2, "200", 2))
FOR_107 = Credentials("ada@shop.example", "right", SITE_ID, "Customer", "107")


@dataclass(frozen=True)
class Step:
    """One step of the seed: how it is asked for, what leaves, and where the record is then."""

    kind: str
    ask: Callable[..., Awaitable[Founding]]
    what: Any
    write: tuple[str, str]
    known: str | None
    count: Callable[[FakeQpilot], int]


STEPS = {
    "customer": Step(
        NEW_CUSTOMER,
        create_customer,
        CUSTOMER,
        ("create_customer", "29920"),
        "29920",
        lambda it: len(it.customers_by_id),
    ),
    "payment method": Step(
        NEW_PAYMENT_METHOD,
        add_payment_method,
        METHOD,
        ("create_payment_method", "107"),
        None,
        lambda it: len(it.methods),
    ),
    "product": Step(
        NEW_PRODUCT, create_product, PRODUCT, ("create_product", "200"), "200", lambda it: len(it.products_by_id)
    ),
    "order": Step(NEW_ORDER, create_scheduled_order, NEW, ("create_order", "107"), None, lambda it: len(it.orders)),
}
CHOSEN = {"customer", "product"}
every = pytest.mark.parametrize("name", STEPS)


async def found(it: Shop, name: str, **more: Any) -> Founding:
    step = STEPS[name]
    return await step.ask(it.ports, more.pop("actor", ADA), step.what, "REF", channel="C1", **more)


@every
async def test_a_record_is_made_once(tmp_path: Path, name: str) -> None:
    """One write leaves and its id comes back; every request had a login of its own."""
    step = STEPS[name]
    async with shop(tmp_path) as it:
        made = await found(it, name)
        assert isinstance(made, Founded)
        assert made.id == (step.known or made.id)
        assert made.id is not None
        assert made.visible
        assert it.qpilot.writes == [step.write]
        assert step.count(it.qpilot) == 2
        assert (made.action.kind, made.action.state, it.outcomes()) == (step.kind, "done", ["sending", "done"])
        assert len(it.qpilot.logins) == len(it.qpilot.requests) == 4


RIVALS: dict[str, tuple[str, Any]] = {
    "customer": ("customers_by_id", {"29920": Customer("29920", "x@shop.example")}),
    "payment method": ("methods", {5: PaymentMethod(5, "Stripe", "107")}),
    "product": ("products_by_id", {"200": Product("200", "Shampoo")}),
    "order": ("orders", {5: ScheduledOrder(5, "Active", SITE_ID, "107", items=SAME)}),
}
LOOKED = {"customer": "customer", "payment method": "payment_methods", "product": "product", "order": "customer_orders"}


class Crowded(FakeQpilot):
    """A QPilot where something appears just after the first look, before anything is claimed."""

    appears: tuple[str, Any] = ("", {})

    async def _read(self, tickets: Any, name: str, *rest: object) -> None:
        where, new = self.appears
        if where and len(self.requests) > 0:
            getattr(self, where).update(new)
        await super()._read(tickets, name, *rest)


@every
async def test_what_somebody_made_before_the_claim_is_not_made_twice(tmp_path: Path, name: str) -> None:
    """E1: such a record that appears between the look and the claim is seen before sending: nothing is sent."""
    async with shop(tmp_path, Crowded()) as it:
        it.qpilot.appears = RIVALS[name]  # type: ignore[attr-defined]
        it.qpilot.requests.clear()
        assert await found(it, name) == Refused(Reason.NO, MovedOn(QPILOT).safe_text, back_end=QPILOT)
        assert [what[0] for what in it.qpilot.requests] == [LOOKED[name]] * 2
        assert (it.qpilot.writes, it.outcomes()) == ([], ["sending", "refused"])
        again = await found(it, name)
        assert isinstance(again, AlreadyThere if name in CHOSEN else Founded)


@pytest.mark.parametrize(
    ("name", "where", "other"),
    [
        ("payment method", "methods", {5: PaymentMethod(5, "PayPal", "107")}),
        ("order", "orders", {5: ScheduledOrder(5, "Active", SITE_ID, "107", items=SAME[:1])}),
    ],
)
async def test_what_is_not_like_it_stands_in_no_way(tmp_path: Path, name: str, where: str, other: Any) -> None:
    """Another gateway's method, or an order of other items, that appears meanwhile keeps nothing from being made."""
    async with shop(tmp_path, Crowded()) as it:
        it.qpilot.appears = (where, other)  # type: ignore[attr-defined]
        it.qpilot.requests.clear()
        assert isinstance(await found(it, name), Founded)
        assert it.qpilot.writes == [STEPS[name].write]


@every
async def test_a_yes_without_a_record(tmp_path: Path, name: str) -> None:
    """A 200 after which nothing is there is done but not *visible*: nobody may say that it is there (E3)."""
    async with shop(tmp_path) as it:
        it.qpilot.coming.append(Behaviour(accepts=False))
        made = await found(it, name)
        assert isinstance(made, Founded)
        assert (made.visible, made.action.state) == (False, "done")


@every
async def test_the_gateways_tokens_stay_out_of_the_ledger(tmp_path: Path, name: str) -> None:
    """What is kept of a creation is what a look needs, and no token of a gateway (C1)."""
    async with shop(tmp_path) as it:
        made = await found(it, name)
        assert isinstance(made, Founded)
        assert "canary" not in f"{made.action.payload} {made.action.target}"


@every
@pytest.mark.parametrize("error", [NoAnswer, Fault])
async def test_a_lost_answer_is_looked_after(tmp_path: Path, name: str, error: type[BackendError]) -> None:
    """A record that is there after a silence was made, and is named by its id (E3)."""
    step = STEPS[name]
    async with shop(tmp_path) as it:
        it.qpilot.fails(error("qpilot", outcome_known=False), accepts=True)
        made = await found(it, name)
        assert isinstance(made, Founded)
        assert made.id == (step.known or {"payment method": "20001", "order": "300001"}[name])
        assert (it.outcomes(), it.qpilot.writes) == (["sending", "done"], [step.write])


@every
async def test_silence_without_a_trace(tmp_path: Path, name: str) -> None:
    """Nothing to be seen: not done where we chose the id, unknown where a second one would be a second charge (E3)."""
    step = STEPS[name]
    async with shop(tmp_path) as it:
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        told = await found(it, name)
        assert isinstance(told, Refused if name in CHOSEN else Unknown)
        assert it.outcomes() == ["sending", "not_done" if name in CHOSEN else "unknown"]
        again = await found(it, name)
        assert isinstance(again, Founded if name in CHOSEN else AlreadyBeing)
        assert it.qpilot.writes == [step.write] * (2 if name in CHOSEN else 1)
        it.clock.advance(LANDS_WITHIN.total_seconds())
        if name not in CHOSEN:
            assert isinstance(await found(it, name), Founded)
        assert step.count(it.qpilot) == 2


@pytest.mark.parametrize("name", ["payment method", "order"])
async def test_what_arrives_late_is_found_and_not_made_again(tmp_path: Path, name: str) -> None:
    """A write that takes effect after the look is found by the next one, whoever asks for it."""
    step = STEPS[name]
    async with shop(tmp_path) as it:
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        assert isinstance(await found(it, name), Unknown)
        it.qpilot.methods[5] = PaymentMethod(5, "Stripe", "107")
        it.qpilot.orders[5] = ScheduledOrder(5, "Active", SITE_ID, "107", items=SAME)
        (_, payload) = (await _due(it))[0]
        action = it.ledger.get(payload["action"], TEAM)
        assert action is not None
        assert (await settle(it.ports, action, LOOKS[action.kind], "REF2")).state == "done"
        assert it.qpilot.writes == [step.write]


async def _due(it: Shop) -> list[tuple[str, dict[str, Any]]]:
    it.clock.advance(241)
    return await it.due()


@pytest.mark.parametrize("other", ["another gateway", "another customer"])
async def test_another_payment_method_is_not_taken_for_ours(tmp_path: Path, other: str) -> None:
    """A method of another gateway or customer that appears meanwhile proves nothing."""
    one = PaymentMethod(5, "PayPal", "107") if other == "another gateway" else PaymentMethod(5, "Stripe", "108")
    async with shop(tmp_path) as it:
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        it.qpilot.while_writing = lambda: it.qpilot.methods.update({5: one})
        assert isinstance(await found(it, "payment method"), Unknown)


async def test_another_order_is_not_taken_for_ours(tmp_path: Path) -> None:
    """An order with other items that appears meanwhile proves nothing, nor does an old one with the same."""
    items = (Item(1, "100982", 4),)
    async with shop(tmp_path) as it:
        it.qpilot.orders[4] = ScheduledOrder(4, "Active", SITE_ID, "107", items=SAME)
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        it.qpilot.while_writing = lambda: it.qpilot.orders.update(
            {5: ScheduledOrder(5, "Active", SITE_ID, "107", items=items)}
        )
        assert isinstance(await found(it, "order"), Unknown)


@every
@pytest.mark.parametrize("error", [Forbidden, Busy, Unreachable])
async def test_a_refusal_makes_nothing(tmp_path: Path, name: str, error: type[BackendError]) -> None:
    """What QPilot refused was not made, and may be asked for again at once."""
    async with shop(tmp_path) as it:
        it.qpilot.fails(error("qpilot"))
        told = await found(it, name)
        assert isinstance(told, Refused)
        assert (told.text, told.back_end) == (error("qpilot").safe_text, QPILOT)
        assert it.outcomes() == ["sending", "refused"]
        assert isinstance(await found(it, name), Founded)


@every
async def test_fields_that_qpilot_names(tmp_path: Path, name: str) -> None:
    """QPilot's complaint about a field goes under that field."""
    wrong = (FieldError("id", "no"),)
    async with shop(tmp_path) as it:
        it.qpilot.fails(Invalid("qpilot", fields=wrong))
        assert await found(it, name) == InvalidInput(wrong)


@pytest.mark.parametrize(
    ("name", "what", "fields"),
    [
        ("customer", replace(CUSTOMER, email="nobody"), ["email"]),
        (
            "customer",
            replace(CUSTOMER, payment_methods=(NewPaymentMethod("", "a", "b"),)),
            ["paymentMethods[0].type"],
        ),
        ("payment method", replace(METHOD, gateway_payment_id="4242 4242 4242 4242"), ["gatewayPaymentId"]),
        ("payment method", replace(METHOD, customer_id=None), ["customerId"]),
        ("product", replace(PRODUCT, title=""), ["title"]),
        ("order", replace(NEW, frequency=0), ["frequency"]),
        ("order", replace(NEW, scheduled_order_items=()), ["scheduledOrderItems"]),
    ],
)
async def test_wrong_inputs_leave_nothing(tmp_path: Path, name: str, what: Any, fields: list[str]) -> None:
    """What is wrong, a card's number among it, is said under its input and never leaves."""
    async with shop(tmp_path) as it:
        told = await STEPS[name].ask(it.ports, ADA, what, "REF")
        assert isinstance(told, InvalidInput)
        assert [one.field for one in told.fields] == fields
        assert (it.qpilot.requests, it.outcomes()) == ([], [])


@pytest.mark.parametrize(("name", "wanted"), [("customer", "107"), ("product", "100982")])
async def test_an_id_that_is_taken(tmp_path: Path, name: str, wanted: str) -> None:
    """A record of that id that was there before is said to be there, and is not taken for a new one."""
    async with shop(tmp_path) as it:
        told = await STEPS[name].ask(it.ports, ADA, replace(STEPS[name].what, id=wanted), "REF")
        assert told == AlreadyThere(wanted)
        assert (it.qpilot.writes, it.outcomes()) == ([], [])


@every
async def test_without_a_look_before_nothing_is_sent(tmp_path: Path, name: str) -> None:
    """Where QPilot cannot say what was there before, nothing could be told afterwards: nothing is sent."""
    async with shop(tmp_path) as it:
        it.qpilot.failing |= dict.fromkeys(
            ("customer", "product", "payment_methods", "customer_orders"), NoAnswer("qpilot")
        )
        assert isinstance(await found(it, name), Refused)
        assert (it.qpilot.writes, it.outcomes()) == ([], [])


@every
async def test_fifty_at_once_make_one(tmp_path: Path, name: str) -> None:
    """Fifty submits of one form are one record (E1)."""
    async with shop(tmp_path) as it:
        told = await asyncio.gather(*(found(it, name) for _ in range(50)))
        assert STEPS[name].count(it.qpilot) == 2
        assert sum(isinstance(one, Founded) for one in told) == 1
        assert all(isinstance(one, Founded | AlreadyBeing | AlreadyThere) for one in told)


@every
async def test_an_id_that_was_not_said(tmp_path: Path, name: str) -> None:
    """Where QPilot does not say the new id, the record is looked for; where that fails, no id is invented."""
    async with shop(tmp_path, FakeQpilot(said_ids=False)) as it:
        made = await found(it, name)
        assert isinstance(made, Founded)
        assert made.id == (STEPS[name].known or {"payment method": "20001", "order": "300001"}[name])
    if name in CHOSEN:
        return
    async with shop(tmp_path, FakeQpilot(said_ids=False)) as it:
        it.qpilot.while_writing = lambda: it.qpilot.failing.update(
            payment_methods=NotFound("qpilot"), customer_orders=NotFound("qpilot")
        )
        made = await found(it, name)
        assert isinstance(made, Founded)
        assert (made.id, made.visible, made.action.state) == (None, False, "done")


@every
async def test_killed_after_sending(tmp_path: Path, name: str) -> None:
    """A process that died after the write finds the record once it is back, and sends nothing again (E2)."""
    async with shop(tmp_path) as it:
        it.ledger.dies = ("before", "done")
        with pytest.raises(Killed):
            await found(it, name)
    async with shop(tmp_path, it.qpilot) as again:
        ((_, payload),) = await _due(again)
        action = again.ledger.get(payload["action"], TEAM)
        assert action is not None
        assert (await settle(again.ports, action, LOOKS[action.kind], "REF2")).state == "done"
        assert again.qpilot.writes == [STEPS[name].write]


@every
async def test_a_look_that_fails_says_nothing(tmp_path: Path, name: str) -> None:
    """A QPilot that cannot be read leaves it unknown, however late it is (E3)."""
    async with shop(tmp_path) as it:
        broken = dict.fromkeys(("customer", "product", "payment_methods", "customer_orders"), NoAnswer("qpilot"))
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        it.qpilot.while_writing = lambda: it.qpilot.failing.update(broken)
        told = await found(it, name)
        assert isinstance(told, Unknown)
        assert told.action is not None
        it.clock.advance(LANDS_WITHIN.total_seconds())
        assert (await settle(it.ports, told.action, LOOKS[told.action.kind], "REF2")).state == "unknown"


async def test_customers_do_not_make_customers_or_products(tmp_path: Path) -> None:
    """A customer's connection may add a payment method and an order of its own, and no customer or product."""
    async with shop(tmp_path, connect=False) as it:
        await it.connect(ADA, FOR_107)
        it.qpilot.requests.clear()
        assert await found(it, "customer") == MERCHANTS_ONLY
        assert await found(it, "product") == MERCHANTS_ONLY
        assert it.qpilot.requests == []
        assert isinstance(await found(it, "payment method"), Founded)
        assert isinstance(await found(it, "order"), Founded)


@every
async def test_nobody_makes_anything_without_a_connection(tmp_path: Path, name: str) -> None:
    """Ben has no connection, and Ada's is not used for him (B7)."""
    async with shop(tmp_path) as it:
        assert await found(it, name, actor=BEN) == not_connected(QPILOT)
        assert (it.qpilot.requests, it.outcomes()) == ([], [])


async def test_two_different_orders_are_two(tmp_path: Path) -> None:
    """An unknown order is in the way of the same one only."""
    async with shop(tmp_path) as it:
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        assert isinstance(await found(it, "order"), Unknown)
        assert isinstance(await create_scheduled_order(it.ports, ADA, replace(NEW, frequency=60), "REF"), Founded)
