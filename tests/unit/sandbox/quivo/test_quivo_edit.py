"""`PATCH /orders/{id}` and `PUT /orders/{id}/address` of the Quivo stand-in."""

import copy
from typing import Any

import pytest
from aiohttp import ClientSession
from quivo_writes_kit import NO_DATA, NOWHERE, PLACE, READ_ADDRESS, Answer, address, flaws, read, send

from sandbox.clock import Clock
from sandbox.quivo import Quivo, Switches

DELIVERY = "/orders/1001/address?type=DELIVERY"
NOT_FOUND = (404, "text/plain", "Order not found")


async def _edit(session: ClientSession, body: Any, order_id: Any = 1001) -> Answer:
    return await send(session, "PATCH", f"/orders/{order_id}", body)


async def _address(session: ClientSession, kind: str, body: Any) -> Answer:
    return await send(session, "PUT", f"/orders/1001/address?type={kind}", body)


async def test_an_edit_changes_what_it_names(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """Comment, tracking and attributes are replaced, the change is dated, and all else stays."""
    before = copy.deepcopy(quivo.orders[1001])
    clock.advance(1800)
    body = {"comment": "Handle with care", "trackingEnabled": False, "customAttributes": {"priority": "high"}}
    assert await _edit(ada, body) == NO_DATA
    after = await read(ada, 1001)
    assert quivo.orders[1001] == before | body | {"lastModified": after["lastModified"]}
    assert after["lastModified"] > before["lastModified"]
    assert {name: after[name] for name in body} == body


@pytest.mark.parametrize("body", [{}, {"comment": None, "trackingEnabled": None, "customAttributes": None}])
async def test_an_edit_of_nothing_changes_nothing(ada: ClientSession, quivo: Quivo, body: dict[str, Any]) -> None:
    """An empty body and nulls leave the order alone, its date included, and are a success."""
    before = dict(quivo.orders[1001])
    assert await _edit(ada, body) == NO_DATA
    assert quivo.orders[1001] == before


@pytest.mark.parametrize(
    ("sent", "shown"), [({}, {}), ("{}", {}), ('{"a":"b"}', {"a": "b"}), ({"a": {"b": 1}}, {"a": {"b": 1}})]
)
async def test_attributes_are_replaced_whole_in_either_form(ada: ClientSession, sent: Any, shown: Any) -> None:
    """An object and a JSON string both replace everything that was there, and an object is read."""
    assert await _edit(ada, {"customAttributes": sent}) == NO_DATA
    assert (await read(ada, 1001))["customAttributes"] == shown


async def test_an_edit_can_bring_a_delivery_address(ada: ClientSession) -> None:
    """The address is written like any other and leaves the invoice address alone."""
    invoice = (await read(ada, 1001))["invoiceAddress"]
    assert await _edit(ada, {"address": address()}) == NO_DATA
    after = await read(ada, 1001)
    assert (after["deliveryAddress"], after["invoiceAddress"]) == (READ_ADDRESS | NOWHERE, invoice)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ({"comment": "x" * 251}, ["comment: size must be between 0 and 250"]),
        ({"trackingEnabled": "yes"}, ["trackingEnabled: must be a boolean"]),
        ({"customAttributes": "no"}, ["customAttributes: must be an object"]),
        ({"address": address(zip=...)}, ["address.zip: must not be blank"]),
        ({"address": address(countryIso2="XX")}, ["address.countryIso2: must be a two-letter ISO country code"]),
        ({"tags": ["a"], "comment": 5}, ["comment: must be a string", "tags: is not a known field"]),
    ],
)
async def test_a_bad_edit_is_refused_whole(
    ada: ClientSession, quivo: Quivo, body: dict[str, Any], lines: list[str]
) -> None:
    """Each flaw is a line, and a good field beside a bad one is not written either."""
    before = dict(quivo.orders[1001])
    assert await _edit(ada, {"customAttributes": {"new": "1"}} | body) == flaws(*lines)
    assert quivo.orders[1001] == before
    assert await _edit(ada, {"comment": "x" * 250}) == NO_DATA


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("DELIVERY", {"deliveryAddress"}),
        ("INVOICE", {"invoiceAddress"}),
        ("DELIVERY_AND_INVOICE", {"deliveryAddress", "invoiceAddress"}),
    ],
)
async def test_an_address_is_written_where_the_type_says(ada: ClientSession, kind: str, changed: set[str]) -> None:
    """The type chooses one address or both, written names become read names, and nothing else changes."""
    before = await read(ada, 1001)
    assert await _address(ada, kind, address()) == NO_DATA
    after = await read(ada, 1001)
    assert {name for name in after if after[name] != before[name]} - {"lastModified"} == changed
    written = {"deliveryAddress": READ_ADDRESS | NOWHERE, "invoiceAddress": READ_ADDRESS}
    assert {name: after[name] for name in changed} == {name: written[name] for name in changed}


