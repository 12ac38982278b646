"""Looking up orders: by id, reference, identifier, search; always within the person's own sellers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fakes import ACTOR, CREDENTIALS, FakeQuivo, FakeVault

from backends.errors import Fault, NotFound
from backends.quivo.client import OrderQuery
from backends.quivo.order import Order, Page
from operations.accounts import NOT_CONNECTED, Accounts
from operations.orders import PAGE_SIZE, Search, look_up, read, search
from operations.outcome import Done, Reason, Refused
from operations.status import UNKNOWN, Abilities, abilities

ONE = Order(order_id=1001, status="PROCESSING", reference="#DE38678", identifier="shop-77")
TWO = Order(order_id=1002, status="PENDING", reference="4711", identifier="shop-78")
TWINS = tuple(Order(order_id=number, status="PENDING", reference="#TWIN") for number in (7, 8, 9))


async def accounts_of(*orders: Order, sellers: tuple[int, ...] = (12,)) -> tuple[Accounts, FakeQuivo]:
    quivo = FakeQuivo(*orders, sellers=sellers)
    accounts = Accounts(FakeVault(), quivo)
    await accounts.connect(ACTOR, CREDENTIALS, keep_password=True)
    return accounts, quivo


def asked(quivo: FakeQuivo) -> list[str]:
    return [what for what, _, _ in quivo.asked]


async def test_an_id_is_read_at_once() -> None:
    """A number that is an order's id costs one request and no search."""
    accounts, quivo = await accounts_of(ONE, TWO)
    assert await look_up(accounts, ACTOR, "1001") == Done((ONE,))
    assert asked(quivo) == ["order"]


@pytest.mark.parametrize("typed", ["#DE38678", "DE38678"])
async def test_a_reference_is_found_with_and_without_its_hash(typed: str) -> None:
    """The leading # may be typed or left out, and the order that was found is read whole by its id (seed 002)."""
    accounts, quivo = await accounts_of(ONE, TWO)
    assert await look_up(accounts, ACTOR, typed) == Done((ONE,))
    assert quivo.asked[-1][:2] == ("order", 1001)


async def test_a_reference_without_hash_is_found_when_typed_with_one() -> None:
    """A reference that is stored without # is found also when a person types one."""
    accounts, quivo = await accounts_of(TWO)
    assert await look_up(accounts, ACTOR, "#4711") == Done((TWO,))
    assert [query.reference for query in quivo.queries] == ["#4711", "4711"]


async def test_an_identifier_is_asked_for_last() -> None:
    """What is neither of the two forms of a reference is looked for as an identifier."""
    accounts, quivo = await accounts_of(ONE)
    assert await look_up(accounts, ACTOR, "shop-77") == Done((ONE,))
    assert quivo.queries == [
        OrderQuery(reference="shop-77", seller_ids=(12,)),
        OrderQuery(reference="#shop-77", seller_ids=(12,)),
        OrderQuery(identifier="shop-77", seller_ids=(12,)),
    ]


async def test_a_number_that_is_no_id_is_a_reference() -> None:
    """A number for which there is no order id is looked for as a reference."""
    accounts, quivo = await accounts_of(TWO)
    assert await look_up(accounts, ACTOR, "4711") == Done((TWO,))
    assert asked(quivo) == ["order", "sellers", "orders", "order"]


async def test_an_id_wins_over_a_reference_of_the_same_number() -> None:
    """A number that is an id here and a reference there means the id (seed 002)."""
    other = replace(TWO, order_id=4711, reference="other")
    accounts, quivo = await accounts_of(TWO, other)
    assert await look_up(accounts, ACTOR, "4711") == Done((other,))
    assert quivo.queries == []


@pytest.mark.parametrize("typed", ["1" * 19, "10.01", "-1001", "0x10", "10 01"])
async def test_what_is_no_id_is_never_asked_for_as_one(typed: str) -> None:
    """A number longer than any id, or one with a sign, a dot or a space, goes to the search only."""
    accounts, quivo = await accounts_of(ONE)
    assert await look_up(accounts, ACTOR, typed) == Done(())
    assert "order" not in asked(quivo)


async def test_several_matches_come_back_as_they_are() -> None:
    """Several orders with one reference are all answered, and none of them is read again."""
    accounts, quivo = await accounts_of(*TWINS)
    assert await look_up(accounts, ACTOR, "TWIN") == Done(TWINS)
    assert "order" not in asked(quivo)


