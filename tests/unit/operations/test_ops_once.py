"""One write, once: claimed, sent, judged by a look, and looked after if it was cut off (DESIGN.md §4.4, E1, E2, E3)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from ops_fakes import ADA, BEN, TEAM, Behaviour, Killed
from vendo_fakes import Shop, shop

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    NoAnswer,
    NotFound,
    Unreachable,
)
from operations.changes import CHECK_AFTER, AlreadyBeing
from operations.correction import Verdict
from operations.linking import VENDO, Actor
from operations.once import CUT_OFF, Once, Sent, Write, once, settle
from operations.one_key import OneKey
from operations.outcome import NOBODY_KNOWS, Reason, Refused, Unknown
from operations.ports import Ports
from store.errors import StoreError
from store.ledger import Action

LOST = NoAnswer(VENDO, outcome_known=False)


@dataclass
class Lamp:
    """What is written to: it is on or off, and what can be read of it may fail."""

    on: bool = False
    visible: bool = True
    sent: int = 0
    looks: list[str] = field(default_factory=list)
    coming: list[Behaviour] = field(default_factory=list)

    async def switch(self, key: str) -> str:
        self.sent += 1
        await asyncio.sleep(0)
        behaviour = self.coming.pop(0) if self.coming else Behaviour(accepts=True)
        self.on = self.on or behaviour.accepts
        if behaviour.raises is not None:
            raise behaviour.raises
        return f"on by {key}"

    async def look(self, ports: Ports, action: Action) -> Verdict:
        self.looks.append(action.payload["lamp"])
        if not self.visible:
            return Verdict.UNKNOWN
        return Verdict.DONE if self.on else Verdict.NOT_DONE


@dataclass
class Room:
    """The lamp, and the operations in front of it."""

    home: Shop
    lamp: Lamp
    link: OneKey[str]

    async def write(self, actor: Actor = ADA, *, target: str = "lamp", repeatable: bool = True) -> Once[str]:
        write = Write("lamp.on", target, "C1", self.lamp.switch, {"lamp": "desk"}, repeatable)
        return await once(self.home.ports, self.link, actor, write, self.lamp.look, "REF")

    def state(self, action: Action) -> str:
        found = self.home.ledger.get(action.id, TEAM)
        return found.state if found else "none"

    def states(self) -> list[str]:
        return [outcome for _, outcome in self.home.outcomes()]


@asynccontextmanager
async def room(folder: Path, lamp: Lamp | None = None) -> AsyncIterator[Room]:
    async with shop(folder) as home:
        yield Room(home, lamp or Lamp(), OneKey(home.ports.vendo, "key"))


async def test_a_write_that_is_answered_is_done(tmp_path: Path) -> None:
    """It is claimed with its notes and audit line, sent once with the link's key, and its answer is handed back."""
    async with room(tmp_path) as here:
        done = await here.write()
        assert isinstance(done, Sent)
        assert (done.value, done.action.state) == ("on by key", "done")
        assert (done.action.kind, done.action.target, done.action.back_end) == ("lamp.on", "lamp", VENDO)
        assert done.action.payload == {"lamp": "desk", "channel": "C1"}
        assert (here.lamp.sent, here.lamp.looks, here.states()) == (1, [], ["sending", "done"])


async def test_a_claim_comes_before_the_sending(tmp_path: Path) -> None:
    """G7: where the audit cannot be written, nothing is sent."""
    async with room(tmp_path) as here:
        with closing(sqlite3.connect(tmp_path / "data" / "shipclerk.db", isolation_level=None)) as rival:
            rival.execute("CREATE TRIGGER shut BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'shut'); END")
        with pytest.raises(StoreError):
            await here.write()
        assert (here.lamp.sent, here.home.ledger.in_state("lamp.on", TEAM, "sending")) == (0, [])


@pytest.mark.parametrize("error", [LOST, Fault(VENDO, outcome_known=False), Garbled(VENDO, outcome_known=False)])
@pytest.mark.parametrize("accepts", [True, False])
async def test_a_lost_answer_is_judged_by_a_look(tmp_path: Path, error: BackendError, accepts: bool) -> None:
    """E3: done only where the look shows it, not done only where it shows that, and one request either way."""
    async with room(tmp_path, Lamp(coming=[Behaviour(accepts, error)])) as here:
        said = await here.write()
        assert here.lamp.sent == 1
        if accepts:
            assert isinstance(said, Sent)
            assert (said.value, said.action.state) == (None, "done")
        else:
            text = "I sent it and looked again: nothing has changed. You can ask again."
            assert said == Refused(Reason.NO_ANSWER, text, back_end=VENDO)
        assert here.states() == ["sending", "done" if accepts else "not_done"]


