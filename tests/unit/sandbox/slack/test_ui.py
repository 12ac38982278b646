"""The page over HTTP: who may ask, what is served, and the stream of changes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_samples import Scripted, workspace
from yarl import URL

from sandbox.quivo.quivo import Quivo
from sandbox.serving import Served, serve
from sandbox.slack import server, ui
from sandbox.slack.delivery import Answer
from sandbox.slack.ui_control import Panel
from sandbox.slack.workspace import ADA, BEN, OLGA, ORDERS, SHARED, Workspace

FILES = sorted(path.name for path in ui.PAGE.iterdir())
SCRIPTS = [name for name in FILES if name.endswith(".js")]


@dataclass
class Site:
    """A served page and what stands behind it."""

    served: Served
    session: aiohttp.ClientSession
    workspace: Workspace
    app: Scripted

    async def get(self, path: str, **headers: str) -> tuple[int, Any, Any]:
        """Status, headers and text of a GET."""
        async with self.session.get(f"{self.served.url}{path}", headers=headers) as answer:
            return answer.status, answer.headers, await answer.text()

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """Status and JSON of a POST as the page itself would send it; headers may be overridden."""
        own = {"Origin": self.served.url} | headers
        async with self.session.post(f"{self.served.url}{path}", json=body, headers=own) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """The page of a workspace whose app answers as it is told."""
    space, app = workspace()
    application = server.app(space)
    ui.add_routes(application, space, Panel(space, Quivo(space.clock)))
    served = await serve(application)
    async with aiohttp.ClientSession() as session:
        yield Site(served, session, space, app)
    await served.close()


@pytest.mark.parametrize("path", ["/", "/page/app.js", "/ui/state", "/ui/control", "/page/nothing.js"])
async def test_every_answer_carries_the_strict_headers(site: Site, path: str) -> None:
    """Files, JSON and refusals alike forbid foreign and inline code, framing, sniffing and caching."""
    _, headers, _ = await site.get(path)
    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example"]
)
@pytest.mark.parametrize("path", ["/", "/ui/state", "/ui/stream", "/ui/control", "/page/app.js"])
async def test_another_host_name_gets_nothing(site: Site, host: str, path: str) -> None:
    """A name that was pointed at 127.0.0.1 is refused everywhere, and the answer holds none of the workspace."""
    status, _, text = await site.get(path, Host=host)
    assert (status, text) == (421, '{"error": "this page answers to 127.0.0.1 and localhost only"}')


async def test_localhost_is_a_name_too(site: Site) -> None:
    """`localhost` with the port is served like 127.0.0.1."""
    status, _, _ = await site.get("/", Host=f"localhost:{site.served.port}")
    assert status == 200


@pytest.mark.parametrize("path", ["/ui/do", "/ui/control"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
async def test_a_foreign_origin_does_nothing(site: Site, path: str, origin: str) -> None:
    """A page of another origin, or none at all, cannot act: 403, and no message and no order changed."""
    body = {"as": ADA, "what": "post", "channel": ORDERS, "text": "hi"}
    status, answer = await site.post(path, body, Origin=origin)
    assert (status, answer) == (403, {"error": "only the page itself may do this"})
    assert site.workspace.visible(ADA, ORDERS) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_form_of_another_page_does_nothing(site: Site, kind: str) -> None:
    """Only JSON is taken, so that a plain form, which needs no permission of the browser, cannot act."""
    headers = {"Origin": site.served.url, "Content-Type": kind}
    async with site.session.post(f"{site.served.url}/ui/do", data=b"{}", headers=headers) as answer:
        assert answer.status == 415


@pytest.mark.parametrize("name", FILES)
async def test_each_file_of_the_page_is_served_with_its_type(site: Site, name: str) -> None:
    """HTML, CSS, JavaScript and SVG have their types, and the bytes are the file's."""
    status, headers, text = await site.get(f"/page/{name}")
    types = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    assert (status, headers["Content-Type"].split(";")[0]) == (200, types[name.rsplit(".", 1)[1]])
    assert text == (ui.PAGE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ["/page/..%2Fui.py", "/page/%2e%2e%2fui.py", "/page/.", "/page/none.js", "/page/x.py"])
