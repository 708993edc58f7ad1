"""How a document is cut into chunks, as an author says it, and what cannot be meant."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

Way = Literal["tokens", "sentences", "headings", "parent_child", "separator", "whole"]
"""
- `tokens`: about as many tokens each, at the best place near the end; sizes count tokens.
- `sentences`: whole sentences together.
- `headings`: the sections of Markdown, large ones cut further; no chunk is of two sections.
- `parent_child`: small chunks are searched, and the sections they are in are given to readers.
- `separator`: the parts between a text of the author's, large ones cut further.
- `whole`: the document is one chunk.
"""

MOST_SIZE: Final = 20_000
LEAST_SIZE: Final = 20
MOST_WHOLE: Final = 100_000
"""Characters of a document that is one chunk."""
SIZES: Final = {"tokens": 256}
SIZE: Final = 800
CHILD_SIZE: Final = 300
PARENT_SIZE: Final = 2400
OVERLAPPING: Final = 10
"""The overlap is one of so many parts of a chunk, unless it is given."""


class Chunking(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a document is cut."""

    mode: Way = "headings"
    size: int = 0
    """Most characters of a chunk, or tokens in the mode `tokens`; 0: 800, 256 tokens, 300 of a
    child. A token is four characters of writing with spaces, and one of writing without."""
    overlap: int | None = None
    """Characters or tokens of a chunk that the next one begins with, at most; None: a tenth."""
    separator: str = "\n\n"
    r"""Of the mode `separator`; `\n` and `\t` written out are a new line and a tab."""
    parent_size: int = 0
    """Most characters of a parent; 0: 2,400."""

    def sized(self) -> Chunking:
        """The same with its sizes written out."""
        usual = CHILD_SIZE if self.mode == "parent_child" else SIZES.get(self.mode, SIZE)
        size = self.size or usual
        overlap = size // OVERLAPPING if self.overlap is None else self.overlap
        parent_size = self.parent_size or max(PARENT_SIZE, size)
        return msgspec.structs.replace(self, size=size, overlap=overlap, parent_size=parent_size)


def wrong_with(chunking: Chunking) -> list[str]:
    """What cannot be meant; empty when all can."""
    sized = chunking.sized()
    wrong = []
    if sized.mode not in get_args(Way):
        wrong.append(f"mode is one of {', '.join(get_args(Way))}")
    if not LEAST_SIZE <= sized.size <= MOST_SIZE:
        wrong.append(f"size is {LEAST_SIZE} to {MOST_SIZE}, not {sized.size}")
    elif not 0 <= (sized.overlap or 0) <= sized.size // 2:
        wrong.append(f"overlap is 0 to half of the size ({sized.size // 2}), not {sized.overlap}")
    if not sized.size <= sized.parent_size <= MOST_SIZE:
        wrong.append(f"parent_size is {sized.size} to {MOST_SIZE}, not {sized.parent_size}")
    if sized.mode == "separator" and not sized.separator:
        wrong.append("separator is not empty")
    return wrong
