"""E3, E5: changing and cancelling orders at the strict stand-in, and every fault of it for every write."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest
from writing_contract_kit import (
    ADA,
    BERLIN,
    NOWHERE,
    ON_THE_MAP,
    QUICK,
    SHIPPED,
    VIENNA,
    WAITING,
    WORKED_ON,
    WRITES,
    fields,
    in_status,
    refused,
    working,
)

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    Forbidden,
    Garbled,
    Invalid,
    NoAnswer,
    NotFound,
    SessionExpired,
)
from backends.quivo.create import (
    AddressType,
    Edit,
    check_address,
    check_edit,
)
from backends.quivo.order import Address
from sandbox import quivo as standin
from sandbox.quivo import Quivo, Switches


@pytest.mark.parametrize("success", [200, 204])
async def test_edits(success: Any) -> None:
    """A change changes what it names and leaves the rest, whichever success Quivo answers with (§5.4)."""
    quivo = Quivo(switches=Switches(update_success=success))
    async with working(quivo) as (client, ada):
        before = await client.order(ada, WORKED_ON)
        await client.edit(ada, WORKED_ON, Edit("x" * 250, True, (("gift", "yes"),)))
        after = await client.order(ada, WORKED_ON)
        assert after == replace(
            before,
            comment="x" * 250,
            tracking_enabled=True,
            custom_attributes=(("gift", "yes"),),
            last_modified=after.last_modified,
        )
        await client.edit(ada, WORKED_ON, Edit())
        await client.edit(ada, WORKED_ON, Edit(comment="", custom_attributes=()))
        last = await client.order(ada, WORKED_ON)
    assert (last.comment, last.tracking_enabled, last.custom_attributes) == (None, True, ())
    assert quivo.count("PATCH", f"/orders/{WORKED_ON}") == 3


async def test_too_long_a_comment() -> None:
    """What the check refuses in a change, Quivo refuses under the same name, and nothing changes."""
    quivo = Quivo()
    async with working(quivo) as (client, ada):
        before = await client.order(ada, WORKED_ON)
        edit = Edit("x" * 251)
        error = await refused(client.edit(ada, WORKED_ON, edit))
        assert await client.order(ada, WORKED_ON) == before
    assert fields(error) == [one.field for one in check_edit(edit)] == ["comment"]


@pytest.mark.parametrize("success", [200, 204])
@pytest.mark.parametrize("kind", list(AddressType))
async def test_addresses(kind: AddressType, success: Any) -> None:
    """Each kind replaces the address that it names, and no other (seed 002)."""
    quivo = Quivo(switches=Switches(update_success=success))
    async with working(quivo) as (client, ada):
        before = await client.order(ada, WORKED_ON)
        await client.address(ada, WORKED_ON, kind, VIENNA)
        after = await client.order(ada, WORKED_ON)
    changed = {
        AddressType.DELIVERY: replace(before, delivery_address=VIENNA),
        AddressType.INVOICE: replace(before, invoice_address=VIENNA),
        AddressType.DELIVERY_AND_INVOICE: replace(before, delivery_address=VIENNA, invoice_address=VIENNA),
    }
    assert after == replace(changed[kind], last_modified=after.last_modified)


ADDRESSES = [
    BERLIN, VIENNA, ON_THE_MAP, Address(), replace(BERLIN, name=None), replace(BERLIN, name=" ", company="ACME"),
    replace(BERLIN, street=None), replace(BERLIN, city=""), replace(BERLIN, zip=None),
    replace(BERLIN, zip=None, country_iso2="IE"), replace(BERLIN, country_iso2="US"),
    replace(BERLIN, country_iso2="US", state="NY"), replace(BERLIN, country_iso2="de"),
    replace(BERLIN, country_iso2=None), replace(BERLIN, latitude=1.0), replace(BERLIN, longitude=1.0),
    replace(BERLIN, latitude=-90.0, longitude=180.0), replace(BERLIN, latitude=-90.5, longitude=180.5),
    replace(ON_THE_MAP, country_iso2="CA"), replace(ON_THE_MAP, country_iso2="DE"), replace(ON_THE_MAP, name=None),
]  # fmt: skip


@pytest.mark.parametrize("kind", list(AddressType))
async def test_check_and_quivo_agree_on_addresses(kind: AddressType) -> None:
    """For each kind, what the check says about an address is what Quivo says, field by field (seed 002)."""
    quivo = Quivo()
    async with working(quivo) as (client, ada):
        for place in ADDRESSES:
            expected = sorted(one.field for one in check_address(place, kind))
            if expected:
                error = await refused(client.address(ada, WORKED_ON, kind, place))
                assert (type(error), sorted(fields(error)), error.outcome_known) == (Invalid, expected, True), place
            else:
                await client.address(ada, WORKED_ON, kind, place)


@pytest.mark.parametrize("code", [400, 409, 422])
@pytest.mark.parametrize("bodies", ["text", "json"])
async def test_forbidden_by_status(code: Any, bodies: Any) -> None:
    """E3: the table of seed 002: a pending order can only be cancelled, a final one nothing; known not done."""
    quivo = Quivo(switches=Switches(forbidden_code=code, error_bodies=bodies))
    pending, final = in_status(quivo, WAITING), [in_status(quivo, status) for status in (SHIPPED, "CANCELLED")]
    before = {number: dict(quivo.orders[number]) for number in (pending, *final)}
    async with working(quivo) as (client, ada):
        errors = [await refused(client.edit(ada, number, Edit("x"))) for number in (pending, *final)]
        errors += [
            await refused(client.address(ada, number, AddressType.DELIVERY, VIENNA)) for number in (pending, *final)
        ]
        errors += [await refused(client.cancel_request(ada, number)) for number in final]
        assert {number: dict(quivo.orders[number]) for number in (pending, *final)} == before
        await client.cancel_request(ada, pending)
    assert [(type(error), error.outcome_known) for error in errors] == [(Forbidden, True)] * 8


@pytest.mark.parametrize("success", [200, 204])
@pytest.mark.parametrize(
    ("settles", "then"), [("at_once", "CANCELLED"), ("after", "CANCELLED"), ("never", "PROCESSING")]
)
async def test_cancelling(success: Any, settles: Any, then: str) -> None:
    """E3: a request is logged, a second one is as welcome, and only reading says what became of it (§5.7)."""
    quivo = Quivo(switches=Switches(cancel_success=success, cancel_settles=settles, cancel_seconds=5))
    async with working(quivo) as (client, ada):
        await client.cancel_request(ada, WORKED_ON)
        asked = await client.order(ada, WORKED_ON)
        if settles != "at_once":
            await client.cancel_request(ada, WORKED_ON)
        quivo.clock.advance(6)
        later = await client.order(ada, WORKED_ON)
    assert asked.cancel_requested is not None
    assert asked.status == ("CANCELLED" if settles == "at_once" else "PROCESSING")
    assert (later.status, later.cancel_requested) == (then, asked.cancel_requested)


@pytest.mark.parametrize("number", [NOWHERE, 2001])
async def test_not_mine(number: int) -> None:
    """B7: no write reaches an order that is not there or belongs to somebody else; both are the same NotFound."""
    quivo = Quivo()
    before = dict(quivo.orders)
    async with working(quivo) as (client, ada):
        for work in (
            client.edit(ada, number, Edit("x")),
            client.address(ada, number, AddressType.DELIVERY, VIENNA),
            client.cancel_request(ada, number),
        ):
            assert type(await refused(work)) is NotFound
    assert quivo.orders == before


LATER = formatdate(4_102_444_800, usegmt=True)
FAULTS: list[tuple[dict[str, Any], type[BackendError] | None, type[BackendError] | None, bool, bool]] = [
    # the fault, what it is for a create, what for the other three, known?, done?
    ({"kind": "hang", "seconds": 5}, NoAnswer, NoAnswer, False, False),
    ({"kind": "accept_then_hang", "seconds": 5}, NoAnswer, NoAnswer, False, True),
    ({"kind": "close"}, NoAnswer, NoAnswer, False, False),
    ({"kind": "500"}, Fault, Fault, False, False),
    ({"kind": "accept_then_500"}, Fault, Fault, False, True),
    ({"kind": "504"}, Fault, Fault, False, False),
    ({"kind": "accept_202"}, Garbled, None, False, True),
    ({"kind": "error_envelope_200", "text": "comment: no"}, Invalid, Invalid, True, False),
    ({"kind": "error_envelope_200"}, Invalid, Forbidden, True, False),
    ({"kind": "html"}, Garbled, Garbled, False, False),
    ({"kind": "garbage_json"}, Garbled, Garbled, False, False),
    ({"kind": "redirect"}, Garbled, Garbled, False, False),
    ({"kind": "empty"}, Garbled, None, False, False),
    ({"kind": "400"}, Invalid, Forbidden, True, False),
    ({"kind": "409"}, Invalid, Forbidden, True, False),
    ({"kind": "404"}, NotFound, NotFound, True, False),
    ({"kind": "429", "retry_after": "7"}, Busy, Busy, True, False),
    ({"kind": "429", "retry_after": LATER}, Busy, Busy, True, False),
    ({"kind": "expire_then"}, SessionExpired, SessionExpired, True, False),
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("fault", "creating", "changing", "known", "done"), FAULTS, ids=lambda given: str(given) if given else "-"
)
async def test_faults(
    fault: dict[str, Any],
    creating: type[BackendError] | None,
    changing: type[BackendError] | None,
    known: bool,
    done: bool,
    write: str,
) -> None:
    """E3, E5: each fault is this error for this write, after one request; ``known`` never says more than is true."""
    quivo = Quivo(switches=Switches(cancel_settles="at_once"))
    match, work = WRITES[write]
    kind = creating if write == "create" else changing
    before = dict(quivo.orders)
    async with working(quivo, QUICK) as (client, ada):
        quivo.faults.append(standin.Fault(match, **fault))
        if kind is None:
            await work(client, ada)
        else:
            error = await refused(work(client, ada))
            assert (type(error), error.outcome_known) == (kind, known)
            assert known is False or not done
            if isinstance(error, Busy):
                assert error.retry_after is not None
                assert error.retry_after > 6
        method = match.split()[0]
        assert quivo.count(method, "/orders") == len(quivo.requests) == 1
        assert (quivo.orders != before) is done


@pytest.mark.parametrize("write", WRITES)
async def test_expired_in_the_middle(write: str) -> None:
    """E3: a token that ran out is SessionExpired and nothing was done, so that a new login may ask once more."""
    quivo = Quivo()
    _, work = WRITES[write]
    async with working(quivo) as (client, ada):
        quivo.clock.advance(3601)
        assert type(await refused(work(client, ada))) is SessionExpired
        await work(client, await client.login(ADA))
    assert [seen.status for seen in quivo.requests][:2] == [401, 200]
    assert len(quivo.requests) == 3