async def test_nothing_but_the_pages_files_is_served(site: Site, path: str) -> None:
    """Paths out of the folder and unknown names are 404."""
    async with site.session.get(URL(site.served.url + path, encoded=True)) as answer:
        assert answer.status == 404
        assert "import" not in await answer.text()


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_build_no_markup_from_text(name: str) -> None:
    """D2: no script makes markup or code from text or imports from outside the page, and each is short."""
    text = (ui.PAGE / name).read_text(encoding="utf-8")
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|srcdoc|\.cssText"
    )
    assert re.findall(forbidden, text) == []
    assert len(text.splitlines()) < 300
    for imported in re.findall(r'from "([^"]+)"', text):
        assert imported.startswith("./")
        assert (ui.PAGE / imported).is_file()


def test_the_html_has_no_inline_code_and_only_its_own_files() -> None:
    """No style, no script text, no handler attribute; every address begins with /page/ or is a place in the page."""
    html = (ui.PAGE / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", html) == []
    addresses = re.findall(r'(?:href|src)="([^"]+)"', html)
    assert all(address.startswith(("/page/", "#")) for address in addresses)
    assert all((ui.PAGE / name.removeprefix("/page/")).is_file() for name in addresses if name.startswith("/page/"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "the body must be an object"),
        ({"as": "U0NOBODY", "what": "post"}, "as: no such member"),
        ({"as": "U0BOT00001", "what": "post"}, "as: no such member"),
        ({"as": ADA, "what": "destroy"}, "what: unknown"),
        ({"as": ADA}, "what: unknown"),
        ({"as": ADA, "what": "command", "channel": ORDERS}, "text: must be a text"),
        ({"as": ADA, "what": "submit", "view_id": "V1", "values": []}, "values: must be an object"),
    ],
)
async def test_senseless_acts_are_refused(site: Site, body: Any, words: str) -> None:
    """A 400 says which word made no sense, and nothing reaches the app."""
    assert await site.post("/ui/do", body) == (400, {"error": words})
    assert site.app.got == []


async def test_a_body_that_is_not_json_is_refused(site: Site) -> None:
    """Broken JSON is a 400, not an error of the server."""
    headers = {"Origin": site.served.url, "Content-Type": "application/json"}
    async with site.session.post(f"{site.served.url}/ui/control", data=b"{", headers=headers) as answer:
        assert (answer.status, await answer.json()) == (400, {"error": "the body is not JSON"})


async def test_a_member_cannot_act_where_they_are_not(site: Site) -> None:
    """The outsider's post and command in the home channel are refused, and the channel stays empty."""
    for what, text in (("post", "hi"), ("command", "/order 1")):
        status, answer = await site.post("/ui/do", {"as": OLGA, "what": what, "channel": ORDERS, "text": text})
        assert (status, answer["acked"]) == (200, False)
        assert "is not in" in answer["error"]
    assert site.workspace.visible(ADA, ORDERS) == []
    assert site.app.got == []


async def test_acts_reach_the_workspace_as_that_member(site: Site) -> None:
    """A command and a post are done as the named member, and the answer says that the app acknowledged."""
    command = {"as": BEN, "what": "command", "channel": ORDERS, "text": "/order 1001"}
    assert await site.post("/ui/do", command) == (200, {"acked": True, "error": None})
    assert (site.app.last["user_id"], site.app.last["text"]) == (BEN, "1001")
    status, answer = await site.post("/ui/do", {"as": BEN, "what": "post", "channel": SHARED, "text": "a < b"})
    message = site.workspace.visible(OLGA, SHARED)[0]
    assert (status, answer["ts"]) == (200, message.ts)
    assert (message.user, message.text) == (BEN, "a &lt; b")


async def test_a_late_app_is_told_to_the_page(site: Site) -> None:
    """The outcome carries Slack's word for it."""
    site.app.answers.append(Answer(error="operation_timeout"))
    command = {"as": ADA, "what": "command", "channel": ORDERS, "text": "/order 1"}
    assert await site.post("/ui/do", command) == (200, {"acked": False, "error": "operation_timeout"})


async def test_an_unknown_member_looks_through_the_first_ones_eyes(site: Site) -> None:
    """Without `as`, or with a stranger's id, the state is that of the first member."""
    for query in ("", "?as=", "?as=U0NOBODY", "?as=USLACKBOT"):
        async with site.session.get(f"{site.served.url}/ui/state{query}") as answer:
            assert (await answer.json())["me"]["id"] == ADA


