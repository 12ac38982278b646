"""Digests belong to a person: who may do what with them, and what must be refused (CHECKS B2, B3, F4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from digest_fakes import CHANNEL, EVERY_DAY, NINE, SUNDAY, VIENNA, WISH, Office, office, order
from ops_fakes import ADA, BEN, CLEO, TEAM
from qpilot_fakes import MERCHANT

from backends.errors import FieldError, NoAnswer
from operations import digesting
from operations.collecting import collect
from operations.digest_facts import Delta, RunAsked, What
from operations.digest_tick import schedule_due
from operations.digesting import Health, Listed
from operations.linking import Actor, not_connected
from operations.outcome import Done, Reason, Refused
from operations.qpilot_accounts import MERCHANTS_ONLY
from store.digests import Digest

DAY = timedelta(days=1)
STRANGER = Actor("T0OTHER001", ADA.user)
Ask = Callable[[Office, Actor, str], Awaitable[Any]]


async def made(one: Office, outcome: Awaitable[Done[Digest] | Refused]) -> Digest:
    """The digest that an operation gives, which is the one in the store."""
    found = await outcome
    assert isinstance(found, Done), found
    assert one.digests.get(found.value.id, TEAM) == found.value
    return found.value


async def stopped(one: Office, digest: Digest, reason: str = "login_again") -> Digest:
    assert await digesting.stop(one.ports, digest, reason, "REF-STOP")
    found = one.digests.get(digest.id, TEAM)
    assert found is not None
    return found


async def test_a_new_digest_runs_with_its_makers_connections(tmp_path: Path) -> None:
    """It is kept as it was wished, active, with its next run and one audit line."""
    async with office(tmp_path) as one:
        wish = replace(WISH, what=("scheduled_failed", "orders_stuck"), days=(4, 0, 4))
        digest = await made(one, digesting.new(one.ports, ADA, wish, "REF"))
        when = (0, 4), "09:00", VIENNA, "summary"
        what = ("scheduled_failed", "orders_stuck")
        assert digest == Digest(digest.id, TEAM, ADA.user, CHANNEL, what, *when, SUNDAY, next_at=NINE)
        assert one.lines() == [(ADA.user, "digest.new", digest.id, "active")]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"channel": ""}, ["channel"]),
        ({"what": ()}, ["what"]),
        ({"what": ("orders_stuck", "weather")}, ["what"]),
        ({"days": ()}, ["days"]),
        ({"days": (0, 7)}, ["days"]),
        ({"days": (-1,)}, ["days"]),
        *(({"at": at}, ["at"]) for at in ("", "9:00", "24:00", "09:60", "09:00:00", "09:00 ", "٠٩:٠٠")),
        *(({"zone": zone}, ["zone"]) for zone in ("", "Wien", "../etc/passwd", "europe/vienna")),
        ({"size": "huge"}, ["size"]),
        (
            {"what": (), "days": (), "at": "x", "zone": "x", "size": "x", "channel": ""},
            ["channel", "what", "days", "at", "zone", "size"],
        ),
    ],
)
async def test_a_wish_that_cannot_be_is_refused(tmp_path: Path, wrong: dict[str, Any], fields: list[str]) -> None:
    """What can't be used is named by its input, all at once, for a new digest and an edit; nothing is changed."""
    async with office(tmp_path) as one:
        digest = await one.made()
        for outcome in (
            await digesting.new(one.ports, ADA, replace(WISH, **wrong), "REF"),
            await digesting.edit(one.ports, ADA, digest.id, replace(WISH, **wrong), "REF"),
        ):
            assert isinstance(outcome, Refused)
            assert [one_field.field for one_field in outcome.fields] == fields
            assert all(isinstance(one_field, FieldError) for one_field in outcome.fields)
        assert (one.digests.in_team(TEAM), len(one.lines())) == ([digest], 1)


