"""Recognising a card's number, so that it is never sent where only a gateway's token belongs (seed 004, step 3)."""

from __future__ import annotations

import re

_RUN = re.compile(r"\d+(?:[\W_]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_LENGTHS = range(12, 20)


def holds_card_number(text: str) -> bool:
    """True if 12 to 19 digits of any script that pass Luhn's check stand in the text, also in parted groups."""
    return any(_in_groups(_GROUP.findall(run)) for run in _RUN.findall(text))


def _in_groups(groups: list[str]) -> bool:
    """True if some neighbouring groups make a card's number, whatever stands beside it, such as an expiry."""
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) not in _LENGTHS:
                if len(digits) > _LENGTHS[-1]:
                    break
            elif _luhn(digits):
                return True
    return False


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
