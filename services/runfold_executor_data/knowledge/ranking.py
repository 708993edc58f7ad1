"""How chunks are ranked: by words (BM25), and by the fusion of two ranks. Pure.

Both stores only preselect by words, each in its own way; the scores are made here, so that they are
the same for both.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from runfold_executor_data.knowledge.segmenter import Term

SATURATION = 1.2
"""How soon more of the same word counts for nothing (k1 of BM25)."""
LENGTH = 0.75
"""How much a long chunk's words count for less (b of BM25)."""
FUSION = 60
"""What a rank is added to before it is divided by: the constant of reciprocal rank fusion."""
MOST_TERMS = 32
"""Terms of a query that are looked up: the rarest."""
FEWEST_MATCHES = 2000
"""Matches that a store goes through at least, if there are as many; and a part of all chunks."""
MATCHED_PART = 20
WIDER = (1, 8, math.inf)
"""By how much more, when fewer than were wanted are found."""

Key = TypeVar("Key", bound=Hashable)


class Weights:
    """What each of a query's terms counts.

    Args:
        holding: Terms, and in how many chunks each is.
        chunks: How many chunks there are.
        length: Terms of a chunk, on average.
    """

    def __init__(self, holding: dict[Term, int], chunks: int, length: float) -> None:
        self.chunks = max(chunks, 1)
        self.length = max(length, 1.0)
        self.holding = {term: min(count, self.chunks) for term, count in holding.items() if count}
        self.of = {
            term: math.log1p((self.chunks - count + 0.5) / (count + 0.5))
            for term, count in self.holding.items()
        }
        missing = len(holding) - len(self.holding)
        rarest = math.log1p((self.chunks + 0.5) / 0.5)
        self._whole = sum(self.of.values()) + missing * rarest
        """The score of a chunk of average length that has each term once."""

    def passes(self) -> Iterator[list[Term]]:
        """The terms by which chunks are preselected; more of them, should those find too few.

        Common words are left out where there are rarer ones: they are in so many chunks that
        ranking all of those would take long, and count for little. The final score has them.
        """
        rarest = sorted(self.holding, key=lambda term: (self.holding[term], term))[:MOST_TERMS]
        budget = max(FEWEST_MATCHES, self.chunks // MATCHED_PART)
        chosen: list[Term] = []
        for wider in WIDER:
            more = list(self._within(rarest, budget * wider))
            if len(more) > len(chosen):
                chosen = more
                yield chosen

    def _within(self, rarest: Sequence[Term], budget: float) -> Iterator[Term]:
        for at, term in enumerate(rarest):
            budget -= self.holding[term]
            if at and budget < 0:
                break
            yield term

    def score(self, terms: Sequence[str]) -> float:
        """How much of the query's words a chunk with these terms has.

        0 is none of them, 1 each of them once; words that are repeated make it more.
        """
        counts = Counter(terms)
        bulk = SATURATION * (1 - LENGTH + LENGTH * len(terms) / self.length)
        total = 0.0
        for term, weight in self.of.items():
            if term.prefix:
                often = sum(n for text, n in counts.items() if text.startswith(term.text))
            else:
                often = counts[term.text]
            total += weight * often * (SATURATION + 1) / (often + bulk)
        return total / self._whole


def fused(ranks: Iterable[tuple[Sequence[Key], float]]) -> dict[Key, float]:
    """The scores of what is in some ranks, best first; 1 is the first of all of them.

    Args:
        ranks: Keys, best first, and what the rank counts.
    """
    listed = list(ranks)
    whole = sum(weight for _, weight in listed) / (FUSION + 1)
    scores: dict[Key, float] = {}
    for keys, weight in listed:
        for place, key in enumerate(keys, start=1):
            scores[key] = scores.get(key, 0.0) + weight / (FUSION + place) / whole
    return dict(sorted(scores.items(), key=lambda item: -item[1]))
