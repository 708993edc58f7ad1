"""Documents of Dify run as they do there: each case is one rule of its engine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from runfold.exporters.exporting import export_of
from runfold.importers.reading import read_value
from tests.support import dify_documents as d
from tests.support.dify_documents import Object
from tests.support.import_cases import CaseRunner, case_runner
from tests.support.stack import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHAT = "advanced-chat"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner() -> AsyncIterator[CaseRunner]:
    async with AsyncExitStack() as stack:
        yield await case_runner(stack, running)


async def ran(
    runner: CaseRunner, folder: Path, document: Object, expect: Object, **case: Any
) -> None:
    (folder / "case.json").write_text(json.dumps(document, ensure_ascii=False))
    whole = {"file": "case.json", "expect": expect, "rewrite": [["{stub}", "{stub}"]], **case}
    await runner.run(folder, whole)


# --- text -----------------------------------------------------------------------------------------

VALUES = "{'n': 1.0, 'i': 3, 'b': True, 'o': {'a': 'é'}, 'l': ['x', 'y'], 'm': [1, 2.5], 'e': []}"
KINDS = {
    "n": "number",
    "i": "number",
    "b": "boolean",
    "o": "object",
    "l": "array[string]",
    "m": "array[number]",
    "e": "array[string]",
}


async def test_an_answer_writes_values_as_markdown_and_braces_as_they_are(
    runner: CaseRunner, tmp_path: Path
) -> None:
    written = (
        "n={{#c.n#}} i={{#c.i#}} b={{#c.b#}} o={{#c.o#}} l={{#c.l#}} m={{#c.m#}} e={{#c.e#}} "
        "x={{#s.x#}} gone={{#nope.text#}} {{name}} {% if %} {{{#c.i#}}} {{#c.o.a#}}"
    )
    document = d.document(
        [
            d.start(("x", "text-input", False)),
            d.code("c", f"def main():\n    return {VALUES}\n", KINDS),
            d.node("a", "answer", answer=written),
        ],
        [("s", "c"), ("c", "a")],
        CHAT,
    )
    answer = (
        'n=1.0 i=3 b=True o={\n  "a": "é"\n} l=- x\n- y m=- 1\n- 2.5 e= '
        "x= gone=nope.text {{name}} {% if %} {3} é"
    )
    await ran(runner, tmp_path, document, {"answer": answer}, query="hi")


async def test_a_template_sees_its_variables_alone_and_prints_as_python_does(
    runner: CaseRunner, tmp_path: Path
) -> None:
    text = "{{x}}|{{y}}|{{o.a}}|{% for k in l %}{{loop.index}}{{k}}{% endfor %}|{{b}}|{{l}}|{{c}}|"
    document = d.document(
        [
            d.start(("x", "text-input", False), ("y", "number", True)),
            d.code("c", f"def main():\n    return {VALUES}\n", KINDS),
            d.template(
                "t",
                text,
                variables={"x": "s.x", "y": "s.y", "o": "c.o", "l": "c.l", "b": "c.b"},
            ),
            d.end(t="t.output"),
        ],
        [("s", "c"), ("c", "t"), ("t", "e")],
    )
    outputs = {"t": "None|2|é|1x2y|True|['x', 'y']||"}
    await ran(runner, tmp_path, document, {"outputs": outputs}, inputs={"y": 2})


# --- containers -----------------------------------------------------------------------------------


async def test_answers_inside_a_loop_are_a_part_of_the_answer(
    runner: CaseRunner, tmp_path: Path
) -> None:
    document = d.document(
        [
            d.start(),
            *d.loop(d.condition("L.i", "≥", "2", "number"), i=0),
            d.assigner("A", d.change("L.i", "+=", 1), within="L"),
            d.node("in", "answer", "L", answer="{{#L.i#}}\n"),
            d.node("out", "answer", answer="{{#sys.query#}} + {{#L.i#}}"),
        ],
        [("s", "L"), ("Ls", "A"), ("A", "in"), ("L", "out")],
        CHAT,
    )
    await ran(runner, tmp_path, document, {"answer": "1\n2\n1 + 2"}, query="1")


async def test_a_loop_whose_condition_holds_already_has_no_round(
    runner: CaseRunner, tmp_path: Path
) -> None:
    document = d.document(
        [
            d.start(),
            *d.loop(d.condition("L.n", "≥", "1", "number"), n=1),
            d.assigner("A", d.change("L.n", "+=", 1), within="L"),
            d.end(n="L.n"),
        ],
        [("s", "L"), ("Ls", "A"), ("L", "e")],
    )
    await ran(runner, tmp_path, document, {"outputs": {"n": 1}}, inputs={})


async def test_loop_end_leaves_the_loop(runner: CaseRunner, tmp_path: Path) -> None:
    document = d.document(
        [
            d.start(),
            *d.loop(n=0),
            d.assigner("A", d.change("L.n", "+=", 1), within="L"),
            d.if_else("i", ("true", [d.condition("L.n", "≥", "3", "number")]), within="L"),
            d.node("X", "loop-end", "L"),
            d.end(n="L.n", rounds="L.loop_round"),
        ],
        [("s", "L"), ("Ls", "A"), ("A", "i"), ("i", "X", "true"), ("L", "e")],
    )
    await ran(runner, tmp_path, document, {"outputs": {"n": 3, "rounds": 3}}, inputs={})


async def test_loop_end_in_an_iteration_ends_nothing(runner: CaseRunner, tmp_path: Path) -> None:
    within = {"within": "I"}
    second = d.node(
        "i",
        "if-else",
        **within,
        cases=[
            {
                "case_id": "true",
                "logical_operator": "and",
                "conditions": [d.condition("I.item", "=", "2", "number")],
            }
        ],
    )
    text = d.node(
        "t",
        "template-transform",
        **within,
        template="{{ x }}",
        variables=d.declared({"x": "I.item"}),
    )
    document = d.document(
        [
            d.start(),
            d.gives("c", "[1, 2, 3]", "array[number]"),
            *d.iteration("c.v", "t.output"),
            text,
            second,
            d.node("X", "loop-end", "I"),
            d.end(o="I.output"),
        ],
        [("s", "c"), ("c", "I"), ("Is", "t"), ("t", "i"), ("i", "X", "true"), ("I", "e")],
    )
    await ran(runner, tmp_path, document, {"outputs": {"o": ["1", "2", "3"]}}, inputs={})


async def test_an_iteration_inside_another_reads_the_item_of_the_outer_one(
    runner: CaseRunner, tmp_path: Path
) -> None:
    inner = d.node(
        "J",
        "iteration",
        "I",
        iterator_selector=["c", "v"],
        output_selector=["t", "output"],
        start_node_id="t",
    )
    pair = d.template(
        "t", "{{x}}{{y}}{{i}}", variables={"x": "I.item", "y": "J.item", "i": "I.index"}
    )
    document = d.document(
        [
            d.start(),
            d.gives("c", "['a', 'b']", "array[string]"),
            *d.iteration("c.v", "J.output", flatten_output=False),
            inner,
            {**pair, "parentId": "J"},
            d.end(v="I.output"),
        ],
        [("s", "c"), ("c", "I"), ("Is", "J"), ("I", "e")],
    )
    outputs = {"v": [["aa0", "ab0"], ["ba1", "bb1"]]}
    await ran(runner, tmp_path, document, {"outputs": outputs}, inputs={})


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [("CONTINUE_ON_ERROR", [2.0, None, 1.0]), ("remove-abnormal-output", [2.0, 1.0])],
)
async def test_an_item_that_fails_leaves_null_or_nothing(
    runner: CaseRunner, tmp_path: Path, mode: str, wanted: list[Any]
) -> None:
    halves = d.code(
        "k", "def main(x):\n    return {'v': 2 / x}\n", {"v": "number"}, {"x": "I.item"}
    )
    document = d.document(
        [
            d.start(),
            d.gives("c", "[1, 0, 2]", "array[number]"),
            *d.iteration("c.v", "k.v", error_handle_mode=mode, is_parallel=True, parallel_nums=2),
            {**halves, "parentId": "I"},
            d.end(v="I.output"),
        ],
        [("s", "c"), ("c", "I"), ("Is", "k"), ("I", "e")],
    )
    expect = {"status": "partial_succeeded", "outputs": {"v": wanted}}
    await ran(runner, tmp_path, document, expect, inputs={})


# --- branches and failures ------------------------------------------------------------------------


async def test_what_a_branch_took_can_be_read(runner: CaseRunner, tmp_path: Path) -> None:
    cases = (
        ("first", [d.condition("s.b", "is", "false")]),
        ("second", [d.condition("s.b", "is", "true")]),
        ("never", [d.condition("nope.x", "is", "true")]),
    )
    ends = [d.end(f"e{at}", r="i.result", c="i.selected_case_id") for at in range(3)]
    document = d.document(
        [d.start(("b", "checkbox", True)), d.if_else("i", *cases), *ends],
        [("s", "i"), ("i", "e0", "first"), ("i", "e1", "second"), ("i", "e2", "false")],
    )
    outputs = {"r": True, "c": "second"}
    await ran(runner, tmp_path, document, {"outputs": outputs}, inputs={"b": True})


async def test_groups_of_an_aggregator_take_what_there_is(
    runner: CaseRunner, tmp_path: Path
) -> None:
    groups = [
        {"group_name": "G1", "variables": [["t1", "output"], ["t2", "output"]]},
        {"group_name": "G2", "variables": [["t2", "output"], ["s", "a"]]},
    ]
    settings = {"group_enabled": True, "groups": groups}
    document = d.document(
        [
            d.start(("a", "number", True)),
            d.if_else("i", ("true", [d.condition("s.a", "=", "1", "number")])),
            d.template("t1", "on"),
            d.template("t2", "off"),
            d.node("g", "variable-aggregator", variables=[], advanced_settings=settings),
            d.end(one="g.G1.output", two="g.G2.output"),
        ],
        [
            ("s", "i"),
            ("i", "t1", "true"),
            ("i", "t2", "false"),
            ("t1", "g"),
            ("t2", "g"),
            ("g", "e"),
        ],
    )
    outputs = {"one": "on", "two": 1}
    await ran(runner, tmp_path, document, {"outputs": outputs}, inputs={"a": 1})


async def test_an_aggregator_takes_null_for_a_value_and_nothing_for_none(
    runner: CaseRunner, tmp_path: Path
) -> None:
    program = "def main():\n    return {'n': None, 't': 'T'}\n"
    document = d.document(
        [
            d.start(),
            d.code("c", program, {"n": "string", "t": "string"}),
            d.node("g", "variable-aggregator", variables=[["gone", "x"], ["c", "n"], ["c", "t"]]),
            d.node("h", "variable-aggregator", variables=[["gone", "x"]]),
            d.end(g="g.output", h="h.output"),
        ],
        [("s", "c"), ("c", "g"), ("g", "h"), ("h", "e")],
    )
    await ran(runner, tmp_path, document, {"outputs": {"g": None, "h": None}}, inputs={})


async def test_inputs_are_taken_as_forms_send_them(runner: CaseRunner, tmp_path: Path) -> None:
    document = d.document(
        [d.start(("n", "number", False), ("b", "checkbox", False)), d.end(n="s.n", b="s.b")],
        [("s", "e")],
    )
    for given, outputs in (
        ({"n": "12", "b": "true"}, {"n": 12, "b": True}),
        ({"n": None, "b": None}, {"n": None, "b": None}),
    ):
        await ran(runner, tmp_path, document, {"outputs": outputs}, inputs=given)


async def test_a_failure_goes_on_at_its_branch(runner: CaseRunner, tmp_path: Path) -> None:
    fails = "def main():\n    raise ValueError('boom')\n"
    document = d.document(
        [
            d.start(),
            d.code("c", fails, {"v": "string"}, error_strategy="fail-branch"),
            d.if_else("i", ("true", [d.condition("c.error_message", "contains", "boom")])),
            d.end("e1", v="c.v"),
            d.end("e2", said="s.nothing", v="c.v", type="c.error_type"),
        ],
        [("s", "c"), ("c", "e1"), ("c", "i", "fail-branch"), ("i", "e2", "true")],
    )
    outputs = {"said": None, "v": None, "type": "CodeExecutionError"}
    expect = {"status": "partial_succeeded", "outputs": outputs}
    await ran(runner, tmp_path, document, expect, inputs={})


async def test_an_aggregator_behind_a_failure_takes_what_stands_for_the_answer(
    runner: CaseRunner, tmp_path: Path
) -> None:
    model = d.llm("m", ("user", "hi"), error_strategy="fail-branch")
    document = d.document(
        [
            d.start(),
            model,
            d.gives("t", "'sorry'", "string"),
            d.node("v", "variable-aggregator", variables=[["m", "text"], ["t", "v"]]),
            d.end(v="v.output", direct="m.text"),
        ],
        [("s", "m"), ("m", "v"), ("m", "t", "fail-branch"), ("t", "v"), ("v", "e")],
    )
    expect = {"status": "partial_succeeded", "outputs": {"v": "sorry", "direct": None}}
    await ran(runner, tmp_path, document, expect, inputs={})


async def test_a_model_that_fails_gives_its_default(runner: CaseRunner, tmp_path: Path) -> None:
    model = d.llm(
        "m",
        ("user", "hi"),
        error_strategy="default-value",
        default_value=[{"key": "text", "type": "string", "value": "sorry"}],
    )
    document = d.document([d.start(), model, d.end(v="m.text")], [("s", "m"), ("m", "e")])
    expect = {"status": "partial_succeeded", "outputs": {"v": "sorry"}}
    await ran(runner, tmp_path, document, expect, inputs={})


async def test_a_context_and_a_form_of_answers_are_the_models_alone(
    runner: CaseRunner, tmp_path: Path
) -> None:
    settings = {"provider": "openai", "name": "m", "mode": "chat"}
    model = d.llm(
        "m",
        ("system", "Use {{#context#}} now"),
        ("user", "hi"),
        context={"enabled": True, "variable_selector": ["c", "v"]},
    )
    params = {"response_format": "json_object", "temperature": 0.3}
    model["data"]["model"] = {**settings, "completion_params": params}
    document = d.document(
        [d.start(), d.gives("c", "['one', 'two']", "array[string]"), model, d.end(v="m.text")],
        [("s", "c"), ("c", "m"), ("m", "e")],
    )
    said = [{"when": "Use one\\ntwo now", "text": "no JSON"}]
    await ran(runner, tmp_path, document, {"outputs": {"v": "no JSON"}}, inputs={}, model=said)


async def test_an_assigner_that_dify_refuses_fails(runner: CaseRunner, tmp_path: Path) -> None:
    document = d.document(
        [
            d.start(),
            d.assigner("A", d.change("conversation.s", "over-write", 123)),
            d.node("a", "answer", answer="x"),
        ],
        [("s", "A"), ("A", "a")],
        CHAT,
        conversation=[d.variable("s", "string", "")],
    )
    await ran(runner, tmp_path, document, {"status": "failed"}, query="q")


async def test_changes_follow_one_another(runner: CaseRunner, tmp_path: Path) -> None:
    changes = [
        d.change("conversation.n", "+=", 5),
        d.change("conversation.n", "*=", 2),
        d.change("conversation.l", "append", "c"),
        d.change("conversation.l", "remove-first"),
        d.change("conversation.e", "remove-last"),
        d.change("conversation.o", "clear"),
        d.change("conversation.s", "over-write", "sys.query", "variable"),
    ]
    said = "{{#conversation.n#}} {{#conversation.l#}} {{#conversation.o#}} {{#conversation.s#}}"
    document = d.document(
        [d.start(), d.assigner("A", *changes), d.node("a", "answer", answer=said)],
        [("s", "A"), ("A", "a")],
        CHAT,
        conversation=[
            d.variable("n", "number", 1),
            d.variable("l", "array[string]", ["a", "b"]),
            d.variable("e", "array[string]", []),
            d.variable("o", "object", {"a": 1}),
            d.variable("s", "string", ""),
        ],
    )
    await ran(runner, tmp_path, document, {"answer": "12 - b\n- c {} q"}, query="q")


# --- requests, models and tools -------------------------------------------------------------------


async def test_a_request_sends_json_with_values_in_it(runner: CaseRunner, tmp_path: Path) -> None:
    authorization = {"type": "api-key", "config": {"type": "bearer", "api_key": "{{#env.key#}}"}}
    body = {"type": "json", "data": '{"o": {{#c.v#}}, "k": "{{#s.k#}}", "z": {"y": {}}}'}
    request = d.node(
        "h",
        "http-request",
        method="post",
        url="{stub}/p",
        headers="X-A:{{#c.v.n#}}\naa",
        params="q:{{#s.k#}}\nq:2",
        authorization=authorization,
        body=body,
    )
    document = d.document(
        [
            d.start(("k", "text-input", True)),
            d.gives("c", "{'name': 'J\"x', 'n': 1}", "object"),
            request,
            d.end(status="h.status_code"),
        ],
        [("s", "c"), ("c", "h"), ("h", "e")],
        environment=[d.variable("key", "string", "abc")],
    )
    sent = {
        "method": "POST",
        "headers": {"x-a": "1", "authorization": "Bearer abc"},
        "json": {"o": {"name": 'J"x', "n": 1}, "k": 'z "q"\nz', "z": {"y": {}}},
    }
    http = [{"path": "/p", "json": {}, "expect": sent}]
    expect = {"outputs": {"status": 200}}
    await ran(runner, tmp_path, document, expect, inputs={"k": 'z "q"\nz'}, http=http)


async def test_what_an_extractor_does_not_find_is_empty(runner: CaseRunner, tmp_path: Path) -> None:
    wanted = {"city": "string", "days": "number", "tags": "array[string]"}
    extractor = d.node(
        "p",
        "parameter-extractor",
        query=["s", "t"],
        reasoning_mode="function_call",
        parameters=[{"name": name, "type": kind} for name, kind in wanted.items()],
    )
    document = d.document(
        [
            d.start(("t", "text-input", True)),
            extractor,
            d.end(
                city="p.city", days="p.days", tags="p.tags", ok="p.__is_success", why="p.__reason"
            ),
        ],
        [("s", "p"), ("p", "e")],
    )
    outputs = {"city": "Oslo", "days": 0, "tags": [], "ok": 1, "why": None}
    inputs = {"t": "Oslo"}
    model = [{"fields": {"city": "Oslo", "days": 0, "tags": []}}]
    await ran(runner, tmp_path, document, {"outputs": outputs}, inputs=inputs, model=model)
    why = "the parameter 'days' has to be number, and is null"
    outputs |= {"ok": 0, "why": why}
    model = [{"fields": {"city": "Oslo", "days": None, "tags": None}}]
    await ran(runner, tmp_path, document, {"outputs": outputs}, inputs=inputs, model=model)
    why = "the answer has no JSON object that can be read: every parameter is empty"
    outputs |= {"city": "", "why": why}
    model = [{"text": "There is nothing about it."}]
    await ran(runner, tmp_path, document, {"outputs": outputs}, inputs=inputs, model=model)


async def test_a_class_that_cannot_be_read_is_the_first(runner: CaseRunner, tmp_path: Path) -> None:
    classes = [{"id": "1", "name": "bills"}, {"id": "2", "name": "rest", "label": "Others"}]
    document = d.document(
        [
            d.start(),
            d.node(
                "q",
                "question-classifier",
                query_variable_selector=["sys", "query"],
                classes=classes,
            ),
            d.node(
                "a1", "answer", answer="{{#q.class_name#}} {{#q.class_id#}} {{#q.class_label#}}"
            ),
            d.node(
                "a2", "answer", answer="{{#q.class_name#}} {{#q.class_id#}} {{#q.class_label#}}"
            ),
        ],
        [("s", "q"), ("q", "a1", "1"), ("q", "a2", "2")],
        CHAT,
    )
    for said, answer in (("gibberish", "bills 1 CLASS 1"), ("rest", "rest 2 Others")):
        model = [{"text": said}]
        await ran(runner, tmp_path, document, {"answer": answer}, query="x", model=model)


def tool(node_id: str, provider: str, name: str, **parameters: str) -> Object:
    given = {key: {"type": "mixed", "value": value} for key, value in parameters.items()}
    return d.node(
        node_id,
        "tool",
        provider_id=provider,
        provider_type="builtin",
        tool_name=name,
        tool_parameters=given,
        tool_configurations={},
    )


async def test_tools_that_need_no_service_are_had(runner: CaseRunner, tmp_path: Path) -> None:
    document = d.document(
        [
            d.start(("x", "text-input", True)),
            tool("m", "maths", "eval_expression", expression="({{#s.x#}} + 3) * 2 ** 3 / 4"),
            tool(
                "j",
                "json_process",
                "parse",
                content='{"a": [1, {"b": "x"}]}',
                json_filter="$.a[1].b",
            ),
            tool(
                "z",
                "time",
                "timezone_conversion",
                current_time="2024-07-01 12:00:00",
                current_timezone="Europe/Berlin",
                target_timezone="America/New_York",
            ),
            tool("w", "time", "weekday", year="2024", month="2", day="29"),
            tool("l", "time", "localtime_to_timestamp", localtime="1970-01-02 00:00:00"),
            tool("n", "time", "current_time"),
            tool("p", "code", "simple_code", language="python3", code="print('a', 1)\nprint()"),
            tool("q", "code", "simple_code", language="javascript", code="console.log('b', 2)"),
            d.end(
                m="m.text", j="j.text", z="z.text", w="w.text", l="l.text", p="p.text", q="q.text"
            ),
        ],
        [
            *(("s", "m"), ("m", "j"), ("j", "z"), ("z", "w"), ("w", "l"), ("l", "n")),
            *(("n", "p"), ("p", "q"), ("q", "e")),
        ],
    )
    outputs = {
        "m": "8.0",
        "j": "x",
        "z": "2024-07-01 06:00:00",
        "w": "February 29, 2024 is Thursday.",
        "l": "86400",
        "p": "a 1\n\n",
        "q": "b 2\n",
    }
    await ran(runner, tmp_path, document, {"outputs": outputs}, inputs={"x": "1"})


APP = {"pre_prompt": "You like {{thing}} and {{x}}", "model": {"name": "gpt-4o-mini"}}
FORM = [{"text-input": {"variable": "thing", "label": "Thing", "required": True}}]


async def test_an_app_without_a_graph_answers(runner: CaseRunner, tmp_path: Path) -> None:
    document = {
        "app": {"mode": "chat", "name": "Chat"},
        "model_config": {**APP, "user_input_form": FORM},
    }
    model = [{"when": "You like tea and {{x}}", "text": "Indeed."}]
    inputs = {"thing": "tea"}
    expect = {"answer": "Indeed."}
    await ran(runner, tmp_path, document, expect, query="hello", inputs=inputs, model=model)


async def test_the_way_a_run_begins_is_chosen_by_an_input(
    runner: CaseRunner, tmp_path: Path
) -> None:
    document = d.document(
        [
            d.start(("x", "text-input", True)),
            d.node("t", "trigger-schedule", mode="cron", cron_expression="0 8 * * *"),
            d.template("k1", "by hand"),
            d.template("k2", "by time"),
            d.end("e1", v="k1.output"),
            d.end("e2", v="k2.output"),
        ],
        [("s", "k1"), ("t", "k2"), ("k1", "e1"), ("k2", "e2")],
    )
    await ran(runner, tmp_path, document, {"outputs": {"v": "by time"}}, inputs={"trigger": "t"})


# --- and back -------------------------------------------------------------------------------------

NATIVE = """
id: stock
inputs:
  text: {type: string, required: true}
  least: {type: number, default: 2}
