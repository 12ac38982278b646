"""The way of one request: acknowledge, admit once, who and where, run, audit (DESIGN.md §1)."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from bot.observing import UNOBSERVED, Observer
from bot.tasks import Full, Tasks
from bot.traces import where
from handlers.access import decide
from handlers.commands import run, target
from handlers.context import Context, Services
from handlers.directory import Directory
from handlers.registry import Ack, Registry
from handlers.render.failures import failure
from handlers.render.forms import notice
from handlers.request import Kind, Request, Unreadable, read
from store.audit import Audit, AuditLine
from store.errors import StoreError
from store.intake import Intake

log = structlog.get_logger("shipclerk.door")
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CARD_ID = re.compile(r"[\w-]{1,64}")
SUGGEST_SECONDS = 2.5
_BUSY = "I have too much to do right now, so I did nothing. Please try again in a minute."
_BROKEN = "Something went wrong on my side, and I can't say more. Please try again; if it stays, pass the reference on."
_NOT_DONE = "I act only while I can write down what I do, so I stopped. Please tell whoever runs Shipclerk."


class Acknowledge(Protocol):
    """Bolt's ``ack``."""

    def __call__(self, text: str = ..., **answer: Any) -> Awaitable[Any]:
        """Send the acknowledgement."""
        ...


def new_reference() -> str:
    """A reference to read out on the phone: eight letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))


def busy_answer(request: Request) -> Ack:
    """The acknowledgement when there is too much to do: said where it was typed, so that nothing typed is lost."""
    if request.kind is Kind.COMMAND:
        return {"text": _BUSY}
    if request.kind is Kind.SUBMISSION and request.values:
        return {"response_action": "errors", "errors": {next(iter(request.values)): _BUSY}}
    return {}


class Door:
    """Where every delivery comes in, whichever way it came."""

    def __init__(
        self,
        registry: Registry,
        services: Services,
        directory: Directory,
        intake: Intake,
        audit: Audit,
        tasks: Tasks,
        *,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._registry = registry
        self._services = services
        self._directory = directory
        self._intake = intake
        self._audit = audit
        self._tasks = tasks
        self._observer = observer

    async def receive(self, body: Mapping[str, Any], ack: Acknowledge) -> None:
        """Acknowledge at once with what can be said without asking anybody, and go on in a task."""
        began = time.perf_counter()
        try:
            request = read(body)
        except Unreadable as problem:
            log.warning("unreadable", kind=str(problem))
            await ack()
            return
        await self._answer(request, ack)
        self._observer.acknowledged(request.kind.value, time.perf_counter() - began)

    async def _answer(self, request: Request, ack: Acknowledge) -> None:
        if request.kind is Kind.SUGGESTION:
            await ack(options=await self._options(request))
            return
        if request.kind is Kind.EVENT and self._registry.press(request.name) is None:
            await ack()  # nobody here waits for it: nothing is asked, and nothing written down
            return
        answer, goes_on = self._first_answer(request)
        if goes_on:
            try:
                self._tasks.spawn(self.handle(request))
            except Full:
                log.warning("full", waiting=len(self._tasks))
                answer = busy_answer(request)
        await ack(**answer)

    async def _options(self, request: Request) -> list[dict[str, Any]]:
        """The options for what was typed into a select; none if nobody answers in time or the person may not ask."""
        suggestion = self._registry.suggestion(request.name)
        if suggestion is None:
            return []
        try:
            async with asyncio.timeout(SUGGEST_SECONDS):
                ctx = await self._context(request, new_reference())
                return await suggestion.suggest(ctx) if decide(ctx.role, suggestion.roles).allowed else []
        except Exception as error:
            log.warning("no suggestions", error=type(error).__name__, action=request.name)
            return []

    def _first_answer(self, request: Request) -> tuple[Ack, bool]:
        press = self._registry.press(request.name) if request.kind is Kind.SUBMISSION else None
        if press is None:
            return {}, True
        answer = press.first_answer(request)
        return answer, press.runs(answer)

    async def handle(self, request: Request) -> None:
        """Handle a delivery that was acknowledged; nothing escapes, and everything has a reference."""
        reference = new_reference()
        action = target(self._registry, request.kind, request.name, request.text)
        with structlog.contextvars.bound_contextvars(reference=reference, action=action):
            try:
                await self._admitted(request, reference, action)
            except StoreError as error:
                log.error("store failed", error=type(error).__name__)
                await self._apologise(request, reference, error.safe_text)
                self._tell(request, action, "failed")
            except Exception as error:
                log.error("failed", error=type(error).__name__, where=where(error))
                await self._apologise(request, reference, _BROKEN)
                await self._close_failed(request, reference, action)
                self._tell(request, action, "failed")

    def _tell(self, request: Request, action: str, outcome: str) -> None:
        """Tell the observer; a name that is none of ours may be anything, and is not told."""
        known = request.kind is Kind.COMMAND or self._registry.press(request.name) is not None
        is_ours = known and not action.endswith("?")
        self._observer.delivered(request.kind.value, action if is_ours else "?", outcome)

    async def _admitted(self, request: Request, reference: str, action: str) -> None:
        try:
            is_first = await self._intake.admit(request.delivery, self._line(request, reference, action, "asked"))
        except StoreError as error:
            log.error("not admitted", error=type(error).__name__)
            await self._apologise(request, reference, f"{error.safe_text} {_NOT_DONE}")
            self._tell(request, action, "not_admitted")
            return
        if not is_first:
            log.info("seen before")
            self._tell(request, action, "seen_before")
            return
        ctx = await self._context(request, reference)
        outcome = await run(ctx)
        log.info("handled", outcome=outcome, role=str(ctx.role), profile=str(ctx.profile))
        await self._close(request, reference, action, outcome)
        self._tell(request, action, outcome)

    async def _context(self, request: Request, reference: str) -> Context:
        role, profile = await asyncio.gather(
            self._directory.role(
                request.team, request.home_team, request.user, fresh=self._registry.changes(request.name, request.text)
            ),
            self._directory.profile(request.channel),
        )
        return Context(request, reference, role, profile, self._services, self._registry, self.handle)

    async def _close(self, request: Request, reference: str, action: str, outcome: str) -> None:
        await self._audit.write(self._line(request, reference, action, outcome))

    async def _close_failed(self, request: Request, reference: str, action: str) -> None:
        try:
            await self._close(request, reference, action, "failed")
        except StoreError as error:
            log.error("store failed", error=type(error).__name__)

    @staticmethod
    def _line(request: Request, reference: str, action: str, outcome: str) -> AuditLine:
        return AuditLine(
            at=datetime.now(UTC),
            reference=reference,
            team=request.team,
            user=request.user,
            channel=request.channel or "",
            action=action,
            target=request.card_id if _CARD_ID.fullmatch(request.card_id) else "",
            outcome=outcome,
        )

    async def _apologise(self, request: Request, reference: str, text: str) -> None:
        slack = self._services.slack
        try:
            if request.kind is Kind.SUBMISSION and await slack.update_view(
                request.view_id, notice("Shipclerk", text, reference=reference)
            ):
                return
            if request.kind is Kind.EVENT:
                return
            message = failure(text, reference)
            if not await slack.respond(request.response_url, message):
                await slack.whisper(request.channel, request.user, message)
        except Exception as error:
            log.error("apology failed", error=type(error).__name__)
