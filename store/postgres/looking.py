"""A look at a server, for ``doctor``: whether it keeps what it was told, without changing anything in it."""

from __future__ import annotations

import psycopg

from store.postgres.errors import told
from store.postgres.settings import parameters

OLDEST = 130000
_ASKED = (
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), "
    "current_setting('fsync'), current_setting('full_page_writes')"
)


async def look(url: str) -> list[str]:
    """What is wrong with the server, in plain words, nothing if all is well; StoreError if it cannot be reached."""
    try:
        async with await psycopg.AsyncConnection.connect(**parameters(url), autocommit=True) as connection:
            row = await (await connection.execute(_ASKED)).fetchone()
    except psycopg.Error as error:
        raise told(error) from error
    version, encoding, fsync, pages = row or (0, "", "", "")
    wrong = {
        "PostgreSQL 13 or later is needed": version < OLDEST,
        "the database must be made with the encoding UTF8": encoding != "UTF8",
        "fsync is off: a power cut loses what was acknowledged": fsync != "on",
        "full_page_writes is off: a power cut may damage the database": pages != "on",
    }
    return [words for words, holds in wrong.items() if holds]