async def test_nothing_found_is_no_failure() -> None:
    """What nobody has is an empty answer after three searches, not an error."""
    accounts, quivo = await accounts_of(ONE)
    assert await look_up(accounts, ACTOR, "nobody") == Done(())
    assert len(quivo.queries) == 3


async def test_a_failure_is_never_no_orders() -> None:
    """A back end that fails during the search is a refusal, never an empty answer."""
    accounts, quivo = await accounts_of(ONE)
    quivo.failing = Fault("quivo")
    assert await look_up(accounts, ACTOR, "nobody") == Refused(Reason.NO_ANSWER, Fault("quivo").safe_text)


async def test_an_order_that_vanished_between_list_and_read_is_not_found() -> None:
    """A match that can no longer be read by its id is a refusal, and the half-known one is not shown."""
    accounts, quivo = await accounts_of()
    quivo.pages = lambda query, after: Page((ONE,))
    assert await look_up(accounts, ACTOR, "DE38678") == Refused(Reason.NOT_FOUND, NotFound("quivo").safe_text)


async def test_look_up_survives_an_expired_session_once() -> None:
    """An expired token in front of a whole look-up costs one login, and the look-up starts again."""
    accounts, quivo = await accounts_of(ONE)
    quivo.expire()
    assert await look_up(accounts, ACTOR, "DE38678") == Done((ONE,))
    assert quivo.logins == ["ada", "ada"]


async def test_every_search_is_tied_to_the_persons_sellers() -> None:
    """Every query that leaves names the account's own sellers, whatever was typed (apis/quivo.md §4, Security)."""
    accounts, quivo = await accounts_of(ONE, sellers=(12, 13))
    await look_up(accounts, ACTOR, 'x" OR sellerId:99')
    await search(accounts, ACTOR, Search(text="* OR 1"))
    await search(accounts, ACTOR, Search())
    assert len(quivo.queries) == 5
    assert {query.seller_ids for query in quivo.queries} == {(12, 13)}
    assert asked(quivo).count("sellers") == 1


async def test_an_account_without_sellers_asks_for_no_orders() -> None:
    """Without sellers there is nothing to tie a query to, so none leaves and nothing is found."""
    accounts, quivo = await accounts_of(ONE, sellers=())
    assert await search(accounts, ACTOR, Search()) == Done(Page(()))
    assert await look_up(accounts, ACTOR, "DE38678") == Done(())
    assert quivo.queries == []


async def test_search_asks_for_one_page_of_what_was_meant() -> None:
    """Status, period and words arrive in the query, with the page's size and where it begins."""
    accounts, quivo = await accounts_of(ONE)
    quivo.pages = lambda query, after: Page((ONE,), "next")
    meant = Search("DE", "PROCESSING", date(2026, 11, 1), date(2026, 11, 7))
    assert await search(accounts, ACTOR, meant, "1050") == Done(Page((ONE,), "next"))
    assert quivo.queries == [
        OrderQuery(
            status="PROCESSING",
            created_from=date(2026, 11, 1),
            created_to=date(2026, 11, 7),
            text="DE",
            seller_ids=(12,),
        )
    ]
    assert quivo.asked[-1][1] == (PAGE_SIZE, "1050")


async def test_read_reads_one_order_anew() -> None:
    """A card's order is read by its id with the connection of the one who clicks."""
    accounts, quivo = await accounts_of(ONE)
    assert await read(accounts, ACTOR, 1001) == Done(ONE)
    assert await read(accounts, ACTOR, 5) == Refused(Reason.NOT_FOUND, NotFound("quivo").safe_text)
    assert asked(quivo) == ["order", "order"]


async def test_nothing_is_asked_without_a_connection() -> None:
    """Without a connection none of the three operations asks the back end for anything."""
    quivo = FakeQuivo(ONE)
    accounts = Accounts(FakeVault(), quivo)
    outcomes = [
        await look_up(accounts, ACTOR, "1001"),
        await read(accounts, ACTOR, 1001),
        await search(accounts, ACTOR, Search()),
    ]
    assert outcomes == [NOT_CONNECTED] * 3
    assert quivo.asked == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("PENDING", Abilities(update=False, cancel=True, final=False)),
        ("PROCESSING", Abilities(update=True, cancel=True, final=False)),
        ("COMPLETED", Abilities(update=False, cancel=False, final=True)),
        ("CANCELLED", Abilities(update=False, cancel=False, final=True)),
        ("ON_HOLD", UNKNOWN),
        ("processing", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_abilities_are_the_table_of_the_seed(status: str, expected: Abilities) -> None:
    """What a status allows is seed 002's table, and a status that is not in it promises nothing."""
    assert abilities(status) == expected
