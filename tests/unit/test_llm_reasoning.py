"""The cases of reasoning in tags that a reader should know."""

from __future__ import annotations

import pytest

from runfold_executor_llm.reasoning import (
    Piece,
    ReasoningSplitter,
    behind_thoughts,
    without_unopened,
)


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


def test_space_without_end_is_not_held_back() -> None:
    text = " " * 10_000
    splitter = ReasoningSplitter()
    given = [piece for space in text for piece in splitter.feed(space)]
    assert "".join(piece.text for piece in given) == text
    assert split(text, "<think>x</think>")[-1].kind == "text"


def test_text_is_not_held_back() -> None:
    splitter = ReasoningSplitter()
    assert list(splitter.feed("T")) == [Piece("text", "T")]
    assert list(splitter.feed("<think>")) == [Piece("text", "<think>")]


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("hm</think>\n\n42", "hm", "42"),
        ("briefly.</think>391", "briefly.", "391"),
        ("</think>42", "", "42"),
        ("hm</thinking> 42", "hm", "42"),
        ("a</think>b</think>c", "a</think>b", "c"),
        ("inner</think> outer</think>42", "inner</think> outer", "42"),
        ("draft ```json\n{}\n``` done</think>42", "draft ```json\n{}\n``` done", "42"),
        ("42", "", "42"),
        ("42 <think>really</think> 43", "", "42 <think>really</think> 43"),
        ("it ends with `</think>`", "", "it ends with `</think>`"),
        ('a "</think>" tag', "", 'a "</think>" tag'),
        ("so:\n```\nhm</think>42\n```", "", "so:\n```\nhm</think>42\n```"),
        ("</thinker>", "", "</thinker>"),
    ],
)
def test_a_thought_without_a_beginning(text: str, thought: str, answer: str) -> None:
    assert without_unopened(text) == (thought, answer)


def test_what_is_behind_thoughts() -> None:
    assert behind_thoughts("Sure <think>draft</think> so <thinking>x</thinking>{}") == "{}"
    assert behind_thoughts("{}") == "{}"