async def test_a_put_replaces_the_whole_address_but_its_identifiers(ada: ClientSession, quivo: Quivo) -> None:
    """What is not sent is gone, coordinates too, and the identifiers, which cannot be sent, stay."""
    identifiers = {"addressIdentifier": "A-1", "additionalIdentifiers": [{"identifier": "1", "type": "GLN"}]}
    old = quivo.orders[1001]["deliveryAddress"] | identifiers | {"latitude": 1.0, "longitude": 2.0, "name2": "x"}
    quivo.change(1001, deliveryAddress=old)
    assert await _address(ada, "DELIVERY", address(phone=..., street2=..., company=None)) == NO_DATA
    expected = READ_ADDRESS | NOWHERE | identifiers | {"phone": None, "address2": None, "company": None}
    assert (await read(ada, 1001))["deliveryAddress"] == expected


async def test_an_address_can_be_given_to_an_order_that_has_none(ada: ClientSession, quivo: Quivo) -> None:
    """An order whose addresses are null takes new ones."""
    quivo.change(1001, deliveryAddress=None, invoiceAddress=None)
    assert await _address(ada, "DELIVERY_AND_INVOICE", address()) == NO_DATA
    after = await read(ada, 1001)
    assert (after["deliveryAddress"], after["invoiceAddress"]) == (READ_ADDRESS | NOWHERE, READ_ADDRESS)


@pytest.mark.parametrize("query", ["", "?type=", "?kind=DELIVERY"])
async def test_the_type_must_be_given(ada: ClientSession, query: str) -> None:
    """Without a type nothing is guessed."""
    answer = await send(ada, "PUT", f"/orders/1001/address{query}", address())
    assert answer == flaws("type: must not be null")


@pytest.mark.parametrize("kind", ["delivery", "BOTH", "DELIVERY,INVOICE"])
async def test_the_type_must_be_one_of_three(ada: ClientSession, quivo: Quivo, kind: str) -> None:
    """Any other word is refused with the three that exist."""
    before = dict(quivo.orders[1001])
    expected = flaws("type: must be one of DELIVERY, INVOICE, DELIVERY_AND_INVOICE")
    assert await _address(ada, kind, address()) == expected
    assert quivo.orders[1001] == before


