"""Items in and out of a cart of the local Vendo (`apis/vendo.md` §5)."""

from decimal import Decimal
from typing import Any

import pytest
from vendosim_kit import JSON, NOT_FOUND, Client, addressed_cart, filled_cart, new_cart, newest, refused, variant_id

from sandbox.vendo import Vendo


def _lines(vendo: Vendo) -> list[tuple[str, int]]:
    return [(line.variant.sku, line.quantity) for line in newest(vendo).lines]


def _unavailable(name: str) -> tuple[int, Any]:
    words = f'selected of "{name}" is not available.'
    return refused(422, f"Quantity {words}", {"quantity": [words]})


async def test_an_item_is_shown_whole(guest: Client, vendo: Vendo) -> None:
    """A line item has every attribute of the sheet, as decimal and display strings."""
    shopper = await new_cart(guest)
    wanted = {"variant_id": variant_id(vendo, "TEE-BLACK-M"), "quantity": 2, "public_metadata": {"gift": True}}
    answer = await shopper("POST", "/cart/add_item", wanted, include="line_items")
    (line,) = answer.included("line_item")
    amounts = {"price": "19.99", "total": "39.98", "discounted_amount": "39.98", "pre_tax_amount": "39.98"}
    zeros = ("adjustment_total", "additional_tax_total", "promo_total", "included_tax_total")
    money = amounts | dict.fromkeys(zeros, "0.0")
    display = {f"display_{name}": f"${Decimal(value):.2f}" for name, value in money.items()}
    assert line["attributes"] == {
        "name": "Crew T-Shirt",
        "quantity": 2,
        "slug": "crew-t-shirt",
        "options_text": "Color: black, Size: M",
        "currency": "USD",
        "public_metadata": {"gift": True},
        **money,
        **display,
    }
    assert line["relationships"] == {
        "variant": {"data": {"id": wanted["variant_id"], "type": "variant"}},
        "digital_links": {"data": []},
    }
    assert (answer.status, answer.attributes["item_count"], answer.attributes["display_total"]) == (200, 2, "$39.98")


async def test_adding_sums_up_and_setting_does_not(guest: Client, vendo: Vendo) -> None:
    """E3: `add_item` is not safe to repeat, `set_quantity` is."""
    shopper = await new_cart(guest)
    wanted = {"variant_id": variant_id(vendo, "NOTE"), "quantity": 2}
    await shopper("POST", "/cart/add_item", wanted)
    await shopper("POST", "/cart/add_item", wanted)
    assert _lines(vendo) == [("NOTE", 4)]
    for _ in range(2):
        three = {"line_item_id": newest(vendo).lines[0].id, "quantity": 3}
        answer = await shopper("PATCH", "/cart/set_quantity", three)
        assert (answer.status, answer.attributes["item_count"], _lines(vendo)) == (200, 3, [("NOTE", 3)])


async def test_one_is_the_default_quantity(guest: Client, vendo: Vendo) -> None:
    """Without a quantity one is added."""
    shopper = await new_cart(guest)
    await shopper("POST", "/cart/add_item", {"variant_id": variant_id(vendo, "NOTE")})
    assert _lines(vendo) == [("NOTE", 1)]


@pytest.mark.parametrize("variant", ["nothing", None, 5, ["a"], {}])
async def test_an_unknown_variant_is_a_404(guest: Client, vendo: Vendo, variant: Any) -> None:
    """Nothing is added; a product's own id and the master of a product with variants are no variants to buy."""
    shopper = await new_cart(guest)
    tee = vendo.products[0]
    for wanted in (variant, tee.id, tee.master.id):
        assert (await shopper("POST", "/cart/add_item", {"variant_id": wanted})).said == (404, NOT_FOUND)
    assert _lines(vendo) == []


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "2", None, True, []])
async def test_a_quantity_to_add_is_a_whole_number_above_0(guest: Client, vendo: Vendo, quantity: Any) -> None:
    """422 with the field, and nothing is added."""
    shopper = await new_cart(guest)
    answer = await shopper("POST", "/cart/add_item", {"variant_id": variant_id(vendo, "NOTE"), "quantity": quantity})
    words = "must be greater than 0"
    assert answer.said == refused(422, f"Quantity {words}", {"quantity": [words]})
    assert _lines(vendo) == []


