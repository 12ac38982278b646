"""From what was typed to what runs: permission first, secrets refused, near misses offered, nothing else run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import Stage, leaks, request

from handlers.access import MEMBERS, Role, decide
from handlers.commands import run, target
from handlers.context import Context
from handlers.everything import REGISTRY
from handlers.registry import Command, Press, Registry
from handlers.request import Kind

OTHERS = [role for role in Role if role not in MEMBERS]
SECRETS = [
    "xoxb-123456789012-canarycanary",
    "password=canary-hunter2",
    "find token: canary-abc",
    "eyJhbGciOiJIUzI1NiJ9.canary.dozjgNryP4J3jVmNHl0w5N",
    "quivo canaryKey9xLqPw3Er8Ty2Ui5Op7As1Df4Gh6",
]


class Spy:
    """A registry whose handlers only remember that they ran."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, str]] = []
        admins = frozenset({Role.ADMIN})
        self.registry = Registry(
            [
                Command("/order", "show", "<id>", "Show", self.handle, default=True),
                Command("/order", "purge", "", "Purge", self.handle, roles=admins),
            ],
            [Press("order.details", self.handle), Press("order.purge", self.handle, roles=admins)],
        )
        self.stage = Stage(registry=self.registry)

    async def handle(self, ctx: Context) -> str:
        self.ran.append((ctx.request.name, ctx.request.text))
        return "done"


async def test_a_command_runs_with_the_rest_of_the_words() -> None:
    """What was typed reaches the handler normalised and without the verb."""
    spy = Spy()
    outcome = await run(spy.stage.context(request(text="show  “1001”")))
    assert (outcome, spy.ran, spy.stage.slack.said) == ("done", [("/order", '"1001"')], [])


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("text", ["1001", "purge", "nonsense here", "shwo", SECRETS[0], ""])
async def test_people_who_may_nothing_get_nothing(role: Role, text: str) -> None:
    """B1: whatever a guest, outsider, bot, deactivated or unknown person types, nothing runs and they are told why."""
    spy = Spy()
    outcome = await run(spy.stage.context(request(text=text), role))
    assert (outcome, spy.ran) == (f"refused:{role}", [])
    (said,) = spy.stage.texts()
    assert "REF23456" in said
    assert decide(role).why.replace("'", "") in said.replace("'", "").replace("\u2060", "")


@pytest.mark.parametrize(("role", "runs"), [(Role.ADMIN, True), (Role.MEMBER, False)])
async def test_a_command_for_admins_is_refused_to_members(role: Role, runs: bool) -> None:
    """B1: a member who types a command for admins is told so, and it does not run."""
    spy = Spy()
    outcome = await run(spy.stage.context(request(text="purge"), role))
    assert (outcome, len(spy.ran)) == (("done", 1) if runs else ("refused:member", 0))
    assert len(spy.stage.slack.said) == (not runs)


@pytest.mark.parametrize("text", SECRETS)
async def test_a_secret_is_refused_and_not_said_back(text: str) -> None:
    """D7: token-shaped text runs nothing, is not repeated in the answer, and the person is told to change it."""
    spy = Spy()
    outcome = await run(spy.stage.context(request(text=text)))
    assert (outcome, spy.ran) == ("refused:secret", [])
    (said,) = spy.stage.texts()
    assert leaks([said, str(spy.stage.slack.said)], "canary", text) == []
    assert "change it" in said


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_never_reaches_the_audits_target(text: str) -> None:
    """D7: the name in the audit and in the log is a command's own, never a word that was typed."""
    assert target(REGISTRY, Kind.COMMAND, "/order", text) in {"order.show", "order.find", "order.list", "order.?"}


@pytest.mark.parametrize(
    ("kind", "name", "text", "expected"),
    [
        (Kind.COMMAND, "/order", "1001", "order.show"),
        (Kind.COMMAND, "/order", "find x", "order.find"),
        (Kind.COMMAND, "/order", "fnd x", "order.?"),
        (Kind.COMMAND, "/nothing", "x", "nothing.?"),
        (Kind.ACTION, "order.details", "", "order.details"),
        (Kind.EVENT, "app_home_opened", "home", "app_home_opened"),
    ],
)
def test_the_audits_name(kind: Kind, name: str, text: str, expected: str) -> None:
    """Everything that is asked for has one name in the audit."""
    assert target(REGISTRY, kind, name, text) == expected


async def test_a_near_miss_is_offered_and_not_run() -> None:
    """A slip of the finger is answered with what was probably meant, and runs nothing."""
    spy = Spy()
    outcome = await run(spy.stage.context(request(text="shwo 1001")))
    assert (outcome, spy.ran) == ("refused:not_understood", [])
    (said,) = spy.stage.texts()
    assert "/order show" in said


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("kind", [Kind.ACTION, Kind.SUBMISSION, Kind.EVENT])
async def test_presses_of_people_who_may_nothing_do_nothing(role: Role, kind: Kind) -> None:
    """B2: a click, a submitted form or an opened Home of somebody who may nothing runs nothing."""
    spy = Spy()
    outcome = await run(spy.stage.context(request(kind, "order.details", view={"id": "V1"}), role))
    assert (outcome, spy.ran) == (f"refused:{role}", [])
    hows = {Kind.ACTION: ["respond"], Kind.SUBMISSION: ["update"], Kind.EVENT: []}
    assert [said.how for said in spy.stage.slack.said] == hows[kind]


async def test_a_press_for_admins_is_refused_to_members() -> None:
    """B3: the permission is looked at again at the press, whoever the card was drawn for."""
    spy = Spy()
    asked = request(Kind.ACTION, "order.purge")
    assert await run(spy.stage.context(asked, Role.MEMBER)) == "refused:member"
    assert spy.ran == []
    assert await run(spy.stage.context(asked, Role.ADMIN)) == "done"


@pytest.mark.parametrize("name", ["order.gone", "", "connection.vendo", "x" * 255])
async def test_an_unknown_button_is_an_expired_card(name: str) -> None:
    """A10: a button that this version does not know is answered as an expired card, to the person alone."""
    spy = Spy()
    assert await run(spy.stage.context(request(Kind.ACTION, name))) == "refused:expired"
    ((said),) = spy.stage.slack.said
    assert said.how == "respond"
    assert "expired" in said.text


async def test_an_unknown_modal_is_updated_to_say_so() -> None:
    """A10: a submitted modal that this version does not know says so in its place, with the reference."""
    spy = Spy()
    asked = request(Kind.SUBMISSION, "order.gone", view={"id": "V9"}, response_url=None)
    assert await run(spy.stage.context(asked)) == "refused:expired"
    ((said),) = spy.stage.slack.said
    assert (said.how, said.where) == ("update", "V9")
    assert "REF23456" in said.text


async def test_a_refusal_finds_its_way_without_a_response_url() -> None:
    """D4: where there is no response_url, a refusal is whispered to the person and not posted to the channel."""
    spy = Spy()
    await run(spy.stage.context(replace(request(text="1001"), response_url=None), Role.GUEST))
    assert [said.how for said in spy.stage.slack.said] == ["whisper"]
