"""What the control panel offers for one back end: its faults, its switches, its tokens, its mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, get_args, get_type_hints

from sandbox.slack.state import Json
from sandbox.slack.ui_acts import BadAct


class Switches(Protocol):
    """A frozen set of choices, one field each."""

    def changed(self, changes: Mapping[str, Any]) -> Any:
        """A copy with other choices; ValueError for one that there is not."""
        ...


class BackEnd(Protocol):
    """The part of a stand-in that every panel needs."""

    faults: list[Any]
    switches: Any

    def expire_tokens(self) -> None:
        """Make every token that was handed out worthless."""
        ...


@dataclass(frozen=True)
class Preset:
    """A fault that the panel can switch on and off, with the words that say it."""

    id: str
    label: str
    note: str
    fault: Any


@dataclass(frozen=True)
class Side:
    """One back end on the panel; ``labels`` are the switches that it offers, ``mail`` came by mail, newest last."""

    id: str
    title: str
    back_end: BackEnd
    presets: Sequence[Preset]
    labels: Mapping[str, str] = field(default_factory=dict)
    mail: Callable[[], Sequence[tuple[str, str, float]]] = tuple

    def state(self) -> Json:
        """Faults, switches and the newest ten letters, newest first."""
        return {
            "id": self.id,
            "title": self.title,
            "faults": [self._fault(preset) for preset in self.presets],
            "switches": [self._switch(name) for name in self.labels],
            "mail": [{"to": to, "text": text, "at": at} for to, text, at in reversed(self.mail()[-10:])],
        }

    def set_fault(self, body: Json) -> None:
        """Switch a fault on, once, or off."""
        fault = next((preset.fault for preset in self.presets if preset.id == body.get("id")), None)
        if fault is None:
            raise BadAct("id: no such fault")
        self.back_end.faults[:] = [one for one in self.back_end.faults if one != fault]
        if body.get("on") is True:
            self.back_end.faults.append(fault)

    def set_switch(self, body: Json) -> None:
        """Turn one switch; the others stay."""
        if body.get("name") not in self.labels:
            raise BadAct("name: no such switch")
        try:
            self.back_end.switches = self.back_end.switches.changed({body["name"]: body.get("value")})
        except ValueError:
            raise BadAct("value: not one of the choices") from None

    def _fault(self, preset: Preset) -> Json:
        on = preset.fault in self.back_end.faults
        return {"id": preset.id, "label": preset.label, "note": preset.note, "on": on}

    def _switch(self, name: str) -> Json:
        switches = self.back_end.switches
        choices = get_args(get_type_hints(type(switches))[name]) or (False, True)
        label = self.labels[name]
        return {"name": name, "label": label, "value": getattr(switches, name), "choices": list(choices)}
