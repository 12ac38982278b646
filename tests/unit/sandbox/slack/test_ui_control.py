"""The control panel's state and acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from slack_samples import workspace

from sandbox.quivo.faults import Fault
from sandbox.quivo.quivo import Quivo
from sandbox.quivo.switches import Switches
from sandbox.slack.state import ApiCall
from sandbox.slack.ui_acts import BadAct
from sandbox.slack.ui_control import PRESETS, SWITCHES, Panel
from sandbox.slack.workspace import Workspace


@pytest.fixture
def space() -> Workspace:
    """A workspace."""
    return workspace()[0]


@pytest.fixture
def quivo(space: Workspace) -> Quivo:
    """Quivo on the workspace's clock."""
    return Quivo(space.clock)


@pytest.fixture
def panel(space: Workspace, quivo: Quivo) -> Panel:
    """The panel over both."""
    return Panel(space, quivo)


def test_it_shows_clock_orders_statuses_and_faults(panel: Panel, quivo: Quivo) -> None:
    """Every order with reference and status, the statuses to choose from, and each fault off."""
    shown = panel.state()
    assert shown["orders"][0] == {"id": 1001, "reference": "#DE38678", "status": "PROCESSING"}
    assert len(shown["orders"]) == len(quivo.orders)
    assert shown["statuses"] == ["PENDING", "PROCESSING", "COMPLETED", "CANCELLED"]
    assert [fault["on"] for fault in shown["faults"]] == [False] * len(PRESETS)
    assert abs(shown["offset"]) < 1
    assert shown["refused"] == []


def test_the_clock_moves_for_everybody(panel: Panel, space: Workspace) -> None:
    """An hour is added to the shared clock and shown as its offset."""
    before = space.clock.now()
    panel.do({"what": "advance", "seconds": 3600})
    assert space.clock.now() - before >= 3600
    assert panel.state()["offset"] == pytest.approx(3600, abs=1)


def test_an_order_gets_its_status_and_tokens_expire(panel: Panel, quivo: Quivo) -> None:
    """One order changes, and a good token is expired."""
    token = quivo.tokens.issue(quivo.accounts[0])
    panel.do({"what": "status", "order": 1001, "status": "COMPLETED"})
    panel.do({"what": "expire"})
    assert quivo.orders[1001]["orderStatus"] == "COMPLETED"
    assert quivo.tokens.holder(token) == "expired"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_fault_is_switched_on_once_and_off(panel: Panel, quivo: Quivo, preset: Any) -> None:
    """Twice on is one fault; off leaves the faults that others set."""
    other = Fault("PUT /elsewhere", "500")
    quivo.faults.append(other)
    for _ in range(2):
        panel.do({"what": "fault", "id": preset.id, "on": True})
    assert quivo.faults == [other, preset.fault]
    assert [fault["id"] for fault in panel.state()["faults"] if fault["on"]] == [preset.id]
    panel.do({"what": "fault", "id": preset.id, "on": False})
    assert quivo.faults == [other]


def test_a_switch_shows_its_choices_and_is_turned(panel: Panel, quivo: Quivo) -> None:
    """When a cancel settles is a choice of three; turning one switch leaves the others, and numbers stay numbers."""
    shown = {switch["name"]: switch for switch in panel.state()["switches"]}
    assert list(shown) == list(SWITCHES)
    assert (shown["cancel_settles"]["value"], shown["cancel_settles"]["choices"]) == (
        quivo.switches.cancel_settles,
        ["at_once", "after", "never"],
    )
    panel.do({"what": "switch", "name": "cancel_settles", "value": "never"})
    panel.do({"what": "switch", "name": "forbidden_code", "value": 409})
    assert quivo.switches == replace(Switches(), cancel_settles="never", forbidden_code=409)


def test_an_asked_for_cancel_settles_when_the_clock_is_moved(panel: Panel, quivo: Quivo) -> None:
    """With `after` the panel's clock decides, with `never` nothing does."""
    quivo.request_cancel(1001)
    panel.do({"what": "advance", "seconds": 60})
    panel.do({"what": "switch", "name": "cancel_settles", "value": "never"})
    quivo.request_cancel(1002)
    panel.do({"what": "advance", "seconds": 60})
    statuses = {order["id"]: order["status"] for order in panel.state()["orders"]}
    assert (statuses[1001], statuses[1002] == "CANCELLED") == ("CANCELLED", False)


def test_refused_calls_are_shown_newest_first_without_their_arguments(panel: Panel, space: Workspace) -> None:
    """Ten at most, method and error only: an argument may hold anything."""
    for number in range(12):
        space.calls.append(ApiCall("views.open", "bot", {"view": "canary"}, False, f"error_{number}"))
    space.calls.append(ApiCall("chat.postMessage", "bot", {}, True))
    refused = panel.state()["refused"]
    assert [one["error"] for one in refused] == [f"error_{number}" for number in range(11, 1, -1)]
    assert refused[0] == {"method": "views.open", "error": "error_11"}


def test_a_change_is_told_to_every_page(panel: Panel, space: Workspace) -> None:
    """An act of the panel is a change of the workspace."""
    queue = space.subscribe()
    panel.do({"what": "expire"})
    assert queue.get_nowait() == "control"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"what": "explode"},
        {"what": "advance"},
        {"what": "advance", "seconds": "60"},
        {"what": "advance", "seconds": float("nan")},
        {"what": "advance", "seconds": True},
        {"what": "status", "order": 9, "status": "PENDING"},
        {"what": "status", "order": "1001", "status": "PENDING"},
        {"what": "status", "order": 1001, "status": ""},
        {"what": "fault", "id": "none", "on": True},
        {"what": "switch"},
        {"what": "switch", "name": "page_base", "value": 1},
        {"what": "switch", "name": "cancel_settles", "value": "soon"},
        {"what": "switch", "name": "update_success", "value": "204"},
    ],
)
def test_senseless_words_change_nothing(panel: Panel, quivo: Quivo, body: dict[str, Any]) -> None:
    """A bad act is refused, and orders, faults and clock are as before."""
    before = (panel.state()["orders"], list(quivo.faults), quivo.switches)
    with pytest.raises(BadAct):
        panel.do(body)
    assert (panel.state()["orders"], list(quivo.faults), quivo.switches) == before
    assert abs(panel.state()["offset"]) < 1
