"""However the text is cut, the splitter tells the same reasoning from the same answer."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runfold_executor_llm.reasoning import ReasoningSplitter

_BLOCK = re.compile(r"\s*<(think|thinking)>(.*?)(?:</\1>|\Z)", re.DOTALL)
_FRAGMENTS = st.sampled_from(
    ["<think>", "</think>", "<thinking>", "</thinking>", "<th", "</", "think>", " ", "\n", "a", "<"]
)
_TEXTS = st.lists(_FRAGMENTS, max_size=12).map("".join)


def split_whole(text: str) -> tuple[str, str]:
    """Reasoning and answer, found with the whole text at hand."""
    reasoning, at = "", 0
    while (found := _BLOCK.match(text, at)) is not None:
        reasoning += found[2]
        at = found.end()
    rest = text[at:]
    return reasoning, rest.lstrip() if at else rest


def split_streamed(pieces: list[str]) -> tuple[str, str]:
    splitter = ReasoningSplitter()
    out = [piece for text in pieces for piece in splitter.feed(text)]
    out += splitter.finish()
    assert all(piece.text for piece in out)
    return tuple(  # type: ignore[return-value]
        "".join(piece.text for piece in out if piece.kind == kind) for kind in ("reasoning", "text")
    )


@given(_TEXTS, st.lists(st.integers(0, 80), max_size=8))
def test_the_cut_does_not_matter(text: str, cuts: list[int]) -> None:
    borders = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(borders)]
    assert split_streamed(pieces) == split_whole(text)
    assert split_streamed(list(text)) == split_whole(text)


@given(st.text(), st.text())
def test_nothing_is_lost(thought: str, answer: str) -> None:
    text = f"<think>{thought}</think>{answer}"
    if "</think>" in thought or _BLOCK.match(answer):
        return
    assert split_streamed(list(text)) == (thought, answer.lstrip())
