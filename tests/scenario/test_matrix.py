"""Who may do what: every command, button, form and suggestion × role × channel × connection (CHECKS B1, B2, B5, B7)."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fakes import ADA, BEN, TEAM, FakeAudit, FakeIntake, FakeQuivo, request
from fakes import Stage as Fakes
from stage import BENS, OLGA, ORDERS, SHARED, Stage, staged, text_of

from backends.quivo.order import Order
from bot.door import Door
from bot.tasks import Tasks
from handlers.access import MEMBERS, Role, decide, role_of
from handlers.context import Context
from handlers.directory import Directory, profile_of
from handlers.everything import REGISTRY
from handlers.registry import Command, Press, Registry, Suggestion
from handlers.render.profile import Profile
from handlers.request import Kind

# What Slack says of somebody, and what they then are; None: Slack says nothing.
ROLES: dict[str, tuple[dict[str, Any] | None, Role]] = {
    "admin": ({"is_admin": True}, Role.ADMIN),
    "owner": ({"is_owner": True}, Role.ADMIN),
    "member": ({}, Role.MEMBER),
    "guest": ({"is_restricted": True}, Role.GUEST),
    "single-channel guest": ({"is_restricted": True, "is_ultra_restricted": True}, Role.GUEST),
    "outsider": ({"team_id": "T0OTHER001"}, Role.OUTSIDER),
    "stranger": ({"is_stranger": True}, Role.OUTSIDER),
    "bot": ({"is_bot": True}, Role.BOT),
    "deactivated": ({"deleted": True}, Role.DEACTIVATED),
    "deactivated admin": ({"deleted": True, "is_admin": True}, Role.DEACTIVATED),
    "unknown": (None, Role.UNKNOWN),
}
# What Slack says of a channel, and the class that it then is; None: Slack says nothing.
CHANNELS: dict[str, tuple[dict[str, Any] | None, Profile]] = {
    "C0EXTERNAL": ({"is_channel": True, "is_ext_shared": True}, Profile.EXTERNAL),
    "C0PENDING1": ({"is_channel": True, "is_pending_ext_shared": True}, Profile.EXTERNAL),
    "C0UNKNOWN1": (None, Profile.EXTERNAL),
    "C0PUBLIC01": ({"is_channel": True}, Profile.PUBLIC),
    "G0PRIVATE1": ({"is_group": True, "is_private": True}, Profile.PRIVATE),
    "D0DIRECT01": ({"is_im": True}, Profile.DIRECT),
}
# Everything is for members and admins; these are for admins alone. A new one that is not has to be named here.
FOR_ADMINS = {"shipclerk.settings", "settings.save"}
# What Slack itself tells; nobody presses them, so nobody's role matters, and in another kind they are nothing.
FROM_SLACK = {"user_change", "app_uninstalled", "tokens_revoked"}
PRESS_KINDS = (Kind.ACTION, Kind.SUBMISSION, Kind.SHORTCUT, Kind.EVENT)
_TURNS = itertools.count(1)


def may(name: str, role: Role, kind: Kind = Kind.COMMAND) -> bool:
    """What the rule is, said without the code that it checks."""
    if name in FROM_SLACK:
        return kind is Kind.EVENT
    return role is Role.ADMIN or (role is Role.MEMBER and name not in FOR_ADMINS)


@dataclass(frozen=True)
class Cell:
    """One thing to do, in one place."""

    kind: Kind
    name: str
    delivered: str
    text: str
    channel: str


def cells() -> Iterator[Cell]:
    """Everything in the registry, in every kind of delivery, in every class of channel."""
    for channel in CHANNELS:
        for command in REGISTRY.commands:
            yield Cell(Kind.COMMAND, command.name, command.command, command.verb, channel)
        for press, kind in itertools.product(REGISTRY._presses.values(), PRESS_KINDS):
            yield Cell(kind, press.name, press.name, "", channel)
        for suggestion in REGISTRY._suggestions:
            yield Cell(Kind.SUGGESTION, suggestion, suggestion, "", channel)


@dataclass
class Hall:
    """The real door and the real registry's roles, in front of handlers that ask Quivo once and remember it."""

    flags: dict[str, Any] | None
    quivo: FakeQuivo = field(default_factory=lambda: FakeQuivo(Order(1001, "PROCESSING")))
    audit: FakeAudit = field(default_factory=FakeAudit)
    tasks: Tasks = field(default_factory=Tasks)
    ran: list[tuple[str, Profile]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registry = self._spied()
        self.fakes = Fakes(quivo=self.quivo, registry=self.registry)
        self.fakes.slack.people = {} if self.flags is None else {BEN: {"team_id": TEAM, **self.flags}}
        self.fakes.slack.channels = {name: flags for name, (flags, _) in CHANNELS.items() if flags is not None}
        directory = Directory(self.fakes.slack, TEAM)
        self.door = Door(self.registry, self.fakes.services, directory, FakeIntake(), self.audit, self.tasks)

    def _spied(self) -> Registry:
        commands = [replace(one, handler=self._handler(one.name)) for one in REGISTRY.commands]
        presses = [
            Press(one.name, self._handler(one.name), one.roles, kind=one.kind) for one in REGISTRY._presses.values()
        ]
        others = [Suggestion(one.name, self._suggest(one.name), one.roles) for one in REGISTRY._suggestions.values()]
        return Registry(commands, presses, others)

    def _handler(self, name: str) -> Any:
        async def handle(ctx: Context) -> str:
            self.ran.append((name, ctx.profile))
            await ctx.services.accounts.call(ctx.actor, lambda session: self.quivo.order(session, 1001))
            return "done"

        return handle

    def _suggest(self, name: str) -> Any:
        async def suggest(ctx: Context) -> list[dict[str, Any]]:
            await self._handler(name)(ctx)
            return [{"value": "one"}]

        return suggest

    async def deliver(self, cell: Cell) -> list[dict[str, Any]]:
        """Let Slack deliver it; the acknowledgements."""
        acks: list[dict[str, Any]] = []

        async def ack(text: str = "", **answer: Any) -> None:
            acks.append(answer)

        await self.door.receive(payload(cell), ack)
        await self.tasks.idle()
        return acks


def payload(cell: Cell) -> dict[str, Any]:
    """What Slack sends for it, from Ben; each in a delivery of its own."""
    turn = str(next(_TURNS))
    who: dict[str, Any] = {"trigger_id": turn, "team": {"id": TEAM}, "user": {"id": BEN, "team_id": TEAM}}
    place = {"channel": {"id": cell.channel}, "response_url": "https://reply"}
    match cell.kind:
        case Kind.COMMAND:
            typed = {"command": cell.delivered, "text": cell.text, "trigger_id": turn, "response_url": "https://reply"}
            return {**typed, "team_id": TEAM, "user_id": BEN, "channel_id": cell.channel}
        case Kind.ACTION:
            return {"type": "block_actions", **who, **place, "actions": [{"action_id": cell.delivered, "value": "x"}]}
        case Kind.SUBMISSION:
            return {"type": "view_submission", **who, "view": {"id": "V1", "callback_id": cell.delivered}}
        case Kind.SHORTCUT:
            message = {"text": "1001", "ts": "1.1"}
            return {"type": "message_action", **who, **place, "callback_id": cell.delivered, "message": message}
        case Kind.SUGGESTION:
            return {"type": "block_suggestion", **who, **place, "action_id": cell.delivered, "value": "mug"}
        case Kind.EVENT:
            person: Any = {"id": BEN, "deleted": True} if cell.delivered == "user_change" else BEN
            event = {"type": cell.delivered, "user": person, "channel": cell.channel, "tab": "home"}
            event |= {"tokens": {"bot": ["U0BOT00001"]}}
            return {"type": "event_callback", "team_id": TEAM, "event_id": turn, "event": event}


def profile_in(cell: Cell) -> Profile:
    """The class that a handler must be told; a submitted form has no channel."""
    return Profile.MODAL if cell.kind is Kind.SUBMISSION else CHANNELS[cell.channel][1]


@pytest.mark.parametrize("linked", [True, False], ids=["connected", "not connected"])
@pytest.mark.parametrize("name", ROLES)
async def test_every_cell(name: str, linked: bool) -> None:
    """Only allowed cells run, in the right class of channel; Quivo is asked by the clicker alone or not at all (B1)."""
    flags, role = ROLES[name]
    hall = Hall(flags)
    await hall.fakes.connect(ADA, "ada")
    if linked:
        await hall.fakes.connect(BEN, "ben")
    asserted = 0
    for cell in cells():
        before = len(hall.quivo.asked), len(hall.ran), len(hall.audit.kept), len(hall.quivo.logins)
        acks = await hall.deliver(cell)
        ran, asked = hall.ran[before[1] :], hall.quivo.asked[before[0] :]
        allowed = may(cell.name, role, cell.kind)
        assert ran == ([(cell.name, profile_in(cell))] if allowed else []), cell
        assert [token.split("-")[1] for _, _, token in asked] == (["ben"] if allowed and linked else []), cell
        assert len(hall.quivo.logins) == before[3], cell
        if cell.kind is Kind.SUGGESTION:
            assert acks == [{"options": [{"value": "one"}] if allowed else []}], cell
        else:
            outcomes = [line.outcome for line in hall.audit.kept[before[2] :]]
            refused = "expired" if cell.name in FROM_SLACK else role
            assert outcomes == ["done" if allowed else f"refused:{refused}"], cell
        asserted += 1
    expected = len(REGISTRY.commands) + len(PRESS_KINDS) * len(REGISTRY._presses) + len(REGISTRY._suggestions)
    assert asserted == expected * len(CHANNELS)


def test_the_roles_are_those_that_slack_tells() -> None:
    """Every role is in the matrix, and each is read from what Slack says; the most restricted reading wins."""
    assert {role for _, role in ROLES.values()} == set(Role)
    inside = {name: one for name, one in ROLES.items() if one[0] is not None and "team_id" not in one[0]}
    assert {name: role_of(flags or {}) for name, (flags, _) in inside.items()} == {n: r for n, (_, r) in inside.items()}
    assert {profile for _, profile in CHANNELS.values()} == set(Profile) - {Profile.MODAL}
    assert profile_of({}) is Profile.EXTERNAL


def test_what_is_for_admins_alone_is_named_here() -> None:
    """A command or form for other people than members is a decision: it stands in this test's own table (B1)."""
    entries: list[Command | Press | Suggestion] = [*REGISTRY.commands, *REGISTRY._presses.values()]
    entries += REGISTRY._suggestions.values()
    by_roles = {one.name: one.roles for one in entries}
    expected = {name: frozenset({Role.ADMIN}) if name in FOR_ADMINS else MEMBERS for name in by_roles}
    expected |= dict.fromkeys(FROM_SLACK, frozenset(Role))
    assert by_roles == expected


@pytest.mark.parametrize("role", list(Role))
def test_the_default_is_no(role: Role) -> None:
    """Where nobody is named, nobody may; and whoever may not is told why in a whole sentence (B1)."""
    verdict = decide(role, frozenset())
    assert (verdict.allowed, verdict.why.endswith(".")) == (False, True)
    assert decide(role).allowed == (role in (Role.ADMIN, Role.MEMBER))


@pytest.mark.parametrize("name", ROLES)
async def test_help_and_home_show_what_is_allowed_and_nothing_else(name: str) -> None:
    """Of all that can be typed, help and Home name exactly what this person may type (B5)."""
    flags, role = ROLES[name]
    hall = Hall(flags)
    real = Door(REGISTRY, hall.fakes.services, Directory(hall.fakes.slack, TEAM), FakeIntake(), hall.audit, hall.tasks)
    hall.door = real
    await hall.deliver(Cell(Kind.COMMAND, "", "/shipclerk", "help", "C0PUBLIC01"))
    await hall.deliver(Cell(Kind.EVENT, "", "app_home_opened", "", "D0DIRECT01"))
    shown = "\n".join(str(said.what) for said in hall.fakes.slack.said)
    named = {one.name for one in REGISTRY.commands if f"{one.said} " in shown.replace("`", " ").replace("'", " ")}
    assert named == {one.name for one in REGISTRY.commands if may(one.name, role)}
    homes = [said for said in hall.fakes.slack.said if said.how == "home"]
    assert len(homes) == (1 if role in (Role.ADMIN, Role.MEMBER) else 0)


@pytest.mark.parametrize("name", [name for name, (_, role) in ROLES.items() if role not in (Role.ADMIN, Role.MEMBER)])
async def test_a_refusal_names_no_command(name: str) -> None:
    """Who may do nothing is told why, once, alone, and is shown no command, not even for a near miss (B5)."""
    hall = Hall(ROLES[name][0])
    for text in ("", "help", "lst", "cancel 1001", "nonsense"):
        await hall.deliver(Cell(Kind.COMMAND, "", "/order", text, "C0PUBLIC01"))
    hows = Counter(said.how for said in hall.fakes.slack.said)
    assert hows == {"respond": 5}
    assert [text for text in hall.fakes.texts() if "/" in text.replace("I/O", "")] == []


@pytest.mark.parametrize("kind", [Kind.COMMAND, Kind.ACTION, Kind.SUBMISSION])
async def test_who_is_refused_is_told(kind: Kind) -> None:
    """A guest's command, click and form are each answered with one sentence, to them alone (B2)."""
    hall = Hall({"is_restricted": True})
    await hall.deliver(Cell(kind, "", "/order" if kind is Kind.COMMAND else "order.refresh", "1001", "C0PUBLIC01"))
    ((said),) = hall.fakes.slack.said
    assert (said.how in ("respond", "update"), "Guests can't use Shipclerk" in str(said.what)) == (True, True)


async def test_somebody_of_another_company_is_never_looked_up() -> None:
    """A payload whose person is of another team, or that is for another team, is refused without asking Slack (B2)."""
    hall = Hall({})
    directory = Directory(hall.fakes.slack, TEAM)
    roles = [await directory.role(TEAM, "T0OTHER001", BEN), await directory.role("T0OTHER001", "T0OTHER001", BEN)]
    assert (roles, hall.fakes.slack.asked) == ([Role.OUTSIDER, Role.OUTSIDER], [])
    assert request(Kind.ACTION, team=TEAM, home_team="T0OTHER001").home_team == "T0OTHER001"


# The same over real sockets: one pass for each role, with everything that can be typed and clicked.

STAGED = {name: flags for name, (flags, _) in ROLES.items() if name not in ("owner", "stranger", "deactivated admin")}
ASKING = ("edit", "address", "cancel", "copy", "watch", "unwatch", "find", "show")


@pytest.fixture
async def stage(tmp_path: Path) -> Any:
    """A stage on which Ada and Ben are connected, and cards, a watch and a held cancellation are to be seen."""
    async with staged(tmp_path, undo_seconds=3600) as one:
        await one.connect(ADA)
        await one.connect(BEN, BENS)
        for channel in (ORDERS, SHARED):
            await one.command(ADA, channel, "/order 1001")
        await one.command(ADA, ORDERS, "/order watch 1001")
        await one.command(ADA, ORDERS, "/order cancel 1001")
        await one.slack.act_in_view(ADA, one.slack.views(ADA)[-1].id, "cancel.confirm")
        await one.settle()
        await one.slack.close(ADA, one.slack.views(ADA)[-1].id, all=True)
        yield one


def buttons(stage: Stage, user: str, channel: str) -> list[tuple[str, str, Any]]:
    """Every button that somebody can see: the message's ts, its action_id, and an option where it has some."""
    found = []
    for message in stage.slack.visible(user, channel):
        for block in message.blocks:
            for element in [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else [])]:
                if "action_id" in element:
                    options = element.get("options") or [{"value": None}]
                    found.append((message.ts, element["action_id"], options[0]["value"]))
    return found


