"""The small changes of a scheduled order at the QPilot stand-in: what is done, what is refused, what stays."""

from typing import Any

import pytest
from qpsim_kit import DAY, LOCKED, Answer, Caller, broken, invalid, missing, without

from sandbox.clock import Clock
from sandbox.qpilot import Qpilot
from sandbox.qpilot.moments import moment

TYPES = "Days, Weeks, Months, DayOfTheWeek, DayOfTheMonth"
ACTIVATE = "Can only activate Scheduled Orders with statuses $Failed, $Paused or $Snoozed"


def _on(qpilot: Qpilot, **switches: Any) -> None:
    qpilot.switches = qpilot.switches.changed(switches)


def _soon(qpilot: Qpilot, days: float) -> str:
    return moment(qpilot.clock.now() + days * DAY)


async def _changed(merchant: Caller, qpilot: Qpilot, before: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """What an accepted change changed: the answer is the order as it is read now."""
    order_id = before["id"]
    assert answer == (200, await merchant.get(f"/ScheduledOrders/{order_id}"))
    after = qpilot.orders[order_id]
    return {name: value for name, value in after.items() if before[name] != value}


async def test_an_active_order_is_paused_and_made_active_again(merchant: Caller, qpilot: Qpilot, clock: Clock) -> None:
    """Each way changes the status and the stamp, and nothing else."""
    order_id = qpilot.add_order()
    before = qpilot.orders[order_id]
    clock.advance(60)
    answer = await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/Status/Paused", [])
    stamp = {"updatedUtc": "2026-01-14T17:01:00.000Z"}
    assert await _changed(merchant, qpilot, before, answer) == {"status": "Paused", "isActive": False} | stamp
    answer = await merchant.ask("PUT", f"/scheduledorders/{order_id}/status/ACTIVE")
    assert await _changed(merchant, qpilot, before, answer) == stamp


@pytest.mark.parametrize(
    ("status", "target", "words"),
    [
        ("Paused", "Paused", "Can only pause Scheduled Orders with statuses $Active"),
        ("Failed", "Paused", "Can only pause Scheduled Orders with statuses $Active"),
        ("Processing", "Paused", "Can only pause Scheduled Orders with statuses $Active"),
        ("Active", "Active", "Can only activate Scheduled Orders with statuses $Paused"),
        ("Failed", "Active", "Can only activate Scheduled Orders with statuses $Paused"),
        ("Deleted", "Active", "Can only activate Scheduled Orders with statuses $Paused"),
        ("Active", "Failed", "Cannot change a Scheduled Order to status Failed"),
        ("Active", "Deleted", "Cannot change a Scheduled Order to status Deleted"),
    ],
)
async def test_other_ways_between_statuses_are_code_1001(
    merchant: Caller, qpilot: Qpilot, status: str, target: str, words: str
) -> None:
    """A refused status leaves the order as it was."""
    order_id = qpilot.add_order(status=status)
    before = qpilot.orders[order_id]
    assert await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/Status/{target}") == broken(words, 1001)
    assert qpilot.orders[order_id] == before


@pytest.mark.parametrize(
    ("status", "query"), [("Failed", ""), ("Paused", ""), ("Snoozed", ""), ("Deleted", "?ALLOWdeleted=True")]
)
async def test_safe_activate_brings_an_order_back(
    merchant: Caller, qpilot: Qpilot, clock: Clock, status: str, query: str
) -> None:
    """It is Active, its failure and snooze are forgotten, and `updatedUtc` stays as it was."""
    gone = {"processingErrorCode": 2000, "snoozeUntilUtc": _soon(qpilot, 3), "lastChangeToDeleted": _soon(qpilot, -1)}
    failed = gone if status == "Failed" else without(gone, "processingErrorCode")
    order_id = qpilot.add_order(status=status, **failed)
    before = qpilot.orders[order_id]
    clock.advance(60)
    answer = await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/SafeActivate{query}")
    changed = await _changed(merchant, qpilot, before, answer)
    assert changed == {"status": "Active", "isActive": True} | dict.fromkeys(failed)


@pytest.mark.parametrize("status", ["Active", "Processing", "Queued", "Deleted"])
async def test_safe_activate_refuses_other_statuses(merchant: Caller, qpilot: Qpilot, status: str) -> None:
    """Code 1001 with the text that was seen live; a deleted order needs `allowDeleted=true`."""
    order_id = qpilot.add_order(status=status)
    path = f"/ScheduledOrders/{order_id}/SafeActivate?allowDeleted=false"
    assert await merchant.ask("PUT", path) == broken(ACTIVATE, 1001)
    assert qpilot.orders[order_id]["status"] == status


@pytest.mark.parametrize("path", ["SafeActivate", "Status/Active"])
async def test_activating_a_past_order_processes_it_at_once(merchant: Caller, qpilot: Qpilot, path: str) -> None:
    """Without lock and offset a past or present date is due: the order runs, and may be charged."""
    _on(qpilot, processing_seconds=10.0)
    late = qpilot.add_order(status="Paused", nextOccurrenceUtc=_soon(qpilot, -2))
    today = qpilot.add_order(status="Paused", nextOccurrenceUtc=_soon(qpilot, 0.2))
    for order_id in (late, today):
        status, body = await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/{path}")
        assert (status, body["status"]) == (200, "Queued")
        assert qpilot.cycles[int(body["lastProcessingCycleId"])]["status"] == "Processing"


async def test_activating_a_past_order_with_a_lock_moves_it(merchant: Caller, qpilot: Qpilot) -> None:
    """With a lock and an offset the next occurrence is that many days from now, and nothing runs."""
    _on(qpilot, lock_days=2, offset_days=1)
    order_id = qpilot.add_order(status="Failed", nextOccurrenceUtc=_soon(qpilot, -2))
    status, body = await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/SafeActivate")
    assert (status, body["status"], body["nextOccurrenceUtc"]) == (200, "Active", "2026-01-17T17:00:00.000Z")
    assert body["lastProcessingCycleId"] is None


@pytest.mark.parametrize(
    "text", ["2026-02-01T08:00:00", "2026-02-01T08:00:00Z", "2026-02-01T08:00:00.000Z", "2026-02-01T03:00:00.000-05:00"]
)
async def test_the_next_occurrence_moves(merchant: Caller, qpilot: Qpilot, text: str) -> None:
    """Any way to write the instant does, and the record shows it in its own."""
    order_id = qpilot.add_order()
    before = qpilot.orders[order_id]
    answer = await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/NextOccurrenceUtc", {"nextOccurrenceUtc": text})
    changed = await _changed(merchant, qpilot, before, answer)
    assert changed == {"nextOccurrenceUtc": "2026-02-01T08:00:00.000Z"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"nextOccurrenceUtc": "2026-01-14T17:00:00.000Z"}, broken("NextOccurrenceUtc must be in the future")),
        (
            {"nextOccurrenceUtc": "tomorrow"},
            invalid(NextOccurrenceUtc="The field NextOccurrenceUtc must be a date and time."),
        ),
        ({"nextOccurrenceUtc": 5}, invalid(NextOccurrenceUtc="The field NextOccurrenceUtc must be a date and time.")),
        ({}, invalid(NextOccurrenceUtc="The NextOccurrenceUtc field is required.")),
        ([], invalid(**{"": "A non-empty request body with a JSON object is required."})),
    ],
)
async def test_a_next_occurrence_that_is_refused(merchant: Caller, qpilot: Qpilot, body: Any, expected: Answer) -> None:
    """What is not in the future, or no instant, changes nothing."""
    order_id = qpilot.add_order()
    before = qpilot.orders[order_id]
    assert await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/NextOccurrenceUtc", body) == expected
    assert qpilot.orders[order_id] == before