@pytest.mark.parametrize(
    ("connected", "what", "missing"),
    [
        ((), ("orders_stuck",), "quivo"),
        (("qpilot",), ("orders_stuck", "scheduled_failed"), "quivo"),
        (("quivo",), ("orders_stuck", "scheduled_failed"), "qpilot"),
        (("quivo",), ("scheduled_due_7d",), "qpilot"),
    ],
)
async def test_without_a_connection_there_is_no_digest(
    tmp_path: Path, connected: tuple[str, ...], what: tuple[str, ...], missing: str
) -> None:
    """B7: who lacks a connection to one of the sources is told which, and nothing is kept."""
    async with office(tmp_path) as one:
        if connected:
            await one.connect(BEN, *connected)
        outcome = await digesting.new(one.ports, BEN, replace(WISH, what=what), "REF")
        assert (outcome, one.digests.in_team(TEAM), one.lines()) == (not_connected(missing), [], [])


async def test_one_connection_is_enough_for_its_own_sources(tmp_path: Path) -> None:
    """Only the back ends of the chosen sources have to be connected."""
    async with office(tmp_path) as one:
        await one.connect(BEN, "quivo")
        assert (await one.made(BEN, what=("orders_stuck",))).owner == BEN.user


async def test_a_customers_connection_has_no_digest(tmp_path: Path) -> None:
    """QPilot's summary is for merchants, so a digest of it is refused at once and not every morning."""
    async with office(tmp_path) as one:
        await one.connect(BEN, "quivo")
        await one.ports.qpilot.connect(BEN, replace(MERCHANT, scope="Customer", customer_id="107"))
        assert await digesting.new(one.ports, BEN, WISH, "REF") == MERCHANTS_ONLY
        assert isinstance(await digesting.new(one.ports, BEN, replace(WISH, what=("orders_stuck",)), "REF"), Done)


async def test_an_edit_changes_what_was_wished(tmp_path: Path) -> None:
    """Everything that was wished is changed, the next run with it, and who owns it and what it told stay."""
    async with office(tmp_path) as one:
        digest = await one.made()
        wish = replace(
            WISH, channel="C0OTHER001", what=("orders_stuck",), days=(1,), at="23:30", zone="UTC", size="full"
        )
        edited = await made(one, digesting.edit(one.ports, ADA, digest.id, wish, "REF"))
        tuesday = SUNDAY.replace(day=24, hour=23, minute=30)
        assert edited == replace(replace(digest, **wish.fields()), next_at=tuesday)
        assert one.lines()[1:] == [(ADA.user, "digest.edit", digest.id, "edited")]
        assert one.audit.lines(TEAM, 1)[0].channel == "C0OTHER001"


async def test_an_edit_of_other_things_loses_no_run(tmp_path: Path) -> None:
    """F2: a digest that is due and was not told yet is due after an edit as well, if its time is the same."""
    async with office(tmp_path) as one:
        digest = await one.made()
        one.clock.time = NINE + timedelta(seconds=20)
        edited = await made(one, digesting.edit(one.ports, ADA, digest.id, replace(WISH, size="full"), "REF"))
        assert edited == replace(digest, size="full")
        assert await schedule_due(one.ports) == 1


async def test_an_edit_resumes_nothing(tmp_path: Path) -> None:
    """F4: a paused and a stopped digest stay so, with their reason."""
    async with office(tmp_path) as one:
        paused = await made(one, digesting.pause(one.ports, ADA, (await one.made()).id, "REF"))
        halted = await stopped(one, await one.made())
        for digest in (paused, halted):
            edited = await made(one, digesting.edit(one.ports, ADA, digest.id, replace(WISH, at="10:00"), "REF"))
            assert edited == replace(digest, at="10:00")


async def test_pause_and_resume(tmp_path: Path) -> None:
    """A paused digest is due no more; resumed, it goes on with the next time and tells nothing late."""
    async with office(tmp_path) as one:
        digest = await one.made()
        paused = await made(one, digesting.pause(one.ports, ADA, digest.id, "REF"))
        assert paused == replace(digest, state="paused", next_at=None)
        assert await digesting.pause(one.ports, ADA, digest.id, "REF") == digesting.NOT_ACTIVE
        one.clock.time = NINE + 2 * DAY
        assert await schedule_due(one.ports) == 0
        resumed = await made(one, digesting.resume(one.ports, ADA, digest.id, "REF"))
        assert resumed == replace(digest, next_at=NINE + 3 * DAY)
        assert await digesting.resume(one.ports, ADA, digest.id, "REF") == digesting.ACTIVE_ALREADY
        assert [line[1:] for line in one.lines()[1:]] == [
            ("digest.pause", digest.id, "paused"),
            ("digest.resume", digest.id, "active"),
        ]


