"""Slack says that a person was deactivated, or that the app was taken out of the workspace (CHECKS C11)."""

from __future__ import annotations

import logging

from handlers.access import Role
from handlers.context import Context, Services
from handlers.registry import Press
from handlers.request import Kind
from operations.durable import Finished
from operations.leaving import LEAVE, leave, note
from store.occurrences import Occurrence

log = logging.getLogger("shipclerk.leaving")


async def person_gone(ctx: Context) -> str:
    """Have all of a deactivated person removed."""
    return await _noted(ctx, ctx.request.user) if ctx.request.user else "refused:nobody"


async def app_gone(ctx: Context) -> str:
    """Have all of the workspace's people removed; Slack takes no word of ours any more."""
    return await _noted(ctx, None)


async def _noted(ctx: Context, user: str | None) -> str:
    """Write it down, under the delivery's own key: Slack's retries are one."""
    await note(ctx.services.ports, ctx.request.delivery, ctx.request.team, user)
    ctx.services.wake()
    return "done"


async def run_leave(services: Services, occurrence: Occurrence) -> Finished:
    """Remove it all; what fails is tried again by the engine."""
    left = await leave(services.ports, occurrence.team, occurrence.payload["user"], occurrence.key[-8:])
    log.info("left connections=%d watches=%d digests=%d", left.connections, left.watches, left.digests)
    return Finished("left")


_NOBODY_ACTS = frozenset(Role)
PRESSES = (
    Press("user_change", person_gone, roles=_NOBODY_ACTS, kind=Kind.EVENT),
    Press("app_uninstalled", app_gone, roles=_NOBODY_ACTS, kind=Kind.EVENT),
    Press("tokens_revoked", app_gone, roles=_NOBODY_ACTS, kind=Kind.EVENT),
)
RUNNERS = {LEAVE: run_leave}
