"""A customer's own data at the local Vendo: account, addresses and cards (`apis/vendo.md` §7)."""

from typing import Any

import pytest
from vendosim_kit import FORBIDDEN, HOME, NOT_FOUND, Client, refused

from sandbox.vendo import Vendo
from sandbox.vendo.orders import BOGUS

BLANK = ["can't be blank"]


async def _addresses(caller: Client) -> list[Any]:
    return [one["attributes"] for one in (await caller("GET", "/account/addresses")).body["data"]]


@pytest.mark.parametrize(("method", "path"), [
    ("GET", ""), ("PATCH", ""), ("GET", "/addresses"), ("POST", "/addresses"), ("PATCH", "/addresses/x"),
    ("DELETE", "/addresses/x"), ("GET", "/credit_cards"), ("GET", "/credit_cards/default"),
    ("DELETE", "/credit_cards/x"), ("GET", "/orders"), ("GET", "/orders/R1"),
])  # fmt: skip
async def test_a_guest_has_no_account(guest: Client, method: str, path: str) -> None:
    """403, whatever else is wrong; an order token is not enough."""
    caller = guest.having(X_Vendo_Order_Token="nothing")
    assert (await caller(method, f"/account{path}")).said == (403, FORBIDDEN)


async def test_an_account_is_shown_whole(ada: Client) -> None:
    """The sheet's attributes, with store credit as a decimal string, and both default addresses."""
    answer = await ada("GET", "/account", include="default_billing_address,default_shipping_address")
    assert answer.body["data"]["type"] == "user"
    assert answer.attributes == {
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "store_credits": "25.0",
        "completed_orders": 30,
        "public_metadata": {},
    }
    (home,) = answer.body["included"]
    link = {"data": {"id": home["id"], "type": "address"}}
    assert answer.relations == {"default_billing_address": link, "default_shipping_address": link}
    assert home["attributes"] == {
        "firstname": "Ada",
        "lastname": "Lovelace",
        "address1": "7735 Old Georgetown Road",
        "address2": "2nd Floor",
        "city": "Bethesda",
        "zipcode": "20814",
        "phone": "3014445002",
        "company": None,
        "label": "Home",
        "state_name": "Maryland",
        "state_code": "MD",
        "country_name": "United States",
        "country_iso3": "USA",
        "country_iso": "US",
        "public_metadata": {},
    }


async def test_a_customer_without_anything(guest: Client, vendo: Vendo) -> None:
    """Store credit is the number 0, and there are no addresses to point to."""
    customer = vendo.add_customer("new@example.com")
    token = vendo.tokens.issue(customer).access
    answer = await guest.having(Authorization=f"Bearer {token}")("GET", "/account")
    assert (answer.attributes["store_credits"], answer.attributes["completed_orders"]) == (0, 0)
    assert answer.relations == {"default_billing_address": {"data": None}, "default_shipping_address": {"data": None}}


async def test_an_account_is_changed(ada: Client, vendo: Vendo) -> None:
    """What is not sent stays, unknown keys are dropped, and a token outlives a new e-mail."""
    customer = vendo.customer("ada@example.com")
    assert customer is not None
    office = customer.addresses[1]
    user = {"email": "Countess@example.com", "ship_address_id": office.id, "store_credits": "9999", "first_name": 5}
    answer = await ada("PATCH", "/account", {"user": user})
    shown = answer.attributes
    assert (answer.status, shown["email"], shown["first_name"]) == (200, "countess@example.com", "Ada")
    assert (shown["store_credits"], shown["completed_orders"]) == ("25.0", 30)
    assert customer.shipping is office
    assert (await ada("GET", "/account")).attributes == shown
    assert vendo.customer("ada@example.com") is None