@pytest.mark.parametrize("quantity", [0, -1, None, "x", 1.5, True])
async def test_a_quantity_to_set_is_above_0(guest: Client, vendo: Vendo, quantity: Any) -> None:
    """422 under plain JSON, looked at before the line item; a missing one too."""
    shopper = await filled_cart(guest, vendo)
    for line in (newest(vendo).lines[0].id, "nothing"):
        answer = await shopper("PATCH", "/cart/set_quantity", {"line_item_id": line, "quantity": quantity})
        assert (answer.said, answer.kind) == (refused(422, "Quantity has to be greater than 0"), JSON)
    assert (await shopper("PATCH", "/cart/set_quantity", {})).said == refused(422, "Quantity has to be greater than 0")
    assert _lines(vendo) == [("TEE-BLACK-M", 2)]


async def test_an_unknown_line_item_is_a_404(guest: Client, vendo: Vendo) -> None:
    """Also one of another cart, for setting and for removing."""
    await filled_cart(guest, vendo, "NOTE")
    other = newest(vendo).lines[0].id
    shopper = await filled_cart(guest, vendo)
    for line in ("nothing", other):
        body = {"line_item_id": line, "quantity": 1}
        assert (await shopper("PATCH", "/cart/set_quantity", body)).said == (404, NOT_FOUND)
        assert (await shopper("DELETE", f"/cart/remove_line_item/{line}")).said == (404, NOT_FOUND)
    assert _lines(vendo) == [("TEE-BLACK-M", 2)]


@pytest.mark.parametrize(("sku", "name", "most"), [
    ("MUG-WHITE", "Enamel Mug (Color: white)", 3),
    ("BEANIE-RED", "Wool Beanie (Color: red)", 0),
    ("SALT", "Salt & Pepper <Set>", 7),
    ("CAP", "Road Cap", 0),
])  # fmt: skip
async def test_no_more_than_there_is(guest: Client, vendo: Vendo, sku: str, name: str, most: int) -> None:
    """As many as are on the shelf are taken, one more is refused by its name, also when setting; nothing is changed."""
    shopper = await new_cart(guest)
    wanted = {"variant_id": variant_id(vendo, sku)}
    if most:
        assert (await shopper("POST", "/cart/add_item", wanted | {"quantity": most})).status == 200
        line = newest(vendo).lines[0].id
        answer = await shopper("PATCH", "/cart/set_quantity", {"line_item_id": line, "quantity": most + 1})
        assert answer.said == _unavailable(name)
    assert (await shopper("POST", "/cart/add_item", wanted)).said == _unavailable(name)
    assert _lines(vendo) == ([(sku, most)] if most else [])


async def test_what_can_be_backordered_never_runs_out(guest: Client, vendo: Vendo) -> None:
    """The trail jacket is not there and can be bought by the hundred."""
    shopper = await new_cart(guest)
    wanted = {"variant_id": variant_id(vendo, "TRAIL-GREEN-M"), "quantity": 100}
    assert (await shopper("POST", "/cart/add_item", wanted)).attributes["total"] == "12900.0"


async def test_what_has_no_price_cannot_be_bought(guest: Client, vendo: Vendo) -> None:
    """The desk lamp is sold in dollars only."""
    answer = await guest("POST", "/cart", {"currency": "EUR"})
    shopper = guest.having(X_Vendo_Order_Token=answer.attributes["token"])
    wanted = {"variant_id": variant_id(vendo, "LAMP")}
    answer = await shopper("POST", "/cart/add_item", wanted, currency="EUR")
    assert answer.said == refused(422, "Price is not a number", {"price": ["is not a number"]})
    assert _lines(vendo) == []


async def test_a_customer_pays_their_own_price(ada: Client, bob: Client, vendo: Vendo) -> None:
    """Seed 003: per-user pricing, in the cart as on the shelf."""
    for caller, price in ((ada, "44.95"), (bob, "54.95")):
        shopper = await filled_cart(caller, vendo, "HOOD-GREY-M")
        assert (await shopper("GET", "/cart")).attributes["item_total"] == price


async def test_items_are_removed(guest: Client, vendo: Vendo) -> None:
    """One line goes, the others stay; a second removal is a 404, which means done."""
    shopper = await filled_cart(guest, vendo, "NOTE", "MUG-WHITE")
    line = newest(vendo).lines[0].id
    answer = await shopper("DELETE", f"/cart/remove_line_item/{line}")
    assert (answer.status, answer.attributes["item_count"], _lines(vendo)) == (200, 1, [("MUG-WHITE", 1)])
    assert (await shopper("DELETE", f"/cart/remove_line_item/{line}")).status == 404


