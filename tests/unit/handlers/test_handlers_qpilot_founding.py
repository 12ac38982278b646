"""Making what scheduled orders need from Slack (seed 004, steps 2 to 5; CHECKS B7, D3, E1 to E3)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fakes import ADA, BEN, CHANNEL, TEAM
from qpilot_fakes import FakeQpilot
from qpilot_stage import ACTORS, BENS, OF_107, QpilotStage, on_stage

from backends.errors import FieldError, NoAnswer, Unreachable
from backends.qpilot.entities import Customer
from backends.qpilot.order import Address
from backends.qpilot.refusals import QpilotInvalid
from handlers.render.profile import Profile
from handlers.scheduled_look import DRAWS
from operations.changes import UNKNOWN

CARD_NUMBER = "4242 4242 4242 4242"
SEED_CUSTOMER = {
    "id": "29920",
    "email": "chris@canary.example",
    "firstName": "Chris",
    "lastName": "Wilking",
    "shippingFirstName": "Chris",
    "shippingLastName": "Wilkins",
    "shippingStreet1": "740 Evergreen Terrace",
    "shippingCity": "Springfield",
    "shippingState": "Washington",
    "shippingCountry": "US",
}
SEED_METHOD = {"type": "Stripe", "gatewayCustomerId": "cus_canary", "gatewayPaymentId": "pm_canary"}
SEED_PRODUCT = {
    "id": "100983",
    "title": "RCo Atlantis Moisturizing Shampoo 8 oz",
    "price": "9.75",
    "salePrice": "6",
    "sku": "rco-atl-993",
    "gtin": "97350053850012",
    "mpn": "QP1234LOT",
    "length": "4",
    "width": "2",
    "height": "5",
    "weight": "1",
    "weightUnitType": "Pound",
    "lengthUnitType": "Inch",
    "addToScheduledOrder": ["yes"],
    "processScheduledOrder": ["yes"],
    "availability": "InStock",
    "stock": "50",
}
SEED_ORDER = {
    "customerId": "107",
    "paymentMethodId": "10933",
    "frequencyType": "Days",
    "frequency": "30",
    "scheduledOrderItems[0].productId": "100982",
    "scheduledOrderItems[0].quantity": "4",
}
PERSONAL = ("Chris", "Wilk", "Evergreen", "canary", "Springfield")


def inputs(home: QpilotStage) -> list[str]:
    """The block_ids of the inputs of the modal."""
    return [block["block_id"] for block in home.view()["blocks"] if block["type"] == "input"]


def personal(text: str) -> list[str]:
    """What of the customer is in a text."""
    return [part for part in PERSONAL if part in text]


async def test_the_seeds_steps_by_the_buttons(tmp_path: Path) -> None:
    """Customer → *Add payment method* → *Create scheduled order*, each from the step before; the channel reads ids."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/scheduled customer") == "asked"
        assert [name for name in SEED_CUSTOMER if name not in inputs(home)] == []
        assert await home.submit(SEED_CUSTOMER) == "done"
        assert "Customer 29920 is created." in home.texts("post")[0]
        assert await home.press_in_view("payment_method.open") == "asked"
        assert inputs(home) == ["customerId", *SEED_METHOD]
        assert "'initial_value': '29920'" in home.shown()
        assert await home.submit({"customerId": "29920", **SEED_METHOD}) == "done"
        assert await home.press_in_view("scheduled.create_open") == "asked"
        assert ["29920" in home.shown(), "20001" in home.shown()] == [True, True]
        assert await home.submit({**SEED_ORDER, "customerId": "29920", "paymentMethodId": "20001"}) == "done"
        assert [write[0] for write in home.qpilot.writes] == [
            "create_customer",
            "create_payment_method",
            "create_order",
        ]
        posts = home.texts("post")
        assert {one.where for one in home.said if one.how == "post"} == {CHANNEL}
        assert [post.splitlines()[0] for post in posts] == [
            "✅ Customer 29920 is created.",
            "✅ Payment method 20001 of customer 29920 is created.",
            "✅ Scheduled order 300001 of customer 29920 is created.",
        ]
        assert "Scheduled order 300001 is active." in posts[2]
        assert personal("".join(posts)) == []


