"""Twelve ways in which Vendo behaves × ten writes: what is said, how the ledger ends, one request each (E3, E5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ops_fakes import Behaviour, Killed
from vendo_fakes import ADA, HERE, HOME, MUG, TEAM, Shop, shop

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    NoAnswer,
    NotFound,
    SessionExpired,
    Unreachable,
)
from backends.vendo.checkout import RateChoice
from operations import carts, checkout
from operations.checkout import AddressForm, Checkout
from operations.linking import VENDO
from operations.once import settle
from operations.vendo_looks import LOOKS

FORM = AddressForm("ada@example.com", HOME)
SLOW, FAST = RateChoice("s-1", "r-slow"), RateChoice("s-1", "r-fast")


def lost(error: type[BackendError], *, accepts: bool) -> Behaviour:
    return Behaviour(accepts, error(VENDO, outcome_known=False))


BEHAVIOURS = {
    "timeout before accepting": lost(NoAnswer, accepts=False),
    "timeout after accepting": lost(NoAnswer, accepts=True),
    "500 before accepting": lost(Fault, accepts=False),
    "500 after accepting": lost(Fault, accepts=True),
    "HTML 200, not accepted": lost(Garbled, accepts=False),
    "empty 200 or 202, accepted": lost(Garbled, accepts=True),
    "unreachable": Behaviour(accepts=False, raises=Unreachable(VENDO)),
    "429": Behaviour(accepts=False, raises=Busy(VENDO, retry_after=3.0)),
    "401": Behaviour(accepts=False, raises=SessionExpired(VENDO)),
    "403": Behaviour(accepts=False, raises=Forbidden(VENDO)),
    "404": Behaviour(accepts=False, raises=NotFound(VENDO)),
    "422": Behaviour(accepts=False, raises=Invalid(VENDO, fields=(FieldError("base", "no"),))),
}
EXPECTED = {
    "timeout before accepting": ("Refused", "not_done"),
    "timeout after accepting": ("yes", "done"),
    "500 before accepting": ("Refused", "not_done"),
    "500 after accepting": ("yes", "done"),
    "HTML 200, not accepted": ("Refused", "not_done"),
    "empty 200 or 202, accepted": ("yes", "done"),
    "unreachable": ("Refused", "refused"),
    "429": ("Refused", "refused"),
    "401": ("Refused", "refused"),
    "403": ("Refused", "refused"),
    "404": ("Refused", "refused"),
    "422": ("InvalidInput", "refused"),
}
# a cart whose answer is lost is out of reach, whether it was made or not
NO_LOOK = {name: ("Unknown", "unknown") if name[0] in "t5He" else expected for name, expected in EXPECTED.items()}


async def mark(home: Shop) -> str:
    shown = await checkout.review(home.ports, ADA, HERE, "REF")
    assert isinstance(shown, Checkout)
    return shown.seen


async def ordered(home: Shop) -> object:
    return await checkout.complete(home.ports, ADA, HERE, await mark(home), "REF")


Ask = Callable[[Shop], Awaitable[object]]
WRITES: dict[str, tuple[str, Ask, str]] = {
    "cart.new": ("create_cart", lambda home: carts.new(home.ports, ADA, HERE, "REF"), "CartNow"),
    "cart.add": ("add_item", lambda home: carts.add_variant(home.ports, ADA, HERE, MUG, 3, "REF"), "CartNow"),
    "cart.set": ("set_quantity", lambda home: carts.set_quantity(home.ports, ADA, HERE, MUG, 5, "REF"), "CartNow"),
    "cart.remove": ("remove_item", lambda home: carts.remove(home.ports, ADA, HERE, MUG, "REF"), "CartNow"),
    "cart.coupon": ("apply_coupon", lambda home: carts.apply_coupon(home.ports, ADA, HERE, "test", "REF"), "CartNow"),
    "cart.note": ("update_checkout", lambda home: carts.note(home.ports, ADA, HERE, "ring twice", "REF"), "CartNow"),
    "checkout.address": (
        "update_checkout",
        lambda home: checkout.set_address(home.ports, ADA, HERE, replace(FORM, email="b@example.com"), "REF"),
        "Checkout",
    ),
    "checkout.delivery": (
        "update_checkout",
        lambda home: checkout.choose_rate(home.ports, ADA, HERE, [FAST], "REF"),
        "Checkout",
    ),
    "checkout.payment": (
        "create_payment",
        lambda home: checkout.choose_payment(home.ports, ADA, HERE, "pm-card", "REF"),
        "Checkout",
    ),
    "checkout.complete": ("complete", ordered, "Ordered"),
}


async def prepared(home: Shop) -> None:
    """A cart that is ready to be ordered."""
    ports = home.ports
    await carts.add_variant(ports, ADA, HERE, MUG, 2, "REF")
    await checkout.set_address(ports, ADA, HERE, FORM, "REF")
    await checkout.rates(ports, ADA, HERE, "REF")
    await checkout.choose_rate(ports, ADA, HERE, [SLOW], "REF")
    await checkout.choose_payment(ports, ADA, HERE, "pm-check", "REF")
    home.vendo.writes.clear()


def test_every_kind_of_write_is_in_the_table() -> None:
    """E3: whatever has a look has a row here."""
    assert set(WRITES) == set(LOOKS)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("kind", WRITES)
async def test_each_write_against_each_behaviour(tmp_path: Path, kind: str, behaviour: str) -> None:
    """E3 E5: the table is exact, one request leaves for each write, and nothing is called done without a look."""
    verb, ask, yes = WRITES[kind]
    said, state = (NO_LOOK if kind == "cart.new" else EXPECTED)[behaviour]
    async with shop(tmp_path) as home:
        await prepared(home)
        home.vendo.coming.append(BEHAVIOURS[behaviour])
        outcome = await ask(home)
        assert type(outcome).__name__ == (yes if said == "yes" else said)
        assert [what for what, _ in home.vendo.writes] == [verb]
        assert home.outcomes()[-2:] == [(kind, "sending"), (kind, state)]
        shows = {text for text in (getattr(outcome, "text", None),) if text}
        assert not any("token" in text for text in shows)


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("kind", WRITES)
async def test_a_write_whose_process_died_is_judged_by_the_next_one(tmp_path: Path, kind: str, accepts: bool) -> None:
    """E2: after a death in the middle of sending, the next process finds out by looking, and sends nothing."""
    async with shop(tmp_path) as home:
        await prepared(home)
        home.vendo.fails(Killed(), accepts=accepts)
        with pytest.raises(Killed):
            await WRITES[kind][1](home)
        vendo, sent = home.vendo, len(home.vendo.writes)
    async with shop(tmp_path, vendo) as home:
        (action,) = home.ledger.in_state(kind, TEAM, "sending")
        settled = await settle(home.ports, action, LOOKS[kind], "REF-2")
        expected = "unknown" if kind == "cart.new" else "done" if accepts else "not_done"
        assert (settled.state, len(vendo.writes)) == (expected, sent)


@pytest.mark.parametrize("kind", [kind for kind in WRITES if kind != "cart.new"])
async def test_a_look_that_cannot_read_says_unknown(tmp_path: Path, kind: str) -> None:
    """E3: where the cart cannot be read, nobody knows, and that is what is said and written down."""
    async with shop(tmp_path) as home:
        await prepared(home)

        async def silence(when: str, what: str) -> None:
            if (when, what) == ("after", WRITES[kind][0]):
                home.vendo.read_fails = NoAnswer(VENDO)

        home.vendo.hook = silence
        home.vendo.fails(NoAnswer(VENDO, outcome_known=False), accepts=True)
        assert type(await WRITES[kind][1](home)).__name__ == "Unknown"
        assert home.outcomes()[-1] == (kind, "unknown")


@pytest.mark.parametrize("kind", LOOKS)
async def test_no_secret_is_in_what_the_ledger_keeps(tmp_path: Path, kind: str) -> None:
    """D1: neither an order token nor an access token is in an action's payload, target or audit line."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        await prepared(home)
        home.vendo.fails(Killed())
        with pytest.raises(Killed):
            await WRITES[kind][1](home)
        (action,) = home.ledger.in_state(kind, TEAM, "sending")
        text = f"{action} {action.payload} {home.audit.lines(TEAM, 1000)}"
        assert [secret for secret in ("order-token", "access-ada", "refresh-ada") if secret in text] == []
