"""The demo data and the methods that tests and the control panel use."""

import copy
import re
from datetime import datetime

import pytest
from aiohttp import ClientSession

from sandbox.clock import Clock
from sandbox.quivo import Quivo, Switches
from sandbox.quivo.fields import values
from sandbox.quivo.places import SELLER_NAMES
from sandbox.quivo.shapes import FIELDS, full, summary
from sandbox.serving import serve

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _epoch(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def test_the_demo_has_both_shops(quivo: Quivo) -> None:
    """Sixty orders of ada's seller and ten of bob's, with ids and references that are unique."""
    by_seller = {
        number: [o["orderId"] for o in quivo.orders.values() if o["sellerId"] == number] for number in (12, 34)
    }
    assert by_seller == {12: list(range(1001, 1061)), 34: list(range(2001, 2011))}
    references = [reference for _, reference, _ in quivo.order_summaries() if reference]
    assert len(set(references)) == len(references) == 69
    assert quivo.order_summaries()[0] == (1001, "#DE38678", "PROCESSING")


def test_the_demo_has_every_kind_of_order(quivo: Quivo) -> None:
    """Each documented status, an unknown one, and each special case are there for ada under a known id."""
    orders = quivo.orders
    mine = {order["orderStatus"] for order in orders.values() if order["sellerId"] == 12}
    assert mine == {*quivo.status_names, "ON_HOLD"}
    assert orders[1002]["shipmentTracking"][0]["link"].startswith("https://")
    assert orders[1003]["shipmentTracking"][0]["link"].startswith("http://")
    assert (orders[1004]["orderStatus"], bool(orders[1004]["cancelRequestedAt"])) == ("PROCESSING", True)
    assert orders[1005]["orderStatus"] == "ON_HOLD"
    assert not {"positions", "deliveryAddress", "orderReference"} & set(orders[1006])
    assert orders[1007]["orderStatus"] == "CANCELLED"
    assert (orders[1008]["orderStatus"], orders[1008]["deliveryAddress"]["zip"]) == ("PENDING", None)
    assert len(orders[1009]["shipmentTracking"]) == 2
    assert (orders[1010]["piiDataRemoved"], orders[1010]["deliveryAddress"]["name1"]) == (True, None)


def test_only_one_tracking_link_is_not_https(quivo: Quivo) -> None:
    """Completed orders have https links, save the one that is meant to be refused."""
    links = [(o["orderId"], link) for o in quivo.orders.values() for link in values(o, "shipmentTracking.link")]
    assert len(links) > 20
    assert [order_id for order_id, link in links if not link.startswith("https://")] == [1003]


def test_only_completed_orders_have_tracking_and_a_time_of_completion(quivo: Quivo) -> None:
    """Status, tracking and `completedAt` never contradict each other in the demo."""
    for order in quivo.orders.values():
        done = order["orderStatus"] == "COMPLETED"
        assert bool(order.get("shipmentTracking")) is done
        assert bool(order.get("completedAt")) is done


@pytest.mark.parametrize("offset", [0.0, 400 * 86400.0, -86400.0])
def test_the_demo_is_as_old_as_the_clock_says(offset: float) -> None:
    """Every time of the demo lies in the month before the clock's now, and later orders were created later."""
    clock = Clock()
    clock.advance(offset)
    quivo = Quivo(clock)
    created = [_epoch(quivo.orders[order_id]["created"]) for order_id in range(1001, 1061)]
    assert created == sorted(created)
    assert clock.now() - created[-1] < 3600
    for order in quivo.orders.values():
        stamps = [value for value in order.values() if isinstance(value, str) and STAMP.fullmatch(value)]
        assert all(clock.now() - 31 * 86400 < _epoch(stamp) <= clock.now() for stamp in stamps)


def test_the_demo_uses_the_sheets_fields_only(quivo: Quivo) -> None:
    """No order has a field that the sheet does not name, and both shapes together show every field."""
    for order in quivo.orders.values():
        assert set(order) <= FIELDS
        assert set(order) <= set(full(order)) | set(summary(order))


def test_demo_addresses_lead_nowhere(quivo: Quivo) -> None:
    """Mail addresses and tracking links of the demo end in the reserved `.example`."""
    for order in quivo.orders.values():
        for mail in values(order, "deliveryAddress.email"):
            assert mail.endswith("@mail.example")
        for link in values(order, "shipmentTracking.link"):
            assert link.split("/")[2].endswith(".example")


def test_two_quivos_share_nothing() -> None:
    """A change in one instance is not seen in another."""
    one, other = Quivo(), Quivo()
    one.set_status(1001, "CANCELLED")
    one.add_order()
    one.revoke_key("demo-key")
    assert other.orders[1001]["orderStatus"] == "PROCESSING"
    assert (len(other.orders), len(other.accounts)) == (70, 2)


def test_added_orders_get_the_next_id(quivo: Quivo) -> None:
    """Ids go on behind the highest one, a given id is used, and the seller's name follows the seller."""
    assert [quivo.add_order(), quivo.add_order(sellerId=34), quivo.add_order(orderId=5)] == [2011, 2012, 5]
    assert [quivo.orders[order_id]["sellerName"] for order_id in (2011, 2012, 5)] == [
        SELLER_NAMES[12],
        SELLER_NAMES[34],
        SELLER_NAMES[12],
    ]
    quivo.orders.clear()
    assert quivo.add_order() == 1001


def test_an_added_order_is_plain_and_new(quivo: Quivo) -> None:
    """Without fields it is in PROCESSING, created now, with an address and positions."""
    order = quivo.orders[quivo.add_order()]
    assert (order["orderStatus"], order["tags"], order["comment"]) == ("PROCESSING", [], None)
    assert _epoch(order["created"]) == pytest.approx(quivo.clock.now(), abs=5)
    assert order["deliveryAddress"]["name1"]
    assert order["positions"]


def test_a_sparse_order_has_what_it_is_given(quivo: Quivo) -> None:
    """Only id, seller and status are there, and the fields that were asked for."""
    order_id = quivo.add_order(sparse=True, comment="only this")
    assert quivo.orders[order_id] == {
        "orderId": order_id,
        "sellerId": 12,
        "orderStatus": "PROCESSING",
        "comment": "only this",
    }


def test_a_misspelt_field_adds_no_order(quivo: Quivo) -> None:
    """A field that Quivo does not have is a TypeError that names it."""
    with pytest.raises(TypeError, match="not a field of an order: coment, orderstatus"):
        quivo.add_order(orderstatus="PENDING", coment="x")
    assert len(quivo.orders) == 70


def test_a_change_is_dated(quivo: Quivo, clock: Clock) -> None:
    """Every change sets `lastModified` to the clock's now and leaves the rest alone."""
    before = dict(quivo.orders[1001])
    clock.advance(100)
    quivo.change(1001, comment="new")
    after = quivo.orders[1001]
    assert _epoch(after["lastModified"]) == pytest.approx(clock.now(), abs=5)
    assert after | {"lastModified": 0, "comment": 0} == before | {"lastModified": 0, "comment": 0}


def test_a_cancel_request_keeps_its_first_time(quivo: Quivo, clock: Clock) -> None:
    """A request is logged once, does not change the status, and a second one is no change at all."""
    quivo.cancel_requested(1001)
    first = dict(quivo.orders[1001])
    clock.advance(60)
    quivo.cancel_requested(1001)
    assert quivo.orders[1001] == first
    assert first["orderStatus"] == "PROCESSING"
    assert _epoch(first["cancelRequestedAt"]) == pytest.approx(clock.now() - 60, abs=5)


def test_completing_sets_status_time_and_tracking(quivo: Quivo) -> None:
    """An order that is handed over has all three."""
    quivo.complete(1060, "N1", "https://track.parcel.example/N1")
    order = quivo.orders[1060]
    assert order["orderStatus"] == "COMPLETED"
    assert order["completedAt"] == order["lastModified"]
    assert order["shipmentTracking"] == [{"number": "N1", "link": "https://track.parcel.example/N1"}]


@pytest.mark.parametrize("method", ["set_status", "complete", "cancel_requested", "change"])
def test_an_unknown_order_cannot_be_changed(quivo: Quivo, method: str) -> None:
    """Each method raises KeyError for an id that does not exist, and adds nothing."""
    arguments = {"set_status": ("PENDING",), "complete": ("N", "L")}.get(method, ())
    with pytest.raises(KeyError):
        getattr(quivo, method)(9999, *arguments)
    assert len(quivo.orders) == 70


def test_a_shape_leaves_the_order_as_it_is(quivo: Quivo) -> None:
    """Showing an order adds nothing to it and takes nothing from it."""
    before = copy.deepcopy(quivo.orders[1001])
    assert full(quivo.orders[1001])["orderId"] == 1001
    assert summary(quivo.orders[1001])["shipToCountry"] == "DE"
    assert quivo.orders[1001] == before


def test_an_order_is_hidden_from_lists_only_while_its_lag_lasts(quivo: Quivo, clock: Clock) -> None:
    """The state knows for each seller what lists show by now, and the lag's end is exact to the clock."""
    quivo.switches = Switches(index_lag_ms=10_000)
    new = quivo.add_order(sellerId=34)
    assert [order["orderId"] for order in quivo.listed_orders(frozenset({34}))] == list(range(2001, 2011))
    clock.advance(9)
    assert new not in [order["orderId"] for order in quivo.listed_orders(frozenset({34}))]
    clock.advance(2)
    assert [order["orderId"] for order in quivo.listed_orders(frozenset({34}))] == [*range(2001, 2011), new]
    assert quivo.listed_orders(frozenset()) == []


async def test_one_state_can_be_served_twice(quivo: Quivo) -> None:
    """Two servers show the same orders, and closing one leaves the other answering."""
    first, second = await serve(quivo.app()), await serve(quivo.app())
    headers = {"X-Api-Key": "demo-key", "Authorization": quivo.tokens.issue(quivo.accounts[0])}
    async with ClientSession(headers=headers) as session:
        for served in (first, second):
            async with session.get(f"{served.url}/orders/1001") as answer:
                assert answer.status == 200
        await first.close()
        async with session.get(f"{second.url}/orders/1001") as answer:
            assert answer.status == 200
    await second.close()
    assert quivo.count("GET", "/orders/1001") == 3