async def become(stage: Stage, flags: dict[str, Any] | None) -> None:
    """Ben is this from now on, for a bot that remembers nothing else."""
    stage.slack.set_member(BEN, **(flags or {}))
    if flags is None:
        stage.slack.members[BEN] = replace(stage.slack.members[BEN])
        stage.slack.limit("users.info", times=100_000, retry_after=0)
    await stage.restart()


async def everything(stage: Stage, user: str, channel: str) -> set[str]:
    """Type every command, press every button that can be seen, use both shortcuts, open Home; the buttons' names."""
    for command in REGISTRY.commands if stage.slack.members[user].team_id == TEAM else ():
        words = "1001" if command.verb in ASKING else ""
        if command.command != "/disconnect":
            await stage.slack.command(user, channel, f"{command.command} {command.verb} {words}".strip())
    pressed = buttons(stage, user, channel)
    for ts, action_id, value in pressed:
        await stage.slack.click(user, channel, ts, action_id, value=value)
    ts = await stage.slack.post(user, channel, "what of 1001?")
    await stage.slack.message_shortcut(user, channel, ts, "order.lookup")
    await stage.slack.shortcut(user, "order.create_shortcut")
    await stage.slack.open_home(user)
    await stage.settle()
    if stage.slack.members[user].team_id == TEAM:
        await stage.slack.command(user, channel, "/disconnect quivo")
        await stage.settle()
    return {action_id for _, action_id, _ in pressed}


