"""Answers on the command line, for each kind that asks."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.cli.answering import how_to_answer, parse_answers, reply_to
from runfold.contracts.events import NodeRunWaiting, Option
from runfold.errors import InvalidInputs, RunfoldError

FORM = {
    "type": "object",
    "properties": {"size": {"type": "integer"}, "ok": {"type": "boolean"}},
    "required": ["size"],
    "additionalProperties": False,
}


def waiting(**fields: Any) -> NodeRunWaiting:
    about = {"id": "i", "run_id": "r", "workflow_id": "w", "node_id": "n", "token": "r.1"}
    return NodeRunWaiting(**about, waiting_for="human", **fields)


REVIEW = waiting(actions=["approved", "rejected"])
CHOICE = waiting(actions=["tea", "answered"], options=[Option("tea", "Tea")], allow_text=True)
INPUT = waiting(actions=["answered"], answer_schema=FORM)
ONE = waiting(
    actions=["answered"], answer_schema={**FORM, "properties": {"size": {"type": "integer"}}}
)


@pytest.mark.parametrize(
    ("asked", "said", "action", "values", "words"),
    [
        (REVIEW, "approved", "approved", {}, ""),
        (REVIEW, "rejected:too long: much", "rejected", {}, "too long: much"),
        (waiting(), "approved", "approved", {}, ""),
        (CHOICE, "tea", "tea", {}, "tea"),
        (CHOICE, "water: still", "answered", {}, "water: still"),
        (INPUT, '{"size": 3, "ok": true}', "answered", {"size": 3, "ok": True}, ""),
        (ONE, "3", "answered", {"size": 3}, ""),
        (waiting(answer_schema=FORM), '{"size": 3}', "approved", {"size": 3}, ""),
    ],
)
def test_what_is_said_becomes_an_answer(
    asked: NodeRunWaiting, said: str, action: str, values: dict, words: str
) -> None:
    request = reply_to(asked, said)
    assert (request.token, request.action) == ("r.1", action)
    assert (request.values, request.feedback) == (values, words)


@pytest.mark.parametrize(
    ("asked", "said"),
    [(REVIEW, "maybe"), (INPUT, "3"), (INPUT, "{size"), (ONE, "big"), (INPUT, '{"ok": 1}')],
)
def test_what_is_not_taken_is_refused(asked: NodeRunWaiting, said: str) -> None:
    with pytest.raises(RunfoldError):
        reply_to(asked, said)


def test_answers_of_a_node_come_in_turn() -> None:
    given = parse_answers(["ask=name: Ann", "ask=size=3", "review=approved"])
    assert given == {"ask": ["name: Ann", "size=3"], "review": ["approved"]}
    for text in ("ask", "=x", "ask="):
        with pytest.raises(InvalidInputs):
            parse_answers([text])


def test_how_to_answer_is_said_for_each_kind() -> None:
    assert how_to_answer(REVIEW) == "--answer n=approved (or =rejected:why)"
    assert how_to_answer(CHOICE) == "--answer n=tea"
    assert how_to_answer(waiting(allow_text=True)) == "--answer n='your words'"
    assert how_to_answer(INPUT) == """--answer n='{"size": …}'"""