async def test_a_stopped_digest_is_resumed_once_it_is_mended(tmp_path: Path) -> None:
    """F4: without the connection that it stopped for it does not go on; with it, it begins anew."""
    async with office(tmp_path) as one:
        digest = await one.made()
        await one.ports.qpilot.disconnect(ADA)
        halted = await stopped(one, digest, "not_connected")
        await one.digests.told(digest.id, "owner")
        assert await digesting.resume(one.ports, ADA, digest.id, "REF") == not_connected("qpilot")
        assert await digesting.pause(one.ports, ADA, digest.id, "REF") == digesting.NOT_ACTIVE
        assert halted == replace(digest, state="stopped", next_at=None, reason="not_connected")
        await one.connect(ADA, "qpilot")
        assert await made(one, digesting.resume(one.ports, ADA, digest.id, "REF")) == digest


async def test_a_stop_is_once_with_its_reason(tmp_path: Path) -> None:
    """F4: one permanent error stops it, with one audit line; a second one changes nothing."""
    async with office(tmp_path) as one:
        digest = await one.made()
        assert await digesting.stop(one.ports, digest, "owner_left", "REF") is True
        assert await digesting.stop(one.ports, digest, "channel_gone", "REF") is False
        assert one.lines()[1:] == [(ADA.user, "digest.stop", digest.id, "owner_left")]


OWNERS: dict[str, Ask] = {
    "edit": lambda one, actor, id: digesting.edit(one.ports, actor, id, replace(WISH, size="full"), "REF"),
    "pause": lambda one, actor, id: digesting.pause(one.ports, actor, id, "REF"),
    "resume": lambda one, actor, id: digesting.resume(one.ports, actor, id, "REF"),
    "offer": lambda one, actor, id: digesting.offer(one.ports, actor, id, CLEO.user, "REF"),
    "delete": lambda one, actor, id: digesting.delete(one.ports, actor, id, "REF"),
    "preview": lambda one, actor, id: digesting.preview(one.ports, actor, id),
    "run_now": lambda one, actor, id: digesting.run_now(one.ports, actor, id, "REF"),
}


@pytest.mark.parametrize("name", OWNERS)
async def test_only_the_owner_may(tmp_path: Path, name: str) -> None:
    """B2: a colleague, even the one whom it is offered to, may do nothing with it; no back end is asked."""
    async with office(tmp_path) as one:
        await one.connect(BEN)
        digest = await one.made()
        offered = await made(one, digesting.offer(one.ports, ADA, digest.id, BEN.user, "REF"))
        before = one.lines()
        assert await OWNERS[name](one, BEN, digest.id) == digesting.NOT_YOURS
        assert (one.digests.in_team(TEAM), one.lines(), one.quivo.asked) == ([offered], before, [])
        assert await one.runs() == []


@pytest.mark.parametrize("name", [*OWNERS, "accept", "decline"])
async def test_what_is_not_there(tmp_path: Path, name: str) -> None:
    """B6: an id that does not exist and one of another workspace are the same: there is no such digest."""
    asks: dict[str, Ask] = {
        **OWNERS,
        "accept": lambda one, actor, id: digesting.accept(one.ports, actor, id, "REF"),
        "decline": lambda one, actor, id: digesting.decline(one.ports, actor, id, "REF"),
    }
    async with office(tmp_path) as one:
        digest = await one.made()
        assert await asks[name](one, ADA, "x" * 22) == digesting.GONE
        assert await asks[name](one, STRANGER, digest.id) == digesting.GONE
        assert one.digests.in_team(TEAM) == [digest]


