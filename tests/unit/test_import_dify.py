"""Documents of Dify as definitions: what becomes of what people write, old forms and odd ones."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from runfold.graph.loader import load_workflow
from runfold.importers.dify import IMPORTER
from runfold.importers.dify.kinds import KINDS
from runfold.importers.dify.node_types import NOTE, REAL
from runfold.importers.importer import Context
from runfold.importers.importing import finished
from runfold.importers.report import Imported, Line
from tests.support import dify_documents as d
from tests.support.dify_documents import Object

CHAT = "advanced-chat"
FROM, TO = ("s", "x"), ("x", "e")


def imported(document: Any, **context: Any) -> Imported:
    """A document as it comes out, fit to be stored without any mending."""
    made = IMPORTER.read(document, Context(name="file", **context))
    errors = [one for one in load_workflow(without_origin(made)).findings if one.level == "error"]
    assert errors == []
    return finished(made, json.dumps(document), beside=context.get("callable", {}).values())


def without_origin(made: Imported) -> Object:
    return {key: value for key, value in made.definition.items() if key != "origin"}


def around(node: Object, *more: Object, mode: str = "workflow", **rest: Any) -> Object:
    """A document with one node between start and end."""
    start = d.start(("q", "text-input", False))
    return d.document([start, node, *more, d.end()], [FROM, TO], mode, **rest)


def node_of(made: Imported, node_id: str) -> Object:
    return next(one for one in made.definition["nodes"] if one["id"] == node_id)


def line_of(made: Imported, node_id: str) -> Line:
    return next(line for line in made.report if line.node == node_id)


# --- recognising ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        {"app": {"mode": "chat"}, "model_config": {"pre_prompt": "x"}},
        {"workflow": {"graph": {"nodes": [], "edges": []}}},
        {"graph": {"nodes": [d.start()], "edges": []}},
        {"app": {"mode": CHAT}, "workflow": {"nodes": [{"id": "a", "type": "start", "data": {}}]}},
    ],
)
def test_a_document_is_known_by_what_is_in_it(document: Object) -> None:
    assert IMPORTER.recognises(document)


@pytest.mark.parametrize(
    "document",
    [
        *(None, [], "app", 1, {}, {"app": "x"}),
        {"nodes": [{"id": "a", "type": "llm", "config": {"prompt": "x"}}]},
        {"nodes": [{"name": "A", "type": "n8n-nodes-base.set", "parameters": {}}]},
        {"nodes": [{"id": "1", "type": "1", "meta": {}, "data": {"nodeMeta": {}}}]},
    ],
)
def test_other_documents_are_not(document: Any) -> None:
    assert not IMPORTER.recognises(document)


# --- older and odd forms --------------------------------------------------------------------------


def test_a_node_whose_own_type_says_what_it_is_and_whose_data_is_flat() -> None:
    nodes = [
        {"id": "s", "type": "start", "title": "Begin", "data": {"variables": [{"name": "q"}]}},
        {"id": "e", "type": "end", "outputs": [{"name": "v", "value_selector": ["s", "q"]}]},
    ]
    workflow = {"nodes": nodes, "edges": [{"source": "s", "target": "e"}]}
    made = imported({"app": {"mode": "workflow", "name": "Flat"}, "workflow": workflow})
    assert made.status == "complete"
    assert node_of(made, "s")["name"] == "Begin"
    assert node_of(made, "e")["config"] == {"outputs": {"v": "{{s.q}}"}}


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("if_else", "if-else"),
        ("human-review", "human-input"),
        ("logger", "code"),
        ("rule-engine", "if-else"),
    ],
)
def test_a_type_that_dify_never_had_is_said_with_the_nearest(written: str, near: str) -> None:
    made = imported(around(d.node("x", written)))
    line = line_of(made, "x")
    assert line.result != "mapped"
    assert repr(near) in line.reason
    assert line_of(made, "e").result == "mapped"


def test_an_older_name_of_the_aggregator() -> None:
    made = imported(
        around(d.node("x", "variable-assigner", variables=[["s", "q"], ["sys", "user_id"]]))
    )
    values = ["{{s.q}}", "{{sys.user_id}}"]
    assert node_of(made, "x")["config"] == {"values": values}


def test_a_branch_of_old_has_no_cases() -> None:
    legacy = d.node("x", "if-else", logical_operator="or", conditions=[d.condition("s.q", "empty")])
    document = d.document([d.start(), legacy, d.end()], [FROM, ("x", "e", "true")])
    config = node_of(imported(document), "x")["config"]
    condition = {"or": [{"left": "{{s.q}}", "operator": "empty"}]}
    assert config == {"branches": [{"id": "true", "condition": condition}]}


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("greater than", "number", ">"),
        ("not equal", "string", "is_not"),
        ("not equal", "number", "not_equals"),
        ("is empty", "string", "empty"),
        ("", "string", "is"),
        ("≥", "number", ">="),
    ],
)
def test_operators_as_words(written: str, kind: str, name: str) -> None:
    branch = d.if_else("x", ("true", [d.condition("s.q", written, "1", kind)]))
    made = imported(d.document([d.start(), branch, d.end()], [FROM, ("x", "e", "true")]))
    condition = node_of(made, "x")["config"]["branches"][0]["condition"]
    assert condition["and"][0]["operator"] == name
    assert line_of(made, "x").result == ("mapped" if written == "≥" else "approximated")


def test_edges_without_a_handle_twice_over_a_border_in_a_circle_and_into_nothing() -> None:
    inner = d.template("t", "x")
    nodes = [d.start(), *d.iteration("s.l", "t.output"), {**inner, "parentId": "I"}, d.end()]
    document = d.document(nodes, [("s", "I"), ("s", "I"), ("Is", "t"), ("I", "e")])
    edges = document["workflow"]["graph"]["edges"]
    edges += [d.edge("t", "e"), d.edge("e", "I", None), d.edge("e", "gone"), {"source": 5}]
    made = imported(document)
    assert made.definition["edges"] == [
        {"source": "s", "target": "I"},
        {"source": "I", "target": "e"},
    ]
    assert "crosses the border" in line_of(made, "t").reason
    assert "circle" in line_of(made, "e").reason
    assert "'gone'" in line_of(made, "e").reason


def test_what_nothing_leads_to_is_left_out_and_said() -> None:
    document = around(d.template("x", "a"), d.template("lost", "b"))
    made = imported(document)
    assert {one["id"] for one in made.definition["nodes"]} == {"s", "x", "e"}
    assert "never runs" in line_of(made, "lost").reason


def test_a_graph_without_a_start_begins_where_nothing_leads() -> None:
    document = d.document([d.template("t", "a"), d.end(v="t.output")], [("t", "e")])
    made = imported(document)
    assert [one["id"] for one in made.definition["nodes"]] == ["t", "e"]


def test_a_note_is_kept_as_a_note() -> None:
    note = {"id": "n", "type": "custom-note", "data": {"type": "", "text": "Look here."}}
    made = imported(around(d.template("x", "a"), note))
    assert line_of(made, "n") == Line("n", "custom-note", "mapped", "kept as a note")
    assert made.definition["origin"]["notes"][0]["text"] == "Look here."


def test_later_versions_are_read_and_said() -> None:
    document = around(d.template("x", "a")) | {"version": "2.0.0"}
    assert "2.0.0" in imported(document).report[0].reason
    assert imported({**document, "version": "0.1"}).report[0].reason == ""


def test_words_and_hyphens_as_ids_and_two_nodes_of_one_id() -> None:
    nodes = [
        d.start(("llm", "text-input", True), node_id="the-start"),
        d.template("llm", "{{v}}", variables={"v": "the-start.llm"}),
        d.template("llm", "again"),
        d.node("a", "answer", answer="{{#llm.output#}} {{#the-start.llm#}}"),
    ]
    made = imported(d.document(nodes, [("the-start", "llm"), ("llm", "a")], CHAT))
    assert node_of(made, "a")["config"]["answer"] == "{{llm_2.output}} {{the-start.llm}}"
    assert [line.node for line in made.report] == ["the-start", "llm", "a", "llm"]


# --- what cannot be had here ----------------------------------------------------------------------


SEARCH = {
    "provider_id": "langgenius/google/google",
    "provider_type": "builtin",
    "tool_name": "search",
    "tool_parameters": {"q": {"type": "mixed", "value": "about {{#s.q#}}"}},
    "tool_configurations": {"pages": 2},
}


def test_a_tool_of_a_service_waits_for_a_binding() -> None:
    made = imported(around(d.node("x", "tool", **SEARCH)))
    assert made.status == "approximated"
    assert [(need.kind, need.name, need.nodes) for need in made.needs] == [
        ("tool", "google/search", ("x",))
    ]
    config = node_of(made, "x")["config"]
    assert config["parameters"] == {"pages": 2, "q": "about {{s.q}}"}


def test_a_bound_tool_is_read_by_the_outputs_that_it_has_then() -> None:
    body = {
        "type": "http_request",
        "config": {"url": "http://x.example/", "params": {"q": "{{param.q}}"}},
    }
    document = d.document([d.start(), d.node("x", "tool", **SEARCH), d.end(v="x.text")], [FROM, TO])
    made = imported(document, bindings={"google/search": body})
    assert node_of(made, "e")["config"]["outputs"] == {"v": "{{x.body}}"}


def test_a_workflow_tool_calls_what_is_imported_beside() -> None:
    called = {"provider_id": "w-1", "provider_type": "workflow", "tool_name": "shout"}
    made = imported(around(d.node("x", "tool", **called)), callable={"shout": "Shout"})
    assert node_of(made, "x")["config"] == {"workflow": "Shout", "inputs": {}}


def test_a_tool_of_an_mcp_server_is_called_there() -> None:
    called = {"provider_id": "maps", "provider_type": "mcp", "tool_name": "route"}
    made = imported(around(d.node("x", "tool", **called)))
    assert node_of(made, "x")["config"] == {"server": "maps", "tool": "route", "arguments": {}}
    assert [need.kind for need in made.needs] == ["connection"]


RETRIEVAL = {
    "dataset_ids": ["VtQ0/9aK2W1n"],
    "query_variable_selector": ["s", "q"],
    "multiple_retrieval_config": {"top_k": 3},
}


def test_knowledge_has_to_be_bound() -> None:
    document = around(d.node("x", "knowledge-retrieval", **RETRIEVAL))
    made = imported(document)
    assert node_of(made, "x")["type"] == "placeholder"
    assert "VtQ0/9aK2W1n" in line_of(made, "x").reason
    bound = imported(document, bindings={"VtQ0/9aK2W1n": "handbook"})
    assert bound.status == "complete"
    config = {"query": "{{s.q}}", "bases": ["handbook"], "top_k": 3}
    assert node_of(bound, "x")["config"] == config


def test_models_are_mapped_or_left_to_the_default() -> None:
    document = around(d.llm("x", ("user", "hi")))
    made = imported(document)
    assert [(need.kind, need.name) for need in made.needs] == [("model", "openai/gpt-4o-mini")]
    mapped = imported(document, models={"openai/gpt-4o-mini": "local/llama"})
    assert node_of(mapped, "x")["config"]["model"] == "local/llama"
    assert mapped.needs == ()


def test_what_a_strategy_of_others_has_of_its_own_is_said() -> None:
    parameters = {
        "query": {"type": "constant", "value": "{{#s.q#}}"},
        "model": {"type": "constant", "value": {"model": "m", "provider": "p"}},
        "mcp_server": {"type": "constant", "value": "https://mcp.example.com/sse"},
        "information_schema": {"type": "constant", "value": "{}"},
        "storage_key": {"type": "constant", "value": ""},
    }
    node = d.node("x", "agent", agent_strategy_name="TOD", agent_parameters=parameters)
    made = imported(around(node))
    (line,) = [one for one in made.report if one.node == "x"]
    assert line.result == "approximated"
    for said in ("'TOD'", "TOD/mcp_server", "not used: information_schema"):
        assert said in line.reason
    assert ("tool", "TOD/mcp_server") in {(need.kind, need.name) for need in made.needs}
    bound = imported(
        around(node), bindings={"TOD/mcp_server": {"type": "mcp", "config": {"server": "maps"}}}
    )
    assert node_of(bound, "x")["config"]["tools"] == [
        {"name": "mcp_server", "type": "mcp", "config": {"server": "maps"}}
    ]


def test_an_agent_goes_without_tools_that_are_not_bound() -> None:
    tools = [
        {**SEARCH, "type": "builtin", "enabled": True},
        {"provider_name": "time", "tool_name": "current_time", "type": "builtin"},
        {"provider_name": "off", "tool_name": "off", "enabled": False},
    ]
    parameters = {
        "query": {"type": "constant", "value": "{{#sys.query#}}"},
        "instruction": {"type": "constant", "value": "For {{destination}}."},
        "model": {"type": "constant", "value": {"provider": "openai", "model": "gpt-4o"}},
        "tools": {"type": "constant", "value": tools},
    }
    made = imported(around(d.node("x", "agent", agent_parameters=parameters), mode=CHAT))
    config = node_of(made, "x")["config"]
    assert [tool["name"] for tool in config["tools"]] == ["current_time"]
    assert config["system_prompt"] == "For {{braces.open}}{destination}}."
    assert {need.name for need in made.needs} == {"openai/gpt-4o", "google/search"}


def test_python_that_the_sandbox_has_not_asks_for_the_full_runtime() -> None:
    program = "import pandas\n\ndef main():\n    return {'v': 1}\n"
    made = imported(around(d.code("x", program, {"v": "number"})))
    assert node_of(made, "x")["config"]["runtime"] == "full"
    assert "pandas" in line_of(made, "x").reason


def test_code_without_a_language_is_read_as_what_it_looks_like() -> None:
    script = d.code("x", "function main({a}) { return {v: a} }", {"v": "any"}, code_language="")
    assert node_of(imported(around(script)), "x")["config"]["language"] == "javascript"


def test_a_key_that_looks_live_is_warned_of_and_not_printed() -> None:
    key = "sk-" + "a1B2" * 8
    request = d.node(
        "x", "http-request", url="http://x.example/", headers=f"Authorization: Bearer {key}"
    )
    made = imported(around(request))
    line = line_of(made, "x")
    assert line.result == "mapped"
    assert "secret" in line.reason
    assert not [one for one in made.report if key in one.reason]
    program = f"KEY = '{key}'\n\ndef main():\n    return {{'v': KEY}}\n"
    assert "secret" in line_of(imported(around(d.code("x", program, {"v": "string"}))), "x").reason


def test_secrets_of_the_environment_are_needed_here() -> None:
    variables = [d.variable("KEY", "secret", ""), d.variable("base", "string", "http://x.example")]
    authorization = {"type": "api-key", "config": {"type": "bearer", "api_key": "{{#env.KEY#}}"}}
    request = d.node("x", "http-request", url="{{#env.base#}}/a", authorization=authorization)
    made = imported(around(request, environment=variables))
    config = node_of(made, "x")["config"]
    assert config["auth"] == {"type": "bearer", "token": "{{secrets.KEY}}"}
    assert config["url"] == "{{env.base}}/a"
    assert [(need.kind, need.name) for need in made.needs] == [("secret", "KEY")]


@pytest.mark.parametrize(
    ("settings", "auth", "headers"),
    [
        (
            {"type": "basic", "api_key": "{{#env.base#}}:{{#env.KEY#}}"},
            {"type": "basic", "username": "{{env.base}}", "password": "{{secrets.KEY}}"},
            {},
        ),
        ({"type": "basic", "api_key": "bTpw"}, None, {"Authorization": "Basic bTpw"}),
        ({"type": "basic", "api_key": "m:p", "header": "X-Auth"}, None, {"X-Auth": "Basic bTpw"}),
        ({"type": "bearer", "api_key": "t", "header": "X-Auth"}, None, {"X-Auth": "Bearer t"}),
        (
            {"type": "custom", "api_key": "{{#env.KEY#}}", "header": "X-Auth"},
            {"type": "api_key", "name": "X-Auth", "value": "{{secrets.KEY}}"},
            {},
        ),
    ],
)
def test_who_asks_is_said_in_the_header_that_is_named(
    settings: Object, auth: Object | None, headers: Object
) -> None:
    variables = [d.variable("KEY", "secret", ""), d.variable("base", "string", "someone")]
    authorization = {"type": "api-key", "config": settings}
    request = d.node("x", "http-request", url="http://x.example/", authorization=authorization)
    config = node_of(imported(around(request, environment=variables)), "x")["config"]
    assert (config.get("auth"), config.get("headers") or {}) == (auth, headers)


def test_who_asks_counts_more_than_a_header_that_says_so_too() -> None:
    authorization = {"type": "api-key", "config": {"type": "bearer", "api_key": "{{#s.q#}}"}}
    request = d.node(
        "x",
        "http-request",
        url="http://x.example/",
        headers="authorization: own\nX-A: b",
        authorization=authorization,
    )
    config = node_of(imported(around(request)), "x")["config"]
    assert (config["auth"]["type"], config["headers"]) == ("bearer", {"X-A": "b"})


TAKEN = {"code": "def main():\n    return {'r': 1}", "outputs": {"r": {}}}


@pytest.mark.parametrize("written", [{"r": 7}, [{"key": "r", "type": "number", "value": "7"}]])
def test_default_values_are_a_list_or_an_object(written: Any) -> None:
    node = d.node("x", "code", **TAKEN, error_strategy="default-value", default_value=written)
    on_error = node_of(imported(around(node)), "x")["on_error"]
    assert on_error == {"strategy": "default_value", "value": {"r": 7}}
    assert isinstance(on_error["value"]["r"], float) == isinstance(written, list)


@pytest.mark.parametrize(
    ("good", "bad"),
    [("source", "fail-branch"), ("success-branch", "fail-branch"), ("success", "exception")],
)
def test_handles_of_a_branch_for_failures_have_older_names(good: str, bad: str) -> None:
    document = d.document(
        [
            d.start(),
            d.node("x", "code", **TAKEN, error_strategy="fail-branch"),
            d.template("a", "a"),
            d.template("b", "b"),
        ],
        [("s", "x"), ("x", "a", good), ("x", "b", bad)],
    )
    edges = imported(document).definition["edges"]
    ways = {one["target"]: one.get("port") for one in edges if one["source"] == "x"}
    assert ways == {"a": None, "b": "error"}


@pytest.mark.parametrize(
    "settings",
    [
        {"type": "http-request", "url": "http://x.example/", "authorization": {"type": "api-key"}},
        {"type": "llm", "model": {}, "prompt_template": [{"role": "user", "text": "{{#no.o#}}"}]},
        {
            "type": "tool",
            "provider_type": "builtin",
            "provider_id": "maths",
            "tool_name": "eval_expression",
            "tool_parameters": {"expression": {"type": "variable", "value": ["no", "o"]}},
        },
    ],
    ids=["http-request", "llm", "tool"],
)
def test_what_fails_in_dify_for_sure_fails_here_by_its_own_strategy(settings: Object) -> None:
    kind, settings = settings["type"], {**settings}
    del settings["type"]
    made = imported(around(d.node("x", kind, **settings, error_strategy="fail-branch")))
    node = node_of(made, "x")
    assert (node["type"], node["on_error"]) == ("placeholder", {"strategy": "error_branch"})
    assert "Dify fails too" in made.report[1].reason


# --- settings -------------------------------------------------------------------------------------


def test_a_status_fails_a_request_only_with_a_strategy_or_retries() -> None:
    plain = d.node("x", "http-request", url="http://x.example/")
    assert node_of(imported(around(plain)), "x")["config"]["fail_on_status"] is False
    retries = {"retry_enabled": True, "max_retries": 2, "retry_interval": 1500}
    kept = d.node("x", "http-request", url="http://x.example/", retry_config=retries)
    node = node_of(imported(around(kept)), "x")
    assert node["config"]["fail_on_status"] is True
    assert (node["retry"]["max_attempts"], node["retry"]["delay"]) == (3, 1.5)


def test_a_limit_below_0_is_said() -> None:
    cut = d.node("x", "list-operator", variable=["s", "q"], limit={"enabled": True, "size": -1})
    made = imported(around(cut))
    assert "limit" not in node_of(made, "x")["config"]
    assert line_of(made, "x").result == "approximated"


def test_memory_puts_what_was_said_before_the_question() -> None:
    memory = {"window": {"enabled": True, "size": 5}, "query_prompt_template": "Q: {{#sys.query#}}"}
    model = d.llm("x", ("system", "Be kind."), memory=memory)
    config = node_of(imported(around(model, mode=CHAT)), "x")["config"]
    assert config["system_prompt"] == "Be kind."
    assert config["history"] == "{{sys.history}}"
    assert config["history_window"] == 10
    assert config["messages"] == [{"role": "user", "content": "Q: {{s.query}}"}]


def test_a_jinja_prompt_sees_its_declared_variables_alone() -> None:
    prompt = {"role": "user", "edition_type": "jinja2", "jinja2_text": "{{ a }} {{ x }}"}
    declared = {"jinja2_variables": d.declared({"a": "s.q"})}
    model = d.node("x", "llm", model={}, prompt_template=[prompt], prompt_config=declared)
    content = node_of(imported(around(model)), "x")["config"]["messages"][0]["content"]
    head = "{% set a = s.q|default(none) %}{% set x = {}.x %}"
    assert content == head + "{{ a }} {{ x }}"


def test_features_are_kept_and_what_has_no_counterpart_is_said() -> None:
    features = {
        "opening_statement": "Hello!",
        "suggested_questions": ["Why?"],
        "speech_to_text": {"enabled": True},
        "sensitive_word_avoidance": {"enabled": True, "type": "keywords"},
    }
    made = imported(around(d.template("x", "a"), features=features))
    kept = made.definition["origin"]["features"]
    assert kept == {"opening_statement": "Hello!", "suggested_questions": ["Why?"]}
    assert "speech to text" in made.report[0].reason
    assert "not moderated" in made.report[0].reason


def test_a_webhook_and_a_schedule_become_those_of_the_workflow() -> None:
    hook = d.node("t", "trigger-webhook", method="post", body=[{"name": "id", "type": "number"}])
    visual = {"time": "11:30 PM", "weekdays": ["mon", "fri"]}
    weekly = d.node("w", "trigger-schedule", frequency="weekly", visual_config=visual)
    document = d.document([hook, weekly, d.end(v="t.id")], [("t", "e"), ("w", "e")])
    settings = imported(document).definition["settings"]
    assert settings["webhooks"][0]["path"] == "Small/1"
    assert settings["webhooks"][0]["inputs"] == {
        "id": "{{ body['id'] | default(none) }}",
        "trigger": "t",
    }
    assert settings["schedules"] == [{"cron": "30 23 * * mon,fri", "inputs": {"trigger": "w"}}]


def test_a_person_fills_in_a_form_and_chooses() -> None:
    inputs = [{"type": "paragraph", "output_variable_name": "note"}]
    actions = [{"id": "ok", "title": "OK"}, {"id": "no", "title": "No"}]
    person = d.node(
        "x",
        "human-input",
        form_content="Say {{#$output.note#}}",
        inputs=inputs,
        user_actions=actions,
        timeout=2,
        timeout_unit="day",
    )
    nodes = [d.start(), person, d.end("e1", v="x.note"), d.end("e2"), d.end("e3")]
    edges = [FROM, ("x", "e1", "ok"), ("x", "e2", "no"), ("x", "e3", "__timeout")]
    made = imported(d.document(nodes, edges))
    config = node_of(made, "x")["config"]
    assert (config["message"], config["timeout"]) == ("Say [note]", "48h")
    assert set(config["schema"]) == {"note", "__action_id"}
    drawn = [(one["source"], one["target"], one.get("port")) for one in made.definition["edges"]]
    assert ("x", "e3", "timeout") in drawn
    assert ("x_choice", "e1", "ok") in drawn


def test_a_person_who_only_chooses_is_asked_a_question() -> None:
    actions = [{"id": "approve", "title": "Yes, go on"}, {"id": "default", "title": "No"}]
    person = d.node("x", "human-input", form_content="{{#s.q#}}?", user_actions=actions)
    nodes = [
        d.start(("q", "text-input", True)),
        person,
        d.end("e1", v="x.__action_id"),
        d.end("e2"),
    ]
    made = imported(d.document(nodes, [FROM, ("x", "e1", "approve"), ("x", "e2", "default")]))
    config = node_of(made, "x")["config"]
    assert config["question"] == "{{s.q}}?"
    assert [one["id"] for one in config["options"]] == ["approve", "default_"]
    assert node_of(made, "e1")["config"]["outputs"] == {"v": "{{x.option_id}}"}


def test_a_pipeline_of_documents_begins_with_inputs_and_ends_in_a_base() -> None:
    nodes = [
        d.node("ds", "datasource", provider_type="local_file"),
        d.node("d", "document-extractor", variable_selector=["ds", "file"]),
        d.node("k", "knowledge-index", index_chunk_variable_selector=["d", "text"]),
    ]
    document = d.document(nodes, [("ds", "d"), ("d", "k")]) | {"kind": "rag_pipeline"}
    del document["app"]
    document["workflow"]["rag_pipeline_variables"] = [
        {"variable": "size", "type": "number", "belong_to_node_id": "shared"}
    ]
    made = imported(document)
    assert set(made.definition["inputs"]) == {"file", "size"}
    assert node_of(made, "k")["config"]["documents"] == "{{d.text}}"


def test_an_app_of_an_agent_and_one_that_completes() -> None:
    config = {
        "pre_prompt": "Say {{what}} {{other}}",
        "user_input_form": [{"select": {"variable": "what", "options": ["a", "b"]}}],
        "model": {"name": "gpt-4o-mini"},
        "agent_mode": {"tools": [SEARCH], "max_iteration": 4},
        "dataset_configs": {"datasets": {"datasets": [{"dataset": {"id": "kb"}}]}},
    }
    agent = imported({"app": {"mode": "agent-chat", "name": "A"}, "model_config": config})
    assert node_of(agent, "model")["config"]["max_rounds"] == 4
    assert {(need.kind, need.name) for need in agent.needs} == {
        ("model", "model/gpt-4o-mini"),
        ("tool", "google/search"),
        ("knowledge", "kb"),
    }
    plain = copy.deepcopy(config)
    del plain["dataset_configs"]
    made = imported({"app": {"mode": "completion", "name": "C"}, "model_config": plain})
    prompt = node_of(made, "model")["config"]["prompt"]
    assert prompt == "Say {{inputs.what}} {{braces.open}}{other}}"


def test_every_type_of_dify_has_a_way_in() -> None:
    listed = Path(__file__).parents[2] / "docs" / "reference" / "import.md"
    assert set(KINDS) == set(REAL) - {NOTE}
    section = listed.read_text().partition("## Dify")[2].partition("\n## ")[0]
    assert not [one for one in REAL if f"`{one}`" not in section]
