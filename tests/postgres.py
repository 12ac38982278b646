"""A throw-away PostgreSQL server for the tests: made in a folder of its own, one database for each test.

Where the server's programs are not installed, a test that wants them fails in CI and is skipped elsewhere
(scripts/postgres.sh installs them).
"""

from __future__ import annotations

import asyncio
import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier

from store.postgres.schema import migrate

USER = "shipclerk"
TEMPLATE = "shipclerk_template"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}
# What is lost with the machine's power does not matter to a test; a killed process loses nothing either way.
QUICK = {"fsync": "off", "full_page_writes": "off"}
_numbers = count(1)


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest; None if there are none."""
    named = os.environ.get("SHIPCLERK_POSTGRES_BIN")
    on_path = shutil.which("initdb")
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    places = [Path(named)] if named else [*([Path(on_path).resolve().parent] if on_path else []), *reversed(known)]
    return next((place for place in places if (place / "postgres").exists()), None)


def needed() -> Path:
    """The same; without them a failure in CI, else a skip."""
    place = programs()
    if place is None:
        words = "no PostgreSQL here: run scripts/postgres.sh, or name its programs in SHIPCLERK_POSTGRES_BIN"
        if os.environ.get("CI"):
            pytest.fail(words, pytrace=False)
        pytest.skip(words)
    return place


@dataclass
class Server:
    """A running server; it listens on a socket in its folder, and on 127.0.0.1."""

    folder: Path
    port: int
    settings: dict[str, str]
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        """The address of a database, through the socket."""
        return f"postgresql://{USER}@/{database}?host={quote(str(self.folder), safe='')}&port={self.port}"

    def tcp(self, database: str) -> str:
        """The same by TCP."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """A database of its own, as its address; dropped at the end, whoever is still in it."""
        name = f"t{next(_numbers)}"
        copy = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")  # the quicker one where fsync is off
        self.run(copy.format(Identifier(name), Identifier(template)))
        try:
            yield self.url(name)
        finally:
            self.run(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def run(self, *statements: SQL | Composed, database: str = "postgres") -> None:
        """Statements as the server's owner, each committed."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stops it: SIGINT drops everybody first, SIGQUIT is a crash."""
        self.process.send_signal(how)
        self.process.wait(30)

    def start(self) -> None:
        """Starts it again, after ``stop``."""
        self.process = _started(self.folder, self.port, self.settings)
        _answering(self)


@contextmanager
def server(*, durable: bool = False) -> Iterator[Server]:
    """Makes a server and starts it; ``durable``: its fsync is on. Everything is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short, for a socket's path has 107 letters at most
    shutil.chown(folder, _user())
    settings = SETTINGS if durable else SETTINGS | QUICK
    try:
        options = ("-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
        _run("initdb", "-D", str(folder / "data"), *options)
        port = _free_port()
        made = Server(folder, port, settings, _started(folder, port, settings))
        _answering(made)
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str:
    """Who runs it: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return getpass.getuser()
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _popen(*command: str) -> subprocess.Popen[bytes]:
    other = {"user": _user(), "group": pwd.getpwnam(_user()).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    program = str(needed() / command[0])
    quiet = subprocess.DEVNULL
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [program, *command[1:]], stdin=quiet, stdout=quiet, stderr=quiet, cwd="/", start_new_session=True, **other
    )


def _run(*command: str) -> None:
    assert _popen(*command).wait(60) == 0, command[0]


def _started(folder: Path, port: int, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return _popen("postgres", "-D", str(folder / "data"), "-p", str(port), "-k", str(folder), *options)


def _answering(made: Server) -> None:
    for _ in range(600):
        assert made.process.poll() is None, "the server did not start"
        try:
            made.run()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for each test process that wants one; TEMPLATE in it has Shipclerk's tables.

    For use it is imported into a folder's conftest.py.
    """
    with server() as made:
        made.run(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(TEMPLATE)))
        asyncio.run(_with_tables(made.url(TEMPLATE)))
        yield made


async def _with_tables(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await migrate(connection)
