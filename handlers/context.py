"""What a handler is given: who asked what, where, and the ports to act and answer through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.access import Role
from handlers.directory import Directory
from handlers.render.message import Message, View
from handlers.render.profile import Profile
from handlers.request import Request
from handlers.slack import Slack
from operations.accounts import Accounts, Actor
from operations.linking import Link
from operations.ports import Ports
from store.cards import Card, Cards

if TYPE_CHECKING:
    from handlers.registry import Command, Registry

Report = Callable[[Actor], Awaitable[Message]]
Run = Callable[[Request], Awaitable[None]]


@dataclass(frozen=True)
class Services:
    """The ports behind the handlers, chosen once by ``bootstrap()``; ``links`` are people's accounts, by back end."""

    slack: Slack
    accounts: Accounts
    cards: Cards
    report: Report
    ports: Ports
    directory: Directory
    wake: Callable[[], None] = lambda: None
    undo_seconds: int = 10
    links: Mapping[str, Link[Any]] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """One delivery on its way through a handler."""

    request: Request
    reference: str
    role: Role
    profile: Profile
    services: Services
    registry: Registry
    run: Run

    @property
    def actor(self) -> Actor:
        """Whose connection acts: always the person who typed or clicked (DESIGN.md §4.1)."""
        return Actor(self.request.team, self.request.user)

    @property
    def slack(self) -> Slack:
        """The way back to Slack."""
        return self.services.slack

    def open_commands(self) -> tuple[Command, ...]:
        """The commands that this person may run."""
        return self.registry.open_to(self.role)

    def asking(self, text: str) -> Context:
        """The same person in the same place with other words."""
        return replace(self, request=replace(self.request, text=text))

    async def there(self, channel: str) -> Context:
        """The same person, answered in the channel where a modal was opened from."""
        profile = await self.services.directory.profile(channel)
        return replace(self, request=replace(self.request, channel=channel), profile=profile)

    async def answer(self, message: Message, *, replace_original: bool = False) -> None:
        """Tell only the person who asked: through the response_url, else as an ephemeral, else in their messages."""
        url = self.request.response_url
        if await self.slack.respond(url, message, replace=replace_original):
            return
        await self.slack.whisper(self.request.channel, self.request.user, message)

    async def publish(self, message: Message) -> None:
        """Post to the channel where it was asked; where the bot is not a member, through the response_url."""
        channel = self.request.channel
        if channel and await self.slack.post(channel, message):
            return
        if not await self.slack.respond(self.request.response_url, message, in_channel=True):
            await self.slack.whisper(channel, self.request.user, message)

    async def redraw(self, message: Message) -> None:
        """Draw the message whose button was pressed anew, for everybody; where that fails, tell the person alone."""
        if not await self.slack.respond(self.request.response_url, message, in_channel=True, replace=True):
            await self.answer(message)

    async def show(self, view: View) -> str | None:
        """Open a modal at once; if the trigger is too old, say so and what to do."""
        return await self.slack.open_view(self.request.trigger_id, view)

    async def card(self, kind: str, payload: dict[str, Any]) -> Card:
        """Keep what a button or modal needs behind an opaque id (DESIGN.md §3)."""
        return await self.services.cards.put(kind, self.request.team, self.request.user, payload)

    def found_card(self, kind: str) -> Card | None:
        """The card behind the button or modal, if it is one of this kind and of this team."""
        card = self.services.cards.get(self.request.card_id, self.request.team)
        return card if card is not None and card.kind == kind else None