async def test_what_no_look_can_tell_is_unknown(tmp_path: Path) -> None:
    """E3: where the look proves nothing, that is said, with the action for whoever asks later."""
    async with room(tmp_path, Lamp(visible=False, coming=[Behaviour(accepts=True, raises=LOST)])) as here:
        said = await here.write()
        assert isinstance(said, Unknown)
        assert said.action is not None
        assert (said.text, said.action.state) == (f"{LOST.safe_text} {NOBODY_KNOWS}", "unknown")
        assert said.action.payload["why"] == said.text


@pytest.mark.parametrize(
    ("error", "reason", "fields"),
    [
        (Unreachable(VENDO), Reason.NO_ANSWER, ()),
        (Busy(VENDO), Reason.NO_ANSWER, ()),
        (Forbidden(VENDO), Reason.NO, ()),
        (NotFound(VENDO), Reason.NOT_FOUND, ()),
        (Invalid(VENDO, fields=(FieldError("x", "no"),)), Reason.NO, (FieldError("x", "no"),)),
    ],
)
async def test_a_refusal_needs_no_look(
    tmp_path: Path, error: BackendError, reason: Reason, fields: tuple[FieldError, ...]
) -> None:
    """What is known not to be done is refused with its declared sentence and fields, closed, and can be asked again."""
    async with room(tmp_path, Lamp(coming=[Behaviour(accepts=False, raises=error)])) as here:
        assert await here.write() == Refused(reason, error.safe_text, fields, VENDO)
        assert (here.lamp.looks, here.states()) == ([], ["sending", "refused"])
        assert isinstance(await here.write(), Sent)


async def test_fifty_at_once_have_one_winner(tmp_path: Path) -> None:
    """E1: of fifty identical writes at once one is sent, and 49 are told whose it is."""
    async with room(tmp_path) as here:
        outcomes = await asyncio.gather(*(here.write(ADA if turn % 2 else BEN) for turn in range(50)))
        others = [one for one in outcomes if isinstance(one, AlreadyBeing)]
        assert (here.lamp.sent, len(others)) == (1, 49)
        assert {one.action.user for one in others} == {BEN.user}


async def test_writes_to_other_things_are_not_held_up(tmp_path: Path) -> None:
    """At most one is open for a target; other targets go on beside it."""
    async with room(tmp_path) as here:
        outcomes = await asyncio.gather(*(here.write(target=f"lamp-{turn}") for turn in range(5)))
        assert {type(one) for one in outcomes} == {Sent}


async def unknown(here: Room) -> Action:
    """A write that nobody can say anything about, although it was done."""
    here.lamp.visible, here.lamp.coming = False, [Behaviour(accepts=True, raises=LOST)]
    said = await here.write()
    assert isinstance(said, Unknown)
    assert said.action is not None
    return said.action


async def test_an_unknown_write_is_looked_at_before_the_next(tmp_path: Path) -> None:
    """A look that can tell closes the old one as done, and the new one is sent."""
    async with room(tmp_path) as here:
        old = await unknown(here)
        here.lamp.visible = True
        assert isinstance(await here.write(), Sent)
        assert (here.state(old), here.lamp.sent) == ("done", 2)


async def test_a_repeatable_write_goes_on_although_nobody_knows(tmp_path: Path) -> None:
    """What may be sent twice without harm is given up on and sent anew."""
    async with room(tmp_path) as here:
        old = await unknown(here)
        assert isinstance(await here.write(), Sent)
        assert (here.state(old), here.lamp.sent) == ("gave_up", 2)
        assert here.states() == ["sending", "unknown", "gave_up", "sending", "done"]


async def test_what_may_move_money_is_not_sent_again_while_nobody_knows(tmp_path: Path) -> None:
    """A write that is not repeatable stays in the way until a look can tell; was it done, then it is not sent again."""
    async with room(tmp_path) as here:
        old = await unknown(here)
        said = await here.write(repeatable=False)
        assert isinstance(said, AlreadyBeing)
        assert (said.action.id, here.lamp.sent, here.state(old)) == (old.id, 1, "unknown")
        here.lamp.visible = True
        again = await here.write(repeatable=False)
        assert isinstance(again, Sent)
        assert (again.action.id, again.value, here.lamp.sent, here.state(old)) == (old.id, None, 1, "done")
        assert isinstance(await here.write(repeatable=False), Sent)
        assert here.lamp.sent == 2


