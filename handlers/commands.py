"""From what was typed to what runs: phones' punctuation, secrets in the wrong place, near misses, permission."""

from __future__ import annotations

from handlers.access import decide
from handlers.answers import expired
from handlers.context import Context
from handlers.registry import Registry
from handlers.render.failures import did_you_mean, failure, not_allowed
from handlers.render.forms import notice
from handlers.request import Kind
from handlers.words import looks_secret, normalise


def target(registry: Registry, ctx_kind: Kind, name: str, text: str) -> str:
    """The name of what is asked for in the audit: ``order.find``; never the words that were typed."""
    if ctx_kind is not Kind.COMMAND:
        return name
    meant = registry.meant(name, normalise(text)).command
    return meant.name if meant else f"{name.removeprefix('/')}.?"


async def run(ctx: Context) -> str:
    """Run what this request asks for, if this person may; the outcome in the audit's words."""
    return await (_command(ctx) if ctx.request.kind is Kind.COMMAND else _press(ctx))


async def _command(ctx: Context) -> str:
    text = normalise(ctx.request.text)
    if not (allowed := decide(ctx.role)).allowed:
        await ctx.answer(not_allowed(allowed.why, ctx.reference))
        return f"refused:{ctx.role}"
    if looks_secret(text):
        await ctx.answer(failure(_NOT_HERE, ctx.reference, hint="Use `/connect`, which asks in a form."))
        return "refused:secret"
    meant = ctx.registry.meant(ctx.request.name, text, ctx.role)
    if meant.command is None:
        typed = f"{ctx.request.name} {text}".strip()
        await ctx.answer(did_you_mean(typed, meant.near))
        return "refused:not_understood"
    if not (allowed := decide(ctx.role, meant.command.roles)).allowed:
        await ctx.answer(not_allowed(allowed.why, ctx.reference))
        return f"refused:{ctx.role}"
    return await meant.command.handler(ctx.asking(meant.rest))


_NOT_HERE = (
    "That looks like a password, key or token, so I did nothing with it and did not keep it. "
    "Slack has carried it in a command: please change it where you got it."
)


async def _press(ctx: Context) -> str:
    press = ctx.registry.press(ctx.request.name)
    if press is None or press.kind not in (None, ctx.request.kind):
        return await expired(ctx)
    if (allowed := decide(ctx.role, press.roles)).allowed:
        return await press.handler(ctx)
    if ctx.request.kind is Kind.SUBMISSION:
        await ctx.slack.update_view(ctx.request.view_id, notice("Shipclerk", allowed.why, reference=ctx.reference))
    elif ctx.request.kind in (Kind.ACTION, Kind.SHORTCUT):
        await ctx.answer(not_allowed(allowed.why, ctx.reference))
    return f"refused:{ctx.role}"
