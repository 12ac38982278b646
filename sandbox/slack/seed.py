"""The workspace's inhabitants and rooms on the first day."""

from __future__ import annotations

from sandbox.slack.state import (
    ADA,
    BEN,
    BOT_USER,
    DM_ADA,
    DM_BEN,
    DM_OLGA,
    OLGA,
    ORDERS,
    OTHER_TEAM,
    PRIVATE,
    SHARED,
    SLACKBOT,
    Channel,
    Member,
)


def members(bot_name: str) -> dict[str, Member]:
    """Two colleagues, one outsider, the bot and Slackbot, by id."""
    people = [
        Member(ADA, "ada", "Ada Home", email="ada@home.example", is_admin=True),
        Member(BEN, "ben", "Ben Home", tz="America/New_York", email="ben@home.example"),
        Member(OLGA, "olga", "Olga Acme", team_id=OTHER_TEAM, tz="Europe/Riga", email="olga@acme.example"),
        Member(BOT_USER, bot_name.lower().replace(" ", "-"), bot_name, tz="UTC", is_bot=True),
        Member(SLACKBOT, "slackbot", "Slackbot", tz="UTC"),
    ]
    return {person.id: person for person in people}


def channels() -> dict[str, Channel]:
    """A public, a private and a shared channel and the direct messages with the bot, by id."""
    rooms = [
        Channel(ORDERS, "orders", "public", [ADA, BEN, BOT_USER]),
        Channel(PRIVATE, "orders-private", "private", [ADA, BEN, BOT_USER]),
        Channel(SHARED, "partner-acme", "public", [ADA, BEN, OLGA, BOT_USER], is_ext_shared=True),
        Channel(DM_ADA, "ada", "im", [ADA, BOT_USER]),
        Channel(DM_BEN, "ben", "im", [BEN, BOT_USER]),
        Channel(DM_OLGA, "olga", "im", [OLGA, BOT_USER]),
    ]
    return {room.id: room for room in rooms}