@pytest.mark.parametrize("name", [name for name in STAGED if name not in ("admin", "member", "outsider")])
async def test_a_denied_person_reaches_nothing(stage: Stage, name: str) -> None:
    """Connected, then no longer allowed: whatever is typed and clicked asks Quivo nothing and opens nothing (B2)."""
    await become(stage, STAGED[name])
    before, audited, shown = len(stage.quivo.requests), len(stage.audit(500)), published(stage)
    pressed = await everything(stage, BEN, ORDERS)
    assert {"order.refresh", "order.cancel", "cancel.undo", "watch.stop"} <= pressed
    assert (len(stage.quivo.requests), stage.slack.views(BEN), published(stage)) == (before, [], shown)
    outcomes = {line.outcome for line in stage.audit(500)[audited:]}
    assert outcomes == {f"refused:{ROLES[name][1]}"}
    assert nothing_moved(stage)


async def test_an_outsiders_clicks_reach_nothing(stage: Stage) -> None:
    """Olga of another company, in the shared channel: every click and shortcut is refused with one sentence (B2)."""
    before = len(stage.quivo.requests)
    pressed = await everything(stage, OLGA, SHARED)
    assert {"order.refresh", "order.details"} <= pressed
    assert (len(stage.quivo.requests), stage.slack.views(OLGA)) == (before, [])
    told = [message for message in stage.slack.visible(OLGA, SHARED) if message.ephemeral_to == OLGA]
    assert [("another company" in text_of(one), "/order" in text_of(one)) for one in told] == [(True, False)] * len(
        told
    )
    assert told


