"""Lists of the QPilot stand-in: filters, order, pages, envelopes."""

from typing import Any

import pytest
from qpsim_kit import SITE, Answer, Caller, invalid

from sandbox.qpilot import Qpilot

V3 = f"//v3/Sites/{SITE}/ScheduledOrders"


def _ids(body: Any) -> list[int]:
    return [row["id"] for row in body["items"]]


async def test_the_v3_list_is_light_and_by_next_occurrence(merchant: Caller, qpilot: Qpilot) -> None:
    """A page holds a hundred rows of the assumed fields, the next occurrence first, under both names."""
    body = await merchant.get(V3)
    rows = body.pop("items")
    assert body.pop("results") == rows
    assert body == {"totalCount": 960, "totalPages": 10, "page": 1, "pageSize": 100}
    dates = [row["nextOccurrenceUtc"] for row in rows]
    assert (len(rows), dates) == (100, sorted(dates))
    order = qpilot.orders[rows[0]["id"]]
    customer = qpilot.customers[order["customerId"]]
    names = (
        "id", "status", "customerId", "nextOccurrenceUtc", "lastOccurrenceUtc", "frequency", "frequencyType",
        "frequencyDisplayName", "currencyIso", "cycles", "processingErrorCode", "scheduledOrderFailureReason",
    )  # fmt: skip
    assert rows[0] == {name: order[name] for name in names} | {
        "total": float(order["total"]),
        "subtotal": float(order["subtotal"]),
        "locked": False,
        "customer": {name: customer[name] for name in ("id", "email", "firstName", "lastName")},
    }


@pytest.mark.parametrize(("rows", "filled"), [("results", "results"), ("items", "items")])
async def test_a_v3_list_may_fill_one_of_its_arrays(merchant: Caller, qpilot: Qpilot, rows: str, filled: str) -> None:
    """The switch empties the other one and leaves the counts."""
    qpilot.switches = qpilot.switches.changed({"v3_rows": rows})
    body = await merchant.get(f"{V3}?pageSize=2")
    assert {name: len(body[name]) for name in ("results", "items")} == {"results": 0, "items": 0} | {filled: 2}
    assert body["totalCount"] == 960


async def test_walking_every_page_finds_every_order_once(merchant: Caller, qpilot: Qpilot) -> None:
    """Five pages of 200 hold all that is not deleted; the page behind the last is empty, and 500 counts as 200."""
    found: list[int] = []
    for page in range(1, 6):
        body = await merchant.get(f"{V3}?page={page}&pageSize=500")
        assert (body["totalPages"], body["pageSize"]) == (5, 200)
        found += _ids(body)
    assert sorted(found) == [number for number, order in qpilot.orders.items() if order["status"] != "Deleted"]
    assert _ids(await merchant.get(f"{V3}?page=6&pageSize=200")) == []


async def test_statuses_are_repeated_keys(merchant: Caller) -> None:
    """Several keys are OR in any case, PHP's brackets do, and a comma joins two into one that nothing has."""
    counts = {
        query: (await merchant.get(f"{V3}?pageSize=1&{query}"))["totalCount"]
        for query in (
            "statusNames=Failed",
            "statusNames=Failed&STATUSNAMES=paused",
            "statusNames[0]=Failed&statusNames[1]=Paused",
            "statusNames=Failed,Paused",
            "statusNames=Deleted",
            "statusNames=Snoozed&statusNames=Queued&statusNames=Processing",
        )
    }
    assert list(counts.values()) == [72, 162, 162, 0, 40, 18]


async def test_the_full_list_has_full_orders(merchant: Caller, qpilot: Qpilot) -> None:
    """A row is what the order's own page shows, and only this list filters by customer."""
    body = await merchant.get("/ScheduledOrders?customerId=101&pageSize=200")
    own = [
        number
        for number, order in qpilot.orders.items()
        if (order["customerId"], order["status"] != "Deleted") == ("101", True)
    ]
    assert (_ids(body), body["totalCount"], body["totalPages"]) == (own, len(own), 1)
    assert body["items"][0] == await merchant.get(f"/ScheduledOrders/{own[0]}")
    assert sorted(body) == ["items", "totalCount", "totalPages"]
    assert (await merchant.get(f"{V3}?customerId=101"))["totalCount"] == 960


async def test_search_looks_at_ids_names_and_addresses(merchant: Caller, qpilot: Qpilot) -> None:
    """Parts of a customer's name or e-mail and of the order's number are found, other words are not."""
    order_id = qpilot.add_order(
        customerId=qpilot.add_customer(firstName="Zelda", lastName="Zwick", email="zz@x.example")
    )
    for text in ("zelda zw", "ZZ@X", str(order_id)):
        assert _ids(await merchant.get(f"{V3}?search={text}")) == [order_id]
    assert _ids(await merchant.get(f"{V3}?search=nobody-has-this")) == []


async def test_any_property_sorts_both_ways(merchant: Caller) -> None:
    """The property's name and the direction may be in any case; what has no value comes last."""
    rows = (await merchant.get(f"{V3}?orderBy=TOTAL&order=DESC&pageSize=200"))["items"]
    totals = [row["total"] for row in rows]
    assert totals == sorted(totals, reverse=True)
    rows = (await merchant.get("/ScheduledOrders?ORDERBY=ProcessingErrorCode&pageSize=200"))["items"]
    codes = [row["processingErrorCode"] for row in rows]
    assert codes == sorted(code for code in codes if code is not None) + [None] * codes.count(None)
    assert codes[71:73] == [3002, None]
    assert (await merchant.get("/ScheduledOrders?orderBy=site&pageSize=1"))["totalCount"] == 960


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("page=0", invalid(Page="The value '0' is not valid.")),
        ("page=one", invalid(Page="The value 'one' is not valid.")),
        ("pageSize=-5", invalid(PageSize="The value '-5' is not valid.")),
        ("orderBy=colour", invalid(OrderBy="The value 'colour' is not valid.")),
        ("order=up", invalid(Order="The value 'up' is not valid.")),
    ],
)
async def test_a_list_refuses_what_it_does_not_understand(merchant: Caller, query: str, expected: Answer) -> None:
    """A bad number, property or direction is a model error."""
    assert await merchant.ask("GET", f"/ScheduledOrders?{query}") == expected


async def test_metadata_keys_and_values_go_in_pairs(merchant: Caller, qpilot: Qpilot) -> None:
    """Every pair must fit, a value may be one of several, and the other lists take them too."""
    both = qpilot.add_order(metadata={"box": "A", "tags": ["x", "y"]})
    one = qpilot.add_order(metadata={"box": "A"})
    first = "metadataKey=box&metadataValue=A"
    assert _ids(await merchant.get(f"/ScheduledOrders?{first}")) == [both, one]
    assert _ids(await merchant.get(f"/ScheduledOrders?{first}&metadatakey=tags&metadatavalue=y")) == [both]
    assert _ids(await merchant.get("/Products?metadataKey=box&metadataValue=A")) == []


async def test_paths_do_not_mind_their_case(merchant: Caller) -> None:
    """ASP.NET knows a path in any case, with a slash at its end or without."""
    assert await merchant.get("//sites/1113/SCHEDULEDORDERS/208001/") == await merchant.get("/ScheduledOrders/208001")
