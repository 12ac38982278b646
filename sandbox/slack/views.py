"""Modals and Home tabs: one stack of at most three modals and one Home for each member."""

from __future__ import annotations

import copy
import itertools
import secrets

from sandbox.clock import Clock
from sandbox.slack import inputs
from sandbox.slack.blocks import check_view
from sandbox.slack.refusals import ApiError, invalid, refuse_flawed
from sandbox.slack.state import Json, View

MOST_VIEWS = 3


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy of the blocks with a block_id on each block and an action_id on each element, as Slack fills them in."""
    blocks = copy.deepcopy(blocks)
    _fill(blocks)
    return blocks


def _fill(blocks: list[Json]) -> None:
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        held = [block.get("element"), block.get("accessory"), *block.get("elements", []), *block.get("actions", [])]
        for element in held:
            if isinstance(element, dict) and _wants_action_id(element):
                element.setdefault("action_id", secrets.token_urlsafe(4))
        inner = block.get("elements", []) if block["type"] == "carousel" else block.get("child_blocks", [])
        _fill(inner)


def _wants_action_id(element: Json) -> bool:
    kind = element.get("type", "")
    return kind in inputs.STATEFUL or kind in (
        "button",
        "overflow",
        "icon_button",
        "feedback_buttons",
        "workflow_button",
    )


def checked(content: Json, kind: str) -> None:
    """Refuses a view that Slack would refuse: `view_too_large`, or `invalid_arguments` with the places."""
    flaws = check_view(content)
    if any(flaw.message == "view_too_large" for flaw in flaws):
        raise ApiError("view_too_large")
    refuse_flawed("invalid_arguments", flaws)
    if content["type"] != kind:
        raise invalid("invalid_arguments", f"must be a {kind} view [json-pointer:/view/type]")


class Views:
    """Who sees which view; every change gives the view a new hash."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = itertools.count(1)
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        """The member's modals, top last."""
        return self.stacks.setdefault(user, [])

    def open(self, user: str, content: Json) -> View:
        """A new stack with this one modal; a stack that was open is gone, as if cleared."""
        checked(content, "modal")
        self._refuse_duplicate(content, None)
        self.stacks[user] = [self._new(user, content, None)]
        return self.stacks[user][0]

    def push(self, user: str, content: Json) -> View:
        """One more modal on the open stack; `not_found` without a stack, `push_limit_reached` beyond three."""
        checked(content, "modal")
        stack = self.stack(user)
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= MOST_VIEWS:
            raise ApiError("push_limit_reached")
        self._refuse_duplicate(content, None)
        stack.append(self._new(user, content, stack[-1]))
        return stack[-1]

    def update(self, view: View, content: Json, given_hash: str = "") -> View:
        """New content in the same view; what members typed stays where block_id and action_id stay."""
        if given_hash and given_hash != view.hash:
            raise ApiError("hash_conflict")
        checked(content, view.type)
        self._refuse_duplicate(content, view)
        view.content = content | {"blocks": with_ids(content["blocks"])}
        view.state = inputs.kept(view.state, view.blocks)
        view.hash = self._hash()
        view.errors, view.trouble, view.warnings = {}, None, set()
        return view

    def publish(self, user: str, content: Json, given_hash: str = "") -> View:
        """The member's Home, first or again."""
        if user in self.homes:
            return self.update(self.homes[user], content, given_hash)
        checked(content, "home")
        self._refuse_duplicate(content, None)
        self.homes[user] = self._new(user, content, None)
        return self.homes[user]

    def find(self, view_id: str = "", external_id: str = "") -> View:
        """The shown view with this id, else with this external_id; `not_found` if nobody sees one."""
        for view in self._shown():
            if view.id == view_id or (not view_id and external_id and view.content.get("external_id") == external_id):
                return view
        raise ApiError("not_found")

    def drop(self, view: View) -> None:
        """Takes one modal off its stack and reveals the one below; nothing happens if it is gone already."""
        self.stacks[view.user] = [other for other in self.stack(view.user) if other is not view]

    def _shown(self) -> list[View]:
        return [*itertools.chain.from_iterable(self.stacks.values()), *self.homes.values()]

    def _refuse_duplicate(self, content: Json, itself: View | None) -> None:
        external_id = content.get("external_id")
        if external_id and any(v.content.get("external_id") == external_id for v in self._shown() if v is not itself):
            raise ApiError("duplicate_external_id")

    def _new(self, user: str, content: Json, below: View | None) -> View:
        view_id = f"V0VIEW{next(self._count):05}"
        content = content | {"blocks": with_ids(content["blocks"])}
        root = below.root_id if below else view_id
        state = inputs.fresh(content["blocks"])
        return View(view_id, user, content, state, self._hash(), root, below.id if below else None)

    def _hash(self) -> str:
        return f"{int(self._clock.now())}.{secrets.token_hex(4)}"