async def test_strict_precision_wants_three_digits(merchant: Caller, qpilot: Qpilot) -> None:
    """With the switch a date must have as many digits of a second as records have."""
    _on(qpilot, strict_precision=True)
    path = f"/ScheduledOrders/{qpilot.add_order()}/NextOccurrenceUtc"
    words = "The precision of NextOccurrenceUtc differs from that of the Scheduled Order"
    for text in ("2026-02-01T08:00:00", "2026-02-01T08:00:00.00Z", "2026-02-01"):
        assert await merchant.ask("PUT", path, {"nextOccurrenceUtc": text}) == broken(words)
    assert (await merchant.ask("PUT", path, {"nextOccurrenceUtc": "2026-02-01T08:00:00.000Z"}))[0] == 200


async def test_the_frequency_changes_and_the_date_stays(merchant: Caller, qpilot: Qpilot) -> None:
    """Type and number change together, and the words that say them follow."""
    order_id = qpilot.add_order()
    before = qpilot.orders[order_id]
    body = {"frequencyType": "DayOfTheMonth", "frequency": 22}
    answer = await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/Frequency", body)
    assert await _changed(merchant, qpilot, before, answer) == body | {
        "frequencyDisplayName": "The 22nd of every month"
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"frequency": 30}, invalid(FrequencyType="The FrequencyType field is required.")),
        (
            {"frequencyType": "Days", "frequency": 366},
            invalid(Frequency="The field Frequency must be between 1 and 365."),
        ),
        (
            {"frequencyType": "DayOfTheWeek", "frequency": 8},
            invalid(Frequency="The field Frequency must be between 1 and 7."),
        ),
        (
            {"frequencyType": "Years", "frequency": True},
            invalid(
                Frequency="The field Frequency must be between 1 and 365.",
                FrequencyType=f"The field FrequencyType must be one of {TYPES}.",
            ),
        ),
    ],
)
async def test_a_frequency_that_is_refused(merchant: Caller, qpilot: Qpilot, body: Any, expected: Answer) -> None:
    """Both parts are required and must be in their ranges."""
    order_id = qpilot.add_order()
    before = qpilot.orders[order_id]
    assert await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/Frequency", body) == expected
    assert qpilot.orders[order_id] == before


