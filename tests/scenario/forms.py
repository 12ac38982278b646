"""How members fill in the forms that create and correct orders, and what everybody then sees."""

from __future__ import annotations

from typing import Any

from stage import ADA, BEN, ORDERS, Message, Stage, text_of

ADDRESS = {
    "deliveryAddress.name": "Cordula Canary",
    "deliveryAddress.street": "Kanarienweg 77",
    "deliveryAddress.zip": "10115",
    "deliveryAddress.city": "Berlin",
    "deliveryAddress.countryIso2": "de",
    "deliveryAddress.email": "cordula@canary.example",
    "deliveryAddress.phone": "+49 30 23125 077",
}
PERSONAL = ("Cordula", "Kanarienweg", "cordula@canary", "23125 077")


def top(stage: Stage, user: str = ADA) -> Any:
    """The person's open modal."""
    return stage.slack.views(user)[-1]


def said(stage: Stage, user: str = ADA) -> str:
    """All that the open modal says."""
    return plain(text_of(top(stage, user)))


def plain(text: str) -> str:
    """Words without the joiners that keep outside text dead."""
    return text.replace("\u2060", "")


def held(stage: Stage, user: str = ADA) -> dict[str, Any]:
    """What stands in the inputs of the open modal, by block_id."""
    found = {}
    for block_id, parts in top(stage, user).state.items():
        entry = next(iter(parts.values()))
        chosen = entry.get("selected_option")
        values = [entry.get(name) for name in ("value", "selected_date", "selected_date_time")]
        found[block_id] = chosen["value"] if chosen else next((one for one in values if one), None)
    return {name: value for name, value in found.items() if value}


def block_ids(stage: Stage, user: str = ADA) -> list[str]:
    """The block_ids of the open modal, from top to bottom."""
    return [block["block_id"] for block in top(stage, user).content["blocks"]]


async def choose(stage: Stage, block_id: str, value: str, *, typed: str = "", user: str = ADA) -> None:
    """Choose a suggestion."""
    action_id = {"sellerId": "seller.suggest", "warehouseId": "warehouse.suggest"}.get(block_id, "sku.suggest")
    await stage.slack.suggest(user, top(stage, user).id, block_id, action_id, typed)
    await stage.slack.type_into(user, top(stage, user).id, block_id, action_id, value)


async def write(stage: Stage, values: dict[str, Any], user: str = ADA) -> None:
    """Type into the inputs of the open modal."""
    for block_id, value in values.items():
        await stage.slack.type_into(user, top(stage, user).id, block_id, "value", value)


async def press(stage: Stage, action_id: str, *, value: Any = None, user: str = ADA) -> None:
    """Press a button of the open modal, and wait."""
    await stage.slack.act_in_view(user, top(stage, user).id, action_id, value=value)
    await stage.settle()


async def filled(stage: Stage, channel: str = ORDERS, *, sku: str = "MUG-SEA-350", seller: str = "12") -> str:
    """Open the form by command and fill in what most orders need; the identifier that was made for it."""
    await stage.command(ADA, channel, "/order create")
    return await fill(stage, sku=sku, seller=seller)


async def fill(stage: Stage, *, sku: str = "MUG-SEA-350", seller: str = "12") -> str:
    """Fill in the form that is open."""
    await choose(stage, "sellerId", seller)
    await choose(stage, "positions[0].sku", sku)
    await write(stage, {**ADDRESS, "orderReference": "#T-1", "positions[0].quantity": "2"})
    return str(held(stage)["orderIdentifier"])


def bots(stage: Stage, channel: str = ORDERS, user: str = BEN) -> list[Message]:
    """The bot's messages that everybody in the channel sees."""
    return [one for one in stage.slack.visible(user, channel) if one.by_bot and one.ephemeral_to is None]


def story(stage: Stage, channel: str = ORDERS, user: str = BEN) -> list[str]:
    """Their first lines."""
    return [plain(one.text).splitlines()[0] for one in bots(stage, channel, user)]


def personal(text: str) -> list[str]:
    """Which parts of the canary's address are in a text."""
    return [part for part in PERSONAL if part in plain(text)]
