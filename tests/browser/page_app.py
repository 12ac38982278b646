"""A small real slack-bolt app for the page's tests: every block, every element, and some bad manners on request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.world import World

Json = dict[str, Any]

MANIFEST = """
_metadata: {major_version: 2}
display_information: {name: Parcel}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true}
  bot_user: {display_name: Parcel, always_online: true}
  shortcuts:
    - {name: Start a form, type: global, callback_id: form.start, description: Opens the form}
    - {name: Look at this, type: message, callback_id: message.look, description: Looks at a message}
  slash_commands:
    - {command: /card, description: Show a card with buttons, usage_hint: "<number>"}
    - {command: /carry, description: Carry something somewhere}
    - {command: /form, description: Open a form, usage_hint: "[plain | other]"}
    - {command: /gallery, description: Show every block}
    - {command: /hostile, description: Say hostile things}
    - {command: /late, description: Never answer}
    - {command: /long, description: Open a very long form}
    - {command: /report, description: Share a file, usage_hint: "<thread>"}
    - {command: /whisper, description: Say it to you only, usage_hint: "<words>"}
oauth_config: {scopes: {bot: [chat:write, commands, users:read, channels:read, files:read, files:write]}}
settings:
  event_subscriptions: {bot_events: [app_home_opened]}
  interactivity: {is_enabled: true}
  socket_mode_enabled: true