nodes:
  - id: words
    type: code
    config:
      params: {text: "{{text}}"}
      outputs: {words: {type: array, items: string}, count: number}
      code: |
        def main(params):
            words = params["text"].split()
            return {"words": words, "count": len(words)}
  - id: enough
    type: condition
    config: {condition: {left: "{{words.count}}", operator: ">=", right: 2}}
  - id: each
    type: iteration
    config:
      items: "{{words.words}}"
      nodes:
        - id: ask
          type: llm
          config: {system_prompt: Be brief., prompt: "Say {{item}} as {{index}}"}
        - {id: shout, type: template, config: {template: "{{ask.output|upper}}!"}}
      output: "{{shout.output}}"
  - id: rounds
    type: loop
    config:
      count: 5
      variables: {said: "", n: 0}
      break_when: {left: "{{n}}", operator: ">=", right: 3}
      nodes:
        - {id: more, type: template, config: {template: "{{said}}{{n}}"}}
        - id: keep
          type: assign
          config:
            assignments:
              - {variable: said, operation: set, value: "{{more.output}}"}
              - {variable: n, operation: "+=", value: 1}
  - {id: first, type: list, config: {input: "{{each.output}}", limit: 1}}
  - id: posted
    type: http_request
    config:
      url: "{stub}/take"
      method: POST
      body_type: raw
      headers: {Content-Type: application/json}
      body: '{"n": {{words.count}}}'
      response_type: text
  - id: joined
    type: template
    config: {template: "{% for one in each.output %}{{one}} {% endfor %}of {{text}}"}
  - {id: short, type: template, config: {template: "too short: {{text}}"}}
  - {id: told, type: aggregate, config: {values: ["{{joined.output}}", "{{short.output}}"]}}
  - id: end
    type: end
    config:
      outputs:
        told: "{{told.output}}"
        count: "{{words.count}}"
        said: "{{rounds.said}}"
        first: "{{first.output}}"
        answer: "{{posted.body}}"
