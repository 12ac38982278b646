"""The site's time zone (`apis/qpilot.md` §5.5)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.qpilot.goods import ZONE


def local(at: float) -> datetime:
    """Return a moment (epoch seconds) as the site's clocks show it."""
    return datetime.fromtimestamp(at, ZoneInfo(ZONE))