"""

HOSTILE = (
    "<img src=x onerror=\"alert('img')\"> <script>alert(1)</script> &lt;b&gt;not bold&lt;/b&gt; "
    "<javascript:alert(1)|click me> [x](javascript:alert(2)) \u202egnp.exe"
)


def words(text: str, kind: str = "plain_text") -> Json:
    """A text object."""
    return {"type": kind, "text": text}


def marked(text: str) -> Json:
    """A mrkdwn text object."""
    return words(text, "mrkdwn")


def option(value: str, text: str | None = None) -> Json:
    """An option."""
    return {"text": words(text or value.capitalize()), "value": value}


def entry(block_id: str, label: str, kind: str, *, hint: str = "", optional: bool = True, **more: Any) -> Json:
    """An input block whose element is called `x`; `more` belongs to the element."""
    element = {"type": kind, "action_id": "x"} | more
    block: Json = {"type": "input", "block_id": block_id, "label": words(label), "element": element}
    return block | {"optional": optional} | ({"hint": words(hint)} if hint else {})


def button(action_id: str, text: str, **more: Any) -> Json:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": words(text), **more}


def section(text: str, **more: Any) -> Json:
    """A section."""
    return {"type": "section", "text": marked(text), **more}


def card(number: str, note: str = "") -> list[Json]:
    """A card such as an order bot would show."""
    sure: Json = {"title": words("Cancel this order?"), "text": marked("The warehouse will stop packing *now*.")}
    sure |= {"confirm": words("Cancel it"), "deny": words("Keep it"), "style": "danger"}
    fields = [f"*Reference*\n#{number}", "*Status*\n:hourglass_flowing_sand: Processing", "*Seller*\nSea & Clay"]
    fields.append("*Created*\n<!date^1790000000^{date_short} at {time}|2026-09-21>")
    menu = [option("watch", "Watch here"), option("mute")]
    acts = [
        button("order.details", "Details", style="primary", value=number),
        button("order.cancel", "Cancel order", style="danger", value=number, confirm=sure),
        button("order.track", "Track", url="https://track.example/1"),
        button("order.late", "Never answers"),
        {"type": "overflow", "action_id": "order.more", "options": menu},
    ]
    return [
        {"type": "header", "text": words(f"Order {number}")},
        section(f"On its way to be packed. {note}", fields=[marked(field) for field in fields]),
        {"type": "actions", "elements": acts},
        {"type": "context", "elements": [marked("Asked by <@U0ADA00001> in <#C0ORDERS01>")]},
    ]


def form() -> Json:
    """A modal with every input."""
    fruit = [option("apple"), option("pear"), option("plum")]
    name: Json = {"hint": "Two words at least", "optional": False, "placeholder": words("As on the parcel")}
    blocks: list[Json] = [
        entry("name", "Name", "plain_text_input", **name),
        entry("mail", "E-mail", "email_text_input"),
        entry("site", "Web address", "url_text_input"),
        entry("count", "How many", "number_input", is_decimal_allowed=False, min_value="1"),
        entry("note", "Note", "plain_text_input", multiline=True),
        entry("fruit", "Fruit", "static_select", options=fruit),
        entry("city", "City", "external_select", min_query_length=2, placeholder=words("Type a city")),
        entry("who", "Person", "users_select"),
        entry("many", "Several fruits", "multi_static_select", options=fruit),
        entry("day", "Day", "datepicker", initial_date="2026-11-22"),
        entry("hour", "Hour", "timepicker", initial_time="09:30"),
        entry("when", "Moment", "datetimepicker"),
        entry("agree", "Terms", "checkboxes", options=[option("yes", "I have read them")]),
        entry("speed", "Speed", "radio_buttons", options=[option("slow"), option("fast")]),
        entry("paper", "Papers", "file_input"),
    ]
    head = [{"type": "alert", "level": "info", "text": marked("Nothing is sent before you press *Save*.")}]
    foot = [{"type": "actions", "block_id": "way", "elements": [button("form.more", "One more page")]}]
    view = {"type": "modal", "callback_id": "form", "title": words("A form"), "submit": words("Save")}
    return view | {"blocks": head + blocks + foot}


def long_form(rows: int = 12, chosen: str | None = None) -> Json:
    """A modal such as the form for a new order: many inputs, rows with a menu each, and a way to add a row.

    `chosen` is the product that the app was told of; it fills the price beside it.
    """
    blocks: list[Json] = [
        {"type": "section", "block_id": "said", "text": marked(f"*{rows}* rows, product {chosen or 'none yet'}")},
        entry("sku", "Product", "external_select", min_query_length=2) | {"dispatch_action": True},
        {"type": "divider"},
    ]
    for at in range(rows):
        blocks += _row(at)
    add = {"type": "actions", "elements": [button("long.add", "Add a row"), _kind_menu()]}
    view = {"type": "modal", "callback_id": "long", "title": words("Create order"), "submit": words("Check")}
    return view | {"blocks": [*blocks, add, entry("paper", "List of products", "file_input", filetypes=["csv"])]}


def _row(at: int) -> list[Json]:
    sure: Json = {"title": words("Remove this row?"), "text": words("What stands in it is lost."), "style": "danger"}
    sure |= {"confirm": words("Remove"), "deny": words("Keep")}
    menu = {"type": "overflow", "action_id": "long.row", "options": [option(f"remove-{at}", "Remove")], "confirm": sure}
    return [
        section(f"*Row {at + 1}*", accessory=menu),
        entry(f"name-{at}", "Name", "plain_text_input", placeholder=words("As on the label"), max_length=100),
        entry(f"count-{at}", "Quantity", "number_input", is_decimal_allowed=False, optional=False, initial_value="1"),
        entry(f"lot-{at}", "Lot", "plain_text_input"),
    ]


def _kind_menu() -> Json:
    kinds = [option("parcel"), option("pallet")]
    return {"type": "static_select", "action_id": "long.kind", "placeholder": words("Kind"), "options": kinds}


def second_page() -> Json:
    """A modal to push."""
    view = {"type": "modal", "callback_id": "second", "title": words("Second page"), "submit": words("Finish")}
    return view | {"close": words("Go back"), "blocks": [entry("colour", "Colour", "plain_text_input")]}


def gallery() -> list[list[Json]]:
    """Messages that together hold every block that only shows something."""
    return [_rich(), _tables(), _charts(), _picks()]


def _rich() -> list[Json]:
    styled = [{"type": "text", "text": "bold", "style": {"bold": True}}, {"type": "text", "text": " and plain, "}]
    styled += [{"type": "user", "user_id": "U0BEN00001"}, {"type": "emoji", "name": "package"}]
    styled += [{"type": "link", "url": "https://example.com/a", "text": "a link"}]
    items = [{"type": "rich_text_section", "elements": [_run(one)]} for one in ("first", "second")]
    mrkdwn = "*bold* _italic_ ~gone~ `code` <https://example.com|a link> :white_check_mark:"
    mrkdwn += "\n> quoted &amp; said\n```pre  formatted```"
    rich = [
        {"type": "rich_text_section", "elements": styled},
        {"type": "rich_text_list", "style": "bullet", "elements": items},
        {"type": "rich_text_quote", "elements": [_run("a quote")]},
        {"type": "rich_text_preformatted", "elements": [_run("x = 1")]},
    ]
    markdown = "## Heading\n\nSome **strong** words and [a link](https://example.com).\n\n- one\n- two\n\n"
    picture = {"type": "image", "image_url": "https://img.example/a.png", "alt_text": "A parcel"}
    return [
        section(mrkdwn, accessory=picture),
        {"type": "divider"},
        {"type": "rich_text", "elements": rich},
        {"type": "markdown", "text": f"{markdown}| a | b |\n|---|---|\n| 1 | 2 |"},
        picture | {"alt_text": "A shelf", "title": words("Shelf")},
    ]


def _run(text: str) -> Json:
    return {"type": "text", "text": text}


def _cell(value: str | int) -> Json:
    if isinstance(value, int):
        return {"type": "raw_number", "value": value, "text": str(value)}
    return {"type": "raw_text", "text": value}


def _tables() -> list[Json]:
    states = ("Pending", "Processing", "Completed")
    head = [_cell(one) for one in ("Order", "Status", "Items")]
    rows = [[_cell(f"#DE{at}"), _cell(states[at % 3]), _cell(at * 7 % 10)] for at in range(1, 13)]
    return [
        {"type": "table", "rows": [head, *rows[:2]]},
        {"type": "data_table", "caption": "Open orders", "page_size": 5, "rows": [head, *rows]},
    ]


DAYS = ["Mon", "Tue", "Wed", "Thu"]


def _chart(title: str, kind: str, **more: Any) -> Json:
    return {"type": "data_visualization", "title": title, "chart": {"type": kind, **more}}


def _line(name: str, *values: int) -> Json:
    data = [{"label": day, "value": value} for day, value in zip(DAYS, values, strict=False)]
    return {"name": name, "data": data}


def _charts() -> list[Json]:
    parts = [{"label": "Done", "value": 34}, {"label": "Open", "value": 18}, {"label": "Stuck", "value": 4}]
    series = [_line("Shipped", 8, 12, 16, 20), _line("Open", 6, 9, 12, 15)]
    axes = {"categories": DAYS, "x_label": "Day", "y_label": "Orders"}
    return [
        _chart("Orders by state", "pie", segments=parts),
        _chart("Orders by day", "bar", series=series, axis_config=axes),
    ]


def _picks() -> list[Json]:
    lines = {"series": [_line("Open", -3, 2, 7)], "axis_config": {"categories": DAYS[:3]}}
    title = {"title": marked("A card"), "subtitle": marked("with a subtitle"), "body": marked("and a body")}
    ages = [option("newest"), option("oldest")]
    picks = [
        {"type": "static_select", "action_id": "pick.one", "placeholder": words("Sort by"), "options": ages},
        {"type": "datepicker", "action_id": "pick.day"},
        {"type": "users_select", "action_id": "pick.person", "placeholder": words("A person")},
    ]
    return [
        _chart("Trend", "line", **lines),
        _chart("Backlog", "area", **lines),
        {"type": "card", "block_id": "card", **title, "actions": [button("card.open", "Open")]},
        {"type": "actions", "elements": picks},
    ]


def hostile() -> list[Json]:
    """The hostile text in every kind of place that shows text."""
    return [
        section(HOSTILE, fields=[words(HOSTILE)]),
        {"type": "header", "text": words(HOSTILE[:140])},
        {"type": "context", "elements": [marked(HOSTILE)]},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [_run(HOSTILE)]}]},
        {"type": "markdown", "text": HOSTILE},
        {"type": "data_table", "caption": HOSTILE, "rows": [[_cell(HOSTILE)], [_cell(HOSTILE)]]},
        {"type": "actions", "elements": [button("h", HOSTILE[:70])]},
    ]


def home(pressed: int) -> Json:
    """A Home tab."""
    blocks = [
        {"type": "header", "text": words("Your parcels")},
        section(f"Pressed *{pressed}* times", accessory=button("home.press", "Press")),
        {"type": "divider"},
        {"type": "context", "elements": [marked("Only you see this.")]},
    ]
    return {"type": "home", "blocks": blocks}


class LittleApp:
    """The app and what it was told."""

    def __init__(self, world: World) -> None:
        client = AsyncWebClient(token=world.workspace.bot_token, base_url=world.api_url)
        self.app = AsyncApp(client=client, signing_secret=world.workspace.signing_secret)
        self.handler = AsyncSocketModeHandler(self.app, world.workspace.app_token)
        self.submitted: list[Json] = []
        self.actions: list[Json] = []
        self.closed: list[Json] = []
        self.pressed = 0
        self.go_on = asyncio.Event()
        self._commands()
        self._shortcuts()
        self._modals()
        self._long_form()
        self._home()
        self._clicks()

    def _commands(self) -> None:
        app = self.app

        @app.command("/whisper")
        async def whisper(ack: Any, command: Json) -> None:
            await ack(f"You said: {command['text']}")

        @app.command("/card")
        async def show_card(ack: Any, command: Json) -> None:
            await ack(response_type="in_channel", text=f"Order {command['text']}", blocks=card(command["text"]))

        @app.command("/form")
        async def open_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=form())

        @app.command("/gallery")
        async def show_gallery(ack: Any, command: Json, client: AsyncWebClient) -> None:
            await ack()
            for blocks in gallery():
                await client.chat_postMessage(channel=command["channel_id"], text="Gallery", blocks=blocks)

        @app.command("/hostile")
        async def say_hostile(ack: Any, command: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.chat_postMessage(channel=command["channel_id"], text=HOSTILE, blocks=hostile())
            await client.chat_postMessage(channel=command["channel_id"], text=HOSTILE)

        @app.command("/carry")
        async def carry(ack: Any) -> None:
            await self.go_on.wait()
            await ack("Carried")

        @app.command("/late")
        async def late() -> None:
            return None

    def _shortcuts(self) -> None:
        app = self.app

        @app.shortcut("form.start")
        async def start(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=form())

        @app.shortcut("message.look")
        async def look(ack: Any, respond: Any, body: Json) -> None:
            await ack()
            await respond(f"I looked at {body['message_ts']}")

    def _clicks(self) -> None:
        app = self.app

        @app.action("order.late")
        async def never() -> None:
            return None

        @app.action("order.cancel")
        async def cancel(ack: Any, respond: Any, action: Json) -> None:
            await ack()
            self.actions.append(action)
            await respond(replace_original=True, text="Cancelled", blocks=card(action["value"], "*Cancelled.*"))

        @app.action(re.compile(".*"))
        async def anything(ack: Any, action: Json) -> None:
            await ack()
            self.actions.append(action)

    def _modals(self) -> None:
        app = self.app

        @app.action("form.more")
        async def more(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_push(trigger_id=body["trigger_id"], view=second_page())

        @app.options("x")
        async def cities(ack: Any, payload: Json) -> None:
            names = ["Berlin", "Bern", "Bergen", "Riga"]
            typed = payload["value"].lower()
            await ack(options=[option(name.lower(), name) for name in names if typed in name.lower()])

        @app.view("form")
        async def save(ack: Any, view: Json) -> None:
            values = view["state"]["values"]
            self.submitted.append(values)
            name = values["name"]["x"]["value"]
            if name == "late":
                return
            if name == "wait":
                await self.go_on.wait()
            if " " not in name:
                await ack(response_action="errors", errors={"name": "Two words, please"})
            else:
                await ack()

        @app.view("second")
        async def finish(ack: Any) -> None:
            await ack(response_action="clear")

        @app.view_closed("form")
        async def closed(ack: Any, body: Json) -> None:
            await ack()
            self.closed.append(body)

    def _long_form(self) -> None:
        app = self.app

        @app.command("/long")
        async def open_long(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=long_form())

        @app.action("long.add")
        async def add(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            rows = sum(block["block_id"].startswith("name-") for block in body["view"]["blocks"])
            await client.views_update(view_id=body["view"]["id"], view=long_form(rows + 1))

        @app.action({"block_id": "sku", "action_id": "x"})
        async def chosen(ack: Any, body: Json, action: Json, client: AsyncWebClient) -> None:
            await ack()
            self.actions.append(action)
            await client.views_update(
                view_id=body["view"]["id"], view=long_form(chosen=action["selected_option"]["value"])
            )

        @app.view("long")
        async def check(ack: Any, view: Json) -> None:
            self.submitted.append(view["state"]["values"])
            await ack()

        @app.command("/report")
        async def report(ack: Any, command: Json, client: AsyncWebClient) -> None:
            await ack()
            content = "number;state\n1;sent\n"
            where = {"channel": command["channel_id"], "thread_ts": command["text"] or None}
            await client.files_upload_v2(
                **where, content=content, filename="report.csv", title="Report", initial_comment="Here it is"
            )

    def _home(self) -> None:
        app = self.app

        @app.action("home.press")
        async def press(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            self.pressed += 1
            await client.views_publish(user_id=body["user"]["id"], view=home(self.pressed))

        @app.event("app_home_opened")
        async def opened(event: Json, client: AsyncWebClient) -> None:
            await client.views_publish(user_id=event["user"], view=home(self.pressed))


@asynccontextmanager
async def little_app(world: World) -> AsyncIterator[LittleApp]:
    """The app, connected by Socket Mode for as long as the block lasts."""
    little = LittleApp(world)
    await little.handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await world.workspace.until(lambda: world.workspace.sockets.connections > 0)
        yield little
    finally:
        await little.handler.close_async()  # type: ignore[no-untyped-call]
