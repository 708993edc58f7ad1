"""Regular expressions that authors write: RE2, so that no pattern takes more than linear time.

RE2 has no look-around and no back-references; such a pattern is refused with a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Protocol

import re2  # type: ignore[import-untyped]

from runfold.errors import ExpressionFailed

_MAX_MEMORY = 8 * 1024 * 1024
"""Bytes one compiled pattern may take; a larger one is refused when it is compiled."""


class Match(Protocol):
    """The part of a match that is used here."""

    def group(self, *which: int | str) -> Any:
        """One group's text, or several."""

    def groups(self) -> tuple[str | None, ...]:
        """All groups' texts."""

    def groupdict(self) -> dict[str, str | None]:
        """Named groups' texts."""

    def start(self) -> int:
        """Where the match begins."""

    def end(self) -> int:
        """Where the match ends."""


class Pattern(Protocol):
    """The part of a compiled pattern that is used here."""

    def search(self, text: str, pos: int = 0) -> Match | None:
        """The first match at or after a place."""

    def fullmatch(self, text: str) -> Match | None:
        """The match of the whole text."""

    def finditer(self, text: str) -> Iterator[Match]:
        """All matches, in order."""


@lru_cache(maxsize=1024)
def compiled(text: str, *, ignore_case: bool = False, multiline: bool = False) -> Pattern:
    """A compiled pattern.

    Raises:
        ExpressionFailed: When RE2 does not know it; `details` has `expression`.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = not ignore_case
    try:
        pattern: Pattern = re2.compile(f"(?m){text}" if multiline else text, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        plain = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        message = f"regular expression {text!r} is not understood: {plain} (RE2 syntax)"
        raise ExpressionFailed(
            message, code="expression.regex", details={"expression": text}
        ) from error
    return pattern


def pattern_of(text: str) -> Pattern | None:
    """A compiled pattern, or None when it is not one."""
    try:
        return compiled(text)
    except ExpressionFailed:
        return None
