"""users.info, users.list, users.lookupByEmail and usergroups.users.list."""

from __future__ import annotations

from sandbox.slack.core import Core
from sandbox.slack.refusals import ApiError
from sandbox.slack.state import TEAM, Json, Member
from sandbox.slack.wire import Args, method, page


def member_object(core: Core, member: Member) -> Json:
    """A member as the Web API shows them; e-mail only with its own scope."""
    profile: Json = {"real_name": member.real_name, "display_name": member.name, "team": member.team_id}
    if member.email and "users:read.email" in core.manifest.bot_scopes:
        profile["email"] = member.email
    return {
        "id": member.id,
        "team_id": member.team_id,
        "name": member.name,
        "real_name": member.real_name,
        "tz": member.tz,
        "deleted": member.deleted,
        "profile": profile,
        "is_admin": member.is_admin,
        "is_owner": member.is_owner,
        "is_restricted": member.is_restricted,
        "is_ultra_restricted": member.is_ultra_restricted,
        "is_bot": member.is_bot,
        "is_stranger": member.is_stranger,
        "is_app_user": False,
    }


@method("users.info", "users:read")
def info(core: Core, args: Args) -> Json:
    """One member, also one of another workspace whom a shared channel makes known."""
    member = core.members.get(args.text("user"))
    if member is None:
        raise ApiError("user_not_found")
    return {"user": member_object(core, member)}


@method("users.list", "users:read")
def listing(core: Core, args: Args) -> Json:
    """Every member of the workspace itself."""
    people = [member_object(core, member) for member in core.members.values() if member.team_id == TEAM]
    items, following = page(people, args)
    return {"members": items, "cache_ts": int(core.clock.now()), "response_metadata": {"next_cursor": following}}


@method("users.lookupByEmail", "users:read.email")
def by_email(core: Core, args: Args) -> Json:
    """The member with this address."""
    email = args.text("email").lower()
    for member in core.members.values():
        if email == member.email and not member.deleted:
            return {"user": member_object(core, member)}
    raise ApiError("users_not_found")


@method("usergroups.users.list", "usergroups:read")
def group(core: Core, args: Args) -> Json:
    """The members of a user group; the workspace has those that tests put into `usergroups`."""
    users = core.usergroups.get(args.text("usergroup"))
    if users is None:
        raise ApiError("no_such_subteam")
    return {"users": users}
