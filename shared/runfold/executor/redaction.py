"""Keeping secret values out of the log: of failures, outputs and streamed pieces.

One `Redaction` belongs to one attempt and knows the secrets that the attempt asked for. An attempt
without secrets pays one `if`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import msgspec

from runfold.errors import Failure

MASK = "***"
SHORTEST = 4
"""Characters from which on a value is masked: a shorter one would turn every text into stars."""


class Redaction:
    """The secret values one attempt knows, and how to take them out again."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to take out."""
        return bool(self._values)

    def remember(self, value: str) -> None:
        """A secret was read: mask it from now on, as it is and as JSON and URLs write it."""
        if len(value) < SHORTEST or value in self._values:
            return
        spellings = {value, json.dumps(value)[1:-1], quote(value, safe="")}
        # The longest first, so that a secret that contains another leaves no rest behind.
        known = {*self._values, *spellings}
        self._values = tuple(sorted(known, key=len, reverse=True))

    def text(self, text: str) -> str:
        """The text with every known secret masked."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        return text

    def json(self, value: Any) -> Any:
        """A JSON value with every known secret masked in its texts and keys."""
        if not self._values:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.json(key): self.json(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.json(inner) for inner in value]
        return value

    def failure(self, failure: Failure) -> Failure:
        """The failure with every known secret masked in its message and details."""
        if not self._values:
            return failure
        return msgspec.structs.replace(
            failure, message=self.text(failure.message), details=self.json(failure.details)
        )

    def held_back(self, text: str) -> int:
        """How many characters at the text's end may be the beginning of a secret.

        A streamed piece may end in the middle of one; these characters wait for the next piece.
        """
        longest = 0
        for value in self._values:
            for size in range(min(len(value) - 1, len(text)), longest, -1):
                if text.endswith(value[:size]):
                    longest = size
                    break
        return longest
