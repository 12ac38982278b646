"""How members sign in to the store, shop and check out, and what everybody then sees."""

from __future__ import annotations

from typing import Any

from forms import plain, top
from stage import ADA, ORDERS, Message, Stage

EMAILS = {ADA: "ada@example.com"}
NEW_ADDRESS = {
    "email": "cordula@canary.example",
    "ship_address.firstname": "Cordula",
    "ship_address.lastname": "Canary",
    "ship_address.address1": "Kanarienweg 77",
    "ship_address.city": "Springfield",
    "ship_address.zipcode": "62701",
    "ship_address.state_name": "IL",
    "ship_address.phone": "+1 555 23125 077",
}


async def sign_in(stage: Stage, user: str = ADA, email: str | None = None, channel: str = ORDERS) -> None:
    """Sign in to the store with the code from the mail."""
    address = email or EMAILS.get(user, "bob@example.com")
    await stage.command(user, channel, "/connect vendo")
    await stage.submit(user, {"email": address})
    assert top(stage, user).content["callback_id"] == "connection.vendo_code"
    await stage.submit(user, {"code": mailed(stage, address)})
    assert "is connected" in str(top(stage, user).content)
    await stage.slack.close(user, top(stage, user).id, all=True)


def mailed(stage: Stage, email: str) -> str:
    """The newest code that was mailed to this address."""
    return str([mail.code for mail in stage.world.vendo.mail if mail.email == email][-1])


def own(stage: Stage, user: str = ADA, channel: str = ORDERS) -> Message:
    """The newest message that only this person sees."""
    newest: Message = [one for one in stage.slack.visible(user, channel) if one.ephemeral_to == user][-1]
    return newest


def shown(stage: Stage, user: str = ADA, channel: str = ORDERS) -> str:
    """What the newest message that only this person sees says."""
    return plain(own(stage, user, channel).text)


async def push(stage: Stage, action_id: str, *, nth: int = 0, user: str = ADA, channel: str = ORDERS) -> None:
    """Press the nth button of this name in the person's newest own message."""
    pressed = own(stage, user, channel)
    await stage.click(user, channel, pressed, action_id, block_id=holders(pressed, action_id)[nth])


async def choose_goods(stage: Stage, nth: int = 0, *, user: str = ADA, channel: str = ORDERS) -> None:
    """Choose the nth option of the first menu in the person's newest own message."""
    message = own(stage, user, channel)
    [element, *_] = [one for block in message.blocks for one in _elements(block) if one["action_id"] == "cart.add_pick"]
    value = element["options"][nth]["value"]
    block_id = holders(message, "cart.add_pick")[0]
    await stage.click(user, channel, message, "cart.add_pick", block_id=block_id, value=value)


def holders(message: Message, action_id: str) -> list[str]:
    """The block_ids of the blocks with a button or menu of this name."""
    return [
        block["block_id"] for block in message.blocks if any(one["action_id"] == action_id for one in _elements(block))
    ]


def _elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    accessory = [block["accessory"]] if "accessory" in block else []
    return accessory + (block["elements"] if block["type"] == "actions" else [])


async def write_address(stage: Stage, user: str = ADA, country: str = "US") -> None:
    """Fill in and submit the form for a new address."""
    await stage.slack.suggest(user, top(stage, user).id, "ship_address.country_iso", "country.suggest", country)
    await stage.slack.type_into(user, top(stage, user).id, "ship_address.country_iso", "country.suggest", country)
    await stage.submit(user, NEW_ADDRESS)


def options(stage: Stage, block_id: str, user: str = ADA, *, text: str = "") -> list[str]:
    """The values of a menu in the open modal, of those whose text has this in it."""
    [block] = [one for one in top(stage, user).content["blocks"] if one["block_id"] == block_id]
    return [one["value"] for one in block["element"]["options"] if text in one["text"]["text"]]


def step(stage: Stage, user: str = ADA) -> str:
    """Which modal is open."""
    return str(top(stage, user).content["callback_id"])


async def deliver_and_pay(stage: Stage, user: str = ADA) -> None:
    """From the step where the rate is chosen to the review: the first rate, paid by check."""
    assert step(stage, user) == "checkout.delivery"
    rate = "shipments[0].selected_shipping_rate_id"
    await stage.submit(user, {rate: options(stage, rate, user)[0]})
    assert step(stage, user) == "checkout.payment"
    await stage.submit(user, {"payment_method_id": options(stage, "payment_method_id", user, text="Check")[0]})
    assert step(stage, user) == "checkout.complete"


async def check_out(stage: Stage, user: str = ADA, channel: str = ORDERS) -> None:
    """A guest's whole way from the cart to the review."""
    await stage.command(user, channel, "/cart checkout")
    assert step(stage, user) == "checkout.address"
    await write_address(stage, user)
    await deliver_and_pay(stage, user)
