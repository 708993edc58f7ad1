"""What canvases of Coze become: wiring, references, errors, needs."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from runfold.importers.coze import IMPORTER
from runfold.importers.importer import Context
from runfold.importers.report import Imported
from tests.support.coze_canvases import (
    block,
    canvas,
    chain,
    edge,
    end,
    lit,
    out,
    params,
    ref,
    selector,
    start,
    text,
)
from tests.support.engine_sim import Sim, succeed


def read(document: dict[str, Any], **context: Any) -> Imported:
    imported = IMPORTER.read(document, Context(name="flow", **context))
    assert not [one for one in load_workflow(bare(imported)).findings if one.level == "error"]
    return imported


def bare(imported: Imported) -> dict[str, Any]:
    return {key: value for key, value in imported.definition.items() if key != "origin"}


def ran(
    document: dict[str, Any], inputs: dict[str, Any] | None = None, script: Any = succeed
) -> Any:
    workflow, _ = prepare(bare(read(document)))
    return Sim(compile_plan(workflow), succeed, inputs=inputs).run()


def node(imported: Imported, node_id: str) -> dict[str, Any]:
    return next(one for one in imported.definition["nodes"] if one["id"] == node_id)


def lines(imported: Imported) -> dict[str, tuple[str, str]]:
    return {line.node: (line.result, line.reason) for line in imported.report}


AGE = out("age", "integer")
age = ref("100001", "age", "integer")
AROUND = [
    edge("100001", "1"),
    edge("1", "2", "true"),
    edge("1", "900001", "false"),
    edge("2", "900001"),
]
"""A selector 1 whose first branch leads by way of 2."""


def adult() -> dict[str, Any]:
    return selector("1", (age, 13, lit("17", "integer")))


def group(id_: str, name: str, *values: dict[str, Any]) -> dict[str, Any]:
    return block(id_, "32", out(name), mergeGroups=[{"name": name, "variables": list(values)}])


@pytest.mark.parametrize(
    ("operator", "left", "right", "holds"),
    [
        (1, "5", 5, True),
        (2, "5", 5, False),
        (3, "abc", 2, True),
        (4, "ab", 2, True),
        (5, "abc", 2, False),
        (6, "ab", 2, True),
        (7, "abc", "b", True),
        (8, "abc", "b", False),
        (8, None, "b", False),
        (9, "", "", True),
        (9, "None", "", True),
        (10, "a", "", True),
        (13, "10", 9, True),
        (14, "9", 9, True),
        (16, "9", 9, True),
    ],
)
def test_operators_of_a_selector(operator: int, left: Any, right: Any, *, holds: bool) -> None:
    type_ = "integer" if operator in (1, 2, 13, 14, 15, 16) else "string"
    against = lit(right, "integer" if isinstance(right, int) else "string")
    document = canvas(
        [
            start(out("a", type_)),
            selector("1", (ref("100001", "a", type_), operator, against)),
            group("2", "g", lit("yes")),
            end(said=ref("2", "g")),
        ],
        [
            *chain("100001", "1"),
            edge("1", "2", "true"),
            edge("1", "900001", "false"),
            edge("2", "900001"),
        ],
    )
    state = ran(document, {"a": left})
    assert state.outputs == {"said": "yes" if holds else ""}


def test_an_input_whose_source_was_skipped_is_the_empty_value_of_its_type() -> None:
    made = block(
        "2",
        "32",
        out("n", "integer"),
        mergeGroups=[{"name": "n", "variables": [lit("7", "integer")]}],
    )
    document = canvas(
        [
            start(AGE),
            selector("1", (age, 13, lit("17", "integer"))),
            made,
            end(
                n=ref("2", "n", "integer"),
                l=ref("2", "l", "list"),
                age=age,
            ),
        ],
        [
            *chain("100001", "1"),
            edge("1", "2", "true"),
            edge("1", "900001", "false"),
            edge("2", "900001"),
        ],
    )
    assert ran(document, {"age": "20"}).outputs == {"n": 7, "l": None, "age": 20}
    assert ran(document, {"age": "2"}).outputs == {"n": 0, "l": None, "age": 2}
    assert ran(document, {"age": "?"}).outputs == {"n": 0, "l": None, "age": 0}


def test_templates_name_inputs_outputs_and_variables_and_keep_what_they_do_not_know() -> None:
    given = "{{a.b[0].c}} {{ x }} {{block_output_100001.o.d}} "
    given += '{{global_variable_app["v"]}} {{no}} {%if%} {#'
    document = canvas(
        [
            start(out("o", "object")),
            block(
                "900001",
                "2",
                terminatePlan="useAnswerContent",
                content=lit(given),
                inputParameters=params(a=ref("100001", "o", "object"), x=lit("{{raw}}")),
            ),
        ],
        chain("100001", "900001"),
    )
    answer = ran(document, {"o": {"b": [{"c": {"z": 1, "y": None}}], "d": True}}).outputs["answer"]
    assert answer == '{"y":null,"z":1} {{raw}} true  {{no}} {%if%} {#'
    assert read(document).definition["variables"] == {"v": None}


def test_a_path_through_a_list_takes_the_first_of_it() -> None:
    rows = out("rows", "list", schema={"type": "object", "schema": [out("n", "integer")]})
    document = canvas([start(rows), end(n=ref("100001", "rows.n"))], chain("100001", "900001"))
    assert ran(document, {"rows": '[{"n": "3"}, {"n": 4}]'}).outputs == {"n": "3"}


def test_an_object_is_put_together_of_its_parts() -> None:
    parts = [
        {"name": "a", "input": age},
        {"name": "b", "input": lit("x")},
    ]
    whole = {"type": "object", "schema": parts, "value": {"type": "object_ref"}}
    document = canvas([start(AGE), end(o=whole)], chain("100001", "900001"))
    assert ran(document, {"age": 3}).outputs == {"o": {"a": 3, "b": "x"}}


def test_nodes_that_nothing_leads_to_are_left_out_and_said() -> None:
    document = canvas(
        [start(AGE), text("1", "lost"), text("2", "behind"), end(lost=ref("1", "output"))],
        [*chain("100001", "900001"), *chain("1", "2")],
    )
    imported = read(document)
    assert [one["id"] for one in imported.definition["nodes"]] == ["100001", "900001"]
    assert lines(imported)["1"] == lines(imported)["2"]
    assert "never runs" in lines(imported)["2"][1]
    assert ran(document, {"age": 1}).outputs == {"lost": ""}


def test_an_edge_from_a_port_that_is_not_there_begins_nothing() -> None:
    document = canvas(
        [
            start(AGE),
            selector("1", (age, 13, lit("1", "integer"))),
            text("2", "x"),
            end(),
        ],
        [*chain("100001", "1"), edge("1", "900001", "true"), edge("1", "2", "true_7")],
    )
    imported = read(document)
    assert "port that is not there" in lines(imported)["2"][1]
    assert "2" not in {one["id"] for one in imported.definition["nodes"]}


def test_a_circle_is_cut_and_a_second_of_an_id_is_left_out() -> None:
    document = canvas(
        [start(AGE), text("1", "x"), text("1", "y"), text("2", "z"), end()],
        [*chain("100001", "1", "2", "900001"), edge("2", "1")],
    )
    imported = read(document)
    assert {"source": "2", "target": "1"} not in imported.definition["edges"]
    assert [(line.result, line.reason) for line in imported.report if line.node == "1"] == [
        ("mapped", ""),
        ("approximated", "another node has the same id: it is left out"),
    ]


@pytest.mark.parametrize(
    ("setting", "on_error", "retry"),
    [
        ({}, None, None),
        ({"processType": 1, "retryTimes": 2}, None, 3),
        ({"switch": True, "dataOnErr": '{"a": 1}'}, "default_value", None),
        ({"processType": 2, "dataOnErr": '{"a": 1}', "retryTimes": 1}, "default_value", 2),
        ({"processType": 3}, "error_branch", None),
    ],
)
def test_what_a_failure_does(setting: Any, on_error: str | None, retry: int | None) -> None:
    program = block(
        "1",
        "5",
        out("a"),
        code="def main(args):\n    return {}",
        language=3,
        settingOnError=setting,
    )
    imported = read(canvas([start(), program, end()], chain("100001", "1", "900001")))
    made = node(imported, "1")
    assert made.get("on_error", {}).get("strategy") == on_error
    assert made.get("retry", {}).get("max_attempts") == retry
    if on_error == "default_value":
        assert made["on_error"]["value"] == {"a": "1"}


def test_default_data_has_the_names_of_the_native_outputs() -> None:
    setting = {"processType": 2, "dataOnErr": '{"name": "x", "age": 3}', "timeoutMs": 500}
    ask = block(
        "1", "3", out("name"), AGE, llmParam=params(prompt=lit("hi")), settingOnError=setting
    )
    imported = read(canvas([start(), ask, end(n=ref("1", "name"))], chain("100001", "1", "900001")))
    made = node(imported, "1")
    assert made["on_error"]["value"] == {"structured": {"name": "x", "age": 3}}
    assert made["timeout"] == 0.5
    assert node(imported, "900001")["config"]["outputs"] == {"n": "{{1.structured.name}}"}


@pytest.mark.parametrize(
    ("budget", "alone", "again", "timeout"),
    [(0, 0, True, None), (500, 0, False, 0.5), (500, 90, True, 0.09)],
)
def test_an_attempt_that_used_up_the_time_of_all_is_not_repeated(
    budget: int, alone: int, again: bool, timeout: float | None
) -> None:
    times = {"timeoutMs": budget, "singleTimeoutMs": alone}
    setting = {"processType": 1, "retryTimes": 2, **times}
    program = block(
        "1",
        "5",
        out("a"),
        code="def main(args):\n    return {}",
        language=3,
        settingOnError=setting,
    )
    imported = read(canvas([start(), program, end()], chain("100001", "1", "900001")))
    assert ("timeout" in node(imported, "1")["retry"]["retry_on"]) is again
    assert node(imported, "1").get("timeout") == timeout


def test_models_tools_and_workflows_are_needed_until_they_are_there() -> None:
    tools = {
        "workflowFCParam": {"workflowList": [{"workflow_id": "77"}]},
        "pluginFCParam": {"pluginList": [{"plugin_id": "9", "api_name": "find"}]},
    }
    model = params(modleName=lit("doubao"), modelType=lit("5", "integer"), prompt=lit("hi"))
    backup = {"ext": {"backupLLmParam": '{"modelName": "other"}'}}
    document = canvas(
        [
            start(),
            block("1", "3", out("output"), llmParam=model, fcParam=tools, settingOnError=backup),
            block("2", "9", out("x"), workflowId="77"),
            end(),
        ],
        chain("100001", "1", "2", "900001"),
    )
    imported = read(document)
    assert {(need.kind, need.name) for need in imported.needs} == {
        ("model", "doubao"),
        ("model", "other"),
        ("workflow", "77"),
        ("tool", "9/find"),
    }
    assert imported.status == "approximated"
    bound = {"9/find": {"type": "http_request", "config": {"url": "http://x.test"}}}
    whole = read(
        document, models={"5": "m", "other": "n"}, callable={"77": "called"}, bindings=bound
    )
    assert (whole.needs, whole.status) == ((), "complete")
    made = node(whole, "1")
    assert (made["type"], made["config"]["model"], made["config"]["backup_model"]) == (
        "agent",
        "m",
        "n",
    )
    assert [tool["name"] for tool in made["config"]["tools"]] == ["workflow_called", "9_find"]
    assert node(whole, "2")["config"]["workflow"] == "called"


@pytest.mark.parametrize(
    ("kind", "need"),
    [("4", "Search/find"), ("16", "coze/image-generation"), ("777", "coze/node-777")],
)
def test_what_only_coze_has_stands_for_a_tool(kind: str, need: str) -> None:
    named = params(pluginName=lit("Search"), apiName=lit("find"))
    standing = block(
        "1",
        kind,
        out("x"),
        apiParam=named,
        inputParameters=params(q=age),
    )
    imported = read(canvas([start(AGE), standing, end()], chain("100001", "1", "900001")))
    assert (lines(imported)["1"][0], imported.needs[0].name) == ("approximated", need)
    config = node(imported, "1")["config"]
    assert (config["need"], config["parameters"]) == (need, {"q": "{{100001.age}}"})


def test_a_type_that_there_never_was_is_said_with_the_nearest() -> None:
    imported = read(canvas([start(), block("1", "LLLM"), end()], chain("100001", "1", "900001")))
    assert imported.status == "incomplete"
    assert "llm" in lines(imported)["1"][1]


def test_a_database_is_bound_by_the_number_of_its_table() -> None:
    condition = {"conditionList": [params(left=lit("f1"), operation=lit("EQUAL"), right=lit("a"))]}
    query = block(
        "1",
        "43",
        out("outputList", "list", schema={"type": "object", "schema": [AGE]}),
        databaseInfoList=[{"databaseInfoID": "12"}],
        selectParam={"condition": condition, "fieldList": [{"fieldID": "2"}], "limit": 5},
    )
    document = canvas(
        [start(), query, end(a=ref("1", "outputList"))], chain("100001", "1", "900001")
    )
    assert [need.kind for need in read(document).needs] == ["database"]
    bound = {"12": {"source": "shop", "table": "people", "columns": {"f1": "name", "2": "age"}}}
    imported = read(document, bindings=bound)
    assert (imported.status, imported.needs) == ("complete", ())
    assert node(imported, "1_call")["config"] == {
        "source": "shop",
        "table": "people",
        "columns": ["age"],
        "where": {"and": [{"column": "name", "operator": "equals", "right": "a"}]},
        "limit": 5,
    }


def test_values_in_sql_are_parameters() -> None:
    sql = "select * from t where a = '{{x}}' and b > {{y}}"
    given = params(x=age, y=lit("3", "integer"))
    document = canvas(
        [start(AGE), block("1", "12", sql=sql, inputParameters=given), end()],
        chain("100001", "1", "900001"),
    )
    config = node(read(document), "1_call")["config"]
    assert config["sql"] == "select * from t where a = :p1 and b > :p2"
    assert config["params"] == {"p1": "{{100001.age}}", "p2": "3"}


def test_programs_that_need_more_are_said() -> None:
    programs = [
        block("1", "5", code="import numpy\ndef main(args):\n    return {}", language=3),
        block("2", "5", code="enum A { B }", language=5),
        block("3", "5", code="", language=3),
    ]
    imported = read(canvas([start(), *programs, end()], chain("100001", "1", "2", "3", "900001")))
    found = lines(imported)
    assert "full runtime" in found["1"][1]
    assert "enum" in found["2"][1]
    assert "no program" in found["3"][1]
    assert node(imported, "1")["config"]["runtime"] == "full"


def test_images_go_with_the_prompt_as_parts_of_a_message() -> None:
    image = {**ref("100001", "pic"), "assistType": 2}
    ask = block(
        "1",
        "3",
        out("output"),
        llmParam=params(prompt=lit("What is in {{pic}}, and {{q}}?")),
        inputParameters=params(pic=image, q=lit("why")),
    )
    document = canvas([start(out("pic", assistType=2)), ask, end()], chain("100001", "1", "900001"))
    content = node(read(document), "1")["config"]["messages"][0]["content"]
    assert content == [
        {"type": "text", "text": "What is in "},
        {"type": "image_url", "image_url": {"url": "{{100001.pic}}"}},
        {"type": "text", "text": ", and why?"},
    ]


def test_a_file_of_a_form_is_fetched_first() -> None:
    typed = '{"doc": {"basicType": "file"}}'
    form = {"data": params(doc=ref("100001", "doc"), n=lit("1")), "typeMapping": typed}
    http = block(
        "1",
        "45",
        apiInfo={"method": "POST", "url": "http://x.test"},
        body={"bodyType": "FORM_DATA", "bodyData": {"formData": form}},
        headers=params(Host=lit("y"), Authorization=lit("Bearer abc")),
    )
    imported = read(canvas([start(out("doc")), http, end()], chain("100001", "1", "900001")))
    assert node(imported, "1_file")["config"]["url"] == "{{100001.doc}}"
    assert node(imported, "1")["config"]["body"] == {"doc": "{{1_file.file}}", "n": "1"}
    result, reason = lines(imported)["1"]
    assert result == "approximated"
    assert "Host" in reason
    assert "secret" in reason
    assert "abc" not in reason


def test_a_chat_flow_takes_what_the_user_says() -> None:
    outputs = (out("USER_INPUT"), out("CONVERSATION_NAME"))
    imported = read(
        canvas([start(*outputs), end(u=ref("100001", "USER_INPUT"))], chain("100001", "900001"))
    )
    assert set(imported.definition["inputs"]) == {"USER_INPUT", "CONVERSATION_NAME", "query"}
    assert node(imported, "100001")["config"]["defaults"] == {
        "USER_INPUT": "{{sys.query}}",
        "CONVERSATION_NAME": "Default",
    }


def test_what_is_inside_of_a_loop_that_never_runs_is_said() -> None:
    body = canvas([text("11", "x")], [edge("1", "11", "loop-function-inline-output")])
    loop = block("1", "21", inside=body, loopType="count", loopCount=lit("2", "integer"))
    imported = read(canvas([start(), loop, end()], chain("100001", "900001")))
    assert set(lines(imported)) == {"100001", "1", "11", "900001"}


@pytest.mark.parametrize(
    ("type_", "read_as"),
    [
        (1, "{{1.output}}"),
        (2, "{{1.answer}}"),
        (0, "{{_['1'].answer|default(_['1'].output, true)}}"),
    ],
)
def test_what_a_workflow_gives_that_may_end_in_text(type_: int, read_as: str) -> None:
    called = block("1", "9", out("output"), workflowId="77", type=type_)
    nodes = [start(), called, end(o=ref("1", "output"))]
    imported = read(canvas(nodes, chain("100001", "1", "900001")), callable={"77": "c"})
    fitted = {"outputs": {"o": read_as}, "types": {"o": "string"}}
    assert node(imported, "900001_inputs")["config"] == fitted


def test_a_prompt_may_be_an_output_and_a_message_too() -> None:
    ask = block("1", "3", out("output"), llmParam=params(prompt=age, systemPrompt=lit(" ")))
    nodes = [start(AGE), ask, block("2", "13", content=ref("1", "output")), end()]
    imported = read(canvas(nodes, chain("100001", "1", "2", "900001")))
    assert node(imported, "1")["config"] == {"prompt": "{{100001.age}}"}
    assert node(imported, "2")["config"] == {"answer": "{{1.output}}"}


def test_what_messages_said_is_no_output_of_a_run_with_an_end() -> None:
    nodes = [start(AGE), block("1", "13", content=lit("hi")), end(a=age)]
    document = canvas(nodes, chain("100001", "1", "900001"))
    assert ran(document, {"age": 3}).outputs == {"a": 3}
