"""The local Vendo's documents: media types, includes, sparse fields, pages and errors (`apis/vendo.md` §1, §4)."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from vendosim_kit import JSON, NOT_FOUND, VND, Client, filled_cart, refused

from sandbox.vendo import BASE, Vendo
from sandbox.vendo.orders import Order


async def test_media_types_of_answers(guest: Client) -> None:
    """JSON:API with its charset for success and error, plus a request id; plain JSON for `/auth`."""
    for path, status in (("/products", 200), ("/cart", 404), ("/nowhere", 404), ("/account", 403)):
        answer = await guest("GET", path)
        assert (answer.status, answer.headers["Content-Type"]) == (status, f"{VND}; charset=utf-8")
        assert len(answer.headers["X-Request-Id"]) == 36
    sent = await guest("POST", "/auth", {"user": {"email": "a@b.cd"}})
    assert sent.headers["Content-Type"] == f"{JSON}; charset=utf-8"


@pytest.mark.parametrize(("path", "kind", "status"), [
    ("/cart", VND, 201), ("/cart", JSON, 201), ("/cart", "text/plain", 415),
    ("/cart", "application/x-www-form-urlencoded", 415),
    ("/auth", JSON, 200), ("/auth", VND, 415),
])  # fmt: skip
async def test_media_types_of_bodies(guest: Client, vendo: Vendo, path: str, kind: str, status: int) -> None:
    """JSON:API or JSON, and JSON alone for `/auth`; anything else is refused and does nothing."""
    before = len(vendo.orders) + len(vendo.mail)
    answer = await guest.having(Content_Type=kind)("POST", path, {"user": {"email": "a@b.cd"}})
    assert answer.status == status
    assert len(vendo.orders) + len(vendo.mail) == before + (status < 300)


@pytest.mark.parametrize(("path", "accept", "status"), [
    ("/store", VND, 200), ("/store", f"{JSON}, {VND};q=0.5", 200), ("/store", "*/*", 200),
    ("/store", JSON, 406), ("/store", "text/html", 406),
])  # fmt: skip
async def test_accept_is_looked_at(guest: Client, path: str, accept: str, status: int) -> None:
    """Who cannot read JSON:API is told so."""
    assert (await guest.having(Accept=accept)("GET", path)).status == status


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "5", '{"a": NaN}', '{"a": "\\ud800"}', b"\xff", "[" * 100_000])
async def test_a_body_that_is_no_object_is_a_400(guest: Client, vendo: Vendo, body: Any) -> None:
    """Broken JSON and JSON that is no object are refused, and nothing is done."""
    before = len(vendo.orders)
    answer = await guest("POST", "/cart", body)
    assert answer.said == refused(400, "There was a problem in the JSON you submitted")
    assert len(vendo.orders) == before


async def test_nothing_is_included_unless_asked(guest: Client, vendo: Vendo) -> None:
    """Without `include` there is no `included`; with one that finds nothing it is empty."""
    shopper = await filled_cart(guest, vendo)
    assert set((await shopper("GET", "/cart")).body) == {"data"}
    assert (await shopper("GET", "/cart", include="")).body.keys() == {"data"}
    assert (await shopper("GET", "/cart", include="promotions")).body["included"] == []


async def test_includes_nest_and_come_once(guest: Client, vendo: Vendo) -> None:
    """A path includes every step; two lines of one product include it once; spaces are ignored."""
    shopper = await filled_cart(guest, vendo, "TEE-BLACK-M", "TEE-WHITE-S")
    answer = await shopper("GET", "/cart", include="line_items, variants.product,variants.images")
    types = [one["type"] for one in answer.body["included"]]
    assert types == ["line_item", "line_item", "variant", "product", "variant", "image", "image"]
    assert [one["id"] for one in answer.included("line_item")] == [
        one["id"] for one in answer.relations["line_items"]["data"]
    ]
    (product,) = answer.included("product")
    assert product["attributes"]["name"] == "Crew T-Shirt"


@pytest.mark.parametrize(("path", "include", "words"), [
    ("/products", "nothing", "nothing is not specified as a relationship on {}::ProductSerializer"),
    ("/products", "variants.color", "color is not specified as a relationship on {}::VariantSerializer"),
    ("/products", "images.product", "product is not specified as a relationship on {}::ImageSerializer"),
    ("/countries", "states,", None),
    ("/products/desk-lamp", "variants,taxons.parent", None),
])  # fmt: skip
async def test_an_unknown_include_is_a_400(guest: Client, path: str, include: str, words: str | None) -> None:
    """Each step must be a relation of the type before it, also when the list is empty."""
    answer = await guest("GET", path, include=include, filter__name="nothing at all")
    said = refused(400, words.format("Spree::V2::Storefront")) if words else (200, answer.body)
    assert answer.said == said


async def test_sparse_fields_hit_relationships_too(guest: Client, vendo: Vendo) -> None:
    """`fields[cart]` shrinks attributes and relationships, also of included types; a blank one is ignored."""
    shopper = await filled_cart(guest, vendo)
    answer = await shopper("GET", "/cart", fields__cart="number, item_count")
    assert answer.attributes == {"number": answer.attributes["number"], "item_count": 2}
    assert answer.relations == {}
    sparse = {"fields__cart": "user", "fields__line_item": "quantity,variant"}
    answer = await shopper("GET", "/cart", include="line_items", **sparse)
    assert (answer.attributes, answer.relations) == ({}, {"user": {"data": None}})
    (line,) = answer.included("line_item")
    assert line["attributes"] == {"quantity": 2}
    assert set(line["relationships"]) == {"variant"}
    assert len((await shopper("GET", "/cart", fields__cart="")).attributes) > 20


def _links(answer: Any) -> dict[str, Any]:
    """The links with their queries read, without the address."""
    links = answer.body["links"]
    assert {urlsplit(link).path for link in links.values()} == {f"{BASE}/account/orders"}
    return {name: dict(parse_qsl(urlsplit(link).query)) for name, link in links.items()}


async def test_thirty_orders_are_two_pages(ada: Client) -> None:
    """25 by default; `count` is this page's; `next` on the last page is the last, `prev` on the first the first."""
    first, second = await ada("GET", "/account/orders"), await ada("GET", "/account/orders", page="2")
    assert first.body["meta"] == {"count": 25, "total_count": 30, "total_pages": 2}
    assert second.body["meta"] == {"count": 5, "total_count": 30, "total_pages": 2}
    one, two = {"page": "1"}, {"page": "2"}
    assert _links(first) == {"self": {}, "next": two, "prev": one, "last": two, "first": one}
    assert _links(second) == {"self": two, "next": two, "prev": one, "last": two, "first": one}
    numbers = first.all("number") + second.all("number")
    assert (len(numbers), len(set(numbers))) == (30, 30)


