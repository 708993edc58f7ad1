"""Replaces matches in a text that arrives in pieces, as if it had arrived whole."""

from __future__ import annotations

from collections.abc import Iterable

from runfold.values.patterns import Match, Pattern
from runfold_executor_text.regex import replaced_by


class Replacing:
    """Replaces the matches in one text.

    Of matches that begin at the same place the first rule's counts. A match that is longer than
    the window may be cut where a piece ends.

    Args:
        rules: Patterns, and what is put in place of what they match.
        window: Characters a match may have: so many are held back until more is known.
    """

    def __init__(self, rules: Iterable[tuple[Pattern, str]], window: int) -> None:
        self._rules = tuple(rules)
        self._window = window
        self._text = ""
        """The text held back, and one character before it, which patterns may look at."""
        self._at = 0
        """Where in it the text begins that no match was looked for in."""
        self.count = 0
        """Replacements so far."""

    def feed(self, piece: str) -> str:
        """Take the next piece; returns the text that is certain."""
        self._text += piece
        return self._upto(len(self._text) - self._window)

    def rest(self) -> str:
        """Return what was held back: nothing more follows."""
        return self._upto(len(self._text) + 1)

    def _upto(self, limit: int) -> str:
        """Replace every match that begins before `limit`."""
        said: list[str] = []
        while self._at < limit and (found := self._next()) is not None:
            match, replacement = found
            if match.start() >= limit:
                break
            said += (self._text[self._at : match.start()], replaced_by(match, replacement))
            self._at = match.end()
            self.count += 1
        if self._at < limit:
            said.append(self._text[self._at : limit])
            self._at = min(limit, len(self._text))
        seen = max(self._at - 1, 0)
        self._text, self._at = self._text[seen:], self._at - seen
        return "".join(said)

    def _next(self) -> tuple[Match, str] | None:
        best: tuple[Match, str] | None = None
        for pattern, replacement in self._rules:
            match = _something(pattern, self._text, self._at)
            if match is not None and (best is None or match.start() < best[0].start()):
                best = match, replacement
        return best


def _something(pattern: Pattern, text: str, at: int) -> Match | None:
    """The next match that is not empty."""
    while (match := pattern.search(text, at)) is not None and match.end() == match.start():
        at = match.end() + 1
        if at > len(text):
            return None
    return match