def published(stage: Stage) -> int:
    """How often a Home was drawn."""
    return sum(call.method == "views.publish" for call in stage.slack.calls)


def nothing_moved(stage: Stage) -> bool:
    """Whether the watch is still there and the cancellation is still held."""
    ports = stage.bot.services.ports
    held = ports.ledger.open_for("order.cancel", TEAM, "quivo", "1001")
    return held is not None and held.state == "held" and len(ports.watches.in_channel(TEAM, ORDERS)) == 1


def keys_of(stage: Stage, since: int) -> set[str]:
    """With whose key Quivo was asked; `/shipclerk status` only knocks, with none."""
    return {seen.headers["X-Api-Key"] for seen in stage.quivo.requests[since:] if "X-Api-Key" in seen.headers}


@pytest.mark.parametrize("name", ["admin", "member"])
async def test_an_allowed_person_acts_with_their_own_connection(stage: Stage, name: str) -> None:
    """Ben's clicks on Ada's messages ask Quivo with Ben's key alone (B7); settings open for an admin only (B1)."""
    await become(stage, STAGED[name])
    before, audited = len(stage.quivo.requests), len(stage.audit(500))
    await everything(stage, BEN, ORDERS)
    assert keys_of(stage, before) == {BENS["apiKey"]}
    refused = {
        line.action for line in stage.audit(500)[audited:] if line.outcome in ("refused:member", "refused:admin")
    }
    assert refused == (set() if name == "admin" else {"shipclerk.settings"})


async def test_without_a_connection_quivo_is_asked_nothing(stage: Stage) -> None:
    """A member who has disconnected: all of it leads to a connect button or to nothing, and no request leaves (B1)."""
    await stage.command(BEN, ORDERS, "/disconnect quivo")
    before = len(stage.quivo.requests)
    await everything(stage, BEN, ORDERS)
    assert keys_of(stage, before) == set()
    assert any("connection.open" in text_of(message) for message in stage.slack.visible(BEN, ORDERS))
