"""`/account` and `/order_status`: a customer's own data and orders (`apis/vendo.md` §7, §8)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.vendo import answers, customers, paging
from sandbox.vendo.call import Call
from sandbox.vendo.checkout import BAD_EMAIL, email_is_good
from sandbox.vendo.customers import Address, Customer
from sandbox.vendo.orders import Order

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

_OTHERS = "belongs to other user"
_SORTS = ("completed_at", "created_at", "updated_at", "number")


def show(_: "Vendo", call: Call) -> web.Response:
    """`GET /account`."""
    return call.answer("user", call.show.customer(call.signed_in()))


def create(vendo: "Vendo", call: Call) -> web.Response:
    """`POST /account`: open-source Spree's way to become a customer; the password is checked and forgotten."""
    user = call.wrapped("user")
    errors = _bad_email(vendo, user.get("email"), None)
    if not isinstance(user.get("password"), str) or not user["password"]:
        errors["password"] = [customers.BLANK]
    elif user.get("password_confirmation", user["password"]) != user["password"]:
        errors["password_confirmation"] = ["doesn't match Password"]
    _refuse_if(errors)
    customer = vendo.add_customer(user["email"].lower(), _text(user, "first_name"), _text(user, "last_name"))
    return call.answer("user", call.show.customer(customer))


def update(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /account`: unknown keys are dropped; an address must be the customer's own."""
    customer, user = call.signed_in(), call.wrapped("user")
    errors = _bad_email(vendo, user["email"], customer) if "email" in user else {}
    for name in ("bill_address_id", "ship_address_id"):
        if name in user and customer.address(user[name]) is None:
            errors[name] = [_OTHERS]
    _refuse_if(errors)
    customer.email = str(user.get("email", customer.email)).lower()
    customer.first_name = _text(user, "first_name") or customer.first_name
    customer.last_name = _text(user, "last_name") or customer.last_name
    customer.billing = customer.address(user.get("bill_address_id")) or customer.billing
    customer.shipping = customer.address(user.get("ship_address_id")) or customer.shipping
    return call.answer("user", call.show.customer(customer))


def addresses(_: "Vendo", call: Call) -> web.Response:
    """`GET /account/addresses`."""
    return paging.answer(call, "address", call.signed_in().addresses, call.show.address)


def add_address(vendo: "Vendo", call: Call) -> web.Response:
    """`POST /account/addresses`; the first one becomes the default for both."""
    customer, written = call.signed_in(), call.wrapped("address")
    new = _address(call, customer, vendo.new_id("address"), written)
    customer.addresses.append(new)
    customer.billing, customer.shipping = customer.billing or new, customer.shipping or new
    return call.answer("address", call.show.address(new))


def edit_address(_: "Vendo", call: Call) -> web.Response:
    """`PATCH /account/addresses/{id}`: what is not sent stays; orders keep the address that they were sent to."""
    customer = call.signed_in()
    old = answers.found(customer.address(call.path["id"]))
    new = _address(call, customer, old.id, customers.as_written(old) | dict(call.wrapped("address")))
    customer.addresses[customer.addresses.index(old)] = new
    customer.billing = new if customer.billing is old else customer.billing
    customer.shipping = new if customer.shipping is old else customer.shipping
    return call.answer("address", call.show.address(new))


def drop_address(_: "Vendo", call: Call) -> web.Response:
    """`DELETE /account/addresses/{id}`."""
    customer = call.signed_in()
    old = answers.found(customer.address(call.path["id"]))
    customer.addresses.remove(old)
    customer.billing = None if customer.billing is old else customer.billing
    customer.shipping = None if customer.shipping is old else customer.shipping
    return answers.no_data()


def cards(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /account/credit_cards`; all of them are of the one gateway."""
    customer, wanted = call.signed_in(), call.query.get("filter[payment_method_id]")
    gateways = {method.id for method in vendo.payment_methods if method.needs_source}
    return paging.answer(call, "credit_card", customer.cards if wanted in {None, *gateways} else [], call.show.card)


def default_card(_: "Vendo", call: Call) -> web.Response:
    """`GET /account/credit_cards/default`."""
    card = answers.found(next((card for card in call.signed_in().cards if card.default), None))
    return call.answer("credit_card", call.show.card(card))


def drop_card(_: "Vendo", call: Call) -> web.Response:
    """`DELETE /account/credit_cards/{id}`."""
    customer = call.signed_in()
    customer.cards.remove(answers.found(next((card for card in customer.cards if card.id == call.path["id"]), None)))
    return answers.no_data()


def orders(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /account/orders`: the completed ones, canceled among them; without `sort` in no useful order."""
    found = vendo.orders_of(call.signed_in().email)
    for field in reversed(call.query.get("sort", "").split(",")):
        if field.removeprefix("-") in _SORTS:
            found.sort(key=lambda order, name=field: _key(order, name), reverse=field.startswith("-"))  # type: ignore[misc]
    kind = vendo.switches.order_type
    return paging.answer(call, kind, found, lambda order: call.show.order(order, kind))


def order(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /account/orders/{number}`: somebody else's is as unknown as one that does not exist."""
    mine = vendo.orders_of(call.signed_in().email)
    found = answers.found(next((order for order in mine if order.number == call.path["number"]), None))
    kind = vendo.switches.order_type
    return call.answer(kind, call.show.order(found, kind))


def order_status(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /order_status/{number}`: a completed order for whoever has its token; 404 for all else, never 403."""
    token, number = call.order_token, call.path["number"]
    known = (one for one in vendo.orders if one.number == number and one.completed_at is not None)
    found = answers.found(next((one for one in known if token and one.token == token), None))
    return call.answer("cart", call.show.order(found))


def _key(order: Order, field: str) -> Any:
    return getattr(order, field.removeprefix("-"))


def _text(user: Mapping[str, Any], name: str) -> str | None:
    value = user.get(name)
    return value if isinstance(value, str) else None


def _address(call: Call, customer: Customer, address_id: str, written: Mapping[str, Any]) -> Address:
    others = (one for one in customer.addresses if one.id != address_id)
    labels = frozenset(label for one in others if (label := one.fields["label"]))
    errors = customers.complaints(written, phone=call.vendo.switches.phone_required, taken=labels)
    if errors:
        answers.refuse(422, customers.sentence(errors), errors)
    return customers.address(address_id, written)


def _bad_email(vendo: "Vendo", email: object, owner: Customer | None) -> dict[str, list[str]]:
    if not isinstance(email, str) or not email_is_good(email):
        return {"email": ["is invalid"]}
    return {} if vendo.customer(email) in (None, owner) else {"email": ["has already been taken"]}


def _refuse_if(errors: dict[str, list[str]]) -> None:
    if errors == {"email": ["is invalid"]}:
        answers.refuse(422, BAD_EMAIL, errors)
    if errors:
        lines = [f"{name.replace('_', ' ').capitalize()} {words}" for name, found in errors.items() for words in found]
        answers.refuse(422, ", ".join(lines), errors)
