"""docs/operations.md speaks of what there is: every metric, command, path and outcome, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

from bot.cli import app
from bot.metrics import Metrics
from bot.probes import watch
from bot.settings import Settings
from bot.tasks import Tasks
from handlers.leaving import PRESSES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def metrics() -> set[str]:
    """The name of each metric as it is scraped, counters with their ending."""
    made = Metrics()
    parts = cast("Any", SimpleNamespace(running=0, still_for=lambda: 0.0, next_due=lambda: None))
    watch(made, tasks=Tasks(), engine=parts, occurrences=parts, links={}, now=cast("Any", None))
    families = text_string_to_metric_families(made.text().decode())
    names = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}
    return {name for name in names if not name.endswith("_created")}  # the library's own: since when it counts


def test_every_metric_is_explained_and_no_other() -> None:
    """The table has each of them, and an alert speaks of none that there is not."""
    named = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"shipclerk_[a-z_]+", TEXT)}
    assert named == metrics()


def test_every_command_exists() -> None:
    """What is to be typed can be typed."""
    command = cast("Any", get_command(app))
    typed = {words.split()[0] for words in re.findall(r"python -m bot ([a-z]+[a-z ]*)", TEXT)}
    assert {"backup", "restore", "move", "doctor", "keys"} <= typed
    assert typed - set(command.commands) == set()
    verbs = set(re.findall(r"`?keys (new|rotate|verify|\w+)`", TEXT))
    assert verbs - set(command.commands["keys"].commands) == set()


def test_every_setting_exists() -> None:
    """No setting is named that is not read."""
    named = set(re.findall(r"\b(?:SHIPCLERK|SLACK|QUIVO|VENDO|QPILOT)_[A-Z_]+\b", TEXT))
    assert named - {str(field.alias) for field in Settings.model_fields.values()} == set()


@pytest.mark.parametrize("name", [press.name for press in PRESSES])
def test_every_event_of_leaving_is_named(name: str) -> None:
    """What Slack tells when somebody leaves stands there, and in the manifest (H4)."""
    assert f"`{name}`" in TEXT
    assert f"- {name}\n" in (ROOT / "manifest.yml").read_text(encoding="utf-8")
