"""How members connect QPilot, make and steer scheduled orders, and what everybody then sees."""

from __future__ import annotations

from typing import Any

from forms import bots, plain, said, top
from stage import ADA, BEN, ORDERS, Message, Stage

MERCHANT = {"email": "ops@example.com", "password": "demo-pilot", "siteId": "1113", "accessScope": "Merchant"}
SITE = "/Sites/1113"
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
SEED_METHOD = {"type": "Stripe", "gatewayCustomerId": "cus_canary_tok", "gatewayPaymentId": "pm_canary_tok"}
SEED_PRODUCT = {
    "id": "200982",
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
    "availability": "InStock",
    "stock": "50",
}
PERSONAL = ("Chris", "Wilk", "Evergreen", "canary", "Springfield")


async def connect(stage: Stage, user: str = ADA, customer: str | None = None) -> None:
    """Connect QPilot through the form: as the site's merchant, or for one customer."""
    scope = {"accessScope": "Customer", "customerId": customer} if customer else {}
    await stage.command(user, ORDERS, "/connect qpilot")
    await stage.submit(user, {**MERCHANT, **scope})
    assert "is connected" in said(stage, user)
    await stage.slack.close(user, top(stage, user).id, all=True)


def calm(stage: Stage) -> Any:
    """QPilot, which lets everybody ask as fast as they like, and locks nothing."""
    qpilot = stage.world.qpilot
    qpilot.switches = qpilot.switches.changed({"rate_limit": False, "lock_days": 0})
    return qpilot


def own(stage: Stage, user: str = ADA, channel: str = ORDERS) -> Message:
    """The newest message that only this person sees."""
    seen: list[Message] = stage.slack.visible(user, channel)
    return [one for one in seen if one.ephemeral_to == user][-1]


def whispered(stage: Stage, user: str = ADA) -> str:
    """What the newest message that only this person sees says."""
    return plain(own(stage, user).text)


def told(stage: Stage) -> str:
    """What the channel was told last."""
    return plain(bots(stage)[-1].text)


def lines(stage: Stage) -> list[str]:
    """The first lines of all that the channel was told."""
    return [plain(one.text).splitlines()[0] for one in bots(stage, ORDERS, BEN)]


async def push(stage: Stage, action_id: str, user: str = ADA) -> None:
    """Press a button of the open modal, and wait."""
    await stage.slack.act_in_view(user, top(stage, user).id, action_id)
    await stage.settle()


async def choose(stage: Stage, block_id: str, action_id: str, typed: str, value: str, user: str = ADA) -> None:
    """Type into a suggesting input, and choose."""
    offered = await stage.slack.suggest(user, top(stage, user).id, block_id, action_id, typed)
    assert value in [one["value"] for one in offered], offered
    await stage.slack.type_into(user, top(stage, user).id, block_id, action_id, value)


def callback(stage: Stage, user: str = ADA) -> str:
    """Which modal is open."""
    return str(top(stage, user).content["callback_id"])


def writes(stage: Stage) -> list[tuple[str, str]]:
    """What was written at QPilot, logins left out."""
    return [
        (one.method, one.path)
        for one in stage.world.qpilot.requests
        if one.method != "GET" and "AccessTokens" not in one.path
    ]


def personal(text: str) -> list[str]:
    """What of the customer is in a text."""
    return [part for part in PERSONAL if part in text]


def one_login_each(stage: Stage) -> bool:
    """Whether there were as many logins as requests (seed 004: a fresh token for each request)."""
    asked = [one for one in stage.world.qpilot.requests if "AccessTokens" not in one.path]
    return len(asked) == int(stage.world.qpilot.logins)
