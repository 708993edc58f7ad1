"""Agents in the pure engine: rounds, calls, approvals, limits, and what a model gets wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.codec import decode_event
from runfold.contracts.json_writer import write_json
from runfold.contracts.tasks import Task
from runfold.engine.history.forks import taken_over_for_retry
from runfold.engine.state.runs import RunState
from runfold.errors import InvalidWorkflow
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.agents import Talk, agent, agent_run, call, code_tool
from tests.support.engine_sim import Outcome, Sim, answered, refold, trimmed
from tests.support.machines import of_kind, rest


def ran(sim: Sim) -> RunState:
    state = sim.run()
    assert refold(sim.plan, sim.log) == state
    return state


def outputs(sim: Sim) -> dict[str, Any]:
    state = ran(sim)
    assert state.status == "succeeded", state.error
    return state.nodes["helper"].outputs


def failed(sim: Sim) -> Any:
    state = ran(sim)
    assert state.status == "failed"
    return state.error


def test_an_answer_without_calls_is_one_round() -> None:
    talk = Talk(["hello"])
    came = outputs(agent_run(agent(code_tool()), talk))
    assert came["output"] == "hello"
    assert (came["rounds"], came["reason"], came["tool_calls"]) == (1, "answer", [])
    assert [tool["name"] for tool in talk.asked[0]["tools"]] == ["add"]
    assert talk.asked[0]["transcript"] == []


def test_calls_run_side_by_side_and_are_told_in_their_order() -> None:
    def tools(task: Task, config: dict[str, Any]) -> Outcome:
        return Outcome(outputs={"output": config["params"]["a"] + config["params"]["b"]})

    asked = [call("add", "one", a=1, b=2), call("add", "two", a=3, b=4)]
    for seed in range(20):
        talk = Talk([asked, "3 and 7"], tools)
        sim = agent_run(agent(code_tool()), talk, seed=seed)
        came = outputs(sim)
        assert came["output"] == "3 and 7"
        assert [one["output"] for one in came["tool_calls"]] == ["3", "7"]
        said, *told = talk.asked[1]["transcript"]
        assert [json.loads(one["function"]["arguments"]) for one in said["tool_calls"]] == [
            {"a": 1, "b": 2},
            {"a": 3, "b": 4},
        ]
        assert [(one["tool_call_id"], one["content"]) for one in told] == [
            ("one", "3"),
            ("two", "7"),
        ]
        scopes = sorted(scope for scope, _ in talk.called)
        assert scopes == ["helper[add.1]", "helper[add.2]"]


def test_no_finished_call_is_repeated_when_owners_change_anywhere() -> None:
    script = [[call("add", a=1, b=1), call("add", "x", a=2, b=2)], [call("add", "y", a=3)], "done"]
    length = len(_whole(script).log)
    for cut in range(length * 2):
        sim = agent_run(agent(code_tool()), Talk(script), seed=cut)
        for _ in range(cut):
            if sim.state.ended or not sim.step():
                break
        sim.replace_owner()
        state = sim.run()
        assert state.status == "succeeded"
        ended = [event.scope for event in of_kind(sim, e.NodeRunSucceeded) if event.scope]
        assert len(ended) == len(set(ended)) == 6
        assert len(of_kind(sim, e.ToolCallSucceeded)) == 3


def _whole(script: list[Any]) -> Sim:
    sim = agent_run(agent(code_tool()), Talk(script))
    sim.run()
    return sim


def test_a_scheduler_that_lets_go_of_ended_scopes_decides_the_same() -> None:
    sim = _whole([[call("add", a=1)], [call("add", a=2)], "done"])
    for whole, lean in trimmed(sim.plan, sim.log):
        assert lean.nodes.get("helper") == whole.nodes.get("helper")
    assert len(lean.nodes) < len(whole.nodes)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (call("subtract", a=1), "there is no tool 'subtract'; tools: add"),
        (call("add", b=1), "do not fit its schema: $: 'a' is a required property"),
        (call("add", a="one"), "$.a: 'one' is not of type 'number'"),
        (call("add", a=1, c=2), "do not fit its schema"),
        ({"id": "i", "name": "add", "arguments": None, "problem": "not_json"}, "not_json"),
    ],
)
def test_a_call_that_cannot_be_run_is_told_to_the_model(asked: dict[str, Any], told: str) -> None:
    talk = Talk([[asked], "sorry"])
    came = outputs(agent_run(agent(code_tool()), talk))
    assert came["output"] == "sorry"
    assert not talk.called
    assert told in talk.asked[1]["transcript"][1]["content"]


def test_too_many_bad_calls_in_a_row_fail_the_agent() -> None:
    talk = Talk([[call("no")]] * 5)
    error = failed(agent_run(agent(code_tool(), max_bad_calls=2), talk))
    assert error.code == "agent.bad_calls"
    assert "node 'helper'" in error.message
    assert "'no'" in error.message
    assert len(talk.asked) == 3


def test_a_good_call_between_bad_ones_begins_the_count_anew() -> None:
    said = [[call("no")], [call("no")], [call("add", a=1)], [call("no")], [call("no")], "done"]
    assert outputs(agent_run(agent(code_tool(), max_bad_calls=2), Talk(said)))["output"] == "done"


def test_the_same_call_again_and_again_is_told_once_and_then_fails() -> None:
    side_by_side = [call("add", "x", a=1), call("add", "y", a=1), call("add", "z", a=1)]
    assert outputs(agent_run(agent(code_tool()), Talk([side_by_side, "done"])))["rounds"] == 2
    talk = Talk([[call("add", a=1)]] * 6)
    error = failed(agent_run(agent(code_tool()), talk))
    assert error.code == "agent.repeats_itself"
    assert len(talk.called) == 2
    assert "made before" in talk.asked[3]["transcript"][-1]["content"]


def test_the_last_round_has_no_tools() -> None:
    said = [[call("add", a=1)], [call("add", a=2)], "in time"]
    talk = Talk(said)
    came = outputs(agent_run(agent(code_tool(), max_rounds=3), talk))
    assert (came["output"], came["reason"]) == ("in time", "max_rounds")
    assert [one["tool_choice"] for one in talk.asked] == ["auto", "auto", "none"]


def test_calls_of_the_last_round_are_no_answer() -> None:
    talk = Talk([[call("add", a=1)], [call("add", a=2)]])
    assert failed(agent_run(agent(code_tool(), max_rounds=2), talk)).code == "agent.no_answer"


def test_calls_over_their_limit_are_told_and_the_next_round_is_the_last() -> None:
    talk = Talk([[call("add", a=1), call("add", a=2), call("add", a=3)], "done"])
    came = outputs(agent_run(agent(code_tool(), max_tool_calls=2), talk))
    assert came["reason"] == "max_tool_calls"
    assert len(talk.called) == 2
    assert "limit of 2 calls" in came["tool_calls"][2]["output"]


@pytest.mark.parametrize("budget", [{"tokens": 25}, {"cost": 0.25}])
def test_a_budget_ends_the_agent_before_the_round_that_would_go_over_it(
    budget: dict[str, float],
) -> None:
    usage = e.Usage(total_tokens=10, cost=0.1)
    talk = Talk([[call("add", a=number)] for number in range(9)], usage=usage)
    error = failed(agent_run(agent(code_tool(), budget=budget), talk))
    assert error.code == "agent.budget"
    assert len(talk.asked) == 3


def test_usage_is_summed_over_rounds_and_counted_once_for_the_run() -> None:
    usage = e.Usage(prompt_tokens=3, completion_tokens=2, total_tokens=5, cost=0.5)
    sim = agent_run(agent(code_tool()), Talk([[call("add", a=1)], "done"], usage=usage))
    came = outputs(sim)
    assert (came["usage"]["total_tokens"], came["usage"]["cost"]) == (10, 1.0)
    assert sim.state.usage.total_tokens == 10


def test_a_tool_that_fails_for_good_is_told_to_the_model() -> None:
    talk = Talk([[call("add", a=1)], "it failed"], lambda *_: Outcome(ok=False, retryable=True))
    sim = agent_run(agent(code_tool(retry={"max_attempts": 3, "delay": 0})), talk)
    came = outputs(sim)
    assert came["tool_calls"][0]["error"]["code"] == "scripted"
    assert talk.asked[1]["transcript"][1]["content"] == "error: as scripted"
    assert len(talk.called) == 3
    (event,) = of_kind(sim, e.ToolCallFailed)
    assert event.error.details["tool"] == "add"


def test_a_tool_may_fail_the_agent() -> None:
    talk = Talk([[call("add", a=1)]], lambda *_: Outcome(ok=False, retryable=False))
    error = failed(agent_run(agent(code_tool(on_error="fail")), talk))
    assert (error.code, error.details["tool"]) == ("scripted", "add")


def test_long_results_are_cut_for_the_model() -> None:
    talk = Talk([[call("add", a=1)], "ok"], lambda *_: Outcome(outputs={"output": "x" * 500}))
    outputs(agent_run(agent(code_tool(), max_result_chars=100), talk))
    told = talk.asked[1]["transcript"][1]["content"]
    assert told == "x" * 100 + "\n… (the first 100 of 500 characters)"


def test_an_entry_says_what_the_model_is_told() -> None:
    def tools(task: Task, _config: dict[str, Any]) -> Outcome:
        return Outcome(outputs={"output": {"status_code": 200}, "body": {"degrees": 7}})

    get = {"type": "http_request", "name": "get", "config": {"url": "https://x.org"}}
    also = {**get, "name": "also", "output": "{{call.body.degrees}} degrees at {{args.at}}"}
    talk = Talk([[call("get"), call("also", at="noon")], "done"], tools)
    came = outputs(agent_run(agent(get, {**also, "parameters": {"at": "string"}}), talk))
    assert [one["output"] for one in came["tool_calls"]] == ['{"degrees":7}', "7 degrees at noon"]


def test_a_result_that_lacks_what_is_told_of_it_is_a_failed_call() -> None:
    get = {"type": "http_request", "name": "get", "config": {"url": "https://x.org"}}
    odd = {**get, "output": "{{call.body.degrees}}"}
    talk = Talk([[call("get")], "sorry"], lambda *_: Outcome(outputs={"body": {}}))
    came = outputs(agent_run(agent(odd), talk))
    assert came["tool_calls"][0]["error"]["code"] == "reference.missing"
    strict = agent_run(agent({**odd, "on_error": "fail"}), talk)
    assert ran(strict).status == "failed"
    again = Talk([[], "fine"], lambda *_: Outcome(outputs={"body": {"degrees": 3}}))
    kept = taken_over_for_retry(strict.plan, strict.log, from_node="")
    assert outputs(Sim(strict.plan, again, taken_over=kept))["output"] == "fine"


def test_a_model_without_tools_is_asked_in_text() -> None:
    def model(task: Task) -> Outcome:
        protocol = task.inputs["_agent_round"]["tool_protocol"]
        if protocol == "native":
            return Outcome(ok=False, retryable=False, code="llm.tools_unsupported")
        return Outcome(outputs={"output": f"by {protocol}", "tool_calls": []})

    workflow, _ = prepare({"id": "w", "nodes": [agent(code_tool(), strategy="auto")]})
    sim = Sim(compile_plan(workflow), model)
    assert outputs(sim)["output"] == "by text"
    assert len(of_kind(sim, e.AgentRoundFailed)) == 1
    workflow, _ = prepare({"id": "w", "nodes": [agent(code_tool())]})
    assert failed(Sim(compile_plan(workflow), model)).code == "llm.tools_unsupported"


# --- tools that are listed ------------------------------------------------------------------------


def _server(task: Task, config: dict[str, Any]) -> Outcome:
    if config.get("list_tools"):
        named = [
            {"name": "get time", "description": "Now", "parameters": {"type": "object"}},
            {"name": "add", "description": "Adds", "parameters": {}},
            {"name": "drop_all", "description": "Drops", "parameters": {}},
            {"name": "odd", "description": "", "parameters": {"type": 3}},
        ]
        return Outcome(outputs={"tools": named, "output": named})
    return Outcome(outputs={"output": f"{config['tool']} {config['arguments']}"})


def test_the_tools_of_a_server_are_listed_once_and_called_by_their_own_names() -> None:
    server = {"type": "mcp", "config": {"server": "time"}, "deny": ["drop_*"]}
    talk = Talk([[call("get_time", zone="UTC"), call("time_add")], "noon"], _server)
    sim = agent_run(agent(code_tool(), server), talk)
    came = outputs(sim)
    assert [one["name"] for one in talk.asked[0]["tools"]] == ["add", "get_time", "time_add"]
    assert [one["output"] for one in came["tool_calls"]] == [
        "get time {'zone': 'UTC'}",
        "add {}",
    ]
    (listed,) = of_kind(sim, e.AgentToolsSucceeded)
    assert [(one.name, one.reason[:24]) for one in listed.left_out] == [
        ("drop_all", "in deny"),
        ("odd", "its parameters are no JS"),
    ]
    assert [scope for scope, _ in talk.called] == [
        "helper[time.list.0]",
        "helper[time.2]",
        "helper[time.3]",
    ]


def test_two_servers_with_a_tool_of_one_name_give_it_two_names() -> None:
    def tools(_task: Task, config: dict[str, Any]) -> Outcome:
        if config.get("list_tools"):
            return Outcome(outputs={"tools": [{"name": "search", "parameters": {}}]})
        return Outcome(outputs={"output": config["server"]})

    servers = [{"type": "mcp", "config": {"server": name}} for name in ("a", "b")]
    for seed in range(40):
        talk = Talk([[call("search"), call("b_search")], "done"], tools)
        came = outputs(agent_run(agent(*servers), talk, seed=seed))
        assert [one["output"] for one in came["tool_calls"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ("text", "it is no object"),
        (None, "it is no object"),
        ({"name": "f", "parameters": True}, "not an object"),
        ({"name": "f", "parameters": {"type": "array"}}, "no object, but 'array'"),
        ({"name": "f", "parameters": {"type": ["object", "null"]}}, "no object, but"),
    ],
)
def test_an_odd_tool_of_a_server_is_left_out(listed: Any, reason: str) -> None:
    def tools(_task: Task, _config: dict[str, Any]) -> Outcome:
        return Outcome(outputs={"tools": [listed, {"name": "good", "parameters": {}}]})

    talk = Talk(["done"], tools)
    sim = agent_run(agent({"type": "mcp", "config": {"server": "a"}}), talk)
    outputs(sim)
    assert [one["name"] for one in talk.asked[0]["tools"]] == ["good"]
    (event,) = of_kind(sim, e.AgentToolsSucceeded)
    assert reason in event.left_out[0].reason


@pytest.mark.parametrize("asked", ["abc", ["x"], {"a": 1}, 5, [{}], [{"name": 3, "extra": [1]}]])
def test_odd_calls_of_a_model_are_told_or_passed_over(asked: Any) -> None:
    said = Outcome(outputs={"output": "", "tool_calls": asked})
    sim = agent_run(agent(code_tool()), Talk([said, "done"]))
    state = ran(sim)
    known = [one for one in asked if isinstance(one, dict)] if isinstance(asked, list) else []
    assert state.status == ("succeeded" if known else "failed")
    codec = [one.event for one in sim.log]
    assert [decode_event(write_json(one)) for one in codec] == codec


def test_a_tool_that_the_server_does_not_have_fails_the_agent() -> None:
    server = {"type": "mcp", "config": {"server": "time", "tool": "sing"}}
    error = failed(agent_run(agent(server), Talk(["-"], _server)))
    assert error.code == "agent.unknown_tool"


# --- workflows as tools ---------------------------------------------------------------------------

GREETING = {
    "name": "Greets somebody",
    "inputs": {"name": {"type": "string", "required": True}, "loud": "boolean"},
    "nodes": [{"id": "say", "type": "template", "config": {"template": "hi {{name}}"}}],
}


def test_a_workflow_is_a_tool_with_its_inputs() -> None:
    tool = {"type": "sub_workflow", "config": {"workflow": "greeting"}}
    talk = Talk([[call("greeting", name="Ann")], "done"])
    sim = agent_run(agent(tool), talk, workflows={"greeting": GREETING})
    outputs(sim)
    (told,) = talk.asked[0]["tools"]
    assert told["description"] == "Greets somebody"
    assert told["parameters"]["required"] == ["name"]
    assert told["parameters"]["properties"]["loud"] == {"type": "boolean"}
    ((scope, config),) = talk.called
    assert scope == "helper[greeting.1]/call[0]"
    assert config == {"template": "hi Ann"}


# --- approval -------------------------------------------------------------------------------------


def _approving(talk: Talk, **settings: Any) -> Sim:
    sim = agent_run(agent(code_tool(approve="always"), **settings), talk)
    rest(sim)
    return sim


def _answer(sim: Sim, action: str, **fields: Any) -> None:
    waiting = of_kind(sim, e.NodeRunWaiting)[-1]
    sim.land(answered(waiting, f"answer-{len(sim.log)}", action=action, **fields))
    rest(sim)


def test_a_call_waits_for_a_person_who_may_change_its_arguments() -> None:
    talk = Talk([[call("add", a=1, b=2)], "done"])
    sim = _approving(talk, approval={"message": "Run {{tool}} of {{args.a}}?", "assignee": "ops"})
    (waiting,) = of_kind(sim, e.NodeRunWaiting)
    assert (waiting.message, waiting.assignee) == ("Run add of 1?", "ops")
    assert waiting.content == {"tool": "add", "arguments": {"a": 1, "b": 2}}
    assert waiting.answer_schema["properties"]["arguments"]["required"] == ["a"]
    assert not talk.called
    _answer(sim, "approved", values={"arguments": {"a": 5}})
    assert outputs(sim)["output"] == "done"
    ((scope, config),) = talk.called
    assert (scope, config["params"]) == ("helper[add.2]", {"a": 5})


@pytest.mark.parametrize(
    "parameters",
    [
        {"properties": {"a": {"type": "number"}}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {}}},
    ],
)
def test_what_a_person_writes_is_an_object_whatever_the_schema_says(
    parameters: dict[str, Any],
) -> None:
    talk = Talk([[call("add", a=1, b=2)], "done"])
    sim = agent_run(agent({**code_tool(approve="always"), "parameters": parameters}), talk)
    rest(sim)
    (waiting,) = of_kind(sim, e.NodeRunWaiting)
    assert waiting.answer_schema["properties"]["arguments"]["type"] == "object"
    _answer(sim, "approved", values={"arguments": {"a": 3}})
    assert outputs(sim)["output"] == "done"
    assert [config["params"] for _, config in talk.called] == [{"a": 3}]


def test_a_call_that_is_refused_is_told_to_the_model() -> None:
    talk = Talk([[call("add", a=1)], "understood"])
    sim = _approving(talk)
    _answer(sim, "rejected", feedback="too dear")
    assert outputs(sim)["output"] == "understood"
    assert not talk.called
    told = talk.asked[1]["transcript"][1]["content"]
    assert told == "error: a person did not let this call run: too dear"


def test_an_approval_that_does_not_come_in_time_is_a_refusal() -> None:
    talk = Talk([[call("add", a=1)], "later"])
    sim = _approving(talk, approval={"timeout": "1h"})
    assert outputs(sim)["output"] == "later"
    assert "none came in time" in talk.asked[1]["transcript"][1]["content"]


def test_only_calls_on_a_condition_wait_and_the_others_go_on_meanwhile() -> None:
    when = {"when": {"left": "{{args.a}}", "operator": ">", "right": 10}}
    talk = Talk([[call("add", "small", a=1), call("add", "big", a=11)], "done"])
    sim = agent_run(agent(code_tool(approve=when)), talk)
    rest(sim)
    assert len(of_kind(sim, e.NodeRunWaiting)) == 1
    assert [config["params"] for _, config in talk.called] == [{"a": 1}]
    _answer(sim, "approved")
    assert outputs(sim)["output"] == "done"


# --- retries and forks ----------------------------------------------------------------------------


def test_a_retry_repeats_the_call_that_failed_and_no_other() -> None:
    broken = True

    def tools(task: Task, config: dict[str, Any]) -> Outcome:
        bad = broken and config["params"]["a"] == 1
        return Outcome(ok=not bad, retryable=False, outputs={"output": "fine"})

    said = [[call("add", "one", a=1), call("add", "two", a=2)], "done"]
    for seed in range(10):
        broken = True
        sim = agent_run(agent(code_tool(on_error="fail")), Talk(said, tools), seed=seed)
        assert ran(sim).status == "failed"
        kinds = [type(record.event) for record in sim.log]
        counted = sim.log[: kinds.index(e.AgentFailed)]
        ended = [one.event for one in counted if isinstance(one.event, e.NodeRunSucceeded)]
        finished = {one.scope for one in ended}
        broken = False
        talk = Talk(said, tools)
        again = Sim(
            sim.plan, talk, seed, taken_over=taken_over_for_retry(sim.plan, sim.log, from_node="")
        )
        assert outputs(again)["output"] == "done"
        assert not finished & {scope for scope, _ in talk.called}
        assert len(talk.asked) == 1


def test_a_run_is_done_again_from_a_call_on() -> None:
    sim = _whole([[call("add", "one", a=1), call("add", "two", a=2)], [call("add", a=3)], "done"])
    kept = taken_over_for_retry(sim.plan, sim.log, from_node="helper[add.1]/call")
    talk = Talk([[], [call("add", a=4)], "done again"])
    again = Sim(sim.plan, talk, taken_over=kept)
    assert outputs(again)["output"] == "done again"
    assert [config["params"]["a"] for _, config in talk.called] == [1, 4]


def test_an_agent_that_failed_by_its_model_asks_it_again_when_retried() -> None:
    sim = agent_run(agent(code_tool()), Talk([[call("add", a=1)], ""]))
    assert ran(sim).status == "failed"
    talk = Talk(["", "an answer"])
    again = Sim(sim.plan, talk, taken_over=taken_over_for_retry(sim.plan, sim.log, from_node=""))
    assert outputs(again)["output"] == "an answer"
    assert not talk.called


# --- checks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "code", "path"),
    [
        ({"tools": [{"type": "code", "config": {}}]}, "agent.tool_name", "tools[0].name"),
        ({"tools": [{"type": "lop", "name": "x"}]}, "node.unknown_type", "tools[0].type"),
        ({"tools": [{"type": "loop", "name": "x"}]}, "agent.tool_type", "tools[0].type"),
        ({"tools": [code_tool(), code_tool()]}, "agent.tool_name", "tools[1].name"),
        ({"tools": [code_tool("model")]}, "agent.tool_name", "tools[0].name"),
        ({"tools": [code_tool("größe")]}, "agent.tool_name", "tools[0].name"),
        (
            {"tools": [{**code_tool(), "parameters": {"type": "object", "required": 3}}]},
            "agent.tool_schema",
            "tools[0].parameters",
        ),
        ({"tools": [code_tool(timeout="soon")]}, "duration.invalid", "tools[0].timeout"),
        (
            {"tools": [{"type": "http_request", "name": "get", "config": {"ulr": "x"}}]},
            "config.unknown_key",
            "tools[0].config.ulr",
        ),
        (
            {"tools": [code_tool(approve={"when": "x > 1"})]},
            "condition.invalid",
            "tools[0].approve.when",
        ),
        (
            {"tools": [{**code_tool(), "output": "{{call.output}} {{no_such.output}"}]},
            "template.syntax",
            "tools[0].output",
        ),
        ({"tools": [code_tool(approve="{{mode}}")]}, "config.wrong_value", "tools[0].approve"),
        ({"tools": [code_tool(on_error="{{mode}}")]}, "config.wrong_value", "tools[0].on_error"),
        (
            {"tools": [{"type": "mcp", "config": {"server": "m"}, "deny": ["{{d}}"]}]},
            "config.wrong_value",
            "tools[0].deny",
        ),
        (
            {"tools": [{"type": "mcp", "config": {"server": "m", "arguments": {"a": 1}}}]},
            "config.wrong_value",
            "tools[0].config.arguments",
        ),
        (
            {"tools": [{"type": "mcp", "config": {"server": ["m"]}}]},
            "agent.tool_name",
            "tools[0].name",
        ),
        ({"budget": {"tokens": "{{n}}"}}, "config.wrong_type", "budget.tokens"),
        ({"concurrency": "8"}, "config.wrong_type", "concurrency"),
        ({"tool_choice": "nope"}, "config.wrong_value", "tool_choice"),
        ({"budget": {"tokens": 0}}, "config.wrong_type", "budget.tokens"),
        ({"budget": {"cost": 0}}, "config.wrong_type", "budget.cost"),
        ({"max_rounds": 0}, "config.wrong_type", "max_rounds"),
        ({"prompt": "{{nobody.output}} {{ 1 +"}, "template.syntax", "prompt"),
        ({"approval": {"timeout": "soon"}}, "config.wrong_value", "approval.timeout"),
        ({"approval": {"who": "me"}}, "config.wrong_type", "approval"),
    ],
)
def test_what_cannot_work_is_found_where_it_is_written(
    settings: dict[str, Any], code: str, path: str
) -> None:
    node = agent()
    node["config"] |= settings
    with pytest.raises(InvalidWorkflow) as caught:
        prepare({"id": "w", "nodes": [node]})
    found = [(one.code, one.path) for one in caught.value.findings]
    assert (code, f"nodes[0].config.{path}") in found


def test_reading_a_definition_again_changes_nothing() -> None:
    first, _ = prepare({"id": "w", "nodes": [agent(code_tool(timeout="5s"))]})
    from runfold.graph.loader import canonical_bytes

    again, _ = prepare(canonical_bytes(first))
    assert canonical_bytes(again) == canonical_bytes(first)


def test_an_llm_with_tools_is_an_agent() -> None:
    node = {**agent(code_tool()), "type": "llm"}
    talk = Talk([[call("add", a=1)], "done"])
    assert outputs(agent_run(node, talk))["output"] == "done"
