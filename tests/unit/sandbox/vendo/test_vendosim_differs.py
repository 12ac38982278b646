"""The ten places where Spree's specification and the real server differ: the local Vendo is as the server.

The numbers are those of `apis/vendo.md` §11; `.ci/contracts/test_vendo_openapi.py` excuses each by name.
"""

from uuid import UUID

import pytest
from vendosim_kit import FORBIDDEN, NOT_FOUND, Client, addressed_cart, filled_cart, newest, refused

from sandbox.vendo import Vendo
from sandbox.vendo.orders import CHECK, SHIPPING_METHODS


async def test_1_there_is_auth_and_vendos_own_header(guest: Client, vendo: Vendo) -> None:
    """`/auth` answers, and the order token comes under Vendo's name as well as Spree's."""
    assert (await guest("POST", "/auth", {"user": {"email": "a@b.cd"}})).said == (200, {"message": "Code sent"})
    token = (await guest("POST", "/cart")).attributes["token"]
    assert (await guest.having(X_Vendo_Order_Token=token)("GET", "/cart")).status == 200


async def test_2_there_are_statuses_that_the_file_forgot(ada: Client, guest: Client, vendo: Vendo) -> None:
    """400 and 401 anywhere, 422 of add_item and of addresses, 404 of an order."""
    assert (await guest("GET", "/products", include="nothing")).status == 400
    shopper = await filled_cart(guest, vendo)
    assert (await shopper("POST", "/cart/add_item", {"variant_id": vendo.products[3].variants[0].id})).status == 422
    assert (await ada("POST", "/account/addresses", {"address": {"city": "X"}})).status == 422
    assert (await ada("GET", "/account/orders/R000000000")).said == (404, NOT_FOUND)
    vendo.expire_tokens()
    assert (await ada("GET", "/products")).said == refused(401, "The access token expired")


async def test_3_a_payment_is_created_with_201(guest: Client, vendo: Vendo) -> None:
    """As a cart is."""
    shopper = await addressed_cart(guest, vendo)
    assert (await shopper("POST", "/checkout/create_payment", {"payment_method_id": CHECK.id})).status == 201
    assert (await guest("POST", "/cart")).status == 201


async def test_4_an_accounts_orders_have_the_type_order(ada: Client, vendo: Vendo) -> None:
    """In list and show, so `fields[order]` is the key that works; with the switch they are carts as in the file."""
    number = vendo.orders_of("ada@example.com")[0].number
    for kind, other in (("order", "cart"), ("cart", "order")):
        vendo.switches = vendo.switches.changed({"order_type": kind})
        assert {one["type"] for one in (await ada("GET", "/account/orders")).body["data"]} == {kind}
        answer = await ada(
            "GET", f"/account/orders/{number}", **{f"fields__{kind}": "number", f"fields__{other}": "state"}
        )
        assert (answer.body["data"]["type"], answer.attributes) == (kind, {"number": number})


async def test_5_an_error_may_have_errors(guest: Client, vendo: Vendo) -> None:
    """`error` is a sentence, `errors` an object of lists, and often it is missing."""
    shopper = await filled_cart(guest, vendo)
    answer = await shopper("PATCH", "/checkout/complete")
    assert answer.body.keys() == {"error", "errors"}
    assert (await shopper("PATCH", "/cart/apply_coupon_code", {"coupon_code": "x"})).body.keys() == {"error"}


async def test_6_there_are_states_after_completion(ada: Client) -> None:
    """Canceled and returned orders are in the list."""
    assert {"canceled", "returned"} < set((await ada("GET", "/account/orders", per_page="30")).all("state"))


async def test_7_a_page_size_has_limits_and_next_is_never_null(ada: Client) -> None:
    """501 is silently 25; on the last page `next` points at itself."""
    answer = await ada("GET", "/account/orders", per_page="501", page="2")
    assert answer.body["meta"]["total_pages"] == 2
    assert answer.body["links"]["next"] == answer.body["links"]["last"]
    assert None not in answer.body["links"].values()


async def test_8_public_metadata_is_nearly_everywhere(guest: Client, vendo: Vendo) -> None:
    """On carts, line items, variants, shipments and rates' methods alike."""
    shopper = await addressed_cart(guest, vendo)
    await shopper("PATCH", "/checkout/advance")
    answer = await shopper("GET", "/cart", include="line_items,variants.product,shipments,shipping_address")
    assert len(answer.body["included"]) == 5
    for one in [answer.body["data"], *answer.body["included"]]:
        assert one["attributes"]["public_metadata"] == {}


async def test_9_ids_are_uuids(guest: Client, vendo: Vendo) -> None:
    """Of carts, lines, shipments and rates; a shipping method's id is a text."""
    shopper = await addressed_cart(guest, vendo)
    answer = await shopper("GET", "/checkout/shipping_rates")
    cart = await shopper("GET", "/cart", include="line_items,variants")
    ids = [
        one["id"] for one in [*answer.body["data"], *answer.body["included"], cart.body["data"], *cart.body["included"]]
    ]
    assert [str(UUID(one)) for one in ids] == ids
    methods = [one["attributes"]["shipping_method_id"] for one in answer.included("shipping_rate")]
    assert methods == [method.id for method in SHIPPING_METHODS]
    assert newest(vendo).id == cart.body["data"]["id"]


@pytest.mark.parametrize("path", ["/store", "/products", "/countries", "/taxons"])
async def test_10_the_store_is_public(guest: Client, path: str) -> None:
    """Nobody needs to be signed in to see it; an account is another thing."""
    assert (await guest("GET", path)).status == 200
    assert (await guest("GET", "/account")).said == (403, FORBIDDEN)