@pytest.mark.parametrize(("user", "text", "errors"), [
    ({"email": "bob@example.com"}, "Email has already been taken", {"email": ["has already been taken"]}),
    ({"email": "x"}, "Email is invalid", {"email": ["is invalid"]}),
    ({"bill_address_id": "x"}, "Bill address id belongs to other user", {"bill_address_id": ["belongs to other user"]}),
    ({"ship_address_id": 5}, "Ship address id belongs to other user", {"ship_address_id": ["belongs to other user"]}),
])  # fmt: skip
async def test_a_change_that_is_refused(ada: Client, user: dict[str, Any], text: str, errors: Any) -> None:
    """422 with the field, and nothing of it is taken."""
    before = (await ada("GET", "/account")).body
    assert (await ada("PATCH", "/account", {"user": user | {"last_name": "Other"}})).said == refused(422, text, errors)
    assert (await ada("GET", "/account")).body == before


@pytest.mark.parametrize(("method", "path", "wrapper"), [
    ("PATCH", "/account", "user"), ("POST", "/account/addresses", "address"),
])  # fmt: skip
@pytest.mark.parametrize("body", [{}, {"other": 1}])
async def test_a_missing_wrapper_is_a_400(ada: Client, method: str, path: str, wrapper: str, body: Any) -> None:
    """The server's words name it."""
    answer = await ada(method, path, body)
    assert answer.said == refused(400, f"param is missing or the value is empty: {wrapper}")


async def test_an_account_is_made_spree_s_way(guest: Client, vendo: Vendo) -> None:
    """With a password that is checked and forgotten; the same e-mail again, or a wrong confirmation, is refused."""
    user = {"email": "New@example.com", "password": "spree123", "password_confirmation": "spree123", "first_name": "N"}
    answer = await guest("POST", "/account", {"user": user})
    assert (answer.status, answer.attributes["email"], answer.attributes["first_name"]) == (200, "new@example.com", "N")
    assert "spree123" not in repr(vendo.customer("new@example.com"))
    for change, field in (({}, "email"), ({"email": "b@c.de", "password": ""}, "password"), (
        {"email": "b@c.de", "password_confirmation": "x"}, "password_confirmation",
    )):  # fmt: skip
        answer = await guest("POST", "/account", {"user": user | change})
        assert (answer.status, list(answer.body["errors"])) == (422, [field])
    assert vendo.customer("b@c.de") is None


async def test_addresses_are_listed_and_added(bob: Client, ada: Client) -> None:
    """A country may be written with three letters, a state by its name; each customer sees their own."""
    answer = await bob("POST", "/account/addresses", {"address": HOME | {"country_iso": "USA", "label": "Work"}})
    shown = answer.attributes
    assert (answer.status, shown["state_code"], shown["country_iso"], shown["label"]) == (200, "NY", "US", "Work")
    assert [one["city"] for one in await _addresses(bob)] == ["Springfield", "Brooklyn"]
    assert [one["label"] for one in await _addresses(ada)] == ["Home", "Office"]


async def test_the_first_address_is_the_default(guest: Client, vendo: Vendo) -> None:
    """For billing and shipping; dropping it leaves neither."""
    customer = vendo.add_customer("new@example.com")
    caller = guest.having(Authorization=f"Bearer {vendo.tokens.issue(customer).access}")
    address = (await caller("POST", "/account/addresses", {"address": HOME})).body["data"]["id"]
    assert customer.billing is customer.shipping is customer.addresses[0]
    assert (await caller("DELETE", f"/account/addresses/{address}")).said == (204, None)
    after = [customer.billing, customer.shipping, *customer.addresses]
    assert after == [None, None]


@pytest.mark.parametrize(("change", "errors"), [
    ({"city": ""}, {"city": BLANK}),
    ({"firstname": 5, "country_iso": None}, {"firstname": BLANK, "country": BLANK}),
    ({"zipcode": None}, {"zipcode": BLANK}),
    ({"label": "Home"}, {"label": ["has already been taken"]}),
])  # fmt: skip
async def test_a_bad_address_is_refused(ada: Client, change: dict[str, Any], errors: Any) -> None:
    """422 by fields, and no address is added."""
    answer = await ada("POST", "/account/addresses", {"address": HOME | change})
    assert (answer.status, answer.body["errors"]) == (422, errors)
    assert len(await _addresses(ada)) == 2