@pytest.mark.parametrize("profile", [Profile.EXTERNAL, Profile.PUBLIC, Profile.PRIVATE, Profile.DIRECT])
async def test_an_id_that_is_an_email_stays_out_of_the_channel(tmp_path: Path, profile: Profile) -> None:
    """D3: the store's id may be an e-mail address: the modal shows it, no message of the three steps does."""
    async with on_stage(tmp_path) as home:
        home.profile = profile
        await home.type("/scheduled customer")
        assert await home.submit({**SEED_CUSTOMER, "id": "chris@canary.example"}) == "done"
        assert "Customer chris@canary.example" in home.shown().replace("\u2060", "")
        assert await home.press_in_view("payment_method.open") == "asked"
        assert await home.submit({"customerId": "chris@canary.example", **SEED_METHOD}) == "done"
        assert await home.press_in_view("scheduled.create_open") == "asked"
        values = {**SEED_ORDER, "customerId": "chris@canary.example", "paymentMethodId": "20001"}
        assert await home.submit(values) == "done"
        posts = home.texts("post")
        assert (len(posts), personal("".join(posts))) == (3, [])


async def test_a_customer_with_a_payment_method_in_one_call(tmp_path: Path) -> None:
    """Seed 004's second example: the same form has the first payment method's three fields."""
    seen: list[Any] = []
    async with on_stage(tmp_path) as home:
        make = home.qpilot.create_customer

        async def create(tickets: Any, site_id: int, customer: Any, *, request_id: str = "") -> str:
            seen.append(customer)
            return await make(tickets, site_id, customer, request_id=request_id)

        home.qpilot.create_customer = create  # type: ignore[method-assign]
        await home.type("/scheduled customer")
        method = {f"paymentMethods[0].{name}": value for name, value in SEED_METHOD.items()}
        assert await home.submit({**SEED_CUSTOMER, **method}) == "done"
        [customer] = seen
        assert (customer.id, customer.shipping_state, customer.shipping_postcode) == ("29920", "Washington", None)
        [given] = customer.payment_methods
        assert (given.type, given.gateway_customer_id, given.gateway_payment_id, given.customer_id) == (
            "Stripe",
            "cus_canary",
            "pm_canary",
            None,
        )


@pytest.mark.parametrize("name", ["type", "gatewayCustomerId", "gatewayPaymentId", "customerId"])
@pytest.mark.parametrize("number", [CARD_NUMBER, "4242424242424242", "pm_4242-4242-4242-4242 12/28"])
async def test_a_card_number_is_refused_in_the_first_answer(tmp_path: Path, name: str, number: str) -> None:
    """What looks like a card's number, in any field, is refused under it before anything leaves, and is not kept."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled payment new 107")
        assert await home.submit({"customerId": "107", **SEED_METHOD, name: number}) == f"errors:{name}"
        await home.type("/scheduled customer")
        if name != "customerId":
            method = {f"paymentMethods[0].{one}": value for one, value in {**SEED_METHOD, name: number}.items()}
            assert await home.submit({**SEED_CUSTOMER, **method}) == f"errors:paymentMethods[0].{name}"
        await home.type("/scheduled create")
        assert await home.submit({**SEED_ORDER, "customerId": number}) == "errors:customerId"
        assert (home.qpilot.requests, home.qpilot.writes) == ([], [])
        assert number not in str(home.stage.cards.kept)


BOTH = "paymentMethods[0].gatewayCustomerId,paymentMethods[0].gatewayPaymentId"
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("customer", {**SEED_CUSTOMER, "id": ""}, "id"),
    ("customer", {**SEED_CUSTOMER, "email": "chris"}, "email"),
    ("customer", {**SEED_CUSTOMER, "paymentMethods[0].type": "Stripe"}, BOTH),
    ("customer", {**SEED_CUSTOMER, "lastName": CARD_NUMBER}, "lastName"),
    ("payment new 107", {"customerId": "", **SEED_METHOD}, "customerId"),
    ("payment new 107", {"customerId": "107", **SEED_METHOD, "type": None}, "type"),
    ("product", {**SEED_PRODUCT, "price": "cheap"}, "price"),
    ("product", {**SEED_PRODUCT, "price": "1,234"}, "price"),
    ("product", {**SEED_PRODUCT, "title": ""}, "title"),
    ("product", {**SEED_PRODUCT, "weight": "heavy"}, "weight"),
    ("product", {**SEED_PRODUCT, "stock": "-1"}, "stock"),
    ("product", {**SEED_PRODUCT, "availability": "Maybe"}, "availability"),
    ("create", {**SEED_ORDER, "customerId": None}, "customerId"),
    ("create", {**SEED_ORDER, "frequency": "0"}, "frequency"),
    ("create", {**SEED_ORDER, "frequencyType": None}, "frequencyType"),
    ("create", {**SEED_ORDER, "scheduledOrderItems[0].quantity": ""}, "scheduledOrderItems[0].quantity"),
    ("create", {**SEED_ORDER, "scheduledOrderItems[0].productId": None}, "scheduledOrderItems[0].productId"),
    ("create", {**SEED_ORDER, "paymentMethodId": "visa"}, "paymentMethodId"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "values", "errors"), WRONG)
async def test_what_is_wrong_is_said_under_the_seeds_own_names(
    tmp_path: Path, typed: str, values: dict[str, Any], errors: str
) -> None:
    """Each complaint stands under its field, in the first answer, and nothing is sent."""
    async with on_stage(tmp_path) as home:
        await home.type(f"/scheduled {typed}")
        assert await home.submit(values) == f"errors:{errors}"
        assert home.qpilot.requests == []


async def test_an_order_without_items(tmp_path: Path) -> None:
    """An empty line is left out; with none left the first one says so."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled create")
        empty = {"scheduledOrderItems[0].productId": None, "scheduledOrderItems[0].quantity": ""}
        assert await home.submit({**SEED_ORDER, **empty}) == "errors:scheduledOrderItems[0].productId"


