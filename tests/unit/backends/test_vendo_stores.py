"""Which addresses of stores are taken, and how many pools of connections there are."""

from __future__ import annotations

import asyncio

import pytest
from backends_kit import http_answer, serving
from vendo_client_kit import STORE

from backends.http import READ, BackendHttp, Call, Limits
from backends.vendo.stores import MOST_STORES, Stores, store_address

HERE = "http://127.0.0.1:8123"


@pytest.mark.parametrize(
    "text",
    [
        "shop.example.com",
        "https://shop.example.com",
        "https://shop.example.com/",
        "  HTTPS://Shop.Example.COM/products/mug?x=1#top ",
        "shop.example.com:443",
        "shop.example.com/api/v2/storefront",
    ],
)
def test_taken(text: str) -> None:
    """Whatever a person types of a public name becomes the same https address."""
    assert store_address(text) == STORE


@pytest.mark.parametrize("text", ["xn--mller-kva.de", "a.b.c.example.org", "1shop.example.io"])
def test_public_names(text: str) -> None:
    """Names of several labels, with digits or in their ASCII form, are taken as they are."""
    assert store_address(text) == f"https://{text}"


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "shop", "localhost", "localhost:3000", "https://localhost", "shop.localhost", "printer.local",
        "db.internal", "x.home.arpa", "router.lan", "http://shop.example.com", "ftp://shop.example.com",
        "https://ada:pass@shop.example.com", "https://ada@shop.example.com", "https://@shop.example.com",
        "shop.example.com:8443", "shop.example.com:0", "shop.example.com:99999", "shop.example.com:x",
        "127.0.0.1", "https://10.0.0.1", "169.254.169.254", "[::1]", "https://[fe80::1]/", "2130706433", "0x7f.0.0.1",
        "0x7f000001", "127.1", "1.2.3.0x4", "shop..example.com", ".example.com", "shop.example.com.", "-a.example.com",
        "shop.exam ple.com", "shop.example.com\\@evil.test", "shop_1.example.com", "müller.de", "ｅxample.com",
        "https://", "//shop.example.com", "javascript:alert(1)", "a." * 130 + "com", "https://[", HERE,
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    """The inside of a network, user names, other ports and what is no name at all are refused."""
    assert store_address(text, STORE) is None


def test_the_configured_store() -> None:
    """Only the configured store itself may be on this machine, not another port or path of it."""
    stores = Stores(HERE + "/")
    assert (stores.default, stores.address(HERE), stores.address(f" {HERE}/ ")) == (HERE, HERE, HERE)
    assert [stores.address(text) for text in ("http://127.0.0.1:8124", f"{HERE}/x", "127.0.0.1:8123")] == [None] * 3
    assert stores.address("shop.example.com") == STORE


def url(number: int) -> str:
    return f"https://shop{number}.example.com"


async def test_one_pool_for_each_store() -> None:
    """A store keeps its pool, and each has its own; an error names the back end and not the store."""
    stores = Stores(STORE)
    assert stores.http(STORE) is stores.http(STORE)
    assert stores.http(STORE) is not stores.http(url(1))
    assert stores.http(url(1)).name == "vendo"
    await stores.close()


async def test_the_one_unused_for_longest_goes() -> None:
    """The 33rd store takes the place of the one that was unused for longest, and of no other."""
    stores = Stores(STORE)
    pools = [stores.http(url(number)) for number in range(MOST_STORES)]
    assert stores.http(url(0)) is pools[0]
    stores.http(url(99))
    assert [stores.http(url(number)) is pools[number] for number in (0, 2, 31)] == [True] * 3
    assert stores.http(url(1)) is not pools[1]
    await stores.close()


async def test_what_goes_is_closed_when_nobody_waits_on_it() -> None:
    """A pool that lost its place ends the request that is under way on it, and is closed after that."""
    release = asyncio.Event()

    async def held(_: bytes) -> bytes:
        await release.wait()
        return http_answer()

    async with serving(held) as server:
        stores = Stores(STORE, Limits(read_total=0.3, write_total=0.3))
        pool = stores.http(server.url)
        asking = asyncio.create_task(pool.ask(Call("GET", "/", READ)))
        await asyncio.wait_for(server.arriving.get(), 5)
        for number in range(MOST_STORES):
            stores.http(url(number))
        release.set()
        assert (await asking).status == 200
        await asyncio.wait_for(_until_closed(pool), 5)
        await stores.close()


async def _until_closed(pool: BackendHttp) -> None:
    while pool._transport is not None:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def test_close() -> None:
    """``close`` waits for no timer, closes what lost its place too, and a closed one can be used again."""
    async with serving(lambda _: http_answer()) as server:
        stores = Stores(server.url)
        await stores.warm()
        first = stores.http(server.url)
        assert (await first.ask(Call("GET", "/", READ))).status == 200
        for number in range(MOST_STORES):
            stores.http(url(number))
        await asyncio.wait_for(stores.close(), 5)
        await _until_closed(first)
        assert (await stores.http(server.url).ask(Call("GET", "/", READ))).status == 200
        await stores.close()
