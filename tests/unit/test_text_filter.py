"""`text_filter`: matches are found wherever pieces end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.executor.conformance import check_node, run_node
from runfold.graph.loader import load_workflow
from runfold.values.patterns import compiled
from runfold_executor_text import text as text_node
from runfold_executor_text.replacing import Replacing
from runfold_executor_text.text_filter import NODE

PATTERNS = {
    "ab": "<>",
    r"\ba\b": "A",
    "b{2,4}": "B",
    "(a)(b)": r"\2\1",
    "^a": "^",
    "a?": "",
    "b$": "$",
}
WINDOW = 4
TEXTS = st.text("ab ", max_size=30)


def replaced(pieces: list[str], rules: list[str]) -> tuple[str, int]:
    replacing = Replacing([(compiled(rule), PATTERNS[rule]) for rule in rules], WINDOW)
    said = [replacing.feed(piece) for piece in pieces]
    return "".join((*said, replacing.rest())), replacing.count


@given(st.lists(TEXTS, max_size=8), st.lists(st.sampled_from(sorted(PATTERNS)), max_size=3))
def test_it_makes_no_difference_where_pieces_end(pieces: list[str], rules: list[str]) -> None:
    assert replaced(pieces, rules) == replaced(["".join(pieces)], rules)
    assert replaced(list("".join(pieces)), rules) == replaced(["".join(pieces)], rules)


@given(TEXTS, st.sampled_from(["ab", r"\ba\b", "b{2,4}", "(a)(b)", "^a"]))
def test_one_pattern_replaces_as_ever(text: str, rule: str) -> None:
    assert replaced(list(text), [rule]) == re.subn(rule, PATTERNS[rule], text)


def test_no_more_is_held_back_than_the_window() -> None:
    replacing = Replacing([(compiled("x+"), "y")], WINDOW)
    assert replacing.feed("one two") == "one"
    assert replacing.feed(" three") == " two t"
    assert replacing.feed("xx") == "hr"
    assert replacing.rest() == "eey"


async def test_pieces_go_in_and_out() -> None:
    config = {"replace": {r"(\w+)@example\.org": r"\1@…"}, "window": 20}
    streamed = {"input": ["Write to an", "na@exam", "ple.org, and not to anybody else", "!"]}
    result = await run_node(NODE, config, streamed=streamed)
    assert result.failure is None
    assert result.outputs == {
        "output": "Write to anna@…, and not to anybody else!",
        "count": 1,
    }
    assert result.text() == result.outputs["output"]
    assert len(result.chunks) > 1
    whole = await run_node(NODE, {**config, "input": "{{x}}"}, {"x": "".join(streamed["input"])})
    assert whole.outputs == result.outputs
    assert (await run_node(NODE, {"replace": {}, "input": None})).outputs["output"] == ""


async def test_a_text_that_grows_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_node, "MAX_LENGTH", 10)
    result = await run_node(NODE, {"replace": {"a": "aaaa"}, "input": "aaa"})
    assert result.failure is not None
    assert result.failure.code == "text.too_long"


def test_the_kind_is_as_kinds_are_and_patterns_are_checked() -> None:
    assert check_node(NODE) == []
    config = {"input": "x", "replace": {"(": ""}}
    nodes = [{"id": "f", "type": "text_filter", "config": config}]
    found = load_workflow({"id": "w", "nodes": nodes}).findings
    (finding,) = [one for one in found if one.level == "error"]
    assert "'('" in finding.message
