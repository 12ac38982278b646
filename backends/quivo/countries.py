"""Countries whose addresses have parts of their own; **our assumption** (apis/quivo.md §5.5).

Seed 002 says only that a zip code is required "for most countries" and a state "for some countries (for example,
United States)". These lists can be changed without touching a rule.
"""

from __future__ import annotations

WITHOUT_ZIP = frozenset({"AE", "HK", "IE", "QA"})
WITH_STATE = frozenset({"US", "CA", "AU"})
