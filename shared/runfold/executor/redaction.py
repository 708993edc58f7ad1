"""Keeping secret values out of the log: of failures, outputs and streamed pieces.

One `Redaction` belongs to one attempt and knows the secrets that the attempt asked for, and the
patterns and names that a hook wants to be looked for. An attempt without any pays one `if`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import msgspec

from runfold.errors import Failure
from runfold.executor.spellings import SHORTEST, Spellings, same_length_lower, spellings_of

MASK = "***"

CARD = "card"
"""The pattern whose findings must also have the check digit of a card's number."""
LOOKED_BACK = 4096
"""Characters at a text's end that may be the beginning of what a pattern finds."""
_LAST_DIGITS = re.compile(r"(?:\d[ -]?)+\Z")
_LONGEST_DIGITS = 40
_OF_WORDS = frozenset(f"{string.ascii_letters}{string.digits}._%+-@/=~")
_BEARER = ("Bearer ", "bearer ")


class Redaction:
    """The secret values one attempt knows, and how to take them out again."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()
        self._spellings = Spellings((), ())
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything to take out."""
        return bool(self._values or self._patterns or self._names)

    def look_for(self, patterns: Mapping[str, re.Pattern[str]], names: Collection[str]) -> None:
        """Replace what patterns find by their names, and the values of fields so named.

        A pattern may find words of ASCII letters, digits and `._%+-@/=~`, the same after `Bearer `,
        and digits with single spaces or dashes between them: no more is held back of a stream.
        """
        self._patterns = {**self._patterns, **patterns}
        self._names |= {name.casefold() for name in names}

    def hides(self, name: str) -> bool:
        """Whether the values of fields so named are taken out."""
        return name.casefold() in self._names

    def remember(self, value: str) -> None:
        """A secret was read: mask it from now on, in every spelling of `spellings_of`."""
        if len(value) < SHORTEST or value in self._values:
            return
        self._values = (*self._values, value)
        known, new = self._spellings, spellings_of(value)
        self._spellings = Spellings(
            tuple(dict.fromkeys((*known.exact, *new.exact))),
            tuple(dict.fromkeys((*known.folded, *new.folded))),
        )

    def known_in(self, text: str) -> tuple[str, ...]:
        """The secrets that are in a text, in any spelling."""
        return tuple(one for one in self._values if _spans(text, spellings_of(one)))

    def piece(self, name: str, text: str) -> str:
        """A streamed piece of an output, without what must not be sent."""
        return MASK if text and self.hides(name) else self.text(text)

    def without_secrets(self, text: str) -> str:
        """The text with every known secret masked, and nothing else replaced."""
        return _masked(text, self._spellings)

    def text(self, text: str) -> str:
        """The text with every known secret masked, and what patterns find replaced."""
        return self._shown(text, self._spellings)

    def _shown(self, text: str, spellings: Spellings) -> str:
        text = _masked(text, spellings)
        for name, pattern in self._patterns.items():
            shown = f"[{name}]"
            if name == CARD:
                text = pattern.sub(partial(_unless_card, shown), text)
            else:
                text = pattern.sub(shown, text)
        return text

    def json(self, value: Any) -> Any:
        """A JSON value with every known secret masked in its texts and keys."""
        if not self:
            return value
        # One search over all texts tells which spellings each has to be searched for: mostly none.
        return self._walked(value, _present(value, self._spellings))

    def _walked(self, value: Any, spellings: Spellings) -> Any:
        if isinstance(value, str):
            return self._shown(value, spellings)
        if isinstance(value, dict):
            return {
                self._walked(key, spellings): MASK
                if self.hides(str(key))
                else self._walked(inner, spellings)
                for key, inner in value.items()
            }
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        if isinstance(value, list | tuple):
            return [self._walked(inner, spellings) for inner in value]
        return value

    def _number(self, value: float) -> Any:
        """A number, unless it is a secret of digits or a pattern finds it."""
        written = str(value)
        for secret in self._values:
            plain = secret.strip().lstrip("0")
            if len(plain) < SHORTEST:
                continue
            if plain == written or (secret.isdigit() and plain == written.removesuffix(".0")):
                return MASK
        if not self._patterns or not isinstance(value, int):
            return value
        shown = self.text(written)
        return value if shown == written else shown

    def failure(self, failure: Failure) -> Failure:
        """The failure with every known secret masked in its message and details."""
        if not self:
            return failure
        return msgspec.structs.replace(
            failure, message=self.text(failure.message), details=self.json(failure.details)
        )

    def held_back(self, text: str) -> int:
        """How many characters at the text's end may be the beginning of what is taken out.

        A streamed piece may end in the middle of one; these characters wait for the next piece.
        """
        cut = len(text)
        exact, folded = self._spellings
        lowered = same_length_lower(text) if folded else text
        for where, spellings in ((text, exact), (lowered, folded)):
            for spelling in spellings:
                start = where.find(spelling[0], max(0, len(text) - len(spelling) + 1), cut)
                while start >= 0 and not spelling.startswith(where[start:]):
                    start = where.find(spelling[0], start + 1, cut)
                if start >= 0:
                    cut = start
        # What is held back must not begin inside of a secret that is there already.
        for start, end in reversed(_spans(text, self._spellings)) if cut < len(text) else ():
            if start < cut < end:
                cut = start
        longest = len(text) - cut
        if self._patterns:
            longest = max(longest, _last_word(text))
        return longest


def _masked(text: str, spellings: Spellings) -> str:
    spans = _spans(text, spellings)
    if not spans:
        return text
    kept: list[str] = []
    at = 0
    for start, end in spans:
        kept += (text[at:start], MASK)
        at = end
    return "".join((*kept, text[at:]))


def _spans(text: str, spellings: Spellings) -> list[tuple[int, int]]:
    """Where secrets are; what overlaps is one."""
    found: list[tuple[int, int]] = []
    exact, folded = spellings
    lowered = same_length_lower(text) if folded else text
    for where, all_ in ((text, exact), (lowered, folded)):
        for spelling in all_:
            start = where.find(spelling)
            while start >= 0:
                found.append((start, start + len(spelling)))
                start = where.find(spelling, start + 1)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _present(value: Any, spellings: Spellings) -> Spellings:
    """The spellings that are in the texts and keys of a JSON value, or may be."""
    texts: list[str] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, dict):
            waiting += (*one, *one.values())
        elif isinstance(one, list | tuple):
            waiting += one
    # A spelling that spans two texts is looked for in vain, and in no text is it missed.
    joined = "".join(texts)
    lowered = same_length_lower(joined)
    return Spellings(
        tuple(one for one in spellings.exact if one in joined),
        tuple(one for one in spellings.folded if one in lowered),
    )


def _last_word(text: str) -> int:
    """The length of a text's last word, of the digits before it, and of `Bearer` before that."""
    digits = _LAST_DIGITS.search(text[-_LONGEST_DIGITS:])
    start = len(text) - (len(digits[0]) if digits else 0)
    first = max(0, len(text) - LOOKED_BACK)
    while start > first and text[start - 1] in _OF_WORDS:
        start -= 1
    if text.endswith(_BEARER, 0, start):
        start -= len(_BEARER[0])
    return len(text) - start


def _unless_card(shown: str, found: re.Match[str]) -> str:
    """What stands for a number: itself, unless its digits check as a card's do."""
    digits = [int(one) for one in found[0] if one.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return shown if (sum(doubled) + sum(digits[-1::-2])) % 10 == 0 else found[0]
