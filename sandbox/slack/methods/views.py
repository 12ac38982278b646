"""views.open, views.push, views.update and views.publish."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.slack import files
from sandbox.slack.core import Core
from sandbox.slack.payloads import view_object
from sandbox.slack.refusals import ApiError, invalid
from sandbox.slack.state import Json, View
from sandbox.slack.wire import Args, method


@method("views.open")
def views_open(core: Core, args: Args) -> Json:
    """A new modal for whoever caused the trigger."""
    return _with_trigger(core, args, core.screens.open)


@method("views.push")
def views_push(core: Core, args: Args) -> Json:
    """One more modal on top of the open ones."""
    return _with_trigger(core, args, core.screens.push)


def _with_trigger(core: Core, args: Args, show: Callable[[str, Json], View]) -> Json:
    content = _view(core, args)
    trigger = core.passes.look(args.text("trigger_id"))
    view = show(trigger.user, content)
    trigger.used = True
    core.changed(f"view:{view.user}")
    return {"view": view_object(view)}


@method("views.update")
def views_update(core: Core, args: Args) -> Json:
    """New content for a view that somebody still sees."""
    content = _view(core, args)
    view_id, external_id = args.text("view_id", ""), args.text("external_id", "")
    if not (view_id or external_id):
        raise invalid("invalid_arguments", "missing required field: view_id")
    view = core.screens.update(core.screens.find(view_id, external_id), content, args.text("hash", ""))
    core.changed(f"{'view' if view.type == 'modal' else 'home'}:{view.user}")
    return {"view": view_object(view)}


@method("views.publish")
def views_publish(core: Core, args: Args) -> Json:
    """The Home tab of one member."""
    content, user = _view(core, args), args.text("user_id")
    if not core.manifest.home_tab:
        raise ApiError("not_enabled")
    if user not in core.members:
        raise invalid("invalid_arguments", "user_id is unknown [json-pointer:/user_id]")
    view = core.screens.publish(user, content, args.text("hash", ""))
    core.changed(f"home:{user}")
    return {"view": view_object(view)}


def _view(core: Core, args: Args) -> Json:
    content = args.structure("view")
    if not isinstance(content, dict):
        raise invalid("invalid_arguments", "missing required field: view")
    files.need_scope(core, content)
    return content
