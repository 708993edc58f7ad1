"""`if`, `filter`, `switch`: which items go where, by the rules of each version."""

from __future__ import annotations

from typing import Any

import pytest

from runfold_executor_code.items.operations import OPERATIONS
from runfold_executor_code.items.step import ItemFailed
from tests.support.item_steps import gave, ran, step_of

A, B = {"n": 1}, {"n": 2}


def conditions(*rows: tuple[Any, str, str, Any], combinator: str = "and", **options: Any) -> Any:
    listed = []
    for left, kind, operation, right in rows:
        operator: dict[str, Any] = {"type": kind, "operation": operation}
        if right is ...:
            operator["singleValue"] = True
        value = "" if right is ... else right
        listed.append({"leftValue": left, "operator": operator, "rightValue": value})
    return {"options": options, "conditions": listed, "combinator": combinator}


def holds(*row: Any, **options: Any) -> bool:
    settled = {"typeValidation": "strict", "caseSensitive": True, **options}
    written = {"conditions": conditions(row, **settled)}  # type: ignore[arg-type]
    kept, _others = gave("if", written, [A], version=2.2)
    return bool(kept)


@pytest.mark.parametrize(
    ("left", "kind", "operation", "right"),
    [
        ("ab", "string", "contains", "a"),
        (None, "string", "empty", ...),
        ("", "string", "exists", ...),
        (None, "string", "notExists", ...),
        ("ab", "string", "regex", "/^A/i"),
        ("ab", "string", "notEndsWith", "a"),
        (3, "number", "gte", 3),
        (3, "number", "lt", 3.5),
        (None, "number", "empty", ...),
        ("2024-01-02", "dateTime", "after", "2024-01-01T23:00:00Z"),
        ("2024-01-02", "dateTime", "beforeOrEquals", "2024-01-02"),
        (True, "boolean", "true", ...),
        (False, "boolean", "notEquals", True),
        ([1, 2], "array", "contains", 2),
        ([1, 2], "array", "lengthGt", 1),
        ([], "array", "empty", ...),
        ({}, "object", "empty", ...),
        ({"a": 1}, "object", "notEmpty", ...),
    ],
)
def test_operators_by_type(left: Any, kind: str, operation: str, right: Any) -> None:
    if operation.startswith("length") or (kind == "array" and operation == "contains"):
        row = {"leftValue": left, "rightValue": right}
        operator = {"type": kind, "operation": operation, "rightType": "number"}
        written = {"conditions": [{**row, "operator": operator}], "combinator": "and"}
        written["options"] = {"typeValidation": "strict"}
        assert gave("if", {"conditions": written}, [A], version=2)[0]
        return
    assert holds(left, kind, operation, right)


@pytest.mark.parametrize(
    ("left", "kind", "operation", "right"),
    [
        ("ab", "string", "equals", "AB"),
        (None, "number", "lt", 5),
        (None, "dateTime", "before", "2024-01-01"),
        ("x", "string", "unheard", "x"),
        ([], "array", "notEmpty", ...),
    ],
)
def test_conditions_that_do_not_hold(left: Any, kind: str, operation: str, right: Any) -> None:
    assert not holds(left, kind, operation, right, typeValidation="loose")


def test_strict_types_are_an_error_and_loose_ones_are_converted() -> None:
    with pytest.raises(ItemFailed, match="Wrong type: '5' is a string but was expecting a number"):
        holds("5", "number", "equals", 5)
    assert holds("5", "number", "equals", 5, typeValidation="loose")
    with pytest.raises(ItemFailed, match="can't be converted to a number"):
        holds("x", "number", "equals", 5, typeValidation="loose")
    assert holds("ja", "boolean", "true", ..., typeValidation="loose")
    assert not holds("false", "boolean", "true", ..., typeValidation="loose", version=2)
    assert holds("false", "boolean", "true", ..., typeValidation="loose")


def test_case_does_not_count_where_it_is_not_to() -> None:
    assert holds("AB", "string", "startsWith", "a", caseSensitive=False)
    assert not holds("AB", "string", "startsWith", "a")


def test_combinators() -> None:
    rows = [(1, "number", "equals", 1), (1, "number", "equals", 2)]
    options = {"typeValidation": "strict"}
    either = conditions(*rows, combinator="or", **options)
    both = conditions(*rows, **options)
    assert gave("filter", {"conditions": either}, [A], version=2) == [[A]]
    assert gave("filter", {"conditions": both}, [A], version=2) == [[]]