async def test_the_words_of_an_empty_address(ada: Client) -> None:
    """All complaints in one line."""
    answer = await ada("POST", "/account/addresses", {"address": {"phone": "1"}})
    labels = ("First Name", "Last Name", "Address", "City", "Zip Code", "Country")
    assert answer.body["error"] == ", ".join(f"{label} can't be blank" for label in labels)


async def test_a_phone_number_may_be_required(ada: Client, vendo: Vendo) -> None:
    """A setting of the store."""
    vendo.switches = vendo.switches.changed({"phone_required": True})
    answer = await ada("POST", "/account/addresses", {"address": HOME})
    assert answer.said == refused(422, "Phone can't be blank", {"phone": BLANK})
    assert (await ada("POST", "/account/addresses", {"address": HOME | {"phone": "1"}})).status == 200


async def test_an_address_is_edited(ada: Client, vendo: Vendo) -> None:
    """What is not sent stays; past orders keep the address to which they went."""
    customer = vendo.customer("ada@example.com")
    assert customer is not None
    home = customer.addresses[0].id
    answer = await ada("PATCH", f"/account/addresses/{home}", {"address": {"city": "Rockville"}})
    shown = answer.attributes
    assert (answer.status, shown["city"], shown["label"], shown["state_code"]) == (200, "Rockville", "Home", "MD")
    assert [one["city"] for one in await _addresses(ada)] == ["Rockville", "London"]
    assert customer.billing is customer.addresses[0]
    sent_to = vendo.orders_of("ada@example.com")[0].shipping
    assert sent_to is not None
    assert sent_to.fields["city"] == "Bethesda"
    refusal = await ada("PATCH", f"/account/addresses/{home}", {"address": {"city": ""}})
    assert refusal.said == refused(422, "City can't be blank", {"city": BLANK})


async def test_somebody_elses_address_is_unknown(ada: Client, bob: Client, vendo: Vendo) -> None:
    """404 for editing and dropping, and it is still there."""
    customer = vendo.customer("ada@example.com")
    assert customer is not None
    for address in (customer.addresses[0].id, "nothing"):
        path = f"/account/addresses/{address}"
        assert (await bob("PATCH", path, {"address": {"city": "X"}})).said == (404, NOT_FOUND)
        assert (await bob("DELETE", path)).said == (404, NOT_FOUND)
    assert [one["city"] for one in await _addresses(ada)] == ["Bethesda", "London"]


async def test_cards_are_listed_and_dropped(ada: Client, bob: Client) -> None:
    """By their last digits, with their gateway; the default one by itself until it is dropped."""
    answer = await ada("GET", "/account/credit_cards", include="payment_method")
    assert answer.all("last_digits") == ["1111", "6695"]
    assert [one["id"] for one in answer.included("payment_method")] == [BOGUS.id]
    assert (await ada("GET", "/account/credit_cards", filter__payment_method_id="x")).body["data"] == []
    assert len((await ada("GET", "/account/credit_cards", filter__payment_method_id=BOGUS.id)).body["data"]) == 2
    default = (await ada("GET", "/account/credit_cards/default")).body["data"]["id"]
    assert (await bob("GET", "/account/credit_cards/default")).said == (404, NOT_FOUND)
    assert (await bob("DELETE", f"/account/credit_cards/{default}")).said == (404, NOT_FOUND)
    assert (await ada("DELETE", f"/account/credit_cards/{default}")).said == (204, None)
    assert (await ada("GET", "/account/credit_cards")).all("last_digits") == ["6695"]
    assert (await ada("GET", "/account/credit_cards/default")).said == (404, NOT_FOUND)