async def test_what_may_move_money_is_sent_again_once_it_is_known_not_to_be_done(tmp_path: Path) -> None:
    """A look that shows that nothing was done closes the old one, and the new one is sent."""
    async with room(tmp_path) as here:
        here.lamp.visible, here.lamp.coming = False, [Behaviour(accepts=False, raises=LOST)]
        assert isinstance(await here.write(repeatable=False), Unknown)
        here.lamp.visible = True
        assert isinstance(await here.write(repeatable=False), Sent)
        assert here.lamp.sent == 2


async def test_a_look_is_due_for_each_sending(tmp_path: Path) -> None:
    """E2: with the claim a look is scheduled for minutes later, should nobody be left who knows."""
    async with room(tmp_path) as here:
        done = await here.write()
        assert isinstance(done, Sent)
        here.home.clock.advance(CHECK_AFTER.total_seconds())
        due = await here.home.ports.occurrences.claim_due(owner="engine", lease=timedelta(0), most=10)
        assert [(one.kind, one.payload) for one in due] == [("order.check", {"action": done.action.id})]


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_death_while_sending_is_settled_by_a_look(tmp_path: Path, accepts: bool) -> None:
    """E2: the next process looks and sends nothing; the state says done or not done."""
    lamp = Lamp(coming=[Behaviour(accepts, Killed())])
    async with room(tmp_path, lamp) as here:
        with pytest.raises(Killed):
            await here.write()
    async with room(tmp_path, lamp) as here:
        (action,) = here.home.ledger.in_state("lamp.on", TEAM, "sending")
        settled = await settle(here.home.ports, action, lamp.look, "REF-2")
        assert (settled.state, lamp.sent) == ("done" if accepts else "not_done", 1)


async def test_a_death_between_the_answer_and_its_record(tmp_path: Path) -> None:
    """E2: an answer that was not written down any more is found by the look."""
    lamp = Lamp()
    async with room(tmp_path, lamp) as here:
        here.home.ledger.dies = ("before", "done")
        with pytest.raises(Killed):
            await here.write()
    async with room(tmp_path, lamp) as here:
        (action,) = here.home.ledger.in_state("lamp.on", TEAM, "sending")
        assert (await settle(here.home.ports, action, lamp.look, "REF-2")).state == "done"


async def test_a_death_that_no_look_can_judge_is_unknown(tmp_path: Path) -> None:
    """E2: *unknown* with the sentence that it was cut off; a later look still closes it."""
    lamp = Lamp(visible=False, coming=[Behaviour(accepts=True, raises=Killed())])
    async with room(tmp_path, lamp) as here:
        with pytest.raises(Killed):
            await here.write()
        (action,) = here.home.ledger.in_state("lamp.on", TEAM, "sending")
        settled = await settle(here.home.ports, action, lamp.look, "REF-2")
        assert (settled.state, settled.payload["why"]) == ("unknown", CUT_OFF)
        lamp.visible = True
        assert (await settle(here.home.ports, settled, lamp.look, "REF-3")).state == "done"


async def test_what_has_ended_is_not_looked_at_again(tmp_path: Path) -> None:
    """Settling an action that is done, refused or given up changes nothing and asks nobody."""
    async with room(tmp_path) as here:
        done = await here.write()
        assert isinstance(done, Sent)
        assert await settle(here.home.ports, done.action, here.lamp.look, "REF") == done.action
        assert (here.lamp.looks, here.states()) == ([], ["sending", "done"])


async def test_whoever_settles_meanwhile_wins(tmp_path: Path) -> None:
    """A sender who comes back after somebody settled the action as not done says what the ledger says."""
    lamp = Lamp()
    async with room(tmp_path, lamp) as here:

        async def overtaken(key: str) -> str:
            (action,) = here.home.ledger.in_state("lamp.on", TEAM, "sending")
            await settle(here.home.ports, action, lamp.look, "REF-2")
            raise LOST

        write = Write("lamp.on", "lamp", "C1", overtaken, {"lamp": "desk"})
        said = await once(here.home.ports, here.link, ADA, write, lamp.look, "REF")
        assert isinstance(said, Refused)
        assert here.states() == ["sending", "not_done"]