STREET, CITY, ZIP, COUNTRY = (f"{name}: must not be blank" for name in ("street", "city", "zip", "countryIso2"))
NAME = "name: must not be blank unless company is given"
STATE = "state: must not be blank"
ODD_COUNTRY = "countryIso2: must be a two-letter ISO country code"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (address(name=...), []),
        (address(company=...), []),
        (address(name=..., company=...), [NAME]),
        (address(name=" ", company=""), [NAME]),
        (address(phone=..., email=..., street2=..., state=...), []),
        (address(street=...), [STREET]),
        (address(city=" "), [CITY]),
        (address(zip=None), [ZIP]),
        (address(countryIso2=...), [COUNTRY]),
        (address(countryIso2="D"), [ODD_COUNTRY]),
        (address(countryIso2="DEU"), [ODD_COUNTRY]),
        (address(countryIso2="ZZ"), [ODD_COUNTRY]),
        *((address(countryIso2=code, zip=...), []) for code in ("AE", "HK", "IE", "QA")),
        (address(countryIso2="AT", zip=...), [ZIP]),
        *((address(countryIso2=code, state=...), [STATE]) for code in ("US", "CA", "AU")),
        (address(countryIso2="US", state="VT"), []),
        (address(countryIso2="GB", state=...), []),
        ({"name": "Ada"}, [STREET, CITY, ZIP, COUNTRY]),
        ({}, [NAME, STREET, CITY, ZIP, COUNTRY]),
        (address(country="DE"), ["country: is not a known field"]),
        (address(addressIdentifier="A"), ["addressIdentifier: is not a known field"]),
        (address(name=5), ["name: must be a string"]),
    ],
)
@pytest.mark.parametrize("kind", ["DELIVERY", "INVOICE", "DELIVERY_AND_INVOICE"])
async def test_the_address_rules_of_seed_002(
    ada: ClientSession, quivo: Quivo, kind: str, body: dict[str, Any], lines: list[str]
) -> None:
    """Each rule is asked of each type alike, and a refused address is not written."""
    before = dict(quivo.orders[1001])
    assert await _address(ada, kind, body) == (flaws(*lines) if lines else NO_DATA)
    assert (quivo.orders[1001] == before) is bool(lines)


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, []),
        ({"latitude": -90, "longitude": -180}, []),
        ({"latitude": 90, "longitude": 180.0}, []),
        ({"latitude": 0, "longitude": 0}, []),
        ({"latitude": 90.0001}, ["latitude: must be less than or equal to 90"]),
        ({"latitude": -90.0001}, ["latitude: must be greater than or equal to -90"]),
        ({"longitude": 180.0001}, ["longitude: must be less than or equal to 180"]),
        ({"longitude": -180.0001}, ["longitude: must be greater than or equal to -180"]),
        ({"latitude": "52.5"}, ["latitude: must be a number"]),
        ({"longitude": None}, [STREET, CITY, ZIP, COUNTRY, "longitude: must not be null"]),
        ({"latitude": ...}, [STREET, CITY, ZIP, COUNTRY, "latitude: must not be null"]),
        ({"name": ...}, [NAME]),
        ({"countryIso2": "US"}, [STATE]),
        ({"countryIso2": "DE"}, []),
    ],
)
async def test_coordinates_stand_for_a_delivery_address(
    ada: ClientSession, changes: dict[str, Any], lines: list[str]
) -> None:
    """Both together, inside their ranges, they replace street, city, zip and country, but neither name nor state."""
    body = {name: value for name, value in (PLACE | changes).items() if value is not ...}
    assert await _address(ada, "DELIVERY", body) == (flaws(*lines) if lines else NO_DATA)
    if not lines:
        shown = (await read(ada, 1001))["deliveryAddress"]
        assert (shown["latitude"], shown["longitude"]) == (body["latitude"], body["longitude"])


async def test_coordinates_are_ignored_for_an_invoice(ada: ClientSession) -> None:
    """They replace nothing there, may be anything, and are not kept."""
    assert await _address(ada, "INVOICE", PLACE) == flaws(STREET, CITY, ZIP, COUNTRY)
    assert await _address(ada, "INVOICE", address(latitude="anything", longitude=999)) == NO_DATA
    assert (await read(ada, 1001))["invoiceAddress"] == READ_ADDRESS