async def test_more_items_keep_what_was_typed(tmp_path: Path) -> None:
    """*Add another item* adds a line below the others; an empty one between is left out; complaints keep their line."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled create")
        for _ in range(2):
            assert await home.press_in_view("scheduled.item_add") == "done"
        names = [name for name in inputs(home) if name.startswith("scheduledOrderItems")]
        assert names == [f"scheduledOrderItems[{n}].{part}" for n in range(3) for part in ("productId", "quantity")]
        third = {"scheduledOrderItems[2].productId": "100990", "scheduledOrderItems[2].quantity": "x"}
        assert await home.submit({**SEED_ORDER, **third}) == "errors:scheduledOrderItems[2].quantity"
        third["scheduledOrderItems[2].quantity"] = "0"
        assert await home.submit({**SEED_ORDER, **third}) == "errors:scheduledOrderItems[2].quantity"
        third["scheduledOrderItems[2].quantity"] = "7"
        assert await home.submit({**SEED_ORDER, **third}) == "done"
        assert [(one.product_id, one.quantity) for one in home.qpilot.orders[300001].items] == [
            ("100982", 4),
            ("100990", 7),
        ]


async def test_there_are_twenty_lines_at_most(tmp_path: Path) -> None:
    """A9: the form stays within Slack's limits, and a press too many changes nothing."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled create")
        for _ in range(25):
            await home.press_in_view("scheduled.item_add")
        assert sum(name.endswith(".productId") for name in inputs(home)) == 20
        assert len(home.view()["blocks"]) <= 94


async def test_a_product_is_made_and_looked_up(tmp_path: Path) -> None:
    """Every field of seed 004 reaches QPilot as it was typed."""
    seen: list[Any] = []
    async with on_stage(tmp_path) as home:
        make = home.qpilot.create_product

        async def create(tickets: Any, site_id: int, product: Any, *, request_id: str = "") -> str:
            seen.append(product)
            return await make(tickets, site_id, product, request_id=request_id)

        home.qpilot.create_product = create  # type: ignore[method-assign]
        assert await home.type("/scheduled product") == "asked"
        assert inputs(home) == list(SEED_PRODUCT) or set(inputs(home)) == set(SEED_PRODUCT)
        assert await home.submit(SEED_PRODUCT) == "done"
        [product] = seen
        assert (str(product.price), str(product.sale_price), product.gtin) == ("9.75", "6", "97350053850012")
        assert (product.add_to_scheduled_order, product.process_scheduled_order, product.stock) == (True, True, 50)
        assert "Product 100983 is created." in home.texts("post")[0]
        assert await home.type("/scheduled product 100983") == "done"
        assert "Product 100983 RCo Atlantis" in home.last()
        assert await home.type("/scheduled product 9") == "refused:not_found"


@pytest.mark.parametrize(("typed", "values"), [("customer", SEED_CUSTOMER), ("product", SEED_PRODUCT)])
async def test_one_that_is_there_already(tmp_path: Path, typed: str, values: dict[str, Any]) -> None:
    """The form comes back with the complaint under the id, what was typed stays, nothing was made."""
    async with on_stage(tmp_path) as home:
        await home.type(f"/scheduled {typed}")
        taken = "107" if typed == "customer" else "100982"
        assert await home.submit({**values, "id": taken}) == "refused:already_there"
        assert ("note.id" in home.shown(), home.qpilot.writes) == (True, [])


