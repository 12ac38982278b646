"""The log: one line of JSON each, no exception's text, no library's sentences (D1)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.logs import configure

SECRET = "canary-log-5521"
LIBRARIES = ("slack_sdk", "slack_bolt", "httpx", "httpcore", "aiohttp", "asyncio", "uvicorn")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    yield
    configure("DEBUG")


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    said = capsys.readouterr()
    assert (SECRET in said.err, said.out) == (False, "")
    return [json.loads(line) for line in said.err.splitlines()]


@pytest.mark.parametrize("name", ["shipclerk.test", "slack_bolt.AsyncApp", "asyncio", "root"])
def test_an_exceptions_text_is_never_written(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """D1: of an exception only its type is written, by whomever it is logged."""
    configure("DEBUG")
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger(name).exception("went wrong", stack_info=True)
    (record,) = records(capsys)
    assert (record["error"], record["level"]) == ("ValueError", "error")


def test_our_own_exceptions_are_types_too(capsys: pytest.CaptureFixture[str]) -> None:
    """D1: our own log writes an exception's type only, also when it is asked for the whole of it."""
    configure("DEBUG")
    try:
        raise KeyError(SECRET)
    except KeyError:
        structlog.get_logger("shipclerk.test").exception("went wrong")
    (record,) = records(capsys)
    assert (record["event"], record["error"], record["logger"]) == ("went wrong", "KeyError", "shipclerk.test")


@pytest.mark.parametrize("name", [*LIBRARIES, "somebody.else"])
def test_a_librarys_sentence_is_only_its_place(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """D1: libraries put URLs, payloads and exceptions into their sentences, so only the place of them is written."""
    configure("DEBUG")
    logging.getLogger(f"{name}.part").error(f"Failed to handle {SECRET} (error: %s)", ValueError(SECRET))
    (record,) = records(capsys)
    assert record["event"].startswith("test_bot_logs.py:")


async def test_a_forgotten_task_does_not_tell_its_exception(capsys: pytest.CaptureFixture[str]) -> None:
    """D1: asyncio's own line about a failure that nobody looked at holds no word of it."""
    configure("INFO")
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": f"never retrieved {SECRET}", "exception": ValueError(SECRET)})
    (record,) = records(capsys)
    assert (record["logger"], record["error"]) == ("asyncio", "ValueError")


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
@pytest.mark.parametrize("name", [*LIBRARIES, "slack_sdk.web.async_client", "slack_bolt.AsyncApp"])
def test_libraries_are_quiet_at_any_level(level: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """D1: at DEBUG slack_sdk would print what people write and httpx whole URLs; below WARNING they say nothing."""
    configure(level)
    for method in (logging.getLogger(name).debug, logging.getLogger(name).info):
        method(SECRET)
    assert records(capsys) == []


@pytest.mark.parametrize(("level", "shown"), [("DEBUG", 3), ("INFO", 2), ("ERROR", 1), ("nonsense", 2)])
def test_our_own_level_is_the_one_asked_for(level: str, shown: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Our own lines are written from the level that was asked for; an unknown level means INFO."""
    configure(level)
    ours = structlog.get_logger("shipclerk.test")
    ours.debug("one")
    ours.info("two", number=2)
    ours.error("three")
    assert [record["event"] for record in records(capsys)] == ["one", "two", "three"][-shown:]


def test_what_is_bound_stands_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    """D5: the reference that is bound to a delivery stands in every line, also in those of plain logging."""
    configure("INFO")
    with structlog.contextvars.bound_contextvars(reference="REF23456"):
        structlog.get_logger("shipclerk.a").info("one")
        logging.getLogger("shipclerk.b").info("two")
    assert [(line["event"], line["reference"]) for line in records(capsys)] == [
        ("one", "REF23456"),
        ("two", "REF23456"),
    ]


def test_configuring_twice_does_not_write_twice(capsys: pytest.CaptureFixture[str]) -> None:
    """Setting up the log again replaces what was set up before."""
    configure("INFO")
    configure("INFO")
    logging.getLogger("shipclerk.a").warning("once")
    assert len(records(capsys)) == 1
