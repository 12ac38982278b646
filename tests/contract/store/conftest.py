"""The store's contract tests run on both databases: ``place`` is a SQLite file and then a PostgreSQL database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pg_again import Again
from postgres import Server
from postgres import postgres as postgres
from store_world import file_in

from store.database import Database


@pytest.fixture(scope="session")
def again(postgres: Server) -> Iterator[Again]:
    """A database that is emptied after each test."""
    made = Again(postgres)
    yield made
    made.drop()


@pytest.fixture
def url(again: Again) -> Iterator[str]:
    """An empty database with Shipclerk's tables, as its address."""
    yield again.take()
    again.give_back()


@pytest.fixture
def bare(postgres: Server) -> Iterator[str]:
    """A database without any table."""
    with postgres.database() as made:
        yield made


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with Shipclerk's tables and nothing in them, made once: what TEMPLATE is on the server."""
    path = Path(file_in(tmp_path_factory.mktemp("tables")))
    asyncio.run(Database.open(path).close())
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store is: a file's path, and then an address."""
    if request.param == "postgres":
        return str(request.getfixturevalue("url"))
    path = file_in(tmp_path)
    Path(path).parent.mkdir(mode=0o700)
    return str(shutil.copy(request.getfixturevalue("tables"), path))  # with its mode