async def test_what_qpilot_refuses_lands_under_its_field(tmp_path: Path) -> None:
    """QPilot's own complaint stands under its input, the rest in the banner; the channel reads nothing."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled customer")
        found = (FieldError("shippingState", "unknown state"), FieldError("weather", "too wet"))
        home.qpilot.fails(QpilotInvalid("qpilot", fields=found))
        assert await home.submit(SEED_CUSTOMER) == "refused:invalid"
        shown = home.shown()
        assert ["note.shippingState" in shown, "Unknown state." in shown, "weather" in shown] == [True] * 3
        assert home.texts("post") == []


async def test_a_form_that_was_closed_can_be_opened_again(tmp_path: Path) -> None:
    """Nothing typed is lost, save the gateway's ids, which are kept nowhere; only who typed it may open it."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled customer")
        method = {f"paymentMethods[0].{name}": value for name, value in SEED_METHOD.items()}
        home.qpilot.fails(Unreachable("qpilot"))
        home.stage.slack.refused.add("update")
        assert await home.submit({**SEED_CUSTOMER, **method}) == "refused:no_answer"
        assert "pm_canary" not in str(home.stage.cards.kept)
        home.stage.slack.refused.clear()
        button = home.values("founding.open")[0]
        await home.shop.connect(ACTORS[BEN], BENS)
        assert await home.press("founding.open", button, BEN) == "refused:no"
        assert await home.press("founding.open", button) == "asked"
        assert ["740 Evergreen Terrace" in home.shown(), "pm_canary" in home.shown()] == [True, False]


async def test_nobody_knows_and_then_looks(tmp_path: Path) -> None:
    """E3: silence after sending: a message with *Look again*, which finds the order that QPilot made."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled create")
        home.qpilot.fails(NoAnswer("qpilot", outcome_known=False), accepts=True)
        home.qpilot.while_writing = lambda: home.qpilot.failing.update(customer_orders=Unreachable("qpilot"))
        assert await home.submit(SEED_ORDER) == "unknown"
        assert "we do not know whether it was created" in home.texts("post")[0]
        home.qpilot.failing.clear()
        assert await home.press("scheduled.look", message_ts="5.5") == "done"
        assert ("Scheduled order 300001" in home.last(), home.said[-1].how) == (True, "edit")
        assert len(home.qpilot.writes) == 1


async def test_what_is_not_seen_there_is_not_called_created(tmp_path: Path) -> None:
    """DESIGN §4.5: QPilot said yes and shows nothing: it is said that it took it, and no more."""
    async with on_stage(tmp_path) as home:

        async def nothing(*_: Any, **__: Any) -> str:
            return "29920"

        home.qpilot.create_customer = nothing  # type: ignore[method-assign]
        await home.type("/scheduled customer")
        assert await home.submit(SEED_CUSTOMER) == "done"
        assert home.texts("post")[0].splitlines()[0] == "❔ Customer 29920: QPilot took it. I do not see it there yet."


async def test_the_same_order_is_not_made_twice(tmp_path: Path) -> None:
    """E1: ten submissions at once make one."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled create")
        view = home.view()
        words = await asyncio.gather(*(home.submit(SEED_ORDER, view=view) for _ in range(10)))
        assert sorted(words) == ["done", *["refused:already"] * 9]
        assert len(home.qpilot.writes) == 1


async def test_drawn_after_a_crash(tmp_path: Path) -> None:
    """E2: for each kind of record the message can be drawn from what the ledger kept alone."""
    async with on_stage(tmp_path) as home:
        for typed, values in (
            ("customer", SEED_CUSTOMER),
            ("payment new 107", {"customerId": "107", **SEED_METHOD}),
            ("product", SEED_PRODUCT),
            ("create", SEED_ORDER),
        ):
            await home.type(f"/scheduled {typed}")
            assert await home.submit(values) == "done"
        before = home.texts("post")
        for kind in ("scheduled.customer", "scheduled.payment_method", "scheduled.product", "scheduled.create"):
            [action] = home.shop.ledger.in_state(kind, TEAM, "done")
            await DRAWS[kind](home.stage.services, action, None)
        assert home.texts("post") == [*before, *before]
        assert home.shop.ledger.in_state("scheduled.create", TEAM, UNKNOWN) == []


