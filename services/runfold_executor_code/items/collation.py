"""The order of texts as readers expect it: letters before their accents, small ones before large.

An approximation of what `localeCompare` says, without its tables: signs, then digits, then letters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SIGNS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
"""Signs in their order."""


@lru_cache(maxsize=4096)
def collation_key(value: str) -> tuple[tuple[tuple[int, str], ...], str, str]:
    """What texts are sorted by."""
    parts = unicodedata.normalize("NFD", value)
    letters = "".join(one for one in parts if not unicodedata.combining(one))
    accents = "".join(one for one in parts if unicodedata.combining(one))
    return tuple(map(_letter, letters.casefold())), accents, letters.swapcase()


def _letter(one: str) -> tuple[int, str]:
    place = _SIGNS.find(one)
    if place >= 0:
        return 0, chr(place)
    if one.isdigit():
        return 2, one
    return (3, one) if one.isalpha() else (1, one)
