"""What the checks say of the cases that a document carries."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph.loader import load_workflow

BODY = {"nodes": [{"id": "call", "type": "template", "config": {"template": "x"}}]}
NODES: list[dict[str, Any]] = [
    {"id": "write", "type": "llm", "config": {"model": "m", "prompt": "x"}},
    {"id": "each", "type": "iteration", "config": {"items": [1], **BODY}},
    {"id": "later", "type": "placeholder", "config": {"original": "x"}},
]
INNER = {"nodes": [{"id": "say", "type": "template", "config": {"template": "x"}}]}


def said(tests: Any) -> list[tuple[str, str, str, str]]:
    document = {"id": "w", "nodes": NODES, "workflows": {"inner": INNER}, "tests": tests}
    return [
        (one.level, one.code, one.path, one.hint)
        for one in load_workflow(document).findings
        if one.path.startswith("tests")
    ]


def test_replies_of_nodes_wherever_they_stand_are_in_order() -> None:
    replies = {"write": "x", "call": "x", "each[0]/call": "x", "say": "x", "later": {"a": 1}}
    assert said([{"replies": replies}, {"name": "b"}]) == []


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ({"a": 1}, ("tests.invalid", "tests", "")),
        ([7], ("tests.invalid", "tests[0]", "")),
        ([{"replies": {"wrote": 1}}], ("tests.reply", "tests[0].replies.wrote", "did you mean")),
        ([{}, {"replies": {"each": 1}}], ("tests.reply", "tests[1].replies.each", "")),
        ([{"replies": {"": 1}}], ("tests.reply", "tests[0].replies.", "known are")),
    ],
)
def test_what_cannot_be_scripted_is_a_warning(tests: Any, expected: tuple[str, str, str]) -> None:
    ((level, code, path, hint),) = said(tests)
    assert (level, code, path) == ("warning", *expected[:2])
    assert hint.startswith(expected[2])
    assert bool(hint) == bool(expected[2])


@pytest.mark.parametrize("tests", [None, [], [{"replies": 7}], [{"replies": ["write"]}]])
def test_what_is_read_later_is_left_to_that(tests: Any) -> None:
    assert said(tests) == []