def test_options_of_the_node_hold_where_the_conditions_say_nothing() -> None:
    written: dict[str, Any] = {"conditions": conditions(("5", "number", "equals", 5))}
    assert gave("if", written, [A], version=2.2) == [[A], []]
    with pytest.raises(ItemFailed):
        gave("if", {**written, "looseTypeValidation": False}, [A], version=2.2)
    named = {"conditions": conditions(("a", "string", "equals", "A"))}
    assert gave("filter", named, [A], version=2) == [[A]]
    assert gave("filter", {**named, "options": {"ignoreCase": False}}, [A], version=2) == [[]]


@pytest.mark.parametrize(
    ("kind", "operation", "one", "other"),
    [
        ("number", "largerEqual", "5", 5),
        ("number", "smaller", None, 1),
        ("number", "notEqual", "5", 5),
        ("string", "contains", 123, "2"),
        ("string", "isEmpty", None, ""),
        ("string", "isNotEmpty", [0], ""),
        ("string", "regex", "abc", "/B/i"),
        ("dateTime", "before", "2024-01-01", "2024-01-01T00:00:01Z"),
        ("boolean", "equal", False, False),
    ],
)
def test_comparisons_of_the_first_version(kind: str, operation: str, one: Any, other: Any) -> None:
    row = {"value1": one, "operation": operation, "value2": other}
    assert gave("if", {"conditions": {kind: [row]}}, [A]) == [[A], []]


def test_all_or_any_of_the_first_version() -> None:
    rows = {"string": [{"value1": "a", "value2": "a"}, {"value1": "a", "value2": "b"}]}
    assert gave("if", {"conditions": rows}, [A]) == [[], [A]]
    assert gave("if", {"conditions": rows, "combineOperation": "any"}, [A]) == [[A], []]
    assert gave("filter", {"conditions": rows, "combineConditions": "OR"}, [A]) == [[A]]
    assert gave("if", {}, [A]) == [[A], []]
    with pytest.raises(ItemFailed, match="not a valid DateTime"):
        gave("if", {"conditions": {"dateTime": [{"value1": "x", "value2": "y"}]}}, [A])


def rule(left: Any, right: Any) -> dict[str, Any]:
    return {"conditions": conditions((left, "number", "equals", right), typeValidation="strict")}


def test_the_first_rule_that_fits_takes_the_item() -> None:
    rules = {"rules": {"values": [rule(1, 2), rule(1, 1), rule(1, 1)]}}
    assert gave("switch", rules, [A], version=3.2) == [[], [A], []]
    every = {**rules, "options": {"allMatchingOutputs": True}}
    assert gave("switch", every, [A], version=3.2) == [[], [A], [A]]


@pytest.mark.parametrize(
    ("fallback", "outputs"), [(None, [[]]), ("none", [[]]), ("extra", [[], [A]]), (0, [[A]])]
)
def test_items_that_no_rule_takes(fallback: Any, outputs: list[Any]) -> None:
    options = {} if fallback is None else {"fallbackOutput": fallback}
    written = {"rules": {"values": [rule(1, 2)]}, "options": options}
    assert gave("switch", written, [A], version=3) == outputs


def test_the_output_by_an_expression() -> None:
    written = {"mode": "expression", "numberOutputs": 2}
    each = [{"output": 1}, {"output": "0"}]
    assert gave("switch", written, [A, B], version=3, each=each) == [[B], [A]]
    with pytest.raises(ItemFailed, match="between 0 and 1"):
        gave("switch", {**written, "output": 2}, [A], version=3)


def test_older_switches() -> None:
    rules = [{"operation": "equal", "value2": 1, "output": 3}, {"value2": 9, "output": 2}]
    written = {"dataType": "number", "value1": 1, "rules": {"rules": rules}}
    assert gave("switch", written, [A]) == [[], [], [], [A]]
    assert gave("switch", written, [A], version=2) == [[A], []]
    other = {**written, "value1": 10, "fallbackOutput": 1}
    assert gave("switch", other, [A]) == [[], [A], [], []]
    assert gave("switch", {**other, "fallbackOutput": "extra"}, [A], version=2) == [[], [], [A]]


def test_an_items_error_is_its_own_where_the_node_goes_on() -> None:
    written: dict[str, Any] = {"conditions": {"number": [{"operation": "unheard"}]}}
    with pytest.raises(ItemFailed):
        ran("if", written, [A, B], on_error="continue")  # as a whole, before version 2
    equal = {
        "leftValue": "x",
        "rightValue": 1,
        "operator": {"type": "number", "operation": "equals"},
    }
    strict = {"typeValidation": "strict", "version": 2}
    written = {"conditions": {"conditions": [equal], "combinator": "and", "options": strict}}
    step = step_of("if", written, [A, B], version=2, on_error="continue")
    assert OPERATIONS["if"](step) == [[], []]
    assert [one.index for one in step.failed] == [0, 1]
    assert ran("if", {}, [{"json": A, "binary": {"f": {}}}])[0][0].binary == {"f": {}}
