"""Home: what waits first, then what runs, what was done, and what one can do; never more than Slack takes (A9, B5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from render_digests import APPROVAL, DIGEST, MINE, OWNER, RUNNING, STOPPED, UNCONNECTED, WATCHED, action, unfit
from render_kit import (
    CONNECTION,
    NOW_SHOWN,
    ORDERED_SHOWN,
    line,
    listing,
    mk,
    para,
    press,
    pt,
    reading,
    rich,
    row,
    small,
    t,
)

from handlers.render.home import Mine, find_form, home
from handlers.render.home_actions import outcome, what
from operations.linking import BACK_ENDS
from store.ledger import OPEN

DIVIDER = {"type": "divider"}


def headings(view: dict[str, Any]) -> list[str]:
    """The bold lines, from top to bottom."""
    found = []
    for block in view["blocks"]:
        for section in block.get("elements", []) if block["type"] == "rich_text" else []:
            first = section["elements"][0]
            found += [first["text"]] if first.get("style") == {"bold": True} and len(section["elements"]) == 1 else []
    return found


def test_a_quiet_home() -> None:
    """The whole of it for somebody who is connected and has nothing else: quick starts, connection, what to type."""
    view = home(
        Mine(OWNER, connections=(CONNECTION,), commands=(("/order <id>", "Show where an order is"),)), connectable={}
    )
    confirm = view["blocks"][5]["accessory"]["confirm"]
    assert view == {
        "type": "home",
        "blocks": [
            {"type": "header", "text": pt("Shipclerk")},
            para("Ask where an order is, with your own account."),
            row(
                press("Create an order", "order.create_open", "home"),
                press("Find an order", "home.find", "home"),
                press("New digest", "digest.new", "home"),
            ),
            DIVIDER,
            para("Your connections. Only you can use them."),
            para(
                "🔗 Quivo (ada)",
                accessory=press("Disconnect", "connection.remove", "conn-1", style="danger", confirm=confirm),
            ),
            small(mk(f"Connected {ORDERED_SHOWN} · last used {NOW_SHOWN}")),
            DIVIDER,
            listing("What you can type", line(t("/order <id>", code=True), t(" Show where an order is"))),
            small(pt("Names and addresses are shown to you alone, in Details.")),
        ],
    }


def test_the_order_of_things() -> None:
    """What waits stands on top; then digests, watches, what was done; connections and commands come last."""
    view = home(MINE, connectable={"quivo": "card-1"})
    assert headings(view) == ["Waits for you", "Your digests", "Your watches", "What you did last", "What you can type"]
    said = reading(view)
    assert "⛔ Order 1004 (R-4): cancelling it needs a second person." in said
    assert "❔ Cancel order 1001: nobody knows whether it was done. Look before you do it again." in said
    assert "Take over a digest? Scheduled orders due in seven days" in said
    assert "is stopped. A connection that it needs is gone." in said
    assert "is without a connection. Connect QPilot: its button is below." in said
    assert "📦 Order 1001 (#DE38678): in the warehouse" in said
    assert "⚠️ Vendo: keeps failing, so I look every 30 seconds whether it is back." in said


def test_the_buttons_carry_opaque_ids() -> None:
    """DESIGN.md §3: cards, connections, watches and digests by their ids; nothing else is in a value."""
    view = home(MINE, connectable={"quivo": "card-1"})
    values = {one["action_id"]: one["value"] for one in _buttons(view)}
    assert values == {
        "order.create_open": "home",
        "home.find": "home",
        "digest.new": "home",
        "cancel.approve": "card-4",
        "cancel.decline": "card-4",
        "cancel.look": "card-9",
        "home.unwatch": "watch-1",
        "connection.remove": "conn-1",
        "connection.open": "card-1",
        **dict.fromkeys(
            [
                f"digest.{verb}"
                for verb in ["accept", "decline", "preview", "run", "pause", "edit", "handover", "delete", "resume"]
            ],
            "digest-1",
        ),
    }


def _buttons(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        here = [node] if node.get("type") == "button" else []
        return here + [one for item in node.values() for one in _buttons(item)]
    return [one for item in node for one in _buttons(item)] if isinstance(node, list | tuple) else []


def test_who_has_no_account_creates_nothing() -> None:
    """Without Quivo there is no *Create* and no *Find*; a digest says itself what it needs."""
    said = [one["action_id"] for one in _buttons(home(Mine(OWNER), connectable={}))]
    assert said == ["digest.new"]


def test_who_may_do_nothing_sees_no_command() -> None:
    """B5: nothing to type is listed for somebody who may run nothing."""
    said = reading(home(Mine(OWNER), connectable={}))
    assert "What you can type" not in said
    assert "You have not connected anything yet." in said


@pytest.mark.parametrize("count", [1, 5, 50, 500])
def test_everything_at_once_is_within_a_hundred_blocks(count: int) -> None:
    """A9: however much there is, Slack takes it, every part has its place, and what is left out is counted."""
    connections = [replace(CONNECTION, back_end=name, id=name) for name in BACK_ENDS]
    mine = Mine(
        OWNER,
        connections=connections,
        resting=BACK_ENDS,
        commands=[(f"/order {number}", "Show") for number in range(40)],
        approvals=[APPROVAL] * count,
        unknown=[action()] * min(count, 5),
        offered=[RUNNING] * count,
        digests=[RUNNING, STOPPED, UNCONNECTED] * count,
        watches=[WATCHED] * count,
        recent=[action()] * min(count, 5),
    )
    view = home(mine, connectable=dict.fromkeys(BACK_ENDS, "card-1"))
    assert unfit(view) == []
    assert len(view["blocks"]) <= 100
    assert headings(view)[-1] == "What you can type"
    assert (" more" in reading(view)) is (count > 1)


@pytest.mark.parametrize("count", [50, 500])
def test_many_connections_are_cut_and_counted(count: int) -> None:
    """A9: even what cannot be is within the limits and announced."""
    many = [replace(CONNECTION, id=f"conn-{number}") for number in range(count)]
    view = home(Mine(OWNER, connections=many), connectable={})
    assert (unfit(view), " more" in reading(view)) == ([], True)


@pytest.mark.parametrize("state", [*OPEN, "done", "refused", "not_done", "undone", "cancelled", "shipped_anyway"])
def test_every_state_has_a_word_and_a_symbol(state: str) -> None:
    """One word and one symbol for each outcome, none of them the ledger's own."""
    assert outcome(action(state=state)).is_known


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        ("order.cancel", "1001", "Cancel order 1001"),
        ("order.create", "12:Cordula Canary", "Create an order"),
        ("scheduled.skip_next", "208022", "Scheduled: skip next 208022"),
        ("cart.add", "5/sku-1", "Cart: add"),
    ],
)
def test_what_was_done_names_numbers_only(kind: str, target: str, words: str) -> None:
    """A target may hold what a person typed, so only a number of it is shown."""
    assert what(action(kind, target=target)) == words


def test_a_state_that_we_do_not_know() -> None:
    """It is shown as it is, and not as known."""
    shown = outcome(action(state="new_state"))
    assert (shown.symbol, shown.word, shown.is_known) == ("❔", "new_state", False)


def test_the_form_that_finds() -> None:
    """One input, and a word about where the answer comes."""
    form = find_form()
    assert unfit(form) == []
    assert [block.get("block_id") for block in form["blocks"]] == [None, "words"]


def test_a_digest_of_home_is_the_one_of_the_list() -> None:
    """The same row, with the same buttons, as in `/digest list`."""
    view = home(Mine(OWNER, digests=(RUNNING,)), connectable={})
    assert rich(t("Your digests", bold=True)) in view["blocks"]
    assert {one["value"] for one in _buttons(view)} == {"home", DIGEST.id}
