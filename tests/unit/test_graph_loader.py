"""Every spelling an author may use comes out as one canonical workflow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import yaml

from runfold.errors import InvalidInputs, InvalidWorkflow
from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Edge
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import canonical_bytes, load_workflow, prepare, workflow_from_canonical
from runfold.graph.plan.plan import compile_plan

# The three workflows many tutorials print, in that form: braces escaped as on a web page, edges
# with `condition` or none at all, inputs not declared, short type names.
PRINTED_CONTENT = """
{
  "id": "content_pipeline", "name": "Content",
  "nodes": [
    {"id": "start", "type": "start", "name": "Start"},
    {"id": "outline", "type": "llm", "name": "Outline", "config": {
      "model": "gpt-4o", "prompt": "An outline about &#123;&#123;topic&#125;&#125;"
    &#125;&#125;,
    {"id": "draft", "type": "llm", "config": {
      "model": "gpt-4o", "prompt": "An article:\\n\\n&#123;&#123;outline.output&#125;&#125;"
    &#125;&#125;,
    {"id": "quality_check", "type": "llm", "config": {
      "prompt": "A mark from 1 to 10:\\n\\n&#123;&#123;draft.output&#125;&#125;"
    &#125;&#125;,
    {"id": "score_check", "type": "condition", "config": {
      "condition": "int(quality_check['output'].split('/')[0][-1]) >= 7",
      "true_next": "review", "false_next": "rewrite"
    &#125;&#125;,
    {"id": "rewrite", "type": "llm", "config": {
      "prompt": "&#123;&#123;quality_check.output&#125;&#125; &#123;&#123;draft.output&#125;&#125;"
    &#125;&#125;,
    {"id": "review", "type": "human", "config": {"message": "May it go out?"}},
    {"id": "end", "type": "end"}
  ],
  "edges": [
    {"source": "start", "target": "outline"},
    {"source": "outline", "target": "draft"},
    {"source": "draft", "target": "quality_check"},
    {"source": "quality_check", "target": "score_check"},
    {"source": "score_check", "target": "review", "condition": "true"},
    {"source": "score_check", "target": "rewrite", "condition": "false"},
    {"source": "rewrite", "target": "review"},
    {"source": "review", "target": "end"}
  ]
}
"""
PRINTED_SERVICE = {
    "id": "customer_service",
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "intent", "type": "llm", "config": {"prompt": "Which? {{message}}"}},
        {
            "id": "route",
            "type": "condition",
            "config": {
                "condition": "'refund' in intent['output'] or 'complaint' in intent['output']",
                "true_next": "human_agent",
                "false_next": "kb_search",
            },
        },
        {
            "id": "kb_search",
            "type": "http",
            "config": {
                "url": "http://localhost:8000/api/search",
                "method": "POST",
                "body": {"query": "{{message}}", "top_k": 3},
            },
        },
        {"id": "answer", "type": "llm", "config": {"prompt": "{{kb_search.output}} {{message}}"}},
        {"id": "human_agent", "type": "human", "config": {"message": "Please take over"}},
        {"id": "end", "type": "end"},
    ],
}
PRINTED_DATA = {
    "id": "data_pipeline",
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "fetch", "type": "http", "config": {"url": "{{api_url}}", "method": "GET"}},
        {
            "id": "clean",
            "type": "code",
            "config": {"code": "data = context['fetch']['output']['body']\nresult = data"},
        },
        {
            "id": "analyze",
            "type": "loop",
            "config": {"items": "clean", "prompt": "Look: {{item}}", "concurrency": 5},
        },
        {"id": "report", "type": "llm", "config": {"prompt": "{{analyze.output}}"}},
        {"id": "end", "type": "end"},
    ],
}


def test_a_workflow_as_printed_on_a_web_page() -> None:
    workflow, findings = prepare(PRINTED_CONTENT)
    assert set(workflow.inputs) == {"topic"}
    assert not workflow.closed_inputs
    assert Edge("score_check", "rewrite", "false") in workflow.edges
    assert Edge("review", "end", "approved") in workflow.edges
    assert {finding.level for finding in findings} == {"info"}


def test_edges_that_nobody_wrote_follow_the_order_of_the_nodes() -> None:
    workflow, findings = prepare(PRINTED_SERVICE)
    assert set(workflow.edges) == {
        Edge("start", "intent"),
        Edge("intent", "route"),
        Edge("route", "human_agent", "true"),
        Edge("route", "kb_search", "false"),
        Edge("kb_search", "answer"),
        Edge("answer", "end"),
        Edge("human_agent", "end", "approved"),
    }
    assert sum(finding.code == "edge.inferred" for finding in findings) == 7
    assert set(workflow.inputs) == {"message"}


def test_a_loop_with_a_prompt_has_a_body_of_one_model_node() -> None:
    workflow, _ = prepare(PRINTED_DATA)
    loop = next(node for node in workflow.nodes if node.id == "analyze")
    body = bodies_of(loop)[""]
    assert [(node.id, node.type) for node in body.nodes] == [("call", "llm")]
    assert set(workflow.inputs) == {"api_url"}


@pytest.mark.parametrize("source", [PRINTED_CONTENT, PRINTED_SERVICE, PRINTED_DATA])
def test_canonical_bytes_load_as_the_same_workflow(source: object) -> None:
    workflow, _ = prepare(source)
    body = canonical_bytes(workflow)
    assert workflow_from_canonical(body) == workflow
    again, findings = prepare(body)
    assert canonical_bytes(again) == body
    assert not findings


def test_yaml_and_json_are_the_same() -> None:
    yaml = "id: y\nnodes:\n  - {id: n, type: noop, timeout: 1m30s, retry: {delay: 500ms}}\n"
    document = {"id": "y", "nodes": [{"id": "n", "type": "noop", "timeout": 90}]}
    from_yaml, _ = prepare(yaml)
    from_json, _ = prepare(json.dumps(document).encode())
    assert from_yaml.nodes[0].timeout == from_json.nodes[0].timeout == 90.0
    assert from_yaml.nodes[0].retry.delay == 0.5


def test_unconnected_nodes_stay_unconnected_when_edges_are_written() -> None:
    nodes = [{"id": "a", "type": "noop"}, {"id": "b", "type": "noop"}]
    workflow, _ = prepare({"id": "w", "nodes": nodes, "edges": []})
    assert prepare(canonical_bytes(workflow))[0].edges == ()


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("retry", "fail"), ("abort", "fail"), ("skip", "skip"), ("fallback", "default_value")],
)
def test_the_short_way_to_say_what_an_error_means(strategy: str, expected: str) -> None:
    error = {"strategy": strategy, "max_retries": 2, "retry_delay": 3, "fallback_value": "x"}
    document = {"id": "w", "nodes": [{"id": "n", "type": "noop", "config": {"error": error}}]}
    node = prepare(document)[0].nodes[0]
    assert node.on_error.strategy == expected
    assert node.retry.max_attempts == (3 if strategy == "retry" else 1)
    assert "error" not in node.config


@pytest.mark.parametrize("key", ["port", "condition", "sourcePort", "source_port"])
def test_a_port_has_many_names(key: str) -> None:
    condition = {"condition": {"left": "{{x}}", "operator": "equals", "right": 1}}
    document = {
        "id": "w",
        "nodes": [
            {"id": "c", "type": "condition", "config": condition},
            {"id": "n", "type": "noop"},
        ],
        "edges": [{"from": "c", "to": "n", key: True}],
    }
    assert prepare(document)[0].edges == (Edge("c", "n", "true"),)


@pytest.mark.parametrize(
    "source", [b"", b"[]", b"nodes: {", b"\xff\xfe", b'{"id": 3}', b"id: x", b'"text"']
)
def test_what_cannot_be_read_is_a_finding(source: bytes) -> None:
    loaded = load_workflow(source)
    assert any(finding.level == "error" for finding in loaded.findings)
    with pytest.raises(InvalidWorkflow) as caught:
        prepare(source)
    assert caught.value.findings == loaded.findings


def test_inputs_are_bound_with_their_defaults() -> None:
    document = {
        "id": "w",
        "inputs": {
            "topic": {"type": "string", "required": True},
            "n": {"type": "integer", "default": 3},
            "tone": {"type": "string", "enum": ["formal", "casual"]},
        },
        "variables": {"lang": "en"},
        "nodes": [{"id": "n1", "type": "noop"}],
    }
    workflow, _ = prepare(document)
    assert bind_inputs(workflow, {"topic": "tea"}) == {"topic": "tea", "n": 3}
    assert bind_inputs(workflow, {"topic": "tea", "lang": "de"})["lang"] == "de"
    with pytest.raises(InvalidInputs) as caught:
        bind_inputs(workflow, {"n": "x", "tone": "rude", "more": 1})
    details = caught.value.details
    assert details["missing"] == ["topic"]
    assert details["surplus"] == ["more"]
    assert len(details["invalid"]) == 2


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"n": None, "b": None, "o": None, "f": None}, {"d": 3}),
        ({"n": "", "b": " ", "d": None, "a": ""}, {"d": 3, "a": ""}),
        ({"n": "12", "b": "Yes", "o": '{"k": 1}'}, {"n": 12, "b": True, "o": {"k": 1}, "d": 3}),
        ({"n": "1.5", "b": 0, "d": "0"}, {"n": 1.5, "b": False, "d": 0}),
        ({"n": 0, "b": False, "d": 7}, {"n": 0, "b": False, "d": 7}),
    ],
)
def test_a_lenient_input_takes_null_for_nothing_and_text_for_what_it_spells(
    given: dict[str, Any], taken: dict[str, Any]
) -> None:
    types = {"n": "number", "b": "boolean", "o": "object", "f": "file", "a": "string"}
    inputs = {name: {"type": type_, "lenient": True} for name, type_ in types.items()}
    inputs["d"] = {"type": "number", "lenient": True, "default": 3}
    workflow, _ = prepare({"id": "w", "inputs": inputs, "nodes": [{"id": "n1", "type": "noop"}]})
    assert bind_inputs(workflow, given) == taken


@pytest.mark.parametrize("given", [{"n": "many"}, {"n": True}, {"n": [1]}, {"must": None}])
def test_a_lenient_input_still_has_a_type_and_may_be_required(given: dict[str, Any]) -> None:
    inputs = {
        "n": {"type": "number", "lenient": True},
        "must": {"type": "string", "lenient": True, "required": True},
    }
    workflow, _ = prepare({"id": "w", "inputs": inputs, "nodes": [{"id": "n1", "type": "noop"}]})
    with pytest.raises(InvalidInputs) as caught:
        bind_inputs(workflow, {"must": "x", **given})
    details = caught.value.details
    assert len(details["invalid"]) + len(details["missing"]) == 1


def test_findings_are_data() -> None:
    findings = load_workflow({"id": "w", "nodes": [{"id": "n", "type": "nope"}]}).findings
    assert msgspec.to_builtins(findings)[0]["path"] == "nodes[0].type"


ORDERED = {"zebra": 1, "apple": {"mango": 1, "berry": [{"y": 1, "b": 2}]}, "10": 1, "9": 2}


def ordered(write: Callable[[Any], str]) -> dict[str, Any]:
    """The configuration that comes out of a document in which keys are not sorted."""
    nodes = [
        {"id": "one", "type": "json_stringify", "config": {"input": ORDERED}},
        {"id": "two", "type": "text_filter", "config": {"replace": {"b": "1", "a": "2"}}},
    ]
    variables = {"v": 1, "b": ORDERED}
    text = write({"id": "keys", "variables": variables, "inputs": {}, "nodes": nodes})
    read = workflow_from_canonical(canonical_bytes(prepare(text)[0]))
    assert list(read.variables) == ["v", "b"]
    assert list(read.nodes[1].config["replace"]) == ["b", "a"]
    return {"stored": read.nodes[0].config["input"], "planned": compile_plan(read)}


@pytest.mark.parametrize(
    "write", [json.dumps, lambda value: yaml.safe_dump(value, sort_keys=False)]
)
def test_keys_stay_in_the_order_in_which_they_are_written(write: Callable[[Any], str]) -> None:
    found = ordered(write)
    assert json.dumps(found["stored"]) == json.dumps(ORDERED)
    planned = found["planned"].nodes["one"].config["input"]
    assert json.dumps(planned) == json.dumps(ORDERED)


def test_another_order_of_keys_is_another_definition() -> None:
    def canonical(rules: str) -> bytes:
        node = f"{{id: f, type: text_filter, config: {{input: x, replace: {rules}}}}}"
        return canonical_bytes(prepare(f"id: flow\nnodes: [{node}]")[0])

    assert canonical("{a: '1', b: '2'}") == canonical("{a: '1', b: '2'}")
    assert canonical("{a: '1', b: '2'}") != canonical("{b: '2', a: '1'}")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    "text", ['{"id": "f", "name": "\\ud83d\\ude00", %s}', "id: f\nname: 😀\n%s"]
)
def test_text_is_whole_and_a_byte_order_mark_is_passed_over(mark: str, text: str) -> None:
    nodes = '"nodes": [{"id": "end", "type": "end"}]'
    source = mark + text % (nodes if text.startswith("{") else nodes.replace('"nodes"', "nodes"))
    assert prepare(source)[0].name == "😀"
    assert prepare(source.encode())[0].name == "😀"
