"""What a local Slack workspace holds: members, channels, messages, views, and the names of its fixed inhabitants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

TEAM, OTHER_TEAM = "T0HOME0001", "T0OTHER001"
TEAM_DOMAIN, OTHER_DOMAIN = "sandbox-home", "sandbox-acme"
APP_ID, BOT_ID, BOT_USER = "A0SHIPCLK1", "B0BOT00001", "U0BOT00001"
SLACKBOT = "USLACKBOT"
ADA, BEN, OLGA = "U0ADA00001", "U0BEN00001", "U0OLGA0001"
ORDERS, PRIVATE, SHARED = "C0ORDERS01", "C0PRIV0001", "C0SHARED01"
DM_ADA, DM_BEN, DM_OLGA = "D0ADA00001", "D0BEN00001", "D0OLGA0001"

Kind = Literal["public", "private", "im"]


class Impossible(Exception):
    """A member tried what Slack's own client does not offer: an element, message, view or channel that is not there."""


@dataclass
class Member:
    """A person, the bot or Slackbot, with the flags that `users.info` shows (`apis/slack.md` §1)."""

    id: str
    name: str
    real_name: str
    team_id: str = TEAM
    tz: str = "Europe/Berlin"
    email: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    deleted: bool = False


@dataclass
class Message:
    """One message of a channel's log.

    `ephemeral_to` names the only member who sees it, `warnings` the action_ids that failed, `picked` by member what
    they chose in its elements, `offered` the options that the app suggested.
    """

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    edited_ts: str | None = None
    metadata: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False
    warnings: set[str] = field(default_factory=set)
    picked: dict[str, Json] = field(default_factory=dict)
    offered: list[Json] = field(default_factory=list)

    @property
    def by_bot(self) -> bool:
        """Whether the app wrote it."""
        return self.user == BOT_USER


@dataclass
class Channel:
    """A channel or a direct message with the bot; `log` is oldest first."""

    id: str
    name: str
    kind: Kind
    members: list[str] = field(default_factory=list)
    is_ext_shared: bool = False
    is_archived: bool = False
    log: list[Message] = field(default_factory=list)

    @property
    def payload_name(self) -> str:
        """The name as payloads carry it (`apis/slack.md` §4)."""
        return {"public": self.name, "private": "privategroup", "im": "directmessage"}[self.kind]


@dataclass
class View:
    """A modal or a Home tab of one member; `content` is what the app sent, `errors` what stands under the inputs."""

    id: str
    user: str
    content: Json
    state: dict[str, dict[str, Json]]
    hash: str
    root_id: str
    previous_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str | None = None
    warnings: set[str] = field(default_factory=set)
    offered: list[Json] = field(default_factory=list)

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.content["type"])

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks, each with a block_id."""
        blocks: list[Json] = self.content["blocks"]
        return blocks


@dataclass(frozen=True)
class ApiCall:
    """One Web API call of the app, refused or not; `args` without the token."""

    method: str
    token_kind: str | None
    args: Json
    ok: bool
    error: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a member's act: `error` is Slack's name for what went wrong, `payload` the body of the ack."""

    acked: bool
    error: str | None = None
    payload: Any = None
