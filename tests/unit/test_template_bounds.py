"""Templates are measured before the template engine sees them: size, depth, what they read."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.graph.loader import load_workflow
from runfold.values.references import lookup_in
from runfold.values.template_bounds import MAX_OPERATORS, MAX_STATEMENTS, shape_of
from runfold.values.template_engine import TooMuch, bounded, freely
from runfold.values.template_lexer import Unclosed, blocks_of
from runfold.values.templates import render, template_excess, template_findings

DEEP = {
    "minus": lambda n: "{{ " + "-" * n + "1 }}",
    "not": lambda n: "{{ " + "not " * n + "1 }}",
    "power": lambda n: "{{ " + "2**" * n + "1 }}",
    "plus": lambda n: "{{ " + "1+" * n + "1 }}",
    "times": lambda n: "{{ " + "1*" * n + "1 }}",
    "tilde": lambda n: "{{ " + '"a"~' * n + '"a" }}',
    "and": lambda n: "{{ " + "x and " * n + "x }}",
    "or": lambda n: "{{ " + "x or " * n + "x }}",
    "test": lambda n: "{{ x" + " is not none" * n + " }}",
    "in": lambda n: "{{ " + "1 in " * n + "x }}",
    "equals": lambda n: "{{ " + "1 == " * n + "1 }}",
    "attribute": lambda n: "{{ x" + ".a" * n + "|upper }}",
    "subscript": lambda n: "{{ x" + "[0]" * n + "|upper }}",
    "slice": lambda n: "{{ x" + "[:1]" * n + " }}",
    "filter": lambda n: "{{ x" + "|upper" * n + " }}",
    "call": lambda n: "{{ x" + ".get('a')" * n + " }}",
    "ternary": lambda n: "{{ " + "1 if x else " * n + "2 }}",
    "brackets": lambda n: "{{ " + "(" * n + "1" + ")" * n + " }}",
    "lists": lambda n: "{{ " + "[" * n + "1" + "]" * n + " }}",
    "objects": lambda n: "{{ " + "{'a':" * n + "1" + "}" * n + " }}",
    "brackets never closed": lambda n: "{{ " + "(" * n + " }}",
    "brackets closed early": lambda n: "{{ " + "(" * n + "1" + "+1)" * n + " }}",
    "subscripts inside": lambda n: "{{ " + "x[" * n + "0" + "]" * n + " }}",
    "arguments inside": lambda n: "{{ " + "x|default(" * n + "1" + ")" * n + " }}",
    "set targets": lambda n: "{% set " + "(" * n + "a" + ")" * n + " = x %}",
    "elif": lambda n: "{% if x %}a" + "{% elif x %}b" * n + "{% endif %}",
    "if": lambda n: "{% if x %}" * n + "a" + "{% endif %}" * n,
    "for": lambda n: "{% for a in x %}" * n + "a" + "{% endfor %}" * n,
    "else if": lambda n: "{% if x %}{% else %}" * n + "a" + "{% endif %}" * n,
    "macro": lambda n: "{% macro a() %}" * n + "a" + "{% endmacro %}" * n,
}
"""What a parser would follow by recursion, `n` deep."""


def template_node(text: str) -> dict[str, Any]:
    return {"id": "w", "inputs": {"x": "any"}, "nodes": [node(text)]}


def node(text: str) -> dict[str, Any]:
    return {"id": "n", "type": "template", "config": {"template": text}}


@pytest.mark.parametrize("construct", DEEP)
def test_what_is_too_deep_is_a_finding_that_names_the_node(construct: str) -> None:
    found = load_workflow(template_node(DEEP[construct](20_000))).findings
    codes = {(one.code, one.path) for one in found}
    assert ("template.too_complex", "nodes[0].config.template") in codes


@pytest.mark.parametrize("construct", DEEP)
def test_the_depth_is_measured_and_not_only_the_size(construct: str) -> None:
    assert shape_of(DEEP[construct](2 * MAX_OPERATORS)).problem
    with pytest.raises(ExpressionFailed) as raised:
        render(DEEP[construct](2 * MAX_OPERATORS), lookup_in({"x": 1}))
    assert raised.value.code in ("template.too_complex", "template.syntax")


@pytest.mark.parametrize("construct", DEEP)
def test_what_people_write_is_far_within(construct: str) -> None:
    assert not template_excess(DEEP[construct](20))


def test_the_engine_takes_all_that_is_within_the_bounds() -> None:
    """In a thread with the smallest stack a platform gives: what is measured is small enough."""
    script = """
import threading
from runfold.errors import RunfoldError
from runfold.values.references import lookup_in
from runfold.values.template_engine import freely
from runfold.values.template_bounds import shape_of
from runfold.values.templates import render
from tests.unit.test_template_bounds import DEEP

def go():
    for make in DEEP.values():
        deep = max(n for n in range(1, 210) if not shape_of(make(n)).problem)
        try:
            render(make(deep), lookup_in({"x": [1]}), engine=freely)
        except RunfoldError:
            pass

