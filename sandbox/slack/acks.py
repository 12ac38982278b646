"""What the body of an ack means to the member who waits (`apis/slack.md` §5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.slack.inputs import options
from sandbox.slack.state import Json

TROUBLE = "We had some trouble connecting. Try again?"
MOST_OPTIONS = 100

Step = Literal["pop", "clear", "update", "push", "errors", "trouble"]


@dataclass(frozen=True)
class ViewStep:
    """What happens to a modal after its submission was acked."""

    step: Step
    view: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def for_command(body: Any) -> Json | None:
    """The message that an acked slash command posts, with `response_type` filled in; None if it posts nothing."""
    if isinstance(body, str):
        body = {"text": body}
    if not isinstance(body, dict) or not (body.get("text") or body.get("blocks") or body.get("attachments")):
        return None
    return body | {"response_type": body.get("response_type", "ephemeral")}


def for_submission(body: Any, input_blocks: set[str]) -> ViewStep:
    """The step for a submission; any body that is neither empty nor a whole `response_action` is trouble."""
    if body in (None, "", {}):
        return ViewStep("pop")
    if not isinstance(body, dict):
        return ViewStep("trouble")
    match body.get("response_action"):
        case "clear":
            return ViewStep("clear")
        case ("update" | "push") as step if isinstance(body.get("view"), dict):
            return ViewStep("update" if step == "update" else "push", view=body["view"])
        case "errors" if _errors_fit(body.get("errors"), input_blocks):
            return ViewStep("errors", errors=body["errors"])
    return ViewStep("trouble")


def _errors_fit(errors: Any, input_blocks: set[str]) -> bool:
    if not isinstance(errors, dict) or not errors:
        return False
    return set(errors) <= input_blocks and all(isinstance(text, str) and text for text in errors.values())


def for_suggestion(body: Any) -> list[Json]:
    """The options to offer, groups laid flat; none if the answer is not an answer or has more than 100."""
    if not isinstance(body, dict):
        return []
    found = options(body)
    return found if len(found) <= MOST_OPTIONS else []
