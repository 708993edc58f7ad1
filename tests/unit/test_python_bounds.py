"""Python text and regular expressions are measured before a parser or a search sees them."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.graph.loader import load_workflow
from runfold.values.conditions import evaluate
from runfold.values.expressions import parse_expression
from runfold.values.operators import equal
from runfold.values.patterns import MAX_PATTERN, compiled
from runfold.values.python_bounds import expression_problem, program_problem
from runfold.values.references import lookup_in

DEEP = {
    "minus": lambda n: "-" * n + "1",
    "not": lambda n: "not " * n + "1",
    "invert": lambda n: "~" * n + "1",
    "power": lambda n: "2**" * n + "1",
    "plus": lambda n: "1+" * n + "1",
    "and": lambda n: "a and " * n + "a",
    "less": lambda n: "1<" * n + "1",
    "attribute": lambda n: "a" + ".a" * n,
    "subscript": lambda n: "a" + "[0]" * n,
    "call": lambda n: "a" + "()" * n,
    "ternary": lambda n: "1 if a else " * n + "1",
    "lambda": lambda n: "lambda:" * n + "1",
    "brackets": lambda n: "(" * n + "1" + ")" * n,
    "lists": lambda n: "[" * n + "]" * n,
    "objects": lambda n: "{1:" * n + "1" + "}" * n,
    "comprehensions": lambda n: "[a for a in " * n + "a" + "]" * n,
    "inside a text": lambda n: "f'{" + "-" * n + "1}'",
    "brackets inside a text": lambda n: "f'{" + "(" * n + "1" + ")" * n + "}'",
}
"""What a parser would follow by recursion, `n` deep."""


@pytest.mark.parametrize("construct", DEEP)
def test_what_is_too_deep_is_not_parsed(construct: str) -> None:
    text = DEEP[construct](600)
    assert expression_problem(text)
    with pytest.raises(ExpressionFailed) as raised:
        parse_expression(text)
    assert raised.value.code == "expression.too_complex"
    assert program_problem(f"x = 1\nresult = {text}\n")


@pytest.mark.parametrize("construct", DEEP)
def test_what_people_write_is_far_within(construct: str) -> None:
    assert not expression_problem(DEEP[construct](20))
    assert not program_problem(f"result = {DEEP[construct](20)}")


def test_the_check_of_a_document_names_the_node() -> None:
    nodes = [
        {"id": "c", "type": "code", "config": {"code": "result = " + "-" * 50_000 + "1"}},
        {"id": "d", "type": "condition", "config": {"condition": "not " * 4_000 + "x"}},
    ]
    found = load_workflow({"id": "w", "inputs": {"x": "any"}, "nodes": nodes}).findings
    paths = {one.path for one in found if one.level == "error"}
    assert {"nodes[0].config.code", "nodes[1].config.condition"} <= paths


@pytest.mark.parametrize(
    "program",
    [
        "x = 1\n" * 20_000,
        "result = [" + "1," * 50_000 + "]",
        "result = {" + "'k': -1 + 2, " * 5_000 + "}",
        "result = " + "f(a)(b); " * 10_000,
        '"""' + "-" * 5_000 + '"""\nresult = 1',
        "# " + "-" * 5_000 + "\nresult = 1",
        "result = f'" + "-" * 5_000 + "{x}'",
        "result = '''it's " + "(" * 500 + "'''",
    ],
)
def test_long_programs_are_not_deep(program: str) -> None:
    assert not program_problem(program)


def test_a_pattern_is_bounded_in_size() -> None:
    with pytest.raises(ExpressionFailed) as raised:
        compiled("a" * (MAX_PATTERN + 1))
    assert raised.value.code == "expression.regex"


def test_a_large_pattern_is_not_looked_for_in_a_large_text() -> None:
    pattern = compiled(r"(\w+\s?){0,500}z")
    assert pattern.search("some words z") is not None
    with pytest.raises(ExpressionFailed) as raised:
        pattern.search("abcdefgh " * 100_000)
    assert raised.value.code == "expression.regex_too_costly"
    values = lookup_in({"text": "abcdefgh " * 100_000})
    condition = {"left": "{{text}}", "operator": "matches", "right": r"(\w+\s?){0,500}z"}
    assert evaluate(condition, values) is False


def test_a_small_pattern_is_looked_for_in_a_large_text() -> None:
    assert compiled(r"\d{4}-\d\d").search("x" * 2_000_000 + "2026-11") is not None


def test_two_long_lists_are_compared_in_one_pass() -> None:
    values: dict[str, Any] = {"a": list(range(100_000)), "b": list(range(99_999, -1, -1))}
    condition = {"left": "{{a}}", "operator": "all_of", "right": "{{b}}"}
    assert evaluate(condition, lookup_in(values)) is True
    assert evaluate(condition, lookup_in({**values, "b": [*values["b"], -1]})) is False


@pytest.mark.parametrize(
    "wanted", [1, 1.0, "1", "1.0", True, False, None, [], {}, [1], ["1"], {"a": 1}, "x", "", 0]
)
def test_a_member_is_what_equals_an_item(wanted: Any) -> None:
    items: list[Any] = [1, "1.0", True, None, [], {"a": True}, [1], "x"]
    for kept in (items, items[1:], items[2:], items[3:], items[4:]):
        condition = {"left": "{{a}}", "operator": "all_of", "right": "{{b}}"}
        held = evaluate(condition, lookup_in({"a": kept, "b": [wanted]}))
        assert held is any(equal(item, wanted) for item in kept)
