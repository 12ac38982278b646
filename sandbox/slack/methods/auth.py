"""auth.test, auth.revoke, api.test and apps.connections.open."""

from __future__ import annotations

from sandbox.slack.core import Core
from sandbox.slack.refusals import ApiError
from sandbox.slack.state import APP_ID, BOT_ID, BOT_USER, TEAM, Json
from sandbox.slack.wire import Args, method


@method("api.test", token_kinds=("bot", "app"))
def api_test(core: Core, args: Args) -> Json:
    """Says back what was said, or fails on request."""
    if "error" in args.values:
        raise ApiError(args.text("error"), args=args.values)
    return {"args": args.values}


@method("auth.test", token_kinds=("bot", "app"))
def auth_test(core: Core, args: Args) -> Json:
    """Who the token's owner is."""
    bot = core.members[BOT_USER]
    return {
        "url": f"{core.base_url}/",
        "team": "Sandbox",
        "user": bot.name,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "is_enterprise_install": False,
    }


@method("auth.revoke")
def auth_revoke(core: Core, args: Args) -> Json:
    """Ends the bot token unless it is only a test."""
    if args.flag("test"):
        return {"revoked": False}
    core.token_faults[core.bot_token] = "token_revoked"
    return {"revoked": True}


@method("apps.connections.open", token_kinds=("app",))
def connections_open(core: Core, args: Args) -> Json:
    """The address of one Socket Mode connection; its ticket is used once."""
    if not (core.manifest.socket_mode and core.sockets.enabled):
        raise ApiError("forbidden_team")
    socket_base = core.base_url.replace("http", "ws", 1)
    return {"url": f"{socket_base}/link/?ticket={core.sockets.ticket()}&app_id={APP_ID}"}
