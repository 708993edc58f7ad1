"""The profile `dify`: operators of conditions, and what fails the node rather than not holding."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.values.conditions import condition_findings, evaluate
from runfold.values.files import FileValue
from runfold.values.paths import lookup_in

FILES = [
    FileValue("0" * 64, "ab.pdf", "application/pdf", 3000).value(),
    FileValue("1" * 64, "c.png", "image/png", 10).value(),
]


def holds(left: Any, operator: str, right: Any = None, **more: Any) -> bool:
    condition = {"left": "{{v.x}}", "operator": operator, "right": right, **more}
    assert condition_findings(condition, "dify") == []
    return evaluate(condition, lookup_in({"v": {"x": left}, "w": more}), "dify")


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        (["ab", "def"], "contains", "ab", True),
        (["1ab", "def"], "contains", "ab", False),
        (["ac", "def"], "not contains", "ab", True),
        ("cabcde", "contains", "ab", True),
        ("zacde", "not contains", "ab", True),
        ("", "contains", "", False),
        (None, "contains", "a", False),
        ([], "not contains", "a", True),
        (None, "not contains", "a", True),
        ("abc", "start with", "ab", True),
        ("zzab", "end with", "ab", True),
        ("", "start with", "", False),
        (None, "end with", "a", False),
        ("ab", "is", "ab", True),
        ("ab", "is", "AB", False),
        ("aab", "is not", "ab", True),
        (None, "is", "", False),
        (None, "is not", "a", False),
        ("1", "is", "1", True),
        ("", "empty", None, True),
        (0, "empty", None, True),
        (False, "empty", None, True),
        ([], "empty", None, True),
        ("aaa", "not empty", None, True),
        (0, "not empty", None, False),
        ("a", "in", ["a", "b"], True),
        ("c", "in", ["a", "b"], False),
        ("", "in", ["", "b"], False),
        (None, "in", ["a"], False),
        ("c", "not in", ["a"], True),
        (None, "not in", ["a"], True),
        (["a", "b", "c"], "all of", ["a", "b"], True),
        (["a"], "all of", ["a", "b"], False),
        ([], "all of", [], False),
        ("abc", "all of", ["a", "b"], True),
        ([True, False], "all of", [True], True),
        (22, "=", "22", True),
        (22.0, "=", "22", True),
        (1.5, "=", "1.5", True),
        (1, "=", 1.5, True),
        (23, "≠", "22", True),
        (None, "=", "0", False),
        (None, "≠", "0", False),
        (23, ">", "22", True),
        (21, "<", "22", True),
        (22, "≥", "22", True),
        (21, "≤", "22", True),
        (5, ">", "4.5", True),
        (5, "≥", "5.0", True),
        (0, "≤", "0.95", True),
        (1.1, "≥", "0.95", True),
        (None, ">", "0", False),
        (None, "≤", "0", False),
        (None, "null", None, True),
        ("1212", "not null", None, True),
        ("", "null", None, False),
        (None, "exists", None, False),
        (0, "exists", None, True),
        (None, "not exists", None, True),
    ],
)
def test_an_operator(left: Any, operator: str, right: Any, expected: bool) -> None:
    assert holds(left, operator, right) is expected


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        (True, "is", "true", True),
        (True, "is", "false", False),
        (False, "is", "false", True),
        (False, "is not", "true", True),
        (True, "is", True, True),
        (True, "is", "1", True),
        (True, "=", "1", True),
        (False, "≠", "1", True),
        (False, "=", "1", False),
        (True, "not null", None, True),
        ([True, False, True], "contains", "true", True),
        ([True, False, True], "not contains", "true", False),
        (True, "in", ["true", "false"], True),
        (False, "in", ["true", "false"], False),
    ],
)
def test_beside_a_boolean_text_is_read_as_json(
    left: Any, operator: str, right: Any, expected: bool
) -> None:
    assert holds(left, operator, right) is expected


@pytest.mark.parametrize(
    ("left", "operator", "right"),
    [
        ("22", "=", "22"),
        ("a", "≠", "1"),
        (22, "is", "22"),
        (["a"], "is not", "a"),
        ("23", ">", "22"),
        ([1], "≤", "1"),
        (1, "=", "1.5"),
        (1, "=", "x"),
        (1, ">", "x"),
        (1, ">", ""),
        (12, "contains", "1"),
        ({"a": 1}, "not contains", "a"),
        (12, "start with", "1"),
        ("a", "in", "abc"),
        ("a", "not in", "abc"),
        ("abc", "all of", "a"),
        (True, "is", "True"),
        (True, "is", "yes"),
        (True, "is", "1.5"),
    ],
)
def test_what_does_not_fit_fails_the_node(left: Any, operator: str, right: Any) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        holds(left, operator, right)
    assert (raised.value.code, raised.value.kind) == ("condition.type", "input")


def test_a_left_side_that_leads_nowhere_fails_the_node_with_every_operator() -> None:
    for operator in ("is", "empty", "not exists", "null", "="):
        condition = {"left": "{{v.gone}}", "operator": operator, "right": "a"}
        with pytest.raises(ExpressionFailed) as raised:
            evaluate(condition, lookup_in({"v": {}}), "dify")
        assert raised.value.code == "condition.missing"


def test_the_right_side_is_a_template_for_text() -> None:
    values = lookup_in({"v": {"n": 5, "t": "5", "five": 5, "list": ["a"], "s": "xay"}})
    for left, operator, right, expected in [
        ("{{v.n}}", "=", "{{v.t}}", True),
        ("{{v.t}}", "is", "{{v.five}}", True),
        ("{{v.t}}", "is", "{{v.gone}}", False),
        ("{{v.s}}", "contains", "{{v.gone}}", False),
        ("{{v.t}}", "in", ["{{v.five}}"], True),
        ("{{v.s}}", "contains", "a{{v.gone}}", False),
    ]:
        condition = {"left": left, "operator": operator, "right": right}
        assert evaluate(condition, values, "dify") is expected, condition


def test_groups_end_as_soon_as_they_are_decided() -> None:
    values = lookup_in({"v": {"t": "a"}})
    yes = {"left": "{{v.t}}", "operator": "is", "right": "a"}
    no = {**yes, "right": "b"}
    fails = {"left": "{{gone.x}}", "operator": "is", "right": "a"}
    assert evaluate({"or": [yes, fails]}, values, "dify") is True
    assert evaluate({"and": [no, fails]}, values, "dify") is False
    assert evaluate({"and": []}, values, "dify") is True
    assert evaluate({"or": []}, values, "dify") is False
    with pytest.raises(ExpressionFailed):
        evaluate({"and": [yes, fails]}, values, "dify")


@pytest.mark.parametrize(
    ("operator", "member", "expected"),
    [
        ("contains", {"field": "name", "operator": "contains", "value": "ab"}, True),
        ("contains", {"field": "name", "operator": "contains", "value": "zz"}, False),
        ("not contains", {"field": "name", "operator": "not contains", "value": "ab"}, False),
        ("contains", {"field": "type", "operator": "in", "value": ["image"]}, True),
        ("all of", {"field": "type", "operator": "not in", "value": ["image"]}, False),
        ("contains", {"field": "extension", "operator": "is", "value": "pdf"}, True),
        ("contains", {"field": "extension", "operator": "is", "value": ".pdf"}, True),
        ("contains", {"field": "size", "operator": ">", "value": "2000"}, True),
        ("contains", {"field": "mime_type", "operator": "is", "value": "image/png"}, True),
        ("contains", {"field": "kind", "operator": "is", "value": "{{w.of}}"}, True),
    ],
)
def test_conditions_on_the_files_of_a_list(
    operator: str, member: dict[str, Any], expected: bool
) -> None:
    values = lookup_in({"v": {"x": FILES}, "w": {"of": "image"}})
    condition = {"left": "{{v.x}}", "operator": operator, "where": {"and": [member]}}
    assert condition_findings(condition, "dify") == []
    assert evaluate(condition, values, "dify") is expected


def test_several_conditions_on_files_are_decided_one_by_one() -> None:
    pdf = {"field": "type", "operator": "in", "value": ["document"]}
    small = {"field": "size", "operator": "<", "value": "100"}
    none = {"field": "name", "operator": "is", "value": "zz"}
    values = lookup_in({"v": {"x": FILES}})
    for where, expected in [
        ({"and": [pdf, small]}, True),
        ({"and": [pdf, none]}, False),
        ({"or": [none, small]}, True),
        ({"logic": "or", "conditions": [none, pdf]}, True),
        ([pdf, none], False),
    ]:
        condition = {"left": "{{v.x}}", "operator": "contains", "where": where}
        assert evaluate(condition, values, "dify") is expected


def test_an_operator_that_dify_does_not_have_is_found_by_the_check() -> None:
    found = condition_findings({"left": "{{v}}", "operator": "is empty"}, "dify")
    assert len(found) == 1
    assert "not_empty" in found[0]
    assert condition_findings({"left": None, "operator": "is", "right": "a"}, "dify") == []
