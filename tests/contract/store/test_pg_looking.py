"""A look at a server says what is wrong with it, and no address is printed with its password (C10)."""

from __future__ import annotations

import pytest
from postgres import Server, server
from psycopg.sql import SQL

from store.errors import Missing
from store.postgres.looking import look
from store.stores import shown

OFF = [
    "fsync is off: a power cut loses what was acknowledged",
    "full_page_writes is off: a power cut may damage the database",
]


async def test_a_quick_server_is_not_a_safe_one(postgres: Server, url: str) -> None:
    """The tests' own server, whose fsync is off, is told on; another encoding too."""
    assert await look(url) == OFF
    postgres.run(SQL("CREATE DATABASE odd TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"))
    assert await look(postgres.url("odd")) == ["the database must be made with the encoding UTF8", *OFF]
    postgres.run(SQL("DROP DATABASE odd"))


async def test_a_server_as_it_should_be() -> None:
    """Of a server that keeps what it was told there is nothing to say."""
    with server(durable=True) as safe, safe.database() as url:
        assert await look(url) == []


async def test_a_server_that_is_not_there() -> None:
    """Where nobody answers it is Missing, without a word of the address."""
    with pytest.raises(Missing) as refused:
        await look("postgresql://clerk:canary@127.0.0.1:1/none")
    assert "canary" not in f"{refused.value!r} {refused.value.__cause__!r}"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("data/shipclerk.db", "data/shipclerk.db"),
        ("postgresql://clerk:canary@db.example.com:5432/ship", "postgresql://clerk@db.example.com:5432/ship"),
        ("postgresql://clerk:can%40ary@a,b/ship?sslmode=require&password=canary", "postgresql://clerk@a,b/ship"),
        ("postgres:///ship?host=/run/postgresql&password=canary", "postgresql:///ship"),
        ("postgresql://db.example.com/ship", "postgresql://db.example.com/ship"),
        ("postgresql://clerk:canary@[bad/ship", "postgresql://…"),
    ],
)
def test_an_address_is_printed_without_its_password(place: str, expected: str) -> None:
    """C10: what doctor prints holds user, hosts and database only."""
    assert shown(place) == expected