async def test_links_keep_the_rest_of_the_query(ada: Client) -> None:
    """Page size, sort and fields stay in every link, so that following them is enough."""
    answer = await ada("GET", "/account/orders", per_page="10", sort="-completed_at", page="2", fields__order="number")
    rest = {"per_page": "10", "sort": "-completed_at", "fields[order]": "number"}
    assert _links(answer) == {
        "self": rest | {"page": "2"},
        "next": rest | {"page": "3"},
        "prev": rest | {"page": "1"},
        "last": rest | {"page": "3"},
        "first": rest | {"page": "1"},
    }


@pytest.mark.parametrize(("per_page", "count"), [
    ("1", 1), ("30", 30), ("500", 30), ("501", 25), ("0", 25), ("-1", 25), ("x", 25), ("", 25), ("1.5", 25), ("٣", 25),
])  # fmt: skip
async def test_a_page_size_out_of_range_is_silently_the_default(ada: Client, per_page: str, count: int) -> None:
    """1 to 500; anything else is 25, without an error."""
    answer = await ada("GET", "/account/orders", per_page=per_page)
    assert (answer.status, answer.body["meta"]["count"]) == (200, count)


@pytest.mark.parametrize(("page", "count"), [("1", 25), ("2", 5), ("3", 0), ("0", 25), ("-1", 25), ("x", 25)])
async def test_a_page_past_the_end_is_empty(ada: Client, page: str, count: int) -> None:
    """Past the end there is no error and no data; what is no page is the first."""
    answer = await ada("GET", "/account/orders", page=page)
    assert (answer.status, len(answer.body["data"])) == (200, count)
    assert answer.body["meta"]["total_count"] == 30
    assert _links(answer)["prev"] == {"page": "1"}


async def test_the_largest_page_holds_500(ada: Client, vendo: Vendo) -> None:
    """With 501 orders the largest page leaves one for the second."""
    customer = vendo.customer("ada@example.com")
    for place in range(471):
        order = Order(f"id-{place}", f"R9{place:08}", "USD", 0.0, 0.0, f"token-{place}", "complete")
        order.customer, order.completed_at = customer, 1.0
        vendo.orders.append(order)
    answer = await ada("GET", "/account/orders", per_page="500", fields__order="number")
    assert answer.body["meta"] == {"count": 500, "total_count": 501, "total_pages": 2}


async def test_an_empty_list_has_page_0_as_its_last(bob: Client) -> None:
    """Zero results: `next` and `last` say `page=0`, and nothing is null."""
    answer = await bob("GET", "/account/orders")
    assert answer.body["data"] == []
    assert answer.body["meta"] == {"count": 0, "total_count": 0, "total_pages": 0}
    nothing, one = {"page": "0"}, {"page": "1"}
    assert _links(answer) == {"self": {}, "next": nothing, "prev": one, "last": nothing, "first": one}


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/nowhere"), ("PUT", "/cart"), ("POST", "/products"), ("GET", "/cart/"), ("GET", "/auth"),
    ("POST", "/checkout/validate_order_for_payment"), ("GET", "/products/crew-t-shirt/variants"), ("DELETE", "/auth/"),
])  # fmt: skip
async def test_a_route_that_does_not_exist_is_a_404(guest: Client, method: str, path: str) -> None:
    """Among them what only newer Spree has."""
    assert (await guest(method, path)).said == (404, NOT_FOUND)


async def test_nothing_lives_outside_the_base(guest: Client) -> None:
    """The same path without its base is not Vendo."""
    async with guest.session.get("/products") as answer:
        assert answer.status == 404


async def test_moments_have_milliseconds_and_an_offset(guest: Client, vendo: Vendo) -> None:
    """UTC with Z, or with the switch the store's own offset, for the same moment."""
    vendo.products[0].updated_at = 1649955408.235
    shown = {}
    for times in ("utc", "offset"):
        vendo.switches = vendo.switches.changed({"times": times})
        shown[times] = (await guest("GET", "/products/crew-t-shirt")).attributes["updated_at"]
    assert shown == {"utc": "2022-04-14T16:56:48.235Z", "offset": "2022-04-14T11:56:48.235-05:00"}