async def test_snooze_is_off_until_it_is_switched_on(merchant: Caller, qpilot: Qpilot, clock: Clock) -> None:
    """Code 1010 first; then the order rests until its date and is Active by itself."""
    order_id = qpilot.add_order()
    path, body = f"/ScheduledOrders/{order_id}/Snooze", {"snoozeUntilUtc": "2026-01-20T08:00:00.000Z"}
    assert await merchant.ask("PUT", path, body) == broken("Snooze feature is not enabled for this site", 1010)
    _on(qpilot, snooze_enabled=True)
    before = qpilot.orders[order_id]
    more = {"snoozeDuration": 6, "snoozeDurationType": "Day"}
    answer = await merchant.ask("PUT", path, body | more)
    changed = await _changed(merchant, qpilot, before, answer)
    assert changed == body | more | {"status": "Snoozed", "isActive": False}
    clock.advance(7 * DAY)
    assert qpilot.orders[order_id] == before


@pytest.mark.parametrize(
    ("status", "until", "expected"),
    [
        ("Failed", 3, broken("Can only snooze Scheduled Orders with statuses $Active or $Paused", 1001)),
        ("Active", -1, broken("SnoozeUntilUtc must be in the future")),
    ],
)
async def test_a_snooze_that_is_refused(
    merchant: Caller, qpilot: Qpilot, status: str, until: int, expected: Answer
) -> None:
    """Only Active and Paused orders rest, and only until a date to come."""
    _on(qpilot, snooze_enabled=True)
    order_id = qpilot.add_order(status=status)
    body = {"snoozeUntilUtc": _soon(qpilot, until)}
    assert await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/Snooze", body) == expected
    assert qpilot.orders[order_id]["status"] == status


