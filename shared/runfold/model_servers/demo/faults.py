"""Models of the demo server that fail on purpose, so that retries and fallbacks can be seen. Pure.

`unavailable` never answers. `flaky` answers every third time it is asked the same thing by the same
`user`, and counts from the beginning then: a run behaves the same however often it is tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

UNAVAILABLE = "unavailable"
FLAKY = "flaky"
FAILS = 2
"""Times that `flaky` fails before it answers."""
REMEMBERED = 10_000
"""Questions that may be unanswered at a time; beyond that all are forgotten."""


class Faults:
    """How often each question was asked in vain."""

    def __init__(self) -> None:
        self._failed: Counter[tuple[str, str]] = Counter()

    def refusal(self, model: str, messages: Sequence[Any], user: str = "") -> str:
        """Why this request is not answered; empty when it is.

        Args:
            model: The model that is asked.
            messages: As in a chat completion request.
            user: As in a chat completion request.
        """
        if model == UNAVAILABLE:
            return f"the demo model {UNAVAILABLE!r} never answers"
        if model != FLAKY:
            return ""
        question = (user, repr(messages))
        if self._failed[question] >= FAILS:
            del self._failed[question]
            return ""
        if len(self._failed) > REMEMBERED:
            self._failed.clear()
        self._failed[question] += 1
        return (
            f"the demo model {FLAKY!r} fails {FAILS} times: this was time {self._failed[question]}"
        )
