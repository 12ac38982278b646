"""Looking at scheduled orders, customers and products; a customer's connection sees only its own (seed 004)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ops_fakes import ADA
from qpilot_fakes import NEW_YORK, ORDER, SITE_ID, VISA, FakeQpilot, shop

from backends.errors import NotFound
from backends.qpilot.auth import Credentials
from backends.qpilot.entities import Customer, Product, ProductQuery, Site
from backends.qpilot.order import Page, ScheduledOrder
from operations.outcome import Done, Reason, Refused
from operations.scheduled import (
    PAGE_SIZE,
    SUGGESTIONS,
    Asked,
    Profile,
    Shown,
    customer,
    customers_like,
    listed,
    payment_methods,
    product,
    products_like,
    profile,
    row_of,
    shown,
    site,
)
from operations.site_time import midnight, zone_of

FOR_107 = Credentials("ada@shop.example", "right", SITE_ID, "Customer", "107")


def many(count: int) -> dict[int, ScheduledOrder]:
    start = datetime(2026, 12, 1, tzinfo=UTC)
    return {
        n: replace(
            ORDER,
            id=n,
            next_occurrence=start + timedelta(days=count - n),
            status="Paused" if n % 3 == 0 else "Active",
            customer_id="107" if n % 2 else "108",
        )
        for n in range(1, count + 1)
    }


async def test_a_merchants_list_is_one_page_of_the_light_list(tmp_path: Path) -> None:
    """Status, search and page go to QPilot, and its page comes back as it is."""
    async with shop(tmp_path, FakeQpilot(many(25))) as it:
        found = await listed(it.ports.qpilot, ADA, Asked("Active", "shampoo"), 2)
        assert isinstance(found, Done)
        assert it.qpilot.requests == [("list Active", 2, "shampoo")]
        assert (len(found.value.items), found.value.total, found.value.more) == (7, 17, False)
        await listed(it.ports.qpilot, ADA, Asked(search=""))
        assert it.qpilot.requests[1] == ("list ", 1, None)


async def test_a_customers_list_is_their_own(tmp_path: Path) -> None:
    """A customer's connection lists that customer's orders only, the soonest first, by status, id and page."""
    orders = many(25) | {99: replace(ORDER, id=99, next_occurrence=None), 98: replace(ORDER, id=98, status="Deleted")}
    async with shop(tmp_path, FakeQpilot(orders), connect=False) as it:
        await it.connect(ADA, FOR_107)
        it.qpilot.requests.clear()
        first = await listed(it.ports.qpilot, ADA, Asked())
        second = await listed(it.ports.qpilot, ADA, Asked(), 2)
        assert isinstance(first, Done)
        assert isinstance(second, Done)
        ids = [row.id for row in (*first.value.items, *second.value.items)]
        assert ids == [25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1, 99]
        assert len(first.value.items) == PAGE_SIZE
        assert (first.value.more, second.value.more, first.value.total) == (True, False, 14)
        paused = await listed(it.ports.qpilot, ADA, Asked("Paused"))
        assert isinstance(paused, Done)
        assert [row.id for row in paused.value.items] == [21, 15, 9, 3]
        named = await listed(it.ports.qpilot, ADA, Asked(search=" 21 "))
        assert named == Done(Page((row_of(orders[21]),), 1, False, 1, 1))
        assert {one[0] for one in it.qpilot.requests} == {"customer_orders"}


async def test_show(tmp_path: Path) -> None:
    """An order comes with its site, for its zone and lock; one that there is not is not found."""
    async with shop(tmp_path) as it:
        assert await shown(it.ports.qpilot, ADA, ORDER.id) == Done(Shown(ORDER, NEW_YORK))
        missing = await shown(it.ports.qpilot, ADA, 1)
        assert isinstance(missing, Refused)
        assert (missing.reason, missing.back_end) == (Reason.NOT_FOUND, "qpilot")
        assert await site(it.ports.qpilot, ADA) == Done(NEW_YORK)


async def test_what_belongs_to_an_order(tmp_path: Path) -> None:
    """Customer, payment methods and product by the store's ids."""
    async with shop(tmp_path) as it:
        qpilot = it.ports.qpilot
        known = Customer("107", "a@b.example")
        assert await customer(qpilot, ADA, "107") == Done(known)
        assert await profile(qpilot, ADA, "107") == Done(Profile(known, (VISA,), (ORDER,)))
        assert await payment_methods(qpilot, ADA, "107") == Done((VISA,))
        assert await product(qpilot, ADA, "100982") == Done(Product("100982", "Shampoo"))
        it.qpilot.failing["payment_methods"] = NotFound("qpilot")
        assert isinstance(await profile(qpilot, ADA, "107"), Refused)


async def test_suggestions_are_bounded(tmp_path: Path) -> None:
    """No more suggestions than a menu shows, and only products that scheduled orders may take."""
    customers = {str(n): Customer(str(n), f"c{n}@shop.example") for n in range(60)}
    products = {str(n): Product(str(n)) for n in range(60)}
    async with shop(tmp_path, FakeQpilot(customers_by_id=customers, products_by_id=products)) as it:
        people = await customers_like(it.ports.qpilot, ADA, "c")
        things = await products_like(it.ports.qpilot, ADA, "sham")
        assert isinstance(people, Done)
        assert isinstance(things, Done)
        assert (len(people.value), len(things.value)) == (SUGGESTIONS, SUGGESTIONS)
        assert it.qpilot.requests[1] == ("products", ProductQuery(search="sham", add=True))


@pytest.mark.parametrize(
    ("site", "zone"),
    [
        (Site(1, timezone="America/New_York"), ZoneInfo("America/New_York")),
        (Site(1, timezone="Eastern Standard Time"), ZoneInfo("America/New_York")),
        (Site(1, timezone=" W. Europe Standard Time "), ZoneInfo("Europe/Berlin")),
        (Site(1, timezone="Nowhere", utc_offset=-5), timezone(timedelta(hours=-5))),
        (Site(1, timezone="../etc/passwd", utc_offset=0), UTC),
        (Site(1, utc_offset=-300), timezone(timedelta(hours=-5))),
        (Site(1, utc_offset=330), timezone(timedelta(hours=5, minutes=30))),
        (Site(1, utc_offset=99999), UTC),
        (Site(1), UTC),
    ],
)
def test_the_sites_zone(site: Site, zone: tzinfo) -> None:
    """A zone by its IANA or Windows name, else by its offset, else UTC; nothing outside the zone data is opened."""
    assert zone_of(site) == zone


def test_midnight() -> None:
    """A day begins at local midnight, or with the first moment that it has."""
    assert midnight(datetime(2026, 11, 1, tzinfo=UTC).date(), ZoneInfo("America/New_York")) == datetime(
        2026, 11, 1, 4, tzinfo=UTC
    )
    # midnight of this day was left out by the clock change
    assert midnight(datetime(2018, 11, 4, tzinfo=UTC).date(), ZoneInfo("America/Sao_Paulo")) == datetime(
        2018, 11, 4, 3, tzinfo=UTC
    )