threading.stack_size(512 * 1024)
thread = threading.Thread(target=go)
thread.start()
thread.join()
print("survived")
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.stdout.strip() == "survived", (ended.returncode, ended.stderr[-500:])


@pytest.mark.parametrize(
    "text",
    [
        "{%" * 1_200_000,
        "{{" * 190_000,
        "{{ x|upper }}" + "a" * 3_000_000,
        "{{ " + "x," * 20_000 + " }}",
        "{{ [" + "1," * 100_000 + "] }}",
        "{{x|upper}}" * 10_000,
    ],
)
def test_what_is_too_large_is_a_finding(text: str) -> None:
    found = load_workflow(template_node(text)).findings
    assert [one.code for one in found if one.level == "error"] == ["template.too_complex"]


def test_long_text_with_plain_references_is_no_matter_of_the_engine() -> None:
    long = "word " * 100_000 + "{{x}}"
    assert not load_workflow(template_node(long)).findings


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("{{ ({'a': {'b': 1}}).a }}!{{b}}", ["({'a':{'b':1}}).a", "b"]),
        ("{% set a = '%}' %}{#{{no}}#}{{- b -}}", ["a='%}'", "b"]),
        ("{% raw %}{{no}}{% endraw %}{{ 'it\\'s' }}", ["'it\\'s'"]),
        ("{%-raw-%}{{{%+ endraw +%}{{ 0x1F ** 2 // 1.5e3 }}", ["0x1F**2//1.5e3"]),
        ("{%+ raw %}{{ b }}{% endraw %}{{ c }}", ["c"]),
    ],
)
def test_tokens_are_those_of_the_engine(text: str, tokens: list[str]) -> None:
    found = ["".join(token.text for token in block.tokens) for block in blocks_of(text, 100)]
    assert [one for one in found if one] == tokens


@pytest.mark.parametrize("text", ["{{ a", "{% if", "{# a", "{{ 'a }}", "{% raw %}{{ a }}"])
def test_what_does_not_end_is_said(text: str) -> None:
    with pytest.raises(Unclosed):
        list(blocks_of(text, 100))
    assert "end of input" in template_findings(text)[0]


def test_nothing_hides_behind_braces_that_close_an_object() -> None:
    """The engine reads on after `}}` inside brackets, and so does the guard."""
    with pytest.raises(ExpressionFailed, match="multiplies numbers"):
        render("{{ ({'a': {'b': 1}}) and ('x' * 9) }}", lookup_in({}))


def test_what_a_template_reads_is_counted_before_it_is_put_together() -> None:
    values = lookup_in({"big": "y" * 8_000_000})
    with pytest.raises(TooMuch) as raised:
        render("{{ [" + "big," * 50 + "]|tojson }}", values)
    assert raised.value.code == "template.too_long"
    assert render("{{ big[:3] }}", values) == "yyy"


def test_what_references_put_into_one_configuration_is_counted() -> None:
    values = lookup_in({"big": ["y" * 8_000_000]})
    with pytest.raises(ExpressionFailed) as raised:
        render({f"o{index}": "{{big}}" for index in range(50)}, values)
    assert raised.value.code == "template.too_long"
    assert len(render(["{{big}}"] * 5, values)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in many %}{% if big == big %}{% endif %}{% endfor %}",
        "{% for i in many %}{% for b in bigs %}{% endfor %}{% endfor %}",
        "{% for i in many %}{% if bigs|sort|length %}{% endif %}{% endfor %}",
        "{% for i in many %}{% if bigs[0] is string %}{% endif %}{% endfor %}",
    ],
)
def test_a_loop_over_what_is_large_ends(text: str) -> None:
    big = "y" * 1_000_000
    values = {"many": list(range(100_000)), "big": big, "bigs": [big] * 3}
    with pytest.raises(TooMuch):
        render(text, lookup_in(values))


@pytest.mark.parametrize(
    "text",
    [
        "{% set x = 1 %}",
        "{% set ns = namespace(x=1) %}",
        "{% with a = [x, x] %}{{ a }}{% endwith %}",
        "{% macro m(a) %}{{ m([a, a]) }}{% endmacro %}{{ m(1) }}",
        "{% for a in x recursive %}{{ loop([a]) }}{% endfor %}",
        "{{ dict(a=x) }}",
    ],
)
def test_the_scheduler_renders_nothing_that_makes_values_of_its_own(text: str) -> None:
    """A definition may come straight over the bus, where nothing has checked it."""
    assert shape_of(text).builds
    with pytest.raises(TooMuch):
        render(text, lookup_in({"x": [1]}))


def test_statements_may_stand_in_each_other_to_the_limit() -> None:
    assert not template_excess(DEEP["if"](MAX_STATEMENTS))
    assert template_excess(DEEP["if"](MAX_STATEMENTS + 1))


def test_engines_may_be_used_from_threads() -> None:
    results: list[str] = []

    def work() -> None:
        lookup = lookup_in({"x": "a"})
        results.extend(render("{{ x|upper }}!", lookup, engine=one) for one in (bounded, freely))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["A!"] * 8