async def test_a_customer_is_looked_up_in_a_modal_only(tmp_path: Path) -> None:
    """D3: name, address and what they pay with are shown to who asked, in a modal, and posted nowhere."""
    chris = Customer("107", "chris@canary.example", "Chris", "Wilking", shipping=Address(city="Springfield"))
    async with on_stage(tmp_path, FakeQpilot(customers_by_id={"107": chris})) as home:
        assert await home.type("/scheduled customer 107") == "done"
        assert (home.hows(), personal(home.shown())) == (["open", "update"], ["Chris", "Wilk", "canary", "Springfield"])
        assert ["Stripe, ending in 4242, until 08/2028" in home.shown(), "208022, ▶️ active" in home.shown()] == [
            True
        ] * 2
        assert await home.press_in_view("scheduled.create_open") == "asked"
        assert "'initial_option': {'text': {'type': 'plain_text', 'text': '107'" in home.shown()


@pytest.mark.parametrize("typed", ["customer", "product"])
async def test_only_merchants_make_customers_and_products(tmp_path: Path, typed: str) -> None:
    """A customer's connection is told so before any form is filled in."""
    async with on_stage(tmp_path, connect=False) as home:
        await home.shop.connect(credentials=OF_107)
        assert await home.type(f"/scheduled {typed}") == "refused:no"
        assert ("Merchant" in home.last(), home.hows()) == (True, ["respond"])


async def test_without_a_connection_the_form_comes_afterwards(tmp_path: Path) -> None:
    """The connect prompt first; once connected, and without a trigger, a button that opens the form."""
    async with on_stage(tmp_path, connect=False) as home:
        assert await home.type("/scheduled create 107") == "refused:not_connected"
        await home.shop.connect()
        assert await home.type("/scheduled create 107", trigger_id=None) == "asked"
        assert await home.press("founding.open") == "asked"
        assert home.view()["callback_id"] == "scheduled.create"


async def test_the_next_step_is_for_whoever_presses_it(tmp_path: Path) -> None:
    """B7: Ben goes on from Ada's message with his own connection, and his form is his own."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled customer")
        await home.submit(SEED_CUSTOMER)
        button = home.values("scheduled.create_open")[0]
        assert await home.press("scheduled.create_open", button, BEN) == "refused:not_connected"
        await home.shop.connect(ACTORS[BEN], BENS)
        home.qpilot.logins.clear()
        assert await home.press("scheduled.create_open", button, BEN) == "asked"
        view = home.view()
        assert await home.submit(SEED_ORDER, user=ADA, view=view) == "refused:expired"
        assert await home.submit({**SEED_ORDER, "customerId": "29920"}, user=BEN, view=view) == "done"
        assert set(home.qpilot.logins) == {"ben@shop.example"}


async def test_in_a_shared_channel_no_id_of_a_customer(tmp_path: Path) -> None:
    """D3: where another company reads along it is only said that one was made."""
    async with on_stage(tmp_path) as home:
        home.where(Profile.EXTERNAL)
        await home.type("/scheduled customer")
        await home.submit(SEED_CUSTOMER)
        assert home.texts("post")[0].splitlines()[0] == "✅ Customer is created."


async def test_suggestions(tmp_path: Path) -> None:
    """Customers, their payment methods, products; one question is asked once a minute; a card's number goes nowhere."""
    async with on_stage(tmp_path, FakeQpilot(customers_by_id={"107": Customer("107", "a@b.example", "Ada")})) as home:
        assert await home.suggest("customer.suggest", "a@b") == [
            ("107", "107 · Ada · a@b.example"),
            ("a@b", "“a@b” as I typed it"),
        ]
        assert await home.suggest("payment_method.suggest") == []
        chosen = {"customerId": "107"}
        found = [("10933", "Stripe, ending in 4242, until 08/2028")]
        assert await home.suggest("payment_method.suggest", values=chosen) == found
        assert await home.suggest("payment_method.suggest", "1111", values=chosen) == []
        asked = len(home.qpilot.requests)
        for action_id in ("customer.suggest", "product.suggest"):
            assert await home.suggest(action_id, CARD_NUMBER) == []
        assert await home.suggest("payment_method.suggest", values={"customerId": CARD_NUMBER}) == []
        assert await home.suggest("customer.suggest", "a@b") != []
        assert await home.suggest("customer.suggest", "a@b", user=BEN) == [("a@b", "“a@b” as I typed it")]
        assert len(home.qpilot.requests) == asked


async def test_suggestions_of_a_customers_connection_and_when_qpilot_is_silent(tmp_path: Path) -> None:
    """A customer has themselves; silence leaves what was typed."""
    async with on_stage(tmp_path) as home:
        home.qpilot.failing["products"] = Unreachable("qpilot")
        assert await home.suggest("product.suggest", "soap") == [("soap", "“soap” as I typed it")]
        await home.shop.connect(credentials=OF_107)
        assert await home.suggest("customer.suggest", "x") == [("107", "107, my own")]
