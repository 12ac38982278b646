"""What the handlers of a cancellation do around the operations: who may press what, and what a run leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import ADA, BEN, CHANNEL, NOW, TEAM, FakeQuivo, Stage, request

from backends.errors import NotFound
from backends.quivo.order import Address, Order, Position
from handlers import cancelling
from handlers.access import Role
from handlers.commands import run
from handlers.directory import Directory
from handlers.render.profile import Profile
from handlers.request import Kind
from operations import approving
from operations import cancelling as operation
from operations.approving import Declined, Expired
from operations.cancel_looking import NotYet, Settled
from operations.cancel_rules import fingerprint
from operations.cancel_sending import Sent
from operations.cancelling import Held, TooLate, Undone
from operations.changes import GONE, AlreadyBeing
from operations.durable import Finished, Later
from operations.outcome import Reason, Refused, Unknown
from store.cards import Card
from store.ledger import Action
from store.occurrences import Occurrence
from store.preferences import Preferences

ORDER = Order(
    1001,
    "PROCESSING",
    "#DE38678",
    "shop-77",
    positions=(Position("SKU-1", quantity=1),),
    delivery_address=Address(name="Grace Hopper", city="Berlin"),
)
PRESSES = ("cancel.confirm", "cancel.undo", "cancel.approve", "cancel.decline", "cancel.look")


def action_in(state: str = "held", user: str = ADA) -> Action:
    """A cancellation of order 1001 in a state."""
    payload = {"order_id": 1001, "reference": "#DE38678", "channel": CHANNEL, "card": "card-1"}
    return Action("act-1", "order.cancel", TEAM, user, "quivo", "1001", state, "REF23456", NOW, NOW, payload)


class Shelf:
    """A ledger with one action on it, or none."""

    def __init__(self, action: Action | None = None) -> None:
        self.action = action

    def get(self, action_id: str, team: str) -> Action | None:
        return self.action if self.action and (action_id, team) == (self.action.id, TEAM) else None

    def count_recent(self, *_: Any) -> int:
        return 0


class Scene:
    """A stage whose operations are what a test says, and that remembers what was drawn and in which order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, action: Action | None = None, *orders: Order) -> None:
        preferences = SimpleNamespace(get=lambda team: Preferences(None, None, None))
        self.shelf = Shelf(action)
        ports = SimpleNamespace(ledger=self.shelf, preferences=preferences, now=lambda: NOW)
        self.stage = Stage(quivo=FakeQuivo(*orders), ports=ports)
        self.stage.slack.channels = {CHANNEL: {"is_channel": True}}
        self.stage.slack.people = {ADA: {"team_id": TEAM}}
        directory = Directory(self.stage.slack, TEAM)
        self.happened: list[str] = []
        self.asked: list[Any] = []
        self.stage.services = replace(
            self.stage.services, directory=directory, wake=lambda: self.happened.append("wake"), undo_seconds=10
        )
        self.stage.slack.before = self.happened.append
        self._patch = monkeypatch
        monkeypatch.setattr(cancelling, "draw", self._draw)

    async def _draw(self, services: Any, action: Action, *, first: bool = False, by: str = "") -> None:
        self.happened.append(f"draw {action.state}{' first' if first else ''}{f' by {by}' if by else ''}")

    def answers(self, name: str, outcome: Any, where: Any = cancelling) -> None:
        """What an operation comes to; how it was asked is remembered."""

        async def answer(*given: Any, **named: Any) -> Any:
            self.asked.append((name, given[1:], named))
            return outcome

        self._patch.setattr(where, name, answer)

    async def card(self, **payload: Any) -> Card:
        """A card of a question that Ada was asked."""
        notes = {"order_id": 1001, "reference": "#DE38678", "seen": "mark", "channel": CHANNEL, **payload}
        return await self.stage.cards.put("cancel", TEAM, ADA, notes)

    async def press(self, name: str, value: str, user: str = ADA, role: Role = Role.MEMBER, **more: Any) -> str:
        """Press a button; the audit's word."""
        pressed = request(Kind.ACTION, name, value=value, user=user, **more)
        return await run(self.stage.context(pressed, role=role))


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene with one held cancellation of Ada's."""
    return Scene(monkeypatch, action_in())


MODAL: dict[str, Any] = {"view": {"id": "V1"}, "channel": None, "response_url": None}


