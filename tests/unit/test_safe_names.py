"""Awkward names of a workflow are respelled for templates and expressions, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from runfold.graph.safe_names import with_safe_names

NAMES = ("a-b", "1st", "2024", "in", "true", "审核")


def respelled(template: str, kind: str = "template", field: str = "template") -> Any:
    nodes = [{"id": name, "type": "noop"} for name in NAMES]
    node = {"id": "n", "type": kind, "config": {field: template}}
    edges = [{"source": name, "target": "n"} for name in NAMES]
    document = {"id": "w", "inputs": {}, "nodes": [*nodes, node], "edges": edges}
    workflow = load_workflow(document).workflow
    assert workflow is not None
    return with_safe_names(workflow).nodes[-1].config[field]


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("{{ a-b.output | upper }}", "{{ _['a-b'].output | upper }}"),
        ("{{a-b['x'] ~ 1st.output}}", "{{_['a-b']['x'] ~ _['1st'].output}}"),
        (
            "{% if true.output and true %}x{% endif %}",
            "{% if _['true'].output and true %}x{% endif %}",
        ),
        ("{{ true['x'] | upper }}", "{{ _['true']['x'] | upper }}"),
        ("{{ 'x' in in.output }}", "{{ 'x' in _['in'].output }}"),
        ("{{ 'x' in ['a', in.output] }}", "{{ 'x' in ['a', _['in'].output] }}"),
        ("{{ 2024.output | int + 2024 }}", "{{ _['2024'].output | int + 2024 }}"),
        (
            "{% if 2024['x y'] > 2024.5 %}{% endif %}",
            "{% if _['2024']['x y'] > 2024.5 %}{% endif %}",
        ),
        # What is quoted, raw, a comment, a key, or another name stays.
        ("{{ 'a-b.output' | upper }}", "{{ 'a-b.output' | upper }}"),
        ("{% raw %}{{ a-b | upper }}{% endraw %}", "{% raw %}{{ a-b | upper }}{% endraw %}"),
        ("{# {{ a-b | x }} #}{{ 1 + 1 }}", "{# {{ a-b | x }} #}{{ 1 + 1 }}"),
        ("{{ x.a-b | upper }}", "{{ x.a-b | upper }}"),
        ("{{ a - b | upper }}", "{{ a - b | upper }}"),
        ("{{ 审核.output | upper }}", "{{ 审核.output | upper }}"),
        ("a-b.output 1st.output", "a-b.output 1st.output"),
        ("{{a-b.output}} and {{1st.output}}", "{{a-b.output}} and {{1st.output}}"),
        ("{{ a-b.output | upper", "{{ a-b.output | upper"),
    ],
)
def test_names_in_templates(written: str, made: str) -> None:
    assert respelled(written) == made


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("a-b.output > 1", "_['a-b'].output > 1"),
        ("int(1st['x']) in in.output", "int(_['1st']['x']) in _['in'].output"),
        ("true.output is true", "_['true'].output is true"),
        (
            "{{a-b.output}} > 1 and 'a-b' != a-b.output",
            "{{a-b.output}} > 1 and 'a-b' != _['a-b'].output",
        ),
        ("审核.output > 1", "审核.output > 1"),
    ],
)
def test_names_in_expressions(written: str, made: str) -> None:
    assert respelled(written, "condition", "condition") == made


def test_programs_are_left_alone() -> None:
    program = "a-b.output\nresult = context['a-b']['output']"
    assert respelled(program, "code", "code") == program


def test_names_of_inputs_variables_and_bodies_are_respelled_in_keys_and_bodies() -> None:
    body = {"id": "1st", "type": "template", "config": {"template": "{{ my-rows | upper }}"}}
    last = {"id": "l", "type": "template", "config": {"template": "{{ 1st.output ~ so-far }}"}}
    document = {
        "id": "w",
        "inputs": {"my-rows": {"type": "array"}},
        "variables": {"so-far": 0},
        "settings": {"concurrency": {"key": "{{ my-rows | length }}"}},
        "nodes": [
            {"id": "each", "type": "loop", "config": {"items": "my-rows", "nodes": [body, last]}},
            {"id": "x", "type": "template", "config": {"template": "x"}}
            | {
                "idempotency_key": "{{ so-far | upper }}",
                "cache": {"key": "{{ my-rows | first }}", "ttl": 1},
            },
        ],
    }
    workflow, _ = prepare(document)
    safe = with_safe_names(workflow)
    first, second = safe.nodes[0].config["nodes"]
    assert first["config"]["template"] == "{{ _['my-rows'] | upper }}"
    assert second["config"]["template"] == "{{ _['1st'].output ~ _['so-far'] }}"
    assert safe.nodes[0].config["items"] == "my-rows"
    assert safe.nodes[1].idempotency_key == "{{ _['so-far'] | upper }}"
    assert safe.nodes[1].cache is not None
    assert safe.nodes[1].cache.key == "{{ _['my-rows'] | first }}"
    assert safe.settings.concurrency is not None
    assert safe.settings.concurrency.key == "{{ _['my-rows'] | length }}"
    kept = workflow.nodes[0].config["nodes"][0]["config"]
    assert kept == body["config"], "what the author wrote stays"


def test_messages_name_what_the_author_wrote() -> None:
    nodes = [
        {"id": "a-b", "type": "template", "config": {"template": "x"}},
        {"id": "n", "type": "template", "config": {"template": "{{ a-b.nothing | upper }}"}},
    ]
    found = load_workflow({"id": "w", "nodes": nodes}).findings
    errors = [one.message for one in found if one.level == "error"]
    assert errors == ["'a-b.nothing': template 'a-b' has no output 'nothing'"]


def test_a_workflow_without_such_names_is_itself() -> None:
    workflow, _ = prepare({"id": "w", "nodes": [{"id": "a", "type": "noop"}]})
    assert with_safe_names(workflow) is workflow
    assert compile_plan(workflow).nodes["a"].config is workflow.nodes[0].config
