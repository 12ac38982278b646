"""Objects that hold secrets do not let them out (C10)."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from pprint import pformat

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.pretty import pretty_repr
from store_kit import disguises, house

from store.envelope import Sealer
from store.errors import KeyRingError, StoreError
from store.keyring import Key, KeyRing, new_key

TEXT = new_key()
RING = KeyRing.parse(TEXT)
HOLDERS: list[object] = [RING, RING.primary, Sealer(RING)]
CANARY = "canary-8c1f-secret-token"


def leaks(shown: str) -> list[bytes]:
    secret, letters = RING.primary.secret, TEXT[9:]
    forms = [repr(secret)[2:-1], str(secret), secret.hex(), str(list(secret))[1:-1]]
    return [form for form in [*disguises(letters), *(form.encode() for form in forms)] if form in shown.encode()]


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("show", [repr, str, pformat, pretty_repr, "{}".format, "{0!r:>90}".format, "%s".__mod__])
def test_no_way_to_print_shows_a_key(holder: object, show: Callable[[object], str]) -> None:
    """C10: repr, str, pretty printers and formats say the class and at most the key's id."""
    shown = show(holder) + show([holder]) + show({"key": holder})
    assert type(holder).__name__ in shown
    assert leaks(shown) == []


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize(
    "escape",
    [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars, dataclasses.asdict, lambda it: it.__getstate__()],
)
def test_no_way_to_copy_or_write_down_a_key(holder: object, escape: Callable[[object], object]) -> None:
    """C10: pickle, copy, deepcopy, JSON, vars and asdict refuse, and their complaint shows nothing."""
    with pytest.raises(TypeError) as caught:
        escape(holder)
    assert leaks(str(caught.value)) == []


def test_json_with_a_fallback_shows_nothing() -> None:
    """C10: a log formatter that falls back to str gets the hidden form."""
    assert leaks(json.dumps({"holders": HOLDERS}, default=str)) == []


def test_a_pydantic_model_that_holds_a_key_shows_nothing() -> None:
    """C10: a model's repr and its validation errors show the hidden form, and its JSON refuses."""

    class Holder(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        key: Key
        number: int = 0

    holder = Holder(key=RING.primary)
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"key": RING.primary, "number": RING})
    with pytest.raises(Exception, match="serialize") as refused:
        holder.model_dump_json()
    assert leaks(repr(holder) + str(caught.value) + str(refused.value)) == []


def frames(error: BaseException, ours: str) -> str:
    """A traceback with locals, from the first frame of the store on: the callers' frames are the callers' concern."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if ours in frame.filename])
    return "".join(told.format())


@pytest.mark.parametrize("flaw", ["{key},", "{key},x", "{key},{key}"])
def test_a_refused_ring_shows_no_key_in_its_traceback(flaw: str) -> None:
    """C10: even a traceback that prints locals shows no key when the ring is refused."""
    with pytest.raises(KeyRingError) as caught:
        KeyRing.parse(flaw.format(key=TEXT))
    shown = frames(caught.value, "/store/keyring.py")
    assert "in parse" in shown
    assert leaks(shown) == []


async def test_a_failed_write_shows_no_secret_in_its_traceback(tmp_path: Path) -> None:
    """C10: when a secret cannot be stored, neither the error nor its frames' locals show it."""
    async with house(tmp_path) as home:
        made = await home.vault.connect("T1", "U1", "quivo", account="a", keeps_password=True, secrets={})
        await home.database.write(lambda connection: connection.execute("PRAGMA query_only=ON").fetchall())
        with pytest.raises(StoreError) as kept:
            await home.vault.keep(made, "session", CANARY.encode())
        with pytest.raises(StoreError) as connected:
            await home.vault.connect(
                "T1", "U1", "quivo", account="a", keeps_password=True, secrets={"session": CANARY.encode()}
            )
        with pytest.raises(StoreError) as carded:
            await home.cards.put("order", "T1", "U1", {"name": "x"})
    for caught, name in [(kept, "in keep"), (connected, "in connect"), (carded, "in put")]:
        shown = frames(caught.value, "/store/")
        assert name in shown
        assert [form for form in disguises(CANARY) if form in shown.encode()] == []


async def test_a_card_does_not_show_its_payload(tmp_path: Path) -> None:
    """C10: what a card is about, which may be personal, is not in its repr."""
    async with house(tmp_path) as home:
        card = await home.cards.put("order", "T1", "U1", {"name": CANARY})
    assert CANARY not in repr(card)
    assert card.id in repr(card)
