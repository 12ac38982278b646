"""A member is deactivated, or an admin takes the app out of the workspace (`apis/slack.md` §3)."""

from __future__ import annotations

from sandbox.slack import events
from sandbox.slack.core import Core
from sandbox.slack.delivery import Answer
from sandbox.slack.methods.users import member_object
from sandbox.slack.state import BOT_USER, Member


async def deactivate(core: Core, member: Member) -> Answer | None:
    """The member is deleted, and a subscribed app is told by `user_change`, which holds the whole member."""
    member.deleted = True
    task = events.emit(core, {"type": "user_change", "user": member_object(core, member)})
    return await task if task else None


async def uninstall(core: Core, bot_token: str) -> list[Answer]:
    """The app is told twice, as by Slack: its tokens are revoked, and it is uninstalled; then no call is answered."""
    revoked = events.emit(core, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}})
    gone = events.emit(core, {"type": "app_uninstalled"})
    core.token_faults[bot_token] = "account_inactive"
    return [await task for task in (revoked, gone) if task]
