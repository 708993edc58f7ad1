"""The profile `dify`: how values are written into text, and what stands for what is not there."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.values.files import FileValue
from runfold.values.paths import lookup_in
from runfold.values.template_engine import freely
from runfold.values.templates import (
    AsNeeded,
    AsPrinted,
    AsText,
    render,
    render_text,
    template_findings,
)

PAGE = FileValue("0" * 64, "page.pdf", "application/pdf", 3).value()
PICTURE = FileValue("1" * 64, "a.png", "image/png", 3).value()
VALUES: dict[str, Any] = {
    "node": {
        "text": "hi",
        "null": None,
        "list": ["a"],
        "object": {"k": 1},
        "n": 2,
        "whole": 2.0,
        "floats": [1.0, 0.5],
    },
    "1732": {"x": {"y": "deep"}},
}


def written(value: Any, form: Any = "text") -> str:
    return render_text("{{v}}", lookup_in({"v": value}), profile="dify", form=form)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("as it is", "as it is"),
        (True, "True"),
        (False, "False"),
        (1, "1"),
        (1.0, "1.0"),
        (2.5, "2.5"),
        (1e20, "1e+20"),
        (
            {"key": "日本", "n": 1.0, "b": True, "x": None},
            '{"key": "日本", "n": 1.0, "b": true, "x": null}',
        ),
        (["a", "ü"], '["a", "ü"]'),
        ([1, 2.0], "[1, 2.0]"),
        ([True, None], "[True, None]"),
        ([{"a": "b"}], "[{'a': 'b'}]"),
        (["a", 1], "['a', 1]"),
        ([], ""),
        ({}, "{}"),
        (PAGE, ""),
        ([PAGE, PICTURE], ""),
    ],
)
def test_a_value_in_text(value: Any, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "True"),
        (3.0, "3.0"),
        ({"a": [1]}, '{\n  "a": [\n    1\n  ]\n}'),
        (["x", 1, {"a": "b"}], "- x\n- 1\n- {'a': 'b'}"),
        ([], ""),
        (PAGE, f"[page.pdf](/api/files/{'0' * 64})"),
        ([PICTURE, PAGE], f"![a.png](/api/files/{'1' * 64})\n[page.pdf](/api/files/{'0' * 64})"),
    ],
)
def test_a_value_in_an_answer(value: Any, text: str) -> None:
    assert written(value, "answer") == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("a {{node.text}} b", "a hi b"),
        ("{{node.gone}}", "node.gone"),
        ("x{{gone.a.b}}y", "xgone.a.by"),
        ("{{1732.x.y}} {{1732.x.z}} {{1732.x.y.z}}", "deep 1732.x.z 1732.x.y.z"),
        ("{{_['a-b'].c}}", "a-b.c"),
        ("[{{node.null}}]", "[]"),
        ("node.text", "hi"),
        ("node.n{{node.null}}node.gone", "2node.gone"),
        ("say node.text{{node.text}}", "say node.texthi"),
        ("1732.x.y", "deep"),
        ("3.5", "3.5"),
    ],
)
def test_a_reference_that_leads_nowhere_is_itself_without_braces(template: str, text: str) -> None:
    assert render_text(template, lookup_in(VALUES), profile="dify") == text


def test_a_lone_reference_is_text_where_text_is_meant_and_null_elsewhere() -> None:
    lookup = lookup_in(VALUES)
    given = [AsText("{{node.gone}}"), "{{node.gone}}", AsText("{{node.n}}"), "{{node.n}}"]
    assert render(given, lookup, profile="dify") == ["node.gone", None, "2", 2]
    assert render([AsText("{{node.list}}"), "{{node.list}}"], lookup, profile="dify") == [
        '["a"]',
        ["a"],
    ]
    with pytest.raises(Exception, match="gone"):
        render(AsNeeded("{{node.gone}}"), lookup, profile="dify")
    assert render(AsNeeded("{{node.null}}"), lookup, profile="dify") is None


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{node.list}} {{node.object}}", "['a'] {'k': 1}"),
        ("{{node.null}}", "None"),
        ("{{gone}}", ""),
        ("{% set x = node.gone|default(none) %}{{ x }} {{ nothing }}.", "None ."),
        ("{% for i in node.list %}{{ loop.index }}{{ i }}{% endfor %}", "1a"),
        ("{% if node.gone %}y{% else %}n{% endif %}", "n"),
        ("{{ node.list|join('-') }}{{ [1, True, none]|join(' ') }}", "a1 True None"),
        ("{{ {'b': '<', 'a': node.whole}|tojson }}", '{"a": 2.0, "b": "\\u003c"}'),
        ("{% set x = node.whole %}{{ x }} {{ [x] }}{% if x %}!{% endif %}", "2.0 [2.0]!"),
        ("{% for i in node.floats %}{{ i }} {% endfor %}", "1.0 0.5 "),
        ("{{ node.floats }} {{ node.floats|join('|') }}", "[1.0, 0.5] 1.0|0.5"),
        ("{{ node.text.replace('h', 'j') }} {{ ', '.join(node.list + node.list) }}", "ji a, a"),
        ("{{ '{}!'.format(node.text) }}{{ 'a b'|wordcount }}{{ 'a'|center(3) }}.", "hi!2 a ."),
        ("{{ node.text == 'hi' }} {{ node.n * 1.5 + node.whole }}", "True 5"),
        ("{# none #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_a_template_of_jinja_prints_as_python_does(template: str, text: str) -> None:
    assert template_findings(template, "dify") == []
    lookup = lookup_in(VALUES)
    assert render(AsPrinted(template), lookup, profile="dify", engine=freely) == text


def test_methods_that_make_text_of_any_length_are_called_apart_and_by_this_profile_alone() -> None:
    template = "{{ node.text.replace('h', 'hh') }}"
    assert template_findings(template) != []
    with pytest.raises(ExpressionFailed) as raised:
        render(AsPrinted(template), lookup_in(VALUES), profile="dify")
    assert raised.value.code == "template.too_long"
