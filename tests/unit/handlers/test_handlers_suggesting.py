"""Suggestions: the person's own, soon enough, remembered for a minute, and never another account's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fakes import ADA, BEN, FakeQuivo, Stage, request

from backends.errors import Fault
from backends.quivo.auth import Session
from backends.quivo.client import Seller, Warehouse
from backends.quivo.items import Item
from handlers import directory, suggesting
from handlers.registry import Suggestion
from handlers.request import Kind

ROWS = tuple(Item(f"SKU-{number:02d}", f"Thing {number}", number) for number in range(30))


class Shop(FakeQuivo):
    """A Quivo with a stock list, and a note of what was asked of it."""

    def __init__(self) -> None:
        super().__init__(sellers=(12,))
        self.stock: dict[tuple[int, int], tuple[Item, ...]] = {(4, 12): ROWS}
        self.houses = (Warehouse(4, "Nürnberg", "DE"), Warehouse(5, "Linz", "AT", active=False))
        self.names: dict[int, str | None] = {12: "Nordlicht", 13: None}

    async def sellers(self, session: Session) -> tuple[Seller, ...]:
        await self._asked("sellers", None, session)
        return tuple(Seller(number, self.names[number], f"S{number}") for number in self.seller_ids)

    async def warehouses(self, session: Session) -> tuple[Warehouse, ...]:
        await self._asked("warehouses", None, session)
        return self.houses

    async def items(self, session: Session, warehouse_id: int, seller_id: int, text: str, *, most: int = 20) -> Any:
        await self._asked("items", (warehouse_id, seller_id, text), session)
        found = self.stock.get((warehouse_id, seller_id), ())
        return tuple(one for one in found if text.upper() in one.sku)[:most]


def count(stage: Stage, what: str) -> int:
    return sum(one[0] == what for one in stage.quivo.asked)


def named(name: str) -> Suggestion:
    return next(one for one in suggesting.SUGGESTIONS if one.name == name)


def view(**chosen: str) -> dict[str, Any]:
    """A form in which these were chosen."""
    held = {
        name: {"a": {"type": "external_select", "selected_option": {"value": value, "text": {"text": value}}}}
        for name, value in chosen.items()
    }
    return {"blocks": [{"type": "input", "block_id": "positions[0].sku"}], "state": {"values": held}}


async def offered(stage: Stage, name: str, typed: str = "", user: str = ADA, **chosen: str) -> list[tuple[str, str]]:
    asked = request(Kind.SUGGESTION, name, text=typed, user=user, view=view(**chosen))
    found = await named(name).suggest(stage.context(asked))
    return [(one["value"], one["text"]["text"]) for one in found]


async def shop(**changes: Any) -> Stage:
    stage = Stage(quivo=Shop())
    for name, value in changes.items():
        setattr(stage.quivo, name, value)
    await stage.connect()
    return stage


async def test_sellers_by_name_and_number() -> None:
    """All sellers at first, then those whose name or number has every word that was typed."""
    stage = await shop(seller_ids=(12, 13))
    assert await offered(stage, "seller.suggest") == [("12", "Nordlicht (12)"), ("13", "S13 (13)")]
    assert await offered(stage, "seller.suggest", "NORD 12") == [("12", "Nordlicht (12)")]
    assert await offered(stage, "seller.suggest", "nobody") == []


async def test_only_warehouses_that_are_open() -> None:
    """A warehouse that was closed is not offered."""
    stage = await shop()
    assert await offered(stage, "warehouse.suggest") == [("4", "Nürnberg, DE (4)")]


async def test_goods_of_the_chosen_seller_and_warehouse() -> None:
    """What the chosen pair has, twenty at most, with what is left of it; then what was typed, as it stands."""
    stage = await shop()
    found = await offered(stage, "sku.suggest", sellerId="12", warehouseId="4")
    assert (len(found), found[1]) == (20, ("SKU-01", "SKU-01 · Thing 1, 1 there"))
    assert [one[0] for one in await offered(stage, "sku.suggest", "sku-1", sellerId="12", warehouseId="4")] == [
        *(f"SKU-{number}" for number in range(10, 20)),
        "sku-1",
    ]
    assert await offered(stage, "sku.suggest", "SKU-07", sellerId="12", warehouseId="4") == [
        ("SKU-07", "SKU-07 · Thing 7, 7 there")
    ]


async def test_goods_while_nothing_is_chosen() -> None:
    """Without a choice the account's only seller is meant, and every open warehouse is searched, each SKU once."""
    stage = await shop(houses=(Warehouse(4), Warehouse(7)), stock={(4, 12): ROWS[:2], (7, 12): ROWS[1:3]})
    assert [one[0] for one in await offered(stage, "sku.suggest")] == ["SKU-00", "SKU-01", "SKU-02"]


async def test_two_sellers_and_no_choice_offer_only_what_was_typed() -> None:
    """Whose goods are meant is not guessed."""
    stage = await shop(seller_ids=(12, 13))
    assert await offered(stage, "sku.suggest", "SKU-01") == [("SKU-01", "“SKU-01” as I typed it")]
    assert await offered(stage, "sku.suggest") == []


async def test_a_choice_that_is_no_number_is_not_passed_on() -> None:
    """What is no number cannot have been suggested: it never becomes part of a path."""
    stage = await shop()
    await offered(stage, "sku.suggest", "x", sellerId="12", warehouseId="../orders")
    assert [one[1] for one in stage.quivo.asked if one[0] == "items"] == [(4, 12, "x")]


async def test_an_answer_is_remembered_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typing on asks about sellers and warehouses once; the same letters are not asked again."""
    stage = await shop()
    for _ in range(3):
        await offered(stage, "sku.suggest", "SKU-1")
    assert [count(stage, what) for what in ("sellers", "warehouses", "items")] == [1, 1, 1]
    monkeypatch.setattr(directory, "REMEMBERED_SECONDS", 0.0)
    await offered(stage, "seller.suggest")
    assert count(stage, "sellers") == 2


async def test_nobody_is_offered_anothers() -> None:
    """What Ada's account answered is not offered to Ben, nor to Ada herself once she has connected another account."""
    stage = await shop()
    await offered(stage, "seller.suggest")
    assert await offered(stage, "seller.suggest", user=BEN) == []
    await stage.connect(BEN, "ben")
    stage.quivo.seller_ids = (13,)
    assert await offered(stage, "seller.suggest", user=BEN) == [("13", "S13 (13)")]
    await stage.connect(ADA, "ada")
    assert await offered(stage, "seller.suggest") == [("13", "S13 (13)")]


async def test_a_failure_offers_nothing_and_is_not_remembered() -> None:
    """Quivo broken: no options; well again: options."""
    stage = await shop()
    stage.quivo.failing = Fault("quivo", "r")
    assert await offered(stage, "seller.suggest") == []
    stage.quivo.failing = None
    assert await offered(stage, "seller.suggest") == [("12", "Nordlicht (12)")]


async def test_an_answer_that_came_too_late_is_there_for_the_next_letter() -> None:
    """Who asks is not waited for any longer, but the question goes on, and its answer is remembered."""
    stage = await shop()
    stage.quivo.gate = asyncio.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await offered(stage, "seller.suggest")
    stage.quivo.gate.set()
    assert await offered(stage, "seller.suggest") == [("12", "Nordlicht (12)")]
    assert count(stage, "sellers") == 1
