"""Cuts text into the terms that full text finds it by: the same for every store, and for queries.

Words of scripts with spaces are folded: no case, no accents. Chinese, Japanese, Korean, Thai and
other writing without spaces becomes pairs of neighbouring characters, and the last character of
each run by itself, so that a single character is found as the beginning of a pair.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

VERSION: Final = 1
"""Of what is indexed: terms of another version are not found reliably."""
MOST_CHARACTERS: Final = 64
"""Of a term: what is longer is not a word, and is found by its beginning."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, hangul, kana and CJK."""
_ASCII_WORD = re.compile("[a-z0-9]+")
_WORD = re.compile(f"[^\\W_{_UNSPACED}\u0900-\u0dff]+|[\u0900-\u0963\u0966-\u0dff]+|[{_UNSPACED}]+")
"""Words, words of Indic scripts with their marks, and runs without spaces."""
_RUN = re.compile(f"[{_UNSPACED}]")
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]")
"""Accents, Hebrew points and Arabic vowels: most texts leave them out."""
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "\u0640": "",
    }
)


class Term(NamedTuple):
    """A term that is looked for."""

    text: str
    prefix: bool = False
    """It stands for all terms that begin so."""


def terms_of(text: str) -> list[str]:
    """The terms of a text that is indexed, in their order, repeated as often as they occur."""
    folded = fold(text)
    if folded.isascii():
        return [word[:MOST_CHARACTERS] for word in _ASCII_WORD.findall(folded)]
    terms: list[str] = []
    for word in _WORD.findall(folded):
        if _RUN.match(word):
            terms += [word[at : at + 2] for at in range(len(word))]
        else:
            terms.append(word[:MOST_CHARACTERS])
    return terms


def query_terms(text: str) -> list[Term]:
    """The terms that a query looks for, each once, in their order."""
    found: dict[Term, None] = {}
    for word in _WORD.findall(fold(text)):
        if not _RUN.match(word):
            found[Term(word[:MOST_CHARACTERS])] = None
        elif len(word) == 1:
            found[Term(word, prefix=True)] = None
        else:
            found |= {Term(word[at : at + 2]): None for at in range(len(word) - 1)}
    return list(found)


def fold(text: str) -> str:
    """A text without case, accents and variants of characters, such as those of full width."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    bare = _MARKS.sub("", unicodedata.normalize("NFD", plain))
    return unicodedata.normalize("NFC", bare)
