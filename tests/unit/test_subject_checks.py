"""What the checks say of subjects."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts import subjects
from runfold.graph.loader import load_workflow
from runfold.graph.subjects import overlap

GOOD = {"stream": "ORDERS", "subject": "orders.created"}


def found(*declared: dict[str, Any]) -> dict[str, str]:
    """Code → path of the errors of a workflow with these subjects."""
    document = {
        "id": "w",
        "nodes": [{"id": "a", "type": "noop"}],
        "settings": {"subjects": list(declared)},
    }
    return {one.code: one.path for one in load_workflow(document).findings if one.level == "error"}


@pytest.mark.parametrize(
    "subject",
    ["orders", "orders.*", "orders.>", ">", "*", "*.created.>", "größe.ä", "a-b"],
)
def test_subjects_that_are_taken(subject: str) -> None:
    assert found({**GOOD, "subject": subject}) == {}


@pytest.mark.parametrize(
    "subject",
    ["", ".", "a.", ".a", "a..b", "a b", "a.>.b", "a.b*", "a.>b", "a\n", "x" * 256, "a\x00"],
)
def test_subjects_that_cannot_be(subject: str) -> None:
    assert found({**GOOD, "subject": subject}) == {
        "subject.invalid": "settings.subjects[0].subject"
    }


@pytest.mark.parametrize(
    "subject", ["runfold.events.>", "runfold", "runfold.requests.run", "$JS.EVENT.>", "$KV.x.>"]
)
def test_subjects_of_runfold_are_refused(subject: str) -> None:
    assert found({**GOOD, "subject": subject}) == {"subject.own": "settings.subjects[0].subject"}


@pytest.mark.parametrize(
    "stream", [*subjects.STREAMS, "KV_runfold_definitions", "OBJ_runfold_files"]
)
def test_streams_of_runfold_are_refused(stream: str) -> None:
    assert found({**GOOD, "stream": stream}) == {"subject.own": "settings.subjects[0].stream"}


@pytest.mark.parametrize("stream", ["", "a.b", "a b", "a*", "a>", "a/b", "a\\b", "x" * 256])
def test_streams_that_cannot_be(stream: str) -> None:
    assert found({**GOOD, "stream": stream}) == {"subject.stream": "settings.subjects[0].stream"}


def test_one_message_begins_one_run_of_a_workflow() -> None:
    both = found(GOOD, {**GOOD, "subject": "orders.*"})
    assert both == {"subject.overlap": "settings.subjects[1].subject"}
    assert found(GOOD, {**GOOD, "stream": "OTHERS"}) == {}
    assert found(GOOD, {**GOOD, "subject": "orders.paid"}) == {}


def test_inputs_refer_to_what_a_message_has() -> None:
    inputs = {"a": "{{body.id}} {{headers.x}} {{subject}} {{sequence}}"}
    assert found({**GOOD, "inputs": inputs}) == {}
    assert found({**GOOD, "inputs": {"a": "{{query.x}}"}}) == {
        "subject.reference": "settings.subjects[0].inputs"
    }
    for wrong in ("{{range(9)}}", "{{body.id + }}", ["{{body.id + }}"]):
        assert found({**GOOD, "inputs": {"a": wrong}}) == {
            "subject.template": "settings.subjects[0].inputs"
        }


def test_there_are_not_too_many() -> None:
    many = [{**GOOD, "subject": f"orders.{number}"} for number in range(51)]
    assert found(*many) == {"subject.too_many": "settings.subjects"}
    assert found(*many[:50]) == {}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.c", False),
        ("a.*", "*.b", True),
        ("a.>", "a", False),
        ("a.>", "a.b.c", True),
        (">", "a", True),
        ("a.*", "a.b.c", False),
        ("a.*.c", "a.>", True),
        ("b.*.c", "a.>", False),
    ],
)
def test_patterns_that_have_subjects_in_common(one: str, other: str, both: bool) -> None:
    assert overlap(one, other) is both
    assert overlap(other, one) is both
