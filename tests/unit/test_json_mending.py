"""JSON that values were put into and broke."""

from __future__ import annotations

import random
from typing import Any

import pytest

from runfold.values.json_mending import mended


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"a": [1, 2.5, true, null]}', {"a": [1, 2.5, True, None]}),
        ('{"say": "he said "yes" twice", "n": 1}', {"say": 'he said "yes" twice', "n": 1}),
        ('{"say": "one\ntwo\tthree"}', {"say": "one\ntwo\tthree"}),
        ("{'a': 'b', c: True, d: None}", {"a": "b", "c": True, "d": None}),
        ('{"a": [1, 2,], "b": {"c": "d",},}', {"a": [1, 2], "b": {"c": "d"}}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{"a": [1, {"b": "c"', {"a": [1, {"b": "c"}]}),
        ('{"a": , "b": 2}', {"a": "", "b": 2}),
        ('{"a": "\\u00e9\\n\\"x\\""}', {"a": 'é\n"x"'}),
        ('["a", b c]', ["a", "b", "c"]),
        ("plain text", "plain text"),
        ("5", 5),
        ("", ""),
    ],
)
def test_text_is_read_as_it_was_meant(text: str, meant: Any) -> None:
    assert mended(text) == meant


def test_any_text_comes_to_an_end() -> None:
    picked = random.Random(7)
    for _ in range(2_000):
        mended(
            "{" + "".join(picked.choice("{}[]\",:'\\ ua1\n") for _ in range(picked.randrange(60)))
        )
    mended("[" * 100_000)