async def test_an_admin_may_pause_and_delete(tmp_path: Path) -> None:
    """B2: what annoys a channel can be silenced by an admin, under the admin's own name in the audit."""
    async with office(tmp_path) as one:
        digest = await one.made()
        await made(one, digesting.pause(one.ports, BEN, digest.id, "REF", admin=True))
        assert isinstance(await digesting.delete(one.ports, BEN, digest.id, "REF", admin=True), Done)
        assert one.digests.in_team(TEAM) == []
        assert one.lines()[1:] == [
            (BEN.user, "digest.pause", digest.id, "paused"),
            (BEN.user, "digest.delete", digest.id, "deleted"),
        ]


async def test_a_digest_is_handed_over(tmp_path: Path) -> None:
    """An offer changes nothing but itself; who accepts owns it, and from then on their connections are asked."""
    async with office(tmp_path) as one:
        await one.connect(BEN)
        digest = await one.made(what=("orders_stuck",))
        offered = await made(one, digesting.offer(one.ports, ADA, digest.id, BEN.user, "REF"))
        assert offered == replace(digest, offered_to=BEN.user)
        assert [listed.digest for listed in digesting.offered(one.ports, BEN)] == [offered]
        await collect(one.ports, offered)
        taken = await made(one, digesting.accept(one.ports, BEN, digest.id, "REF"))
        assert taken == replace(digest, owner=BEN.user)
        await collect(one.ports, taken)
        assert one.quivo.who == ["ada", "ben"]
        assert digesting.offered(one.ports, BEN) == ()
        assert one.lines()[1:] == [
            (ADA.user, "digest.offer", digest.id, "offered"),
            (BEN.user, "digest.accept", digest.id, "accepted"),
        ]
        assert await digesting.pause(one.ports, ADA, digest.id, "REF") == digesting.NOT_YOURS


async def test_who_accepts_needs_own_connections(tmp_path: Path) -> None:
    """B7: without an own connection to every source it stays the owner's, and can be accepted after connecting."""
    async with office(tmp_path) as one:
        await one.connect(BEN, "quivo")
        digest = await one.made()
        offered = await made(one, digesting.offer(one.ports, ADA, digest.id, BEN.user, "REF"))
        assert await digesting.accept(one.ports, BEN, digest.id, "REF") == not_connected("qpilot")
        assert one.digests.get(digest.id, TEAM) == offered
        await one.connect(BEN, "qpilot")
        assert (await made(one, digesting.accept(one.ports, BEN, digest.id, "REF"))).owner == BEN.user


@pytest.mark.parametrize("actor", [ADA, CLEO])
async def test_only_who_was_asked_can_accept(tmp_path: Path, actor: Actor) -> None:
    """B4: neither the owner nor a third person takes what was offered to somebody else, nor what was never offered."""
    async with office(tmp_path) as one:
        await one.connect(CLEO)
        digest = await one.made()
        assert await digesting.accept(one.ports, actor, digest.id, "REF") == digesting.NOT_OFFERED
        await made(one, digesting.offer(one.ports, ADA, digest.id, BEN.user, "REF"))
        assert await digesting.accept(one.ports, actor, digest.id, "REF") == digesting.NOT_OFFERED
        assert len(one.lines()) == 2


async def test_an_offer_can_be_replaced_declined_and_taken_back(tmp_path: Path) -> None:
    """B3: once it is taken back or made to somebody else, the first one can't accept any more."""
    async with office(tmp_path) as one:
        for actor in (BEN, CLEO):
            await one.connect(actor)
        digest = await one.made()
        await made(one, digesting.offer(one.ports, ADA, digest.id, BEN.user, "REF"))
        await made(one, digesting.offer(one.ports, ADA, digest.id, CLEO.user, "REF"))
        assert await digesting.accept(one.ports, BEN, digest.id, "REF") == digesting.NOT_OFFERED
        assert await digesting.decline(one.ports, BEN, digest.id, "REF") == digesting.NOT_OFFERED
        assert await made(one, digesting.decline(one.ports, CLEO, digest.id, "REF")) == digest
        assert await digesting.decline(one.ports, ADA, digest.id, "REF") == digesting.NOT_OFFERED
        await made(one, digesting.offer(one.ports, ADA, digest.id, BEN.user, "REF"))
        assert await made(one, digesting.decline(one.ports, ADA, digest.id, "REF")) == digest
        assert await digesting.accept(one.ports, BEN, digest.id, "REF") == digesting.NOT_OFFERED
        assert await digesting.offer(one.ports, ADA, digest.id, ADA.user, "REF") == digesting.OWN_OFFER


