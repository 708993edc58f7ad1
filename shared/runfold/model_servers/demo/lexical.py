"""Compares texts by their words and letters alone: what the demo model has for meaning. Pure.

A vector is made by hashing words, letter trigrams and, of Chinese and Japanese, characters and
pairs of them. That is lexical: two texts are near when they share letters, and not when they mean
the same. It stands in for embeddings offline, and finds what is worded alike.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

DIMENSIONS = 256
MODEL = "demo-lexical-hashing"
"""What answers name as their model, so that no one takes them for more."""
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_WORTH = {"word": 2.0, "letters": 0.5, "character": 1.0, "pair": 2.0}
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "for",
        "from",
        "has",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "please",
        "so",
        "that",
        "the",
        "this",
        "to",
        "was",
        "we",
        "what",
        "when",
        "where",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    ]
)


def vector(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """The hashed vector of a text, of length 1; of an empty text its first number is 1."""
    found = [0.0] * dimensions
    for feature, worth in _features(text):
        number = zlib.crc32(feature.encode())
        found[number % dimensions] += worth if number & 0x8000_0000 else -worth
    length = math.sqrt(sum(one * one for one in found))
    if length == 0:
        return [1.0, *found[1:]]
    return [one / length for one in found]


def likeness(one: str, other: str) -> float:
    """How much of `one` is worded as in `other`, from 0 to 1."""
    wanted, there = dict(_features(one)), dict(_features(other))
    total = sum(wanted.values())
    return (
        sum(worth for feature, worth in wanted.items() if feature in there) / total if total else 0
    )


def nearest(text: str, others: Sequence[str], least: float = 0.08) -> int | None:
    """Which of several texts a text shares most with; None when that is next to nothing."""
    scores = [likeness(other, text) for other in others]
    best = max(range(len(scores)), key=scores.__getitem__, default=None)
    return None if best is None or scores[best] < least else best


def _features(text: str) -> Iterator[tuple[str, float]]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    for word in _WORD.findall(plain):
        if _CJK.search(word):
            yield from ((f"c{one}", _WORTH["character"]) for one in word)
            pairs = map("".join, itertools.pairwise(word))
            yield from ((f"p{pair}", _WORTH["pair"]) for pair in pairs)
        elif word not in _COMMON:
            yield f"w{word}", _WORTH["word"]
            padded = f"_{word}_"
            yield from (
                (f"l{padded[at : at + 3]}", _WORTH["letters"]) for at in range(len(padded) - 2)
            )
