"""Text without half characters.

JSON escapes and UTF-16 programs can hand over one half of a surrogate pair. Python keeps it as a
character of its own, which no encoder writes. Halves that meet are joined; one alone is U+FFFD.
"""

from __future__ import annotations

REPLACEMENT = "\ufffd"


def whole_text(text: str) -> str:
    """The text with halves that meet joined, and each other half replaced by U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class TextJoiner:
    """Pieces of one text, of which one may end in the middle of a character.

    A first half at the end of a piece is kept until the next piece comes.
    """

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str) -> str:
        """The piece, with the half before it; without a half at its end."""
        text, self._half = self._half + piece, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return whole_text(text)

    def end(self) -> str:
        """What is left: U+FFFD when the text ended in the middle of a character."""
        half, self._half = self._half, ""
        return REPLACEMENT if half else ""