async def test_who_accepts_a_stopped_digest_brings_it_back(tmp_path: Path) -> None:
    """F4: handed over, what stopped for want of a connection goes on; what is paused stays paused."""
    async with office(tmp_path) as one:
        await one.connect(BEN)
        halted, paused = await stopped(one, await one.made()), await one.made()
        paused = await made(one, digesting.pause(one.ports, ADA, paused.id, "REF"))
        for digest in (halted, paused):
            await made(one, digesting.offer(one.ports, ADA, digest.id, BEN.user, "REF"))
        active = await made(one, digesting.accept(one.ports, BEN, halted.id, "REF"))
        assert active == replace(halted, owner=BEN.user, state="active", next_at=NINE, reason=None)
        assert await made(one, digesting.accept(one.ports, BEN, paused.id, "REF")) == replace(paused, owner=BEN.user)


async def test_two_who_change_it_at_once(tmp_path: Path) -> None:
    """B3, E1: accepted and taken back in the same moment: one of the two happens, the other is told that it changed."""
    async with office(tmp_path) as one:
        await one.connect(BEN)
        digest = await one.made()
        await made(one, digesting.offer(one.ports, ADA, digest.id, BEN.user, "REF"))
        first, second, third = await asyncio.gather(
            digesting.accept(one.ports, BEN, digest.id, "REF"),
            digesting.decline(one.ports, ADA, digest.id, "REF"),
            digesting.delete(one.ports, ADA, digest.id, "REF"),
        )
        assert first == Done(replace(digest, owner=BEN.user))
        refused = {outcome.text for outcome in (second, third) if isinstance(outcome, Refused)}
        assert all(isinstance(outcome, Refused) for outcome in (second, third))
        assert refused <= {digesting.CHANGED.text, "This digest is not yours, so only its owner can do that."}
        assert one.digests.get(digest.id, TEAM) == replace(digest, owner=BEN.user)
        assert [line[1] for line in one.lines()] == ["digest.new", "digest.offer", "digest.accept"]


async def test_a_preview_notes_nothing(tmp_path: Path) -> None:
    """What it would say now and what has changed, with the owner's connections; nothing is kept."""
    async with office(tmp_path) as one:
        digest = await one.made(what=("orders_stuck",))
        one.quivo.put(order(1, days=9))
        await digesting.record(one.ports, digest, SUNDAY, await collect(one.ports, digest))
        one.quivo.put(order(2, days=9))
        one.clock.time += DAY
        kept, before = one.digests.last(digest.id, TEAM), one.lines()
        outcome = await digesting.preview(one.ports, ADA, digest.id)
        assert isinstance(outcome, Done)
        (section,) = outcome.value.collected.found
        assert section.total.count == 2
        assert [one_delta for one_delta in outcome.value.changes if one_delta.part == ""] == [
            Delta(What.STUCK, "", None, 1, 2, SUNDAY)  # type: ignore[arg-type]
        ]
        assert (one.digests.last(digest.id, TEAM), one.lines(), await one.runs()) == (kept, before, [])
        assert one.digests.get(digest.id, TEAM) == outcome.value.digest == replace(digest, last_posted_at=SUNDAY)


async def test_a_preview_works_while_paused(tmp_path: Path) -> None:
    """A paused digest can be looked at; a source that is down is absent in a preview as well (F3)."""
    async with office(tmp_path) as one:
        digest = await one.made(what=("orders_stuck",))
        await digesting.pause(one.ports, ADA, digest.id, "REF")
        one.quivo.search_fails = NoAnswer("quivo")
        outcome = await digesting.preview(one.ports, ADA, digest.id)
        assert isinstance(outcome, Done)
        assert [absent.reason for absent in outcome.value.collected.absent] == [Reason.NO_ANSWER]