edges:
  - {source: words, target: enough}
  - {source: enough, target: each, port: "true"}
  - {source: each, target: rounds}
  - {source: rounds, target: first}
  - {source: first, target: posted}
  - {source: posted, target: joined}
  - {source: enough, target: short, port: "false"}
  - {source: joined, target: told}
  - {source: short, target: told}
  - {source: told, target: end}
"""


async def test_a_native_workflow_written_for_dify_runs_as_it_did(
    runner: CaseRunner, tmp_path: Path
) -> None:
    (tmp_path / "here.yaml").write_text(NATIVE)
    made = export_of(read_value(NATIVE.encode()), "dify")
    assert {line.result for line in made.report} == {"written"}
    (tmp_path / "there.yaml").write_text(made.document)
    case = {
        "inputs": {"text": "tea milk"},
        "model": [{"when": "Say tea as 0", "text": "te"}, {"when": "Say milk as 1", "text": "mi"}],
        "http": [{"path": "/take", "method": "POST", "status": 200, "body": "taken"}],
        "rewrite": [["{stub}", "{stub}"]],
        "expect": {},
    }
    _, here = await runner.run(tmp_path, {**case, "file": "here.yaml"})
    _, there = await runner.run(tmp_path, {**case, "file": "there.yaml"})
    assert here.outputs == {
        "told": "TE! MI! of tea milk",
        "count": 2,
        "said": "012",
        "first": ["TE!"],
        "answer": "taken",
    }
    assert there.outputs == here.outputs
