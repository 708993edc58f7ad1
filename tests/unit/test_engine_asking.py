"""People who are asked: what they may answer, what it makes of the node, and asking again."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.accept.replies import checked_reply
from runfold.errors import InvalidRequest
from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import Outcome, Sim, answered, refold, succeed


def sim_of(config: dict[str, Any], *, type_: str, ports: dict[str, str], **more: Any) -> Sim:
    """A run that asks, with a node behind each port, up to where it waits."""
    node = {"id": "ask", "type": type_, "config": config, **more.pop("node", {})}
    ends = [{"id": node_id, "type": "noop"} for node_id in ports.values()]
    edges = [{"source": "ask", "target": end, "port": port} for port, end in ports.items()]
    document = {"id": "w", "nodes": [node, *ends], "edges": edges}
    workflow, _ = prepare(document)
    sim = Sim(compile_plan(workflow), more.pop("script", succeed), **more)
    until_waiting(sim)
    return sim


def until_waiting(sim: Sim, address: str = "ask") -> None:
    while (held := sim.state.nodes.get(address)) is None or held.status != "waiting":
        assert sim.step()


def waiting_of(sim: Sim, address: str = "ask") -> e.NodeRunWaiting:
    waiting = sim.state.nodes[address].waiting
    assert waiting is not None
    return waiting


def answer(sim: Sim, action: str = "answered", address: str = "ask", **fields: Any) -> None:
    waiting = waiting_of(sim, address)
    sim.land(answered(waiting, f"{waiting.token}:{action}:{fields}", action=action, **fields))


SCHEMA = {"name": {"type": "string", "required": True}, "size": {"type": "integer", "default": 3}}


def test_values_come_out_by_name_with_their_defaults() -> None:
    sim = sim_of({"schema": SCHEMA}, type_="input", ports={"out": "next"})
    answer(sim, values={"name": "Ann"})
    state = sim.run()
    outputs = {"name": "Ann", "size": 3}
    assert state.nodes["ask"].outputs == {**outputs, "values": outputs, "output": outputs}
    assert state.status == "succeeded"


def test_values_that_do_not_fit_are_all_named_at_once() -> None:
    sim = sim_of({"schema": SCHEMA}, type_="input", ports={"out": "next"})
    with pytest.raises(InvalidRequest) as caught:
        checked_reply(waiting_of(sim), "", {"size": "big", "colour": "red"}, "")
    assert caught.value.code == "review.values"
    messages = " ".join(one["message"] for one in caught.value.details["errors"])
    assert len(caught.value.details["errors"]) == 3
    assert all(word in messages for word in ("name", "big", "colour"))


def test_an_answer_that_should_have_been_refused_fails_the_node_for_good() -> None:
    retry = {"retry": {"max_attempts": 3, "delay": 0}}
    sim = sim_of({"schema": SCHEMA}, type_="input", ports={"out": "next"}, node=retry)
    answer(sim, values={"size": "big"})
    state = sim.run()
    assert state.status == "failed"
    assert state.error is not None
    assert (state.error.code, state.error.retryable) == ("answer.invalid", False)
    assert (state.error.details["node"], state.error.details["scope"]) == ("ask", "")
    assert "big" in state.error.details["value"]


@pytest.mark.parametrize("type_", ["input", "question"])
def test_nobody_answers_in_time(type_: str) -> None:
    config = {"timeout": "10s", **({"question": "?"} if type_ == "question" else {})}
    told = sim_of(config, type_=type_, ports={"out": "next", "timeout": "late"}).run()
    assert (told.nodes["late"].status, told.nodes["next"].status) == ("succeeded", "skipped")
    untold = sim_of(config, type_=type_, ports={"out": "next"}).run()
    assert untold.error is not None
    assert untold.error.code == "human.timeout"


@pytest.mark.parametrize(
    ("deadline", "seconds"),
    [("90s", 90.0), ("1970-01-01T01:00:00Z", None), (3600, None)],
)
def test_a_deadline_is_an_instant_or_a_duration(deadline: Any, seconds: float | None) -> None:
    sim = sim_of({"deadline": deadline}, type_="input", ports={"out": "next"})
    due = waiting_of(sim).due
    assert due is not None
    assert due == pytest.approx(1000.0 + seconds if seconds else 3600.0, abs=1)


OPTIONS = [{"id": "tea", "text": "A cup of tea"}, "coffee"]


def test_an_option_is_a_port() -> None:
    ports = {"tea": "brew", "coffee": "grind"}
    sim = sim_of({"question": "What?", "options": OPTIONS}, type_="question", ports=ports)
    answer(sim, "tea")
    state = sim.run()
    assert (state.nodes["brew"].status, state.nodes["grind"].status) == ("succeeded", "skipped")
    outputs = {"answer": "A cup of tea", "option_id": "tea", "output": "A cup of tea"}
    assert state.nodes["ask"].outputs == outputs


@pytest.mark.parametrize("said", ["tea", " Tea ", "a cup of TEA"])
def test_words_that_are_an_option_choose_it(said: str) -> None:
    config = {"question": "What?", "options": OPTIONS, "allow_text": True}
    sim = sim_of(config, type_="question", ports={"tea": "a", "coffee": "b", "default": "c"})
    assert checked_reply(waiting_of(sim), "", {}, said).action == "tea"
    answer(sim, feedback=said)
    assert sim.run().nodes["ask"].outputs["option_id"] == "tea"


def test_an_option_that_is_not_offered_is_refused_with_those_that_are() -> None:
    ports = {"tea": "a", "coffee": "b"}
    sim = sim_of({"question": "What?", "options": OPTIONS}, type_="question", ports=ports)
    for given in (("juice", ""), ("", "juice"), ("answered", "juice"), ("approved", "")):
        with pytest.raises(InvalidRequest, match=r"tea \(A cup of tea\), coffee") as caught:
            checked_reply(waiting_of(sim), given[0], {}, given[1])
        assert caught.value.code == "review.action"
    answer(sim, "juice")
    error = sim.run().error
    assert error is not None
    assert (error.code, error.details["node"]) == ("answer.invalid", "ask")
    assert "juice" in error.message


def test_an_option_that_was_said_in_words_is_not_read_by_a_model() -> None:
    extract = {"fields": {"name": {"required": True}}}
    config = {"question": "?", "options": ["tea"], "allow_text": True, "extract": extract}
    sim = sim_of(config, type_="question", ports={"tea": "a", "default": "b"})
    answer(sim, "answered", feedback="Tea")
    assert sim.run().nodes["ask"].outputs["option_id"] == "tea"
    assert all(task.node_type != "extract" for task in sim.dispatched.values())


def test_other_words_go_on_at_default() -> None:
    config = {"question": "What?", "options": OPTIONS, "allow_text": True}
    sim = sim_of(config, type_="question", ports={"tea": "a", "coffee": "b", "default": "c"})
    with pytest.raises(InvalidRequest, match="in words"):
        checked_reply(waiting_of(sim), "answered", {}, "  ")
    answer(sim, feedback="water")
    state = sim.run()
    assert state.nodes["c"].status == "succeeded"
    assert state.nodes["ask"].outputs == {"answer": "water", "option_id": "", "output": "water"}


def test_options_may_be_known_at_run_time_only() -> None:
    config = {"question": "Which?", "options": "{{offers}}"}
    inputs = {"offers": [{"id": "timeout", "text": "Now"}, 7]}
    sim = sim_of(config, type_="question", ports={"selected": "next"}, inputs=inputs)
    assert waiting_of(sim).options == [e.Option("timeout", "Now"), e.Option("7", "7")]
    answer(sim, "7")
    state = sim.run()
    assert state.nodes["next"].status == "succeeded"
    assert state.nodes["ask"].outputs["option_id"] == "7"


@pytest.mark.parametrize("offers", ["tea", [], [{"id": ""}], ["a", "a"], [[]], ["answered"]])
def test_what_are_no_options_fails_the_node(offers: Any) -> None:
    document = {
        "id": "w",
        "inputs": {"offers": {}},
        "nodes": [
            {"id": "ask", "type": "question", "config": {"question": "?", "options": "{{offers}}"}}
        ],
    }
    workflow, _ = prepare(document)
    state = Sim(compile_plan(workflow), inputs={"offers": offers}).run()
    assert state.error is not None
    assert state.error.code in ("question.options_invalid", "question.no_options")


@pytest.mark.parametrize(
    "config",
    [
        {"options": ["timeout"]},
        {"options": ["a", "a"]},
        {"options": "none"},
        {"options": ["a"], "extract": {"fields": {"x": {}}}},
        {"extract": {"fields": {}}},
        {"extract": {"fields": {"missing": {}}}},
        {"extract": {"fields": {"x": {"type": "colour"}}}},
        {"timeout": "2h", "deadline": "3h"},
        {"deadline": "tomorrow"},
    ],
)
def test_what_can_be_known_is_said_by_the_checks(config: dict[str, Any]) -> None:
    node = {"id": "ask", "type": "question", "config": {"question": "?", **config}}
    found = load_workflow({"id": "w", "nodes": [node]}).findings
    assert any(one.level == "error" and one.path.startswith("nodes[0].config") for one in found)


def test_a_form_is_checked_when_it_is_approved_and_not_asked_of_who_rejects() -> None:
    config = {"message": "?", "form": {"note": {"type": "string", "required": True}}}
    sim = sim_of(config, type_="human_review", ports={"approved": "a", "rejected": "b"})
    waiting = waiting_of(sim)
    assert waiting.form == config["form"]
    with pytest.raises(InvalidRequest, match="note"):
        checked_reply(waiting, "approved", {}, "")
    with pytest.raises(InvalidRequest, match=r"\$\.note"):
        checked_reply(waiting, "rejected", {"note": 1}, "")
    with pytest.raises(InvalidRequest, match="approved, rejected"):
        checked_reply(waiting, "maybe", {}, "")
    checked_reply(waiting, "rejected", {}, "no")
    answer(sim, "approved", values={"note": "fine"})
    assert sim.run().nodes["ask"].outputs["values"] == {"note": "fine"}


EXTRACT = {
    "question": "Who are you?",
    "extract": {
        "max_follow_ups": 2,
        "fields": {
            "name": {"required": True},
            "email": {"required": True, "description": "where we write to"},
            "size": {"type": "integer"},
        },
    },
}


def reading(task: Task) -> Outcome:
    """A model that finds `name=Ann` and the like."""
    if task.node_type != "extract":
        return succeed(task)
    asked = task.inputs["_asked"]
    said = dict(pair.split("=") for pair in asked["text"].split() if "=" in pair)
    fields = {**asked["known"], **said}
    missing = [name for name in ("name", "email") if name not in fields]
    return Outcome(outputs={"fields": fields, "missing": missing}, usage=e.Usage(total_tokens=5))


def test_what_is_missing_is_asked_for_again_each_time_with_a_token_of_its_own() -> None:
    sim = sim_of(EXTRACT, type_="question", ports={"out": "next"}, script=reading)
    first = waiting_of(sim)
    answer(sim, feedback="name=Ann {{secrets.KEY}}")
    task = next(iter(sim.dispatched.values()))
    assert (task.node_type, task.part) == ("extract", "extract")
    assert "secrets" not in str(task.config)
    until_waiting(sim)
    second = waiting_of(sim)
    assert second.token != first.token
    assert (second.missing, second.follow_ups) == (["email"], 1)
    assert second.message == "Who are you?\nStill needed: email (where we write to)"
    answer(sim, feedback="email=a@b.c")
    state = sim.run()
    assert state.status == "succeeded"
    outputs = state.nodes["ask"].outputs
    assert outputs["fields"] == {"name": "Ann", "email": "a@b.c"}
    assert (outputs["answer"], outputs["email"]) == ("email=a@b.c", "a@b.c")
    kinds = [e.event_type(r.event) for r in sim.log if getattr(r.event, "node_id", "") == "ask"]
    once = ["node_run_waiting", "input_received", "node_run_started", "answer_extracted"]
    assert kinds == [*once, *once, "node_run_succeeded"]
    assert refold(sim.plan, sim.log) == state
    assert state.usage.total_tokens == 10


@pytest.mark.parametrize("with_edge", [True, False])
def test_it_is_asked_so_often_and_no_more(with_edge: bool) -> None:
    ports = {"out": "next"} | ({"incomplete": "other"} if with_edge else {})
    sim = sim_of(EXTRACT, type_="question", ports=ports, script=reading)
    for _ in range(3):
        until_waiting(sim)
        answer(sim, feedback="name=Ann")
    state = sim.run()
    assert state.usage.total_tokens == 15
    if with_edge:
        assert state.nodes["other"].status == "succeeded"
        assert state.nodes["ask"].outputs["missing"] == ["email"]
        return
    assert state.error is not None
    assert (state.error.code, state.error.retryable) == ("question.incomplete", False)
    details = state.error.details
    assert (details["node"], details["scope"], details["missing"]) == ("ask", "", ["email"])


@pytest.mark.parametrize("extracts", [True, False])
@pytest.mark.parametrize(
    ("options", "port"), [({}, "out"), ({"options": OPTIONS, "allow_text": True}, "default")]
)
def test_words_go_on_at_the_port_that_the_question_has(
    options: dict[str, Any], port: str, extracts: bool
) -> None:
    """Without options that is `out`, with them `default`, also when a model reads the words."""
    config = EXTRACT if extracts else {"question": "Who are you?"}
    sim = sim_of({**config, **options}, type_="question", ports={port: "next"}, script=reading)
    answer(sim, feedback="name=Ann email=a@b.c")
    state = sim.run()
    assert state.nodes["ask"].port == port
    assert state.nodes["next"].status == "succeeded"


@pytest.mark.parametrize("strategy", ["continue", "default_value"])
def test_an_input_that_fails_goes_on_at_out_and_not_at_its_last_port(strategy: str) -> None:
    ports = {"out": "next", "timeout": "late"}
    on_error = {"on_error": {"strategy": strategy, "value": "nothing"}}
    sim = sim_of({"schema": SCHEMA}, type_="input", ports=ports, node=on_error)
    answer(sim, values={"name": 3})
    state = sim.run()
    assert (state.nodes["ask"].status, state.nodes["ask"].port) == ("exception", "out")
    assert (state.nodes["next"].status, state.nodes["late"].status) == ("succeeded", "skipped")


def test_a_model_that_fails_reads_the_same_answer_again() -> None:
    failures = iter([True, True, False])

    def script(task: Task) -> Outcome:
        if task.node_type == "extract" and next(failures, False):
            return Outcome(ok=False)
        return reading(task)

    retry = {"retry": {"max_attempts": 3, "delay": 1}}
    sim = sim_of(EXTRACT, type_="question", ports={"out": "next"}, script=script, node=retry)
    answer(sim, feedback="name=Ann email=a@b.c")
    state = sim.run()
    assert state.status == "succeeded"
    kinds = [type(record.event) for record in sim.log]
    assert (kinds.count(e.NodeRunWaiting), kinds.count(e.NodeRunRetry)) == (1, 2)
    assert refold(sim.plan, sim.log) == state


def test_a_model_that_fails_for_good_fails_the_node() -> None:
    sim = sim_of(
        EXTRACT, type_="question", ports={"out": "next"}, script=lambda _task: Outcome(ok=False)
    )
    answer(sim, feedback="name=Ann")
    assert sim.run().error_address == "ask"


def test_many_wait_at_once_and_are_answered_in_any_order() -> None:
    ask = {"id": "ask", "type": "question", "config": {"question": "{{item}}?"}}
    loop = {"items": ["a", "b", "c"], "concurrency": 3, "nodes": [ask]}
    document = {"id": "w", "nodes": [{"id": "each", "type": "loop", "config": loop}]}
    workflow, _ = prepare(document)
    sim = Sim(compile_plan(workflow))
    addresses = [f"each[{index}]/ask" for index in range(3)]
    for address in addresses:
        until_waiting(sim, address)
    assert len({waiting_of(sim, address).token for address in addresses}) == 3
    for address in (addresses[2], addresses[0], addresses[1]):
        answer(sim, address=address, feedback=address)
    state = sim.run()
    assert state.status == "succeeded"
    assert state.nodes["each"].outputs["output"] == addresses


def test_words_that_name_no_option_do_not_choose_the_only_one() -> None:
    waiting = e.NodeRunWaiting(
        id="w",
        run_id="r",
        workflow_id="w",
        node_id="ask",
        waiting_for="human",
        actions=["tea"],
        options=[e.Option("tea", "Tea")],
    )
    assert checked_reply(waiting, "", {}, "TEA").action == "tea"
    assert checked_reply(waiting, "", {}, "").action == "tea"
    with pytest.raises(InvalidRequest, match="option 'coffee' is not offered"):
        checked_reply(waiting, "", {}, "coffee")
