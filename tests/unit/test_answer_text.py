"""Which of a run's outputs is what it answers."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.conversations.answer_text import answer_text

PICTURE = {"$file": "0" * 64, "name": "a.png", "media_type": "image/png", "size": 1}


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ("words", "words"),
        (None, ""),
        ({}, ""),
        ({"answer": "yes", "output": "no"}, "yes"),
        ({"answer": "", "note": "hm"}, ""),
        ({"answer": 42, "note": "hm"}, "42"),
        ({"answer": False}, "false"),
        ({"answer": {"a": ["é"]}, "text": "x"}, '{"a":["é"]}'),
        ({"answer": None, "text": "x"}, "x"),
        ({"answer": [PICTURE]}, ""),
        ({"answer": PICTURE, "note": "a picture"}, "a picture"),
        ({"count": 3, "note": "only text"}, "only text"),
        ({"a": "one", "b": "two"}, ""),
    ],
)
def test_the_answer(outputs: Any, text: str) -> None:
    assert answer_text(outputs) == text