async def test_the_stream_says_when_something_changed(site: Site) -> None:
    """One event at the start, one after a message, and the subscription ends with the browser."""
    async with site.session.get(f"{site.served.url}/ui/stream") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert [await stream.content.readline() for _ in range(2)] == [b"data: changed\n", b"\n"]
        await site.workspace.post(BEN, ORDERS, "news")
        lines = [await stream.content.readline()]
        while lines[-1] != b"data: changed\n":
            lines.append(await stream.content.readline())
        assert b"news" not in b"".join(lines)
    assert len(site.workspace.listeners) <= 1


async def _upload(site: Site, query: str, data: bytes, **headers: str) -> tuple[int, Any]:
    """Status and JSON of an upload as the page itself would send it; headers may be overridden."""
    own = {"Origin": site.served.url, "Content-Type": "application/octet-stream"} | headers
    async with site.session.post(f"{site.served.url}/ui/upload?{query}", data=data, headers=own) as answer:
        return answer.status, await answer.json()


async def test_a_file_is_uploaded_posted_and_downloaded(site: Site) -> None:
    """The page's own way: bytes in, a message with the file, and the same bytes out, only ever to be saved."""
    status, answer = await _upload(site, f"as={ADA}&name=a%20b.html&type=text/html", b"<script>1</script>")
    file = answer["file"]
    assert (status, file["name"], file["mimetype"], file["user"]) == (200, "a b.html", "text/html", ADA)
    body = {"as": ADA, "what": "post", "channel": ORDERS, "text": "", "files": [file["id"]]}
    assert (await site.post("/ui/do", body))[1]["acked"] is True
    status, headers, text = await site.get(f"/ui/file/{file['id']}?as={BEN}")
    assert (status, text, headers["Content-Type"]) == (200, "<script>1</script>", "application/octet-stream")
    assert headers["Content-Disposition"] == 'attachment; filename="a_b.html"'


async def test_a_file_is_seen_by_those_of_its_channel_only(site: Site) -> None:
    """D3: before it is posted only its giver, then the channel's members; never the outsider or a stranger."""
    file_id = (await _upload(site, f"as={ADA}&name=a.csv", b"x"))[1]["file"]["id"]
    readers = (ADA, BEN, OLGA, "U0NOBODY", "")
    before = [(await site.get(f"/ui/file/{file_id}?as={user}"))[0] for user in readers]
    await site.workspace.post(ADA, ORDERS, "", files=[file_id])
    after = [(await site.get(f"/ui/file/{file_id}?as={user}"))[0] for user in readers]
    assert (before, after) == ([200, 404, 404, 404, 404], [200, 200, 404, 404, 404])
    assert (await site.get(f"/ui/file/F404?as={ADA}"))[0] == 404


@pytest.mark.parametrize(
    ("query", "data", "headers", "status"),
    [
        (f"as={ADA}&name=a.csv", b"x", {"Origin": "http://evil.example"}, 403),
        (f"as={ADA}&name=a.csv", b"x", {"Content-Type": "text/plain"}, 415),
        (f"as={ADA}&name=a.csv", b"x", {"Content-Type": "multipart/form-data"}, 415),
        (f"as={ADA}&name=a.csv", b"", {}, 400),
        (f"as={ADA}", b"x", {}, 400),
        ("as=U0NOBODY&name=a.csv", b"x", {}, 400),
    ],
)
async def test_an_upload_that_is_not_taken(
    site: Site, query: str, data: bytes, headers: dict[str, str], status: int
) -> None:
    """Another origin, a form of another page, an empty file, no name, a stranger: no file is kept."""
    assert (await _upload(site, query, data, **headers))[0] == status
    assert site.workspace.files == {}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text": ""}, "text: must be a text"),
        ({"files": "F1"}, "files: must be a list"),
        ({"text": "x", "thread_ts": ""}, "thread_ts: must be a text"),
    ],
)
async def test_a_senseless_post_is_refused(site: Site, more: dict[str, Any], words: str) -> None:
    """No words and no file, files that are no list, no thread: nothing is posted."""
    status, answer = await site.post("/ui/do", {"as": ADA, "what": "post", "channel": ORDERS} | more)
    assert (status, answer["error"]) == (400, words)
    assert site.workspace.visible(ADA, ORDERS) == []


async def test_a_reply_goes_into_its_thread(site: Site) -> None:
    """A post with thread_ts is a reply to that message."""
    root = await site.workspace.post(BEN, ORDERS, "root")
    await site.post("/ui/do", {"as": ADA, "what": "post", "channel": ORDERS, "text": "hi", "thread_ts": root})
    assert [message.thread_ts for message in site.workspace.visible(BEN, ORDERS)] == [None, root]