async def test_the_payment_method_is_one_of_the_customers(merchant: Caller, qpilot: Qpilot) -> None:
    """One's own is taken, in the lock window too; another's and an unknown one do not exist."""
    _on(qpilot, lock_days=14)
    order_id, mine = qpilot.add_order(), qpilot.add_payment_method("101")
    path, theirs = f"/ScheduledOrders/{order_id}/PaymentMethod", qpilot.default_method("102")
    for method in (theirs, 5):
        assert await merchant.ask("PATCH", path, {"paymentMethodId": method}) == broken("Payment method does not exist")
    before = qpilot.orders[order_id]
    answer = await merchant.ask("PATCH", path, {"paymentMethodId": mine})
    assert await _changed(merchant, qpilot, before, answer) == {"paymentMethodId": mine}
    assert answer[1]["paymentMethod"] == qpilot.payment_methods[mine]


async def test_retry_begins_a_new_cycle_of_a_failed_order(merchant: Caller, qpilot: Qpilot, clock: Clock) -> None:
    """The order is Queued without its failure, then Processing, then paid; a second retry meets a queued order."""
    _on(qpilot, processing_seconds=10.0)
    order_id = qpilot.add_order(cycles=3)
    qpilot.fail(order_id, 2000)
    first = qpilot.orders[order_id]["lastProcessingCycleId"]
    status, body = await merchant.ask("POST", f"/ScheduledOrders/{order_id}/Retry")
    assert (status, body["status"], body["processingErrorCode"]) == (200, "Queued", None)
    assert int(body["lastProcessingCycleId"]) == int(first) + 1
    refused = broken("Can only retry Scheduled Orders with statuses $Failed", 1001)
    assert await merchant.ask("POST", f"/ScheduledOrders/{order_id}/Retry") == refused
    clock.advance(10)
    assert (qpilot.orders[order_id]["status"], qpilot.orders[order_id]["cycles"]) == ("Processing", 3)
    clock.advance(10)
    assert (qpilot.orders[order_id]["status"], qpilot.orders[order_id]["cycles"]) == ("Active", 4)
    assert [qpilot.cycles[int(first) + n]["status"] for n in (0, 1)] == ["Failed", "Success"]


async def test_a_delete_is_soft(merchant: Caller, qpilot: Qpilot) -> None:
    """The order stays readable as Deleted, leaves the customer's list, and refuses a second delete."""
    order_id = qpilot.add_order(customerId=qpilot.add_customer())
    assert await merchant.ask("DELETE", f"/ScheduledOrders/{order_id}") == (200, True)
    body = await merchant.get(f"/ScheduledOrders/{order_id}")
    assert (body["status"], body["lastChangeToDeleted"]) == ("Deleted", "2026-01-14T17:00:00.000Z")
    customer = body["customerId"]
    assert await merchant.get(f"/Customers/{customer}/ScheduledOrders") == []
    assert await merchant.get(f"/Customers/{customer}/ScheduledOrders?includeDeleted=true") == [body]
    refused = broken("Cannot change a Scheduled Order with status Deleted", 1001)
    assert await merchant.ask("DELETE", f"/ScheduledOrders/{order_id}") == refused


_DEEDS: list[tuple[str, str, Any]] = [
    ("PUT", "/NextOccurrenceUtc", {"nextOccurrenceUtc": "2026-03-01T08:00:00.000Z"}),
    ("PUT", "/Frequency", {"frequencyType": "Days", "frequency": 7}),
    ("DELETE", "", None),
]
_LOCKABLE = [
    *_DEEDS,
    ("PUT", "/Status/Paused", None),
    ("PUT", "/Snooze", {"snoozeUntilUtc": "2026-03-01T08:00:00.000Z"}),
]