async def test_run_now_is_one_run_beside_the_schedule(tmp_path: Path) -> None:
    """The same request twice is one run, another request another; the schedule is not touched."""
    async with office(tmp_path) as one:
        one.clock.time = SUNDAY.replace(hour=23, minute=30)  # 00:30 on Monday in Vienna
        digest = await one.made()
        for ref in ("REF-1", "REF-1", "REF-2"):
            outcome = await digesting.run_now(one.ports, ADA, digest.id, ref)
        key, now = f"digest:{digest.id}:asked:REF-2", one.clock.time
        last = RunAsked(key, digest.id, TEAM, date(2026, 11, 23), now, 1, now, ADA.user)
        assert outcome == Done(last)
        assert await one.runs() == [replace(last, key=key.replace("REF-2", "REF-1")), last]
        assert one.digests.get(digest.id, TEAM) == digest
        assert one.lines()[-1] == (ADA.user, "digest.run", digest.id, "asked")


@pytest.mark.parametrize("state", ["paused", "stopped"])
async def test_what_does_not_run_is_not_run_by_hand(tmp_path: Path, state: str) -> None:
    """F4: a paused or stopped digest posts nothing, by hand neither."""
    async with office(tmp_path) as one:
        digest = await one.made()
        await (digesting.pause(one.ports, ADA, digest.id, "REF") if state == "paused" else stopped(one, digest))
        assert await digesting.run_now(one.ports, ADA, digest.id, "REF") == digesting.NOT_ACTIVE
        assert await one.runs() == []


async def test_what_was_posted_is_recorded(tmp_path: Path) -> None:
    """F2: a post that an earlier attempt made is noted, and the numbers of the one before it are kept."""
    async with office(tmp_path) as one:
        digest = await one.made(what=("orders_stuck",))
        collected = await collect(one.ports, digest)
        assert await digesting.record(one.ports, digest, NINE, collected) is True
        numbers = one.digests.last(digest.id, TEAM)
        assert await digesting.record(one.ports, digest, NINE + DAY, None) is True
        assert one.digests.get(digest.id, TEAM) == replace(digest, last_posted_at=NINE + DAY)
        assert (one.digests.last(digest.id, TEAM), list(numbers)) == (numbers, ["orders_stuck"])
        await digesting.delete(one.ports, ADA, digest.id, "REF")
        assert await digesting.record(one.ports, digest, NINE, collected) is False


async def test_lists_say_how_digests_are(tmp_path: Path) -> None:
    """A9: mine, the channel's and the team's, oldest first with their health; no back end is asked for it."""
    async with office(tmp_path) as one:
        await one.connect(BEN)
        mine, elsewhere = await one.made(), await one.made(channel="C0OTHER001", what=("orders_stuck",))
        theirs = await one.made(BEN)
        paused = await made(one, digesting.pause(one.ports, ADA, (await one.made()).id, "REF"))
        halted = await stopped(one, await one.made())
        await one.ports.qpilot.disconnect(ADA)
        asked = len(one.qpilot.requests)
        expected = [
            Listed(mine, Health.UNCONNECTED, ("qpilot",)),
            Listed(elsewhere, Health.RUNNING),
            Listed(theirs, Health.RUNNING),
            Listed(paused, Health.PAUSED, ("qpilot",)),
            Listed(halted, Health.STOPPED, ("qpilot",)),
        ]
        assert list(digesting.of_team(one.ports, TEAM)) == expected
        assert list(digesting.mine(one.ports, ADA)) == [one_ for one_ in expected if one_.digest.owner == ADA.user]
        assert list(digesting.of_channel(one.ports, TEAM, CHANNEL)) == [expected[0], *expected[2:]]
        assert digesting.of_team(one.ports, "T0OTHER001") == digesting.mine(one.ports, STRANGER) == ()
        assert (len(one.qpilot.requests), one.quivo.asked) == (asked, [])
        assert mine.days == EVERY_DAY
