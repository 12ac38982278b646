"""The rich text block: sections, lists, quotes, code, and what stands in a line (structure of `@slack/types` 3.2.0).

That the block has at least one part and a text at least one character is an inference from Slack's other lower bounds.
"""

from __future__ import annotations

from typing import Final

from sandbox.slack.block_objects import BLOCK_ID
from sandbox.slack.block_shapes import Flag, Int, Items, Kinds, OneOf, Shape, Str, obj, typed

_STYLE: Final = obj({name: Flag() for name in ("bold", "code", "italic", "strike", "underline")})
_NAME: Final = Str(1)


def _inline(kind: str, fields: dict[str, Shape]) -> dict[str, Shape]:
    return typed(kind, {"style": _STYLE, **fields})


_TEXT: Final = _inline("text", {"text!": _NAME})
_LINK: Final = _inline("link", {"url!": _NAME, "text": Str(), "unsafe": Flag()})
_LINE: Final = Items(
    Kinds(
        _TEXT
        | _LINK
        | _inline("broadcast", {"range!": OneOf(("here", "channel", "everyone"))})
        | _inline("channel", {"channel_id!": _NAME})
        | _inline("color", {"value!": _NAME})
        | _inline("date", {"timestamp!": Int(), "format!": _NAME, "url": _NAME, "fallback": _NAME})
        | _inline("emoji", {"name!": _NAME, "unicode": Str(), "url": _NAME})
        | _inline("team", {"team_id!": _NAME})
        | _inline("user", {"user_id!": _NAME})
        | _inline("usergroup", {"usergroup_id!": _NAME})
    )
)
_BORDER: Final[dict[str, Shape]] = {"border": OneOf((0, 1))}
_SECTION: Final = typed("rich_text_section", {"elements!": _LINE})
_LIST: Final = typed(
    "rich_text_list",
    _BORDER
    | {
        "elements!": Items(Kinds(_SECTION)),
        "style!": OneOf(("bullet", "ordered")),
        "indent": Int(0),
        "offset": Int(0),
    },
)
_QUOTE: Final = typed("rich_text_quote", _BORDER | {"elements!": _LINE})
_CODE: Final = typed("rich_text_preformatted", _BORDER | {"elements!": Items(Kinds(_TEXT | _LINK))})

RICH_TEXT: Final = typed(
    "rich_text", {"elements!": Items(Kinds(_SECTION | _LIST | _QUOTE | _CODE), 1), "block_id": BLOCK_ID}
)