@pytest.mark.parametrize(("method", "path", "body"), _LOCKABLE)
async def test_a_locked_order_refuses_both_scopes(
    merchant: Caller, customer: Caller, qpilot: Qpilot, method: str, path: str, body: Any
) -> None:
    """In the lock window nothing changes for anybody, until the switch spares merchants."""
    _on(qpilot, snooze_enabled=True, lock_days=11)
    order_id = qpilot.add_order()
    before = qpilot.orders[order_id]
    for caller in (merchant, customer):
        assert await caller.ask(method, f"/ScheduledOrders/{order_id}{path}", body) == LOCKED
    assert qpilot.orders[order_id] == before
    _on(qpilot, merchant_bypasses_lock=True)
    assert await customer.ask(method, f"/ScheduledOrders/{order_id}{path}", body) == LOCKED
    assert (await merchant.ask(method, f"/ScheduledOrders/{order_id}{path}", body))[0] == 200


async def test_safe_activate_is_refused_in_the_lock_window(merchant: Caller, qpilot: Qpilot) -> None:
    """A paused order that would be due soon stays paused."""
    _on(qpilot, lock_days=11)
    order_id = qpilot.add_order(status="Paused")
    assert await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/SafeActivate") == LOCKED
    assert qpilot.orders[order_id]["status"] == "Paused"


async def test_a_deleted_order_is_not_locked(merchant: Caller, qpilot: Qpilot) -> None:
    """It comes back although its date is near."""
    _on(qpilot, lock_days=11)
    path = f"/ScheduledOrders/{qpilot.add_order(status='Deleted')}"
    assert (await merchant.get(path))["locked"] is False
    status, body = await merchant.ask("PUT", f"{path}/SafeActivate?allowDeleted=true")
    assert (status, body["status"], body["locked"]) == (200, "Active", True)


async def test_the_lock_window_opens_some_days_before(merchant: Caller, qpilot: Qpilot, clock: Clock) -> None:
    """`locked` and `lastEditableDate` say so, to the second; after the date nothing is locked."""
    _on(qpilot, lock_days=1, paused=True)
    order_id = qpilot.add_order()
    seen = []
    for seconds in (9 * DAY - 1, 1, DAY, 1):
        clock.advance(seconds)
        body = await merchant.get(f"/ScheduledOrders/{order_id}")
        seen.append((body["locked"], body["lastEditableDate"]))
    assert seen == [(locked, "2026-01-23T17:00:00.000Z") for locked in (False, True, True, False)]


@pytest.mark.parametrize("status", ["Processing", "Deleted"])
@pytest.mark.parametrize(("method", "path", "body"), [*_DEEDS, ("PATCH", "/PaymentMethod", {"paymentMethodId": 10901})])
async def test_an_order_in_process_or_deleted_refuses_changes(
    merchant: Caller, qpilot: Qpilot, status: str, method: str, path: str, body: Any
) -> None:
    """Code 1001, and the order is as it was."""
    order_id = qpilot.add_order(status=status)
    before = qpilot.orders[order_id]
    refused = broken(f"Cannot change a Scheduled Order with status {status}", 1001)
    assert await merchant.ask(method, f"/ScheduledOrders/{order_id}{path}", body) == refused
    assert qpilot.orders[order_id] == before


@pytest.mark.parametrize(("method", "path", "body"), [("GET", "", None), *_LOCKABLE])
async def test_an_order_that_does_not_exist(merchant: Caller, method: str, path: str, body: Any) -> None:
    """Every endpoint says 404, and 400 for what is no number."""
    assert await merchant.ask(method, f"/ScheduledOrders/7{path}", body) == missing("Scheduled Order")
    expected = invalid(Order="The value 'x7' is not valid.")
    assert await merchant.ask(method, f"/ScheduledOrders/x7{path}", body) == expected


async def test_a_change_may_be_answered_with_nothing(merchant: Caller, qpilot: Qpilot) -> None:
    """With the switch 200 has no body, a refusal keeps its own, and a look is answered as ever."""
    _on(qpilot, success_body="empty")
    path = f"/ScheduledOrders/{qpilot.add_order()}"
    assert await merchant.ask("PUT", f"{path}/Status/Paused") == (200, "")
    assert (await merchant.ask("PUT", f"{path}/Status/Paused"))[0] == 400
    assert (await merchant.get(path))["status"] == "Paused"