async def test_coordinates_for_both_count_for_the_delivery_only(ada: ClientSession) -> None:
    """They cannot stand for an address that is an invoice address too, and are kept with the delivery's alone."""
    assert await _address(ada, "DELIVERY_AND_INVOICE", PLACE) == flaws(STREET, CITY, ZIP, COUNTRY)
    refused = await _address(ada, "DELIVERY_AND_INVOICE", address(latitude=91.0))
    assert refused == flaws("latitude: must be less than or equal to 90", "longitude: must not be null")
    assert await _address(ada, "DELIVERY_AND_INVOICE", address(latitude=52.5, longitude=13.4)) == NO_DATA
    after = await read(ada, 1001)
    assert after["deliveryAddress"] == READ_ADDRESS | NOWHERE | {"latitude": 52.5, "longitude": 13.4}
    assert after["invoiceAddress"] == READ_ADDRESS


@pytest.mark.parametrize("status", ["PENDING", "COMPLETED", "CANCELLED", "ON_HOLD"])
@pytest.mark.parametrize("code", [400, 409, 422])
async def test_only_a_processing_order_can_be_updated(ada: ClientSession, quivo: Quivo, status: str, code: Any) -> None:
    """Every other status refuses both calls, an empty edit too, under the code of the switch, and nothing changes."""
    quivo.switches = Switches(forbidden_code=code)
    quivo.set_status(1001, status)
    before = dict(quivo.orders[1001])
    expected = (code, "text/plain", f"Order cannot be updated in status {status}")
    assert await _edit(ada, {"comment": "late"}) == expected
    assert await _edit(ada, {}) == expected
    assert await _address(ada, "DELIVERY", address()) == expected
    assert quivo.orders[1001] == before


async def test_a_refused_status_can_be_told_in_json(ada: ClientSession, quivo: Quivo) -> None:
    """The words are the same with the switch on JSON."""
    quivo.switches = Switches(error_bodies="json", forbidden_code=409)
    words = {"message": "Order cannot be updated in status COMPLETED"}
    assert await _edit(ada, {"comment": "late"}, 1002) == (409, "application/json", words)


async def test_an_order_with_a_cancel_request_can_be_updated_until_it_is_cancelled(ada: ClientSession) -> None:
    """Order 1004 waits for its cancellation and still takes a comment."""
    assert await _edit(ada, {"comment": "still here"}, 1004) == NO_DATA
    assert (await read(ada, 1004))["comment"] == "still here"


@pytest.mark.parametrize("code", [200, 204])
async def test_a_success_has_no_body_under_either_code(ada: ClientSession, quivo: Quivo, code: Any) -> None:
    """Edit and address are answered with the code of the switch and nothing else."""
    quivo.switches = Switches(update_success=code)
    expected = (code, "application/octet-stream", "")
    assert await _edit(ada, {"comment": "a"}) == expected
    assert await _address(ada, "DELIVERY", address()) == expected


@pytest.mark.parametrize("order_id", ["9999", "2001", "-1"])
async def test_unknown_and_foreign_orders_cannot_be_changed(ada: ClientSession, quivo: Quivo, order_id: str) -> None:
    """An order of nobody and one of another seller get the same 404, and stay as they are."""
    before = dict(quivo.orders)
    assert await _edit(ada, {"comment": "mine now"}, order_id) == NOT_FOUND
    assert await send(ada, "PUT", f"/orders/{order_id}/address?type=DELIVERY", address()) == NOT_FOUND
    assert quivo.orders == before


async def test_the_body_is_looked_at_before_the_order(ada: ClientSession) -> None:
    """A malformed body for an order that does not exist is told of its flaws, and a bad id comes before both."""
    assert await _edit(ada, {"comment": 5}, 9999) == flaws("comment: must be a string")
    assert await _edit(ada, {"comment": 5}, "abc") == flaws("orderId: must be an integer")
    assert await send(ada, "PUT", "/orders/abc/address", address()) == flaws("orderId: must be an integer")
    assert await send(ada, "PUT", DELIVERY, []) == (400, "application/json", {"message": "Invalid request body"})
