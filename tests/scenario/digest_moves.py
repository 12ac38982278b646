"""What members do with digests on the stage, and what is read of them."""

from __future__ import annotations

from typing import Any

from stage import ADA, BEN, DM_ADA, ORDERS, Message, Stage

from handlers.digest_posting import pace
from handlers.pacing import Pacer
from sandbox.slack.workspace import DM_BEN, TEAM
from store.digests import Digest

DAY, HOUR = 86_400.0, 3_600.0
EVERY_DAY = [str(day) for day in range(7)]
QUIVOS = ["orders_by_status", "orders_cancel_requested"]
WISH = {
    "what": QUIVOS,
    "channel": ORDERS,
    "days": EVERY_DAY,
    "at": "09:00",
    "zone": "Europe/Berlin",
    "size": "summary",
}
QPILOTS = {"email": "ops@example.com", "password": "demo-pilot", "siteId": "1113", "accessScope": "Merchant"}


def unpaced(stage: Stage) -> None:
    """Posts need not wait for a real second; pacing has its own tests."""
    pace(stage.bot.services, Pacer(every=0), Pacer(every=0))


async def make(stage: Stage, user: str = ADA, **changes: Any) -> Digest:
    """Make a digest through the form; the digest that the store has then."""
    await stage.command(user, ORDERS, "/digest new")
    await choose_zone(stage, user)
    await stage.submit(user, {**WISH, **changes})
    await stage.slack.close(user, stage.slack.views(user)[-1].id, all=True)
    return kept(stage)[-1]


async def choose_zone(stage: Stage, user: str = ADA) -> None:
    """Look for Berlin's time zone, as somebody from elsewhere has to."""
    await stage.slack.suggest(user, stage.slack.views(user)[-1].id, "zone", "digest.zone", "berlin")


def kept(stage: Stage) -> list[Digest]:
    """All digests of the workspace."""
    return stage.bot.services.ports.digests.in_team(TEAM)


def one(stage: Stage) -> Digest:
    """The only digest."""
    [digest] = kept(stage)
    return digest


async def until_due(stage: Stage, runs: int = 1) -> None:
    """Move the clock to just after the next run, and on by whole days for more of them; wait for what is due."""
    digest = kept(stage)[0]
    assert digest.next_at is not None
    wait = (digest.next_at - stage.bot.services.now()).total_seconds()
    await stage.later(wait + 5 + (runs - 1) * DAY)
    await stage.later(2)


def posted(stage: Stage, channel: str = ORDERS, word: str = "As of") -> list[Message]:
    """The digests that everybody reads in a channel."""
    shown = [m for m in stage.slack.visible(ADA, channel) if m.by_bot and m.ephemeral_to is None]
    return [message for message in shown if word in message.text]


def told(stage: Stage, user: str = ADA) -> list[str]:
    """The bot's direct messages to a person."""
    channel = DM_ADA if user == ADA else DM_BEN
    return [plain(message.text) for message in stage.slack.visible(user, channel) if message.by_bot]


def channel_told(stage: Stage, channel: str = ORDERS) -> list[str]:
    """What the channel read of a digest that stopped."""
    return [plain(message.text) for message in posted(stage, channel, "has stopped")]


def results(stage: Stage) -> list[str]:
    """How the runs of digests ended."""
    sql = "SELECT result FROM occurrences WHERE kind = 'digest.run' AND finished_at IS NOT NULL ORDER BY due_at, key"
    return [row[0] for row in stage.database.all(sql)]


def plain(text: str) -> str:
    """Words without the joiners that keep outside text dead."""
    return text.replace("\u2060", "")


def last_for(stage: Stage, user: str = BEN, channel: str = ORDERS) -> Message:
    """What this person sees last."""
    last: Message = stage.slack.visible(user, channel)[-1]
    return last
