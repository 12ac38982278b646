"""Files from and to Slack: only its own file hosts, small, and never the page to sign in (apis/slack.md §1)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

MOST_BYTES = 1_000_000
_SLACKS = frozenset({"https://files.slack.com"})
_CHUNK = 65_536
_PAGE = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class NoFile:
    """A file that could not be had; ``text`` is safe to show."""

    text: str


NOT_GIVEN = NoFile("Slack did not give me the file. Please choose it once more.")
TOO_LARGE = NoFile("The file is larger than 1 MB. Please split it.")


def file_origins(api_url: str) -> frozenset[str]:
    """Where files are kept: Slack's own host, or the workspace that was configured instead of Slack."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    if host == "slack.com" or host.endswith(".slack.com"):
        return _SLACKS
    return frozenset({f"{parts.scheme}://{parts.netloc}"})


def may_ask(url: str, origins: Collection[str]) -> bool:
    """Whether the token (or a file) may go to this address."""
    return any(url.startswith(f"{origin}/") for origin in origins)


async def download(session: aiohttp.ClientSession, token: str, url: str, origins: Collection[str]) -> bytes | NoFile:
    """The content behind ``url_private_download``, up to 1 MB.

    Without a right to it Slack answers 200 with the page to sign in: whatever is HTML is therefore no file.
    """
    if not may_ask(url, origins):
        return NOT_GIVEN
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with session.get(url, headers=headers, allow_redirects=False) as answer:
            if answer.status != 200 or answer.content_type == "text/html":
                return NOT_GIVEN
            return await _content(answer)
    except (aiohttp.ClientError, TimeoutError):
        return NOT_GIVEN


async def _content(answer: aiohttp.ClientResponse) -> bytes | NoFile:
    content = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            return TOO_LARGE
    start = bytes(content[:64]).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return NOT_GIVEN if start.startswith(_PAGE) else bytes(content)


async def upload(session: aiohttp.ClientSession, url: str, content: bytes, origins: Collection[str]) -> bool:
    """Post a file's bytes to the address that Slack gave for them; that address is all the right it takes."""
    if not may_ask(url, origins):
        return False
    try:
        async with session.post(url, data=content, allow_redirects=False) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
