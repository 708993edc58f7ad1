"""References: their syntax, where they are found, and how they are followed."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import ExpressionFailed, ReferenceMissing
from runfold.values.references import (
    Ref,
    exact_ref,
    lookup_in,
    parse_ref,
    prune,
    references_in,
    resolve,
)

VALUES: dict[str, Any] = {
    "outline": {"output": "text", "status": "succeeded"},
    "fetch": {"output": {"body": [{"id": 7}, {"id": 8}], "first name": "Ann"}, "status": "x"},
    "topic": "tea",
    "nothing": None,
}
LOOKUP = lookup_in(VALUES)


def found(value: Any, raw: tuple[str, ...] = ()) -> list[str]:
    return [ref.text for ref in references_in(value, raw=raw)]


@pytest.mark.parametrize(
    ("text", "root", "path"),
    [
        ("topic", "topic", ()),
        (" outline.output ", "outline", ("output",)),
        ("a.b[0].c", "a", ("b", 0, "c")),
        ("a['b']", "a", ("b",)),
        ('a["b c"][-1]', "a", ("b c", -1)),
        ("a.0.b", "a", (0, "b")),
        ("节点.输出", "节点", ("输出",)),
        ("node-1.output", "node-1", ("output",)),
    ],
)
def test_plain_paths(text: str, root: str, path: tuple[str | int, ...]) -> None:
    ref = parse_ref(text)
    assert (ref.root, ref.path, ref.text) == (root, path, text.strip())


@pytest.mark.parametrize(
    "text", ["", "1e5", "1.5", "a.", "a\u2019s", "a b", "a[b]", "a|upper", "a()", "a['b"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        parse_ref(text)
    assert raised.value.code == "reference.syntax"


@pytest.mark.parametrize(
    ("value", "root"),
    [
        ("{{outline.output}}", "outline"),
        ("  {{ topic }}\n", "topic"),
        ({"ref": "fetch.output"}, "fetch"),
        ("{{topic}}!", None),
        ("{{topic|upper}}", None),
        ("{{true}}", None),
        ("topic", None),
        ({"ref": "a git branch"}, None),
        ({"ref": "a", "more": 1}, None),
        (7, None),
    ],
)
def test_exact_references(value: Any, root: str | None) -> None:
    ref = exact_ref(value)
    assert (ref.root if ref else None) == root


def test_references_are_found_anywhere_once_and_in_order() -> None:
    config = {
        "prompt": "About {{topic}}: {{outline.output}} and {{ topic }}",
        "body": {"list": ["{{fetch.output.body[0].id}}", {"ref": "other.output"}]},
        "number": 3,
    }
    assert found(config) == ["topic", "outline.output", "fetch.output.body[0].id", "other.output"]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{% for x in rows.items %}{{x.name}}{{loop.index}}{{other}}{% endfor %}",
            "rows.items other",
        ),
        ("{% set g = a.b %}{{g.c}}", "a.b"),
        ("{% set g %}{{a}}{% endset %}{{g}}", "a"),
        ("{% macro m(p, q=d) %}{{p}}{{q}}{% endmacro %}{{m(z)}}", "d z"),
        ("{{ a['k'].z | default(q) }}", "a['k'].z q"),
        ("{{ rows[0:2] }}{{ rows[i] }}", "rows i"),
        ("{{ d.items() }}{{ d.keys()|list }}", "d"),
        ("{{ 'text {{ not }}' ~ a }}", "a"),
        ("{# {{gone}} #}{{a}}{% raw %}{{raw}}{% endraw %}", "a"),
        ("{{ a if b is defined and c not in d else none }}", "a b c d"),
        ("{{ x|join(attribute='name') }}{{ {'k': v} }}", "x v"),
        ("{%- if a -%}1{%- endif -%}", "a"),
        ("{{ loop.output }}{{ from }}", "loop.output from"),
    ],
)
def test_names_of_a_templates_own_are_no_references(template: str, expected: str) -> None:
    assert " ".join(found(template)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = context['fetch']['output']['body']", [("fetch", ("output", "body"))]),
        ("x = context['fetch']['output'][-1][i]", [("fetch", ("output", -1))]),
        ("context.get('a')['b']\ncontext['c']", [("a", ()), ("c", ())]),
        ("if 'a' in context:\n    pass", [("a", ())]),
        ("for k in context:\n    pass", [("*", ())]),
        ("context[name]", [("*", ())]),
        ("def main(params):\n    return {}", []),
        ("not python (", []),
        ("'{{not.a.template}}'", []),
    ],
)
def test_code_refers_by_context(code: str, expected: list[tuple[str, Any]]) -> None:
    refs = references_in({"code": code, "params": {}}, raw=("code",))
    assert [(ref.root, ref.path) for ref in refs] == expected


def test_params_beside_code_are_templates() -> None:
    config = {"code": "context['a']", "params": {"p": "{{b.output}}"}}
    assert [ref.root for ref in references_in(config, raw=("code",))] == ["a", "b"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{{score}} > 0.8", "score"),
        ("int(check['output'].split('/')[0]) >= 7", "check['output']"),
        ("'refund' in intent['output'] or x.y", "intent['output'] x.y"),
        ("any(i['ok'] for i in rows) and len({{a.b}}) > n", "rows a.b n"),
        ("input['output'] == filter.output and len(str(n)) > 1", "input['output'] filter.output n"),
        ("not python (", ""),
        ({"left": "{{a.b}}", "operator": "exists"}, "a.b"),
        ({"or": [{"field": {"ref": "p"}, "operator": "=", "value": "{{q}}"}]}, "p q"),
    ],
)
def test_conditions_refer_by_name(condition: Any, expected: str) -> None:
    assert " ".join(found({"condition": condition}, raw=("condition",))) == expected


def test_branches_mix_text_and_structure() -> None:
    config = {
        "branches": [
            {"id": "a", "condition": "score['output'] > 1"},
            {"id": "b", "condition": {"left": "{{topic}}", "operator": "equals", "right": "b"}},
        ]
    }
    assert found(config, raw=("branches",)) == ["score['output']", "topic"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("topic", "tea"),
        ("outline.output", "text"),
        ("fetch.output.body[-1].id", 8),
        ("fetch.output.body.0.id", 7),
        ("fetch.output['first name']", "Ann"),
        ("nothing", None),
    ],
)
def test_resolve(text: str, value: Any) -> None:
    assert resolve(parse_ref(text), LOOKUP) == value


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("gone.output", "gone"),
        ("fetch.output.bdy.x", "fetch.output.bdy"),
        ("fetch.output.body[2].id", "fetch.output.body[2]"),
        ("nothing.more", "nothing.more"),
        ("topic.length", "topic.length"),
    ],
)
def test_a_missing_part_is_named(text: str, missing: str) -> None:
    with pytest.raises(ReferenceMissing) as raised:
        resolve(parse_ref(text), LOOKUP)
    assert raised.value.details == {"reference": text, "missing": missing}
    assert text in raised.value.message


def test_prune_keeps_what_is_referred_to() -> None:
    refs = references_in(
        "{{outline.output}} {{fetch.output.body}} {{fetch.status}} {{topic}} {{gone.x}}"
        " {{fetch.gone}} {{env.HOME}} {{secrets.KEY}}"
    )
    assert prune((*refs, Ref("*")), LOOKUP) == {
        "outline": {"output": "text"},
        "fetch": {"output": VALUES["fetch"]["output"], "status": "x"},
        "topic": "tea",
    }


def test_prune_takes_a_whole_value_when_it_is_meant() -> None:
    assert prune(references_in("{{fetch.output.body}} {{fetch}}"), LOOKUP) == {
        "fetch": VALUES["fetch"]
    }