async def test_the_question_keeps_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card behind the question holds the order's fingerprint and the place, and nothing personal (B6, E4)."""
    scene = Scene(monkeypatch, None, ORDER)
    await scene.stage.connect()
    assert await run(scene.stage.context(request(text="cancel 1001"), profile=Profile.PRIVATE)) == "done"
    (card,) = scene.stage.cards.kept.values()
    seen = {"order_id": 1001, "reference": "#DE38678", "seen": fingerprint(ORDER), "channel": CHANNEL}
    assert (card.kind, card.created_by, card.payload) == ("cancel", ADA, seen)
    assert "cancel.confirm" in scene.stage.texts("update")[-1]
    assert scene.asked == []


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED"])
async def test_a_question_that_has_an_answer_already_has_no_button(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """What the status forbids is said at the question, which keeps no card and shows no red button (seed 002)."""
    scene = Scene(monkeypatch, None, replace(ORDER, status=status))
    await scene.stage.connect()
    assert await run(scene.stage.context(request(text="cancel 1001"))) == "refused:no"
    assert ("cancel.confirm" in scene.stage.texts("update")[-1], scene.stage.cards.kept) == (False, {})


async def test_an_order_that_is_not_there_is_said_in_the_modal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not found is said where the question would have been, and the audit has the word."""
    scene = Scene(monkeypatch)
    await scene.stage.connect()
    scene.stage.quivo.failing = NotFound("quivo")
    assert await run(scene.stage.context(request(text="cancel 1001"))) == "refused:not_found"
    assert [said.how for said in scene.stage.slack.said if said.how == "open"] == ["open"]


@pytest.mark.parametrize("name", PRESSES)
@pytest.mark.parametrize("value", ["", "card-9", "x" * 3000, "1001", "act-1", "' OR 1=1"])
async def test_a_button_with_a_wrong_id_does_nothing(scene: Scene, name: str, value: str) -> None:
    """A value that is no card's id is refused in one word, and no operation is asked (B6)."""
    assert await scene.press(name, value) == "refused:expired"
    assert (scene.asked, [one for one in scene.happened if one.startswith("draw")]) == ([], [])


@pytest.mark.parametrize("name", PRESSES)
@pytest.mark.parametrize(("kind", "team"), [("order", TEAM), ("cancel", "T0OTHER001")])
async def test_a_button_with_somebody_elses_card_does_nothing(scene: Scene, name: str, kind: str, team: str) -> None:
    """A card of another kind, or of another team, is no card (B6)."""
    card = await scene.stage.cards.put(kind, team, ADA, {"action": "act-1", "order_id": 1001})
    assert await scene.press(name, card.id) == "refused:expired"
    assert scene.asked == []


async def test_a_question_is_answered_by_who_was_asked(scene: Scene) -> None:
    """Ben cannot confirm in Ada's modal, even with its id (B2)."""
    card = await scene.card()
    assert await scene.press("cancel.confirm", card.id, user=BEN, **MODAL) == "refused:expired"
    assert scene.asked == []


async def test_a_claim_is_shown_before_anything_else_can_fail(scene: Scene) -> None:
    """The button that undoes comes first: a modal that cannot be closed does not keep it from anybody (E7)."""
    scene.answers("ask", Held(action_in(), ORDER), operation)
    card = await scene.card()

    def fails(how: str) -> None:
        if how == "update":
            raise TimeoutError
        scene.happened.append(how)

    scene.stage.slack.before = fails
    with pytest.raises(TimeoutError):
        await scene.press("cancel.confirm", card.id, **MODAL)
    assert scene.happened == ["wake", "draw held first"]
    assert scene.stage.cards.kept[card.id].payload["action"] == "act-1"


async def test_what_is_claimed_is_what_was_seen(scene: Scene) -> None:
    """The operation is given the fingerprint and the place that the card kept, and the window of the settings."""
    scene.answers("ask", Held(action_in(), ORDER), operation)
    card = await scene.card()
    assert await scene.press("cancel.confirm", card.id, **MODAL) == "held"
    ((_, (actor, asked, reference), _),) = scene.asked
    assert (actor.user, reference) == (ADA, "REF23456")
    seen = (asked.order_id, asked.seen, asked.channel, asked.undo_seconds, asked.card)
    assert seen == (1001, "mark", CHANNEL, 10, card.id)


async def test_the_second_is_told_who_was_first(scene: Scene) -> None:
    """Nothing is drawn for the second; they read who is cancelling it (E1)."""
    scene.answers("ask", AlreadyBeing(action_in(user=BEN)), operation)
    card = await scene.card()
    assert await scene.press("cancel.confirm", card.id, **MODAL) == "refused:already"
    assert f"<@{BEN}> is already cancelling" in scene.stage.texts("whisper")[-1]
    assert ("wake" in scene.happened, "action" in scene.stage.cards.kept[card.id].payload) == (False, False)


@pytest.mark.parametrize(
    ("outcome", "word"), [(Unknown("Nobody knows."), "unknown"), (GONE, "refused:not_found")], ids=["unknown", "gone"]
)
async def test_a_claim_that_came_to_nothing_is_said_twice(scene: Scene, outcome: Any, word: str) -> None:
    """In the modal, and in a message that stays when the modal is closed."""
    scene.answers("ask", outcome, operation)
    card = await scene.card()
    assert await scene.press("cancel.confirm", card.id, **MODAL) == word
    assert outcome.text in scene.stage.texts("update")[-1]
    assert outcome.text in scene.stage.texts("whisper")[-1]


@pytest.mark.parametrize(("role", "admin"), [(Role.ADMIN, True), (Role.MEMBER, False)])
async def test_an_admin_undoes_as_an_admin(scene: Scene, role: Role, admin: bool) -> None:
    """Whether somebody is an admin is what Slack says of who pressed, and the message names them (B2)."""
    scene.answers("undo", Undone(action_in("undone")), operation)
    card = await scene.card(action="act-1")
    assert await scene.press("cancel.undo", card.id, user=BEN, role=role) == "done"
    ((_, given, named),) = scene.asked
    assert (given[0].user, named) == (BEN, {"admin": admin})
    assert f"draw undone by {BEN}" in scene.happened


async def test_too_late_to_undo_is_said(scene: Scene) -> None:
    """Nothing is drawn, and the person reads that it is too late (E7)."""
    scene.answers("undo", TooLate(action_in("sending")), operation)
    card = await scene.card(action="act-1")
    assert await scene.press("cancel.undo", card.id) == "refused:too_late"
    assert "Too late" in scene.stage.texts("respond")[-1]


async def test_who_asked_takes_it_back_with_decline(scene: Scene) -> None:
    """*Decline* in the hand of who asked is *Undo*; in another's it is a second person's no (B4)."""
    scene.answers("undo", Undone(action_in("undone")), operation)
    scene.answers("decline", Declined(action_in("declined")), approving)
    card = await scene.card(action="act-1")
    await scene.press("cancel.decline", card.id)
    await scene.press("cancel.decline", card.id, user=BEN)
    assert [(name, given[0].user) for name, given, _ in scene.asked] == [("undo", ADA), ("decline", BEN)]


async def test_a_question_that_was_never_confirmed_has_nothing_to_undo(scene: Scene) -> None:
    """A card of a question alone is not an action's."""
    card = await scene.card()
    assert await scene.press("cancel.undo", card.id) == "refused:expired"


async def test_a_look_that_saw_nothing_says_why(scene: Scene) -> None:
    """*Look again* without an answer from Quivo is said, and the message stays as it is (E3)."""
    scene.answers("read_back", NotYet(action_in("unknown"), NOW, 1, "Quivo does not answer."))
    card = await scene.card(action="act-1")
    assert await scene.press("cancel.look", card.id, user=BEN) == "unknown"
    ((_, _, named),) = scene.asked
    assert named["reader"].user == BEN
    assert "Quivo does not answer." in scene.stage.texts("respond")[-1]
    assert [one for one in scene.happened if one.startswith("draw")] == []


def occurrence(kind: str, attempt: int = 1, **payload: Any) -> Occurrence:
    """A run of a kind for Ada's cancellation."""
    lease = NOW + timedelta(seconds=90)
    return Occurrence(f"{kind}:act-1", kind, TEAM, NOW, attempt, {"action": "act-1", **payload}, lease)


async def test_it_is_sent_if_who_asked_still_may(scene: Scene) -> None:
    """Slack is asked anew who they are, whatever is remembered; then it is sent and drawn (B3)."""
    scene.answers("send", Sent(action_in("requested")))
    await scene.stage.services.directory.role(TEAM, TEAM, ADA)
    assert await cancelling.run_send(scene.stage.services, occurrence("cancel.send")) == Finished("requested")
    assert [named for _, _, named in scene.asked] == [{"allowed": True}]
    assert (scene.stage.slack.asked.count(ADA), scene.happened) == (2, ["wake", "draw requested"])


@pytest.mark.parametrize(
    "flags", [{"deleted": True}, {"is_restricted": True}, {"is_ultra_restricted": True}, {"team_id": "T0OTHER001"}]
)
async def test_it_is_not_sent_if_who_asked_no_longer_may(scene: Scene, flags: dict[str, Any]) -> None:
    """Deactivated, a guest or gone to another company inside the window: the operation is told no (B3)."""
    scene.answers("send", Sent(action_in("refused")))
    scene.stage.slack.people = {ADA: {"team_id": TEAM, **flags}}
    assert await cancelling.run_send(scene.stage.services, occurrence("cancel.send")) == Finished("refused")
    assert [named for _, _, named in scene.asked] == [{"allowed": False}]


async def test_while_slack_is_silent_it_waits_and_then_fails_closed(scene: Scene) -> None:
    """Nobody says who asked: the run comes again, ten minutes long, and after that nothing is sent (B3)."""
    scene.answers("send", Sent(action_in("refused")))
    scene.stage.slack.people = {}
    for attempt in range(1, cancelling.ROLE_ATTEMPTS + 1):
        with pytest.raises(TimeoutError):
            await cancelling.run_send(scene.stage.services, occurrence("cancel.send", attempt))
    assert scene.asked == []
    last = occurrence("cancel.send", cancelling.ROLE_ATTEMPTS + 1)
    assert await cancelling.run_send(scene.stage.services, last) == Finished("refused")
    assert [named for _, _, named in scene.asked] == [{"allowed": False}]


async def test_a_run_for_nothing_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the ledger no longer knows is neither sent, looked at nor drawn."""
    scene = Scene(monkeypatch)
    scene.answers("read_back", GONE)
    scene.answers("expire", GONE, approving)
    services = scene.stage.services
    ended = [
        await cancelling.run_send(services, occurrence("cancel.send")),
        await cancelling.run_look(services, occurrence("cancel.look", looked=0)),
        await cancelling.run_expire(services, occurrence("cancel.expire")),
    ]
    assert (ended, scene.happened) == ([Finished("gone")] * 3, [])


async def test_a_look_comes_again_until_it_is_settled(scene: Scene) -> None:
    """Each look is drawn, counted, and asked for again at the time that the operation says."""
    at = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    scene.answers("read_back", NotYet(action_in("requested"), at, 4))
    ran = await cancelling.run_look(scene.stage.services, occurrence("cancel.look", looked=3))
    assert ran == Later(at, {"action": "act-1", "looked": 4})
    scene.answers("read_back", Settled(action_in("cancelled")))
    ran = await cancelling.run_look(scene.stage.services, occurrence("cancel.look", looked=4))
    assert ran == Finished("cancelled")
    assert [named["looked"] for _, _, named in scene.asked] == [3, 4]
    assert scene.happened == ["draw requested", "draw cancelled"]


async def test_nobody_agreed_is_drawn(scene: Scene) -> None:
    """After the time to agree it is expired, and the message says so (B4)."""
    scene.answers("expire", Expired(action_in("expired")), approving)
    ran = await cancelling.run_expire(scene.stage.services, occurrence("cancel.expire"))
    assert (ran, scene.happened) == (Finished("expired"), ["draw expired"])


def test_what_changes_something_is_checked_anew() -> None:
    """Confirming and agreeing ask Slack who somebody is now, not a minute ago (B3); all has a runner."""
    changing = {press.name for press in cancelling.PRESSES if press.changes}
    assert changing == {"cancel.confirm", "cancel.approve"}
    assert {press.name for press in cancelling.PRESSES} == {*PRESSES, "order.cancel"}
    assert set(cancelling.RUNNERS) == {"cancel.send", "cancel.look", "cancel.expire"}


async def test_declined_is_refused_where_the_operation_refuses(scene: Scene) -> None:
    """A second person who may not decide reads why, and nothing is drawn or woken (B4)."""
    no = Refused(Reason.NO, "Somebody else must agree.")
    scene.answers("approve", no, approving)
    card = await scene.card(action="act-1")
    assert await scene.press("cancel.approve", card.id) == "refused:no"
    assert "Somebody else must agree." in scene.stage.texts("respond")[-1]
    assert [one for one in scene.happened if one != "respond"] == []
