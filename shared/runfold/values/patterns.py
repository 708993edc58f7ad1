"""Regular expressions that authors write: RE2, whose time is linear in the text.

RE2 has no look-around and no back-references; such a pattern is refused with a message. Linear
may still be long: each character can cost as many steps as the pattern has, so that the product of
both is bounded before a search begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Protocol

import re2  # type: ignore[import-untyped]

from runfold.contracts.secrecy import masked
from runfold.errors import ExpressionFailed

MAX_PATTERN = 10_000
"""Characters of a pattern."""
MAX_WORK = 100_000_000
"""Steps of a pattern times characters of the text it is looked for in: some 2 s at worst."""
_MAX_MEMORY = 8 * 1024 * 1024
"""Bytes one compiled pattern may take; a larger one is refused when it is compiled."""
_SHOWN = 200


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


class _Bounded:
    """A compiled pattern that is not looked for where that could take too long."""

    def __init__(self, text: str, pattern: Any) -> None:
        self._text = text
        self._pattern = pattern
        self._longest = MAX_WORK // max(pattern.programsize, 1)

    def search(self, text: str, pos: int = 0) -> Match | None:
        """The first match at or after a place."""
        found: Match | None = self._pattern.search(self._checked(text), pos)
        return found

    def fullmatch(self, text: str) -> Match | None:
        """The match of the whole text."""
        found: Match | None = self._pattern.fullmatch(self._checked(text))
        return found

    def finditer(self, text: str) -> Iterator[Match]:
        """All matches, in order: each one is a search of its own, so that many take long."""
        found: Iterator[Match] = self._pattern.finditer(self._checked(text))
        return found

    def _checked(self, text: str) -> str:
        if len(text) > self._longest:
            message = (
                f"regular expression {self._shown} is so large that it is looked for in texts of "
                f"at most {self._longest} characters, not {len(text)}"
            )
            raise _too_costly(message, self._text)
        return text

    @property
    def _shown(self) -> str:
        return repr(masked(self._text)[:_SHOWN])


def _too_costly(message: str, text: str) -> ExpressionFailed:
    details = {"expression": masked(text)[:_SHOWN]}
    return ExpressionFailed(
        message, code="expression.regex_too_costly", kind="limit", details=details
    )


@lru_cache(maxsize=128)
def compiled(text: str, *, ignore_case: bool = False, multiline: bool = False) -> Pattern:
    """A compiled pattern. Its methods raise `expression.regex_too_costly` for texts too long.

    Raises:
        ExpressionFailed: When RE2 does not know it, or it is too large; `details` has
            `expression`.
    """
    if len(text) > MAX_PATTERN:
        message = f"a regular expression of {len(text)} characters, the limit is {MAX_PATTERN}"
        raise ExpressionFailed(message, code="expression.regex", kind="limit")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = not ignore_case
    try:
        pattern = re2.compile(f"(?m){text}" if multiline else text, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        plain = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        message = (
            f"regular expression {masked(text)[:_SHOWN]!r} is not understood: {plain} (RE2 syntax)"
        )
        raise ExpressionFailed(
            message, code="expression.regex", details={"expression": masked(text)[:_SHOWN]}
        ) from error
    return _Bounded(text, pattern)


def pattern_of(text: str) -> Pattern | None:
    """A compiled pattern, or None when it is not one."""
    try:
        return compiled(text)
    except ExpressionFailed:
        return None
