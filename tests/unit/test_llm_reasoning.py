"""The cases of reasoning in tags that a reader should know."""

from __future__ import annotations

import pytest

from runfold_executor_llm.reasoning import Piece, ReasoningSplitter


def split(*pieces: str) -> list[Piece]:
    splitter = ReasoningSplitter()
    return [piece for text in pieces for piece in splitter.feed(text)] + list(splitter.finish())


def test_a_tag_cut_in_pieces() -> None:
    pieces = split("<th", "ink>first", " then</th", "ink>\n\n", "The answer")
    assert pieces == [
        Piece("reasoning", "first"),
        Piece("reasoning", " then"),
        Piece("text", "The answer"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", [Piece("text", "plain")]),
        ("", []),
        ("  led by space", [Piece("text", "  led by space")]),
        ("speaks of <think> later", [Piece("text", "speaks of <think> later")]),
        ("<thought>", [Piece("text", "<thought>")]),
        ("<think>never closed", [Piece("reasoning", "never closed")]),
        ("<think></think>x", [Piece("text", "x")]),
        (
            "<think>a</think> <thinking>b</thinking>c",
            [Piece("reasoning", "a"), Piece("reasoning", "b"), Piece("text", "c")],
        ),
    ],
)
def test_whole_texts(text: str, expected: list[Piece]) -> None:
    assert split(text) == expected


def test_text_is_not_held_back() -> None:
    splitter = ReasoningSplitter()
    assert list(splitter.feed("T")) == [Piece("text", "T")]
    assert list(splitter.feed("<think>")) == [Piece("text", "<think>")]
