"""Rendering: types kept, JSON in text, errors that name the place, and no way to grow."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from runfold.errors import ExpressionFailed, ReferenceMissing
from runfold.values.references import lookup_in
from runfold.values.template_engine import freely
from runfold.values.templates import inline_template_findings, render, template_findings

VALUES: dict[str, Any] = {
    "a": {"list": [1, {"c": "x"}], "null": None, "whole": 10.0, "part": 0.5, "yes": True},
    "order": {"items": [1, 2], "total": 3},
    "s": "hé",
    "xs": [1, 2, 3],
    "big": "y" * 1000,
    "n": 3,
    "huge": 10**12,
}
LOOKUP = lookup_in(VALUES)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        ("{{a}}", VALUES["a"]),
        (" {{a.list}}\n", [1, {"c": "x"}]),
        ({"ref": "a.list[1].c"}, "x"),
        ({"k": ["{{n}}", {"deep": "{{s}}!"}], "{{n}}": 1}, {"k": [3, {"deep": "hé!"}], "{{n}}": 1}),
        ("{{a.list}} {{s}}", '[1,{"c":"x"}] hé'),
        ("[{{a.null}}|{{a.yes}}|{{a.whole}}|{{a.part}}]", "[|true|10|0.5]"),
        ("{{a.whole}}{{a.yes}}{% if true %}{{a.null}}{% endif %}", "10true"),
        ("{{order.items}} of {{order.total}}", "[1,2] of 3"),
        ("{{order.items|length}}", "2"),
        ("{{ s|upper }}", "HÉ"),
        ("{% for x in xs %}{{x * 2}},{% endfor %}", "2,4,6,"),
        ("{% for k, v in order|items %}{{k}}={{v}};{% endfor %}", "items=[1,2];total=3;"),
        ("{{ a.gone|default('d') }}", "d"),
        ("{{ gone.x.y|default('d') }}", "d"),
        ("{{ a.list[1].q.r|d('e') }}", "e"),
        ("{% if gone is defined %}1{% else %}2{% endif %}", "2"),
        ("{{ xs|join('-') }} {{ s|replace('h', 'H') }}", "1-2-3 Hé"),
        ("{{ xs[0:2] }} {{ 'x' ~ n }}", "[1,2] x3"),
        ("{{ -(n) * (n + 1) }} {{ (n + 1) * -n|abs }} {{ n*n*2 }}", "-12 12 18"),
        ("{{ a|tojson }}", '{"list":[1,{"c":"x"}],"null":null,"whole":10.0,"part":0.5,"yes":true}'),
        ("{{ '<b>' ~ s }}", "<b>hé"),
        ("{% raw %}{{x}}{% endraw %}{# note #}{{s}}\n", "{{x}}hé\n"),
        ("{{ s.upper() }} {{ order.get('total') }}", "HÉ 3"),
    ],
)
def test_render(template: Any, expected: Any) -> None:
    assert render(template, LOOKUP) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% macro m(x) %}<{{x}}>{% endmacro %}{{ m(s) }}", "<hé>"),
        (
            "{% set q = namespace(n=0) %}{% for x in xs %}{% set q.n = q.n+x %}{% endfor %}{{q.n}}",
            "6",
        ),
        ("{% with y = n * 2 %}{{ y }}{% endwith %}{% filter upper %}{{ s }}{% endfilter %}", "6HÉ"),
        ("{% for x in xs recursive %}{{ x }}{% endfor %}", "123"),
    ],
)
def test_what_makes_values_of_its_own_is_rendered_freely(template: str, expected: str) -> None:
    assert render(template, LOOKUP, engine=freely) == expected


def test_an_exact_reference_keeps_its_type() -> None:
    assert render("{{a.yes}}", LOOKUP) is True
    assert render("{{a.null}}", LOOKUP) is None


@pytest.mark.parametrize(
    "template",
    [
        "{{ 1e308 * 10 }}",
        "{{ 1e308 * 10 - 1e308 * 10 }}",
        "{{ [1e308 * 10] }}",
        "{{ {'a': -1e308 * 10}|tojson }}",
        "{{ '1e400'|float }}",
        "{{ 'nan'|float }}",
    ],
)
def test_numbers_that_json_has_not_are_refused(template: str) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        render(template, LOOKUP)
    assert raised.value.code == "expression.number"
    assert raised.value.details["expression"] == template


@pytest.mark.parametrize(
    ("template", "missing"),
    [
        ("{{gone}}", "gone"),
        ("x {{a.gone.more}}", "a.gone"),
        ("{{gone.x|upper}}", "gone"),
        ("{% if n %}{{a.list[7]}}{% endif %}", "a.list[7]"),
        ("{{ gone * 2 }}", "gone"),
        ("{{ a.keys }}", "a.keys"),
        ("{{ a.values|upper }}", "a.values"),
        ({"deep": [{"ref": "gone.output"}]}, "gone"),
    ],
)
def test_a_missing_reference_is_named(template: Any, missing: str) -> None:
    with pytest.raises(ReferenceMissing) as raised:
        render(template, LOOKUP)
    assert raised.value.details["missing"] == missing
    assert raised.value.details["reference"] in raised.value.message


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ s", "template.syntax"),
        ("{{ s|nofilter }}", "template.syntax"),
        ("{% include 'x' %}", "template.syntax"),
        ("{{ n / 0 }}", "expression.failed"),
        ("{% for x in n %}{% endfor %}", "expression.failed"),
    ],
)
def test_a_failing_template_says_which(template: str, code: str) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        render(template, LOOKUP)
    assert raised.value.code == code
    assert raised.value.details["expression"] == template


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 100000000 }}",
        "{{ huge * s }}",
        "{{ s * huge }}",
        "{{ xs * huge }}",
        "{{ n * n * s * huge }}",
        "{% for x in xs %}{{ s|upper * huge }}{% endfor %}",
        "{{ big|replace('y', big ~ big ~ big) }}",
        "{{ range(9000)|join(big) }}",
        "{% for x in range(1000) %}{{big}}{% endfor %}",
        "{% set all %}{% for x in range(1000) %}{{big}}{% endfor %}{% endset %}",
        "{% for x in range(9999) %}{% for y in range(9999) %}{% endfor %}{% endfor %}",
    ],
)
def test_growth_is_stopped(template: str) -> None:
    with pytest.raises(ExpressionFailed):
        render(template, LOOKUP)
    with pytest.raises(ExpressionFailed):
        render(template, LOOKUP, engine=freely)


def test_the_limit_counts_plain_text_too() -> None:
    with pytest.raises(ExpressionFailed) as raised:
        render("{{big}}{{big}}", LOOKUP, limit=1999)
    assert raised.value.code == "template.too_long"
    assert len(render("{{big}}{{big}}", LOOKUP, limit=2000)) == 2000


@pytest.mark.parametrize(
    "template",
    [
        "{{ a.pop('list') }}",
        "{{ xs.append(1) }}",
        "{{ a.__class__ }}",
        "{{ a.__getattribute__('__class__') }}",
        "{{ (a|attr('pop'))('list') }}",
        "{% set f = a.pop %}{{ f('list') }}",
        "{{ a['pop']('list') }}",
        "{{ debug() }}",
    ],
)
def test_values_cannot_be_changed_nor_left(template: str) -> None:
    before = copy.deepcopy(VALUES)
    with pytest.raises((ExpressionFailed, ReferenceMissing)):
        render(template, LOOKUP, engine=freely)
    assert before == VALUES


def test_findings_before_any_value_is_known() -> None:
    assert template_findings("fine {{a.b}} {{ c|upper }}") == []
    assert "end of input" in template_findings("{{ a")[0]
    assert "'pop'" in template_findings("{{ a.pop() }}")[0]


@pytest.mark.parametrize(
    ("template", "count"),
    [
        ("{{a}} {{ b|upper }}{% for x in a %}{{x}}{% endfor %}", 0),
        ("{{ a * 2 }}", 1),
        ("{{ 2 ** a }}", 1),
        ("{% for x in range(9) %}{% endfor %}", 1),
        ("{% set x = 1 %}", 1),
        ({"deep": ["{% macro m() %}{% endmacro %}"]}, 1),
    ],
)
def test_what_the_scheduler_may_render(template: Any, count: int) -> None:
    assert bool(inline_template_findings(template)) == bool(count)