async def test_a_cart_is_emptied(guest: Client, vendo: Vendo) -> None:
    """Lines, coupon, shipments and payments go; the cart and its token stay."""
    shopper = await addressed_cart(guest, vendo)
    await shopper("GET", "/checkout/shipping_rates")
    await shopper("PATCH", "/cart/apply_coupon_code", {"coupon_code": "test"})
    answer = await shopper("PATCH", "/cart/empty")
    shown = answer.attributes
    assert (answer.status, shown["item_count"], shown["total"], shown["state"]) == (200, 0, "0.0", "cart")
    assert {name: one["data"] for name, one in answer.relations.items() if one["data"]}.keys() == {
        "billing_address",
        "shipping_address",
    }


@pytest.mark.parametrize("change", ["add", "set", "remove"])
async def test_a_change_of_items_deletes_the_shipments(guest: Client, vendo: Vendo, change: str) -> None:
    """The order goes back to an early step; without shipments it stays where it is."""
    shopper = await addressed_cart(guest, vendo, "NOTE", "TOTE")
    await shopper("PATCH", "/checkout/next")
    order = newest(vendo)
    assert (order.state, len(order.shipments)) == ("delivery", 1)
    line = order.lines[0].id
    calls: dict[str, tuple[Any, ...]] = {
        "add": ("POST", "/cart/add_item", {"variant_id": variant_id(vendo, "NOTE")}),
        "set": ("PATCH", "/cart/set_quantity", {"line_item_id": line, "quantity": 5}),
        "remove": ("DELETE", f"/cart/remove_line_item/{line}"),
    }
    answer = await shopper(*calls[change])
    assert (answer.attributes["state"], answer.attributes["ship_total"]) == ("address", "0.0")
    assert answer.relations["shipments"]["data"] == []


async def test_the_currency_is_changed_with_every_price(guest: Client, vendo: Vendo) -> None:
    """Afterwards the cart is found under its new currency only."""
    shopper = await filled_cart(guest, vendo)
    answer = await shopper("PATCH", "/cart/change_currency", new_currency="EUR")
    assert (answer.status, answer.attributes["currency"], answer.attributes["display_total"]) == (200, "EUR", "€37.00")
    assert (await shopper("GET", "/cart")).status == 404
    assert (await shopper("GET", "/cart", currency="EUR")).status == 200


@pytest.mark.parametrize(("sku", "currency"), [("NOTE", "GBP"), ("NOTE", ""), ("LAMP", "EUR")])
async def test_a_currency_that_does_not_do(guest: Client, vendo: Vendo, sku: str, currency: str) -> None:
    """One that the store does not have, or in which a line has no price; the cart stays as it is."""
    shopper = await filled_cart(guest, vendo, sku)
    answer = await shopper("PATCH", "/cart/change_currency", new_currency=currency)
    assert answer.said == refused(422, "Currency not supported")
    assert (newest(vendo).currency, _lines(vendo)) == ("USD", [(sku, 1)])


@pytest.mark.parametrize(("query", "names"), [
    ({}, ["Standard", "Express"]), ({"country_iso": "GBR"}, ["Standard", "Express"]), ({"country_iso": "JP"}, []),
])  # fmt: skip
async def test_shipping_is_estimated(guest: Client, vendo: Vendo, query: dict[str, str], names: list[str]) -> None:
    """Rates without an id and without `meta`; a country that is not shipped to has none."""
    shopper = await filled_cart(guest, vendo)
    answer = await shopper("GET", "/cart/estimate_shipping_rates", **query)
    assert set(answer.body) == {"data"}
    assert [(one["id"], one["type"]) for one in answer.body["data"]] == [(None, "shipping_rate")] * len(names)
    assert answer.all("name") == names
    assert answer.all("selected") == [True, False][: len(names)]
    assert answer.all("display_final_price") == ["$5.00", "$15.00"][: len(names)]
    assert newest(vendo).shipments == []


async def test_an_estimate_needs_a_cart_and_a_country(guest: Client, vendo: Vendo) -> None:
    """404 without either."""
    assert (await guest("GET", "/cart/estimate_shipping_rates")).said == (404, NOT_FOUND)
    shopper = await filled_cart(guest, vendo)
    assert (await shopper("GET", "/cart/estimate_shipping_rates", country_iso="XX")).said == (404, NOT_FOUND)


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/cart/add_item"), ("PATCH", "/cart/set_quantity"), ("DELETE", "/cart/remove_line_item/x"),
    ("PATCH", "/cart/empty"), ("PATCH", "/cart/apply_coupon_code"), ("DELETE", "/cart/remove_coupon_code"),
    ("DELETE", "/cart/remove_coupon_code/test"), ("PATCH", "/cart/change_currency"), ("GET", "/cart"),
])  # fmt: skip
async def test_everything_about_a_cart_needs_one(guest: Client, method: str, path: str) -> None:
    """404 comes before anything about the body."""
    assert (await guest(method, path)).said == (404, NOT_FOUND)
