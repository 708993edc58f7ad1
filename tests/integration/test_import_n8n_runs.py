"""Workflows of n8n, imported and run: circles, triggers, errors, services, models, tools."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.import_cases import CaseRunner, case_runner
from tests.support.n8n_documents import flow, node
from tests.support.stack import running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner() -> AsyncIterator[CaseRunner]:
    async with AsyncExitStack() as stack:
        yield await case_runner(stack, running)


def code(name: str, program: str, /, **more: Any) -> dict[str, Any]:
    return node(name, "code", 2, parameters={"jsCode": program}, **more)


def each(name: str, program: str, /, **more: Any) -> dict[str, Any]:
    parameters = {"mode": "runOnceForEachItem", "jsCode": program}
    return node(name, "code", 2, parameters=parameters, **more)


def fields(name: str, /, **values: str) -> dict[str, Any]:
    assignments = [
        {"id": key, "name": key, "value": value, "type": "string"} for key, value in values.items()
    ]
    options = {"ignoreConversionErrors": True}
    parameters = {"assignments": {"assignments": assignments}, "options": options}
    return node(name, "set", 3.4, parameters={**parameters, "includeOtherFields": True})


def where(
    name: str, left: str, /, operation: str = "true", kind: str = "boolean", **more: Any
) -> dict[str, Any]:
    operator = {"type": kind, "operation": operation, "singleValue": True}
    condition = {"id": "c", "leftValue": left, "rightValue": "", "operator": operator}
    options = {"caseSensitive": True, "typeValidation": "loose", "version": 2}
    conditions = {"options": options, "conditions": [condition], "combinator": "and"}
    parameters = {"conditions": conditions, "looseTypeValidation": True}
    return node(name, "if", 2.2, parameters=parameters, **more)


async def ran(
    runner: CaseRunner, folder: Path, document: dict[str, Any], /, **case: Any
) -> dict[str, Any]:
    """Run a document's import; what it is expected to come to is in the case. Its outputs."""
    (folder / "flow.json").write_text(json.dumps(document))
    _, view = await runner.run(folder, {"file": "flow.json", **case})
    return view.outputs


async def test_a_circle_made_by_hand_goes_on_until_nothing_leads_back(
    runner: CaseRunner, tmp_path: Path
) -> None:
    document = flow(
        node("Go", "manualTrigger"),
        code("Begin", "return [{json: {n: 0}}];"),
        each("Count", "return {json: {n: $json.n + 1, round: $runIndex}};"),
        where("Enough?", "={{ $json.n >= 3 }}"),
        fields(
            "Done", said="={{ 'counted to ' + $json.n + ' from ' + $('Begin').first().json.n }}"
        ),
        links="Go > Begin\nBegin > Count\nCount > Enough?\nEnough?.1 > Count\nEnough?.0 > Done",
    )
    wanted = {
        "Count": [{"n": 1, "round": 0}, {"n": 2, "round": 1}, {"n": 3, "round": 2}],
        "Done": [{"n": 3, "round": 2, "said": "counted to 3 from 0"}],
    }
    await ran(runner, tmp_path, document, expect={"node_outputs": wanted})


async def test_loops_inside_loops_begin_anew_each_time(runner: CaseRunner, tmp_path: Path) -> None:
    document = flow(
        node("Go", "manualTrigger"),
        code("Groups", "return [['a', 'b'], ['c']].map((of) => ({json: {of}}));"),
        node("Outer", "splitInBatches", 3),
        code("Members", "return $json.of.map((name) => ({json: {name}}));"),
        node("Inner", "splitInBatches", 3),
        each("Upper", "return {json: {name: $json.name.toUpperCase()}};"),
        code("All", "return [{json: {all: $input.all().map((i) => i.json.name).join('')}}];"),
        code("End", "return [{json: {groups: $input.all().map((i) => i.json.all)}}];"),
        links="""
            Go > Groups
            Groups > Outer
            Outer.1 > Members
            Members > Inner
            Inner.1 > Upper
            Upper > Inner
            Inner.0 > All
            All > Outer
            Outer.0 > End
        """,
    )
    wanted = {
        "Upper": [{"name": "A"}, {"name": "B"}, {"name": "C"}],
        "End": [{"groups": ["AB", "C"]}],
    }
    outputs = await ran(runner, tmp_path, document, expect={"node_outputs": wanted})
    assert [one["json"] for one in outputs["items"]] == [{"groups": ["AB", "C"]}]


async def test_what_leaves_a_loop_in_several_rounds_is_gathered(
    runner: CaseRunner, tmp_path: Path
) -> None:
    document = flow(
        node("Go", "manualTrigger"),
        code("Numbers", "return [1, 2, 3, 4].map((n) => ({json: {n}}));"),
        node("Loop", "splitInBatches", 3),
        each("Square", "return {json: {n: $json.n, square: $json.n ** 2}};"),
        where("Even?", "={{ $json.n % 2 === 0 }}"),
        fields("Aside", n="={{ $json.square }}"),
        fields("After", last="={{ $('Square').first().json.square }}"),
        links="""
            Go > Numbers
            Numbers > Loop
            Loop.1 > Square
            Square > Even?
            Even?.0 > Aside
            Square > Loop
            Loop.0 > After
        """,
    )
    wanted = {
        "Aside": [{"n": "4", "square": 4}, {"n": "16", "square": 16}],
        "After": [{"n": n, "square": n * n, "last": "16"} for n in (1, 2, 3, 4)],
    }
    await ran(runner, tmp_path, document, expect={"node_outputs": wanted})


async def test_a_run_begins_at_the_trigger_that_is_named(
    runner: CaseRunner, tmp_path: Path
) -> None:
    document = flow(
        node("Hand", "manualTrigger"),
        node("Hook", "webhook", 2, parameters={"path": "p", "httpMethod": "POST"}),
        fields("Both", who="={{ $json.body?.name ?? 'by hand' }}"),
        links="Hand > Both\nHook > Both",
    )
    by_hand = await ran(runner, tmp_path, document, expect={})
    assert by_hand["items"][0]["json"] == {"who": "by hand"}
    inputs = {"trigger": "Hook", "body": {"name": "Ada"}, "headers": {"h": "1"}}
    hooked = await ran(runner, tmp_path, document, inputs=inputs, expect={})
    assert hooked["items"][0]["json"]["who"] == "Ada"
    assert hooked["items"][0]["json"]["headers"] == {"h": "1"}


async def test_items_and_pinned_items_begin_a_run(runner: CaseRunner, tmp_path: Path) -> None:
    document = flow(
        node("Called", "executeWorkflowTrigger", 1.1),
        fields("Next", x="={{ $json.x + 1 }}"),
        links="Called > Next",
        pinData={"Called": [{"x": 1}]},
    )
    pinned = await ran(runner, tmp_path, document, expect={})
    assert [one["json"] for one in pinned["items"]] == [{"x": "2"}]
    inputs = {"items": [{"x": 5}, {"json": {"x": 6}}]}
    given = await ran(runner, tmp_path, document, inputs=inputs, expect={})
    assert [one["json"]["x"] for one in given["items"]] == ["6", "7"]


async def test_an_item_that_fails_leaves_at_the_error_output(
    runner: CaseRunner, tmp_path: Path
) -> None:
    document = flow(
        node("Go", "manualTrigger"),
        code("Pages", "return ['/a', '/b'].map((path) => ({json: {path}}));"),
        node(
            "Get",
            "httpRequest",
            4.2,
            parameters={"url": "=http://web.invalid{{ $json.path }}", "options": {}},
            onError="continueErrorOutput",
        ),
        fields("Good", good="={{ $json.v }}"),
        fields("Bad", bad="={{ $json.path }}"),
        links="Go > Pages\nPages > Get\nGet.0 > Good\nGet.1 > Bad",
    )
    (tmp_path / "flow.json").write_text(json.dumps(document))
    case = {
        "file": "flow.json",
        "rewrite": [["http://web.invalid", "{stub}"]],
        "http": [{"path": "/a", "json": {"v": 1}}, {"path": "/b", "status": 500, "json": {}}],
        "expect": {
            "node_outputs": {"Good": [{"v": 1, "good": "1"}]},
        },
    }
    _, view = await runner.run(tmp_path, case)
    (bad,) = [one.outputs["items"][0]["json"] for one in view.nodes if one.address == "Bad"]
    assert bad["bad"] == "/b"


async def test_a_service_fails_only_when_it_is_reached(runner: CaseRunner, tmp_path: Path) -> None:
    document = flow(
        node("Go", "manualTrigger"),
        where("Send?", "={{ $json.send === true }}"),
        node("Mail", "gmail", 2),
        fields("Not", sent="no"),
        links="Go > Send?\nSend?.0 > Mail\nSend?.1 > Not",
    )
    outputs = await ran(runner, tmp_path, document, expect={})
    assert outputs["items"][0]["json"] == {"sent": "no"}
    await ran(runner, tmp_path, document, inputs={"send": True}, expect={"status": "failed"})


async def test_an_agent_calls_a_node_that_is_its_tool(runner: CaseRunner, tmp_path: Path) -> None:
    parameters = {
        "url": "=http://web.invalid/{{ $fromAI('city', 'Which city') }}",
        "sendQuery": True,
        "queryParameters": {
            "parameters": [{"name": "u", "value": "={{ $('Unit').first().json.u }}"}]
        },
    }
    document = flow(
        node("Chat", "ai:chatTrigger", 1.1),
        fields("Unit", u="km"),
        node("Agent", "ai:agent", 2, parameters={"text": "={{ $('Chat').item.json.chatInput }}"}),
        node("Model", "ai:lmChatOpenAi", 1.2),
        node("Far", "httpRequestTool", 4.2, parameters=parameters),
        links="""
            Chat > Unit
            Unit > Agent
            Model -ai_languageModel> Agent
            Far -ai_tool> Agent
        """,
    )
    (tmp_path / "flow.json").write_text(json.dumps(document))
    case = {
        "file": "flow.json",
        "query": "How far is Oslo?",
        "rewrite": [["http://web.invalid", "{stub}"]],
        "http": [{"path": "/Oslo", "json": {"far": 7}, "expect": {"query": {"u": "km"}}}],
        "model": [{"fields": {"city": "Oslo"}, "times": 1}, {"when": "far", "text": "7 km"}],
        "expect": {"answer": "7 km", "node_outputs": {"Agent": [{"output": "7 km"}]}},
    }
    await runner.run(tmp_path, case)


async def test_a_model_sorts_items_and_takes_fields_out_of_them(
    runner: CaseRunner, tmp_path: Path
) -> None:
    categories = {"categories": [{"category": "fruit"}, {"category": "tool"}]}
    attributes = {"attributes": [{"name": "colour", "required": True}]}
    document = flow(
        node("Go", "manualTrigger"),
        code("Things", "return ['apple', 'saw'].map((thing) => ({json: {thing}}));"),
        node(
            "Sort",
            "ai:textClassifier",
            1,
            parameters={"inputText": "={{ $json.thing }}", "categories": categories},
        ),
        node(
            "Look",
            "ai:informationExtractor",
            1,
            parameters={"text": "={{ $json.thing }}", "attributes": attributes},
        ),
        fields("Tool", kind="tool"),
        node("Model", "ai:lmChatOpenAi", 1.2),
        links="""
            Go > Things
            Things > Sort
            Sort.0 > Look
            Sort.1 > Tool
            Model -ai_languageModel> Sort
            Model -ai_languageModel> Look
        """,
    )
    model = [
        {"when": "apple", "class": {"id": "c1", "name": "fruit", "index": 1}, "times": 1},
        {"when": "saw", "class": {"id": "c2", "name": "tool", "index": 2}},
        {"when": "apple", "fields": {"colour": "red"}},
    ]
    wanted = {
        "Look": [{"output": {"colour": "red"}}],
        "Tool": [{"thing": "saw", "kind": "tool"}],
    }
    await ran(runner, tmp_path, document, model=model, expect={"node_outputs": wanted})


async def test_workflows_call_each_other_with_items(runner: CaseRunner, tmp_path: Path) -> None:
    helper = flow(
        node("By hand", "manualTrigger"),
        node("In", "executeWorkflowTrigger", 1.1),
        each("Double", "return {json: {n: $json.n * 2}};"),
        links="In > Double\nBy hand > Double",
        name="Helper",
        id="h1",
    )
    (tmp_path / "helper.json").write_text(json.dumps(helper))
    document = flow(
        node("Go", "manualTrigger"),
        code("Numbers", "return [1, 2].map((n) => ({json: {n}}));"),
        node("Call", "executeWorkflow", 1.2, parameters={"workflowId": {"value": "h1"}}),
        node(
            "Each",
            "executeWorkflow",
            1.2,
            parameters={"workflowId": {"value": "h1"}, "mode": "each"},
        ),
        links="Go > Numbers\nNumbers > Call\nCall > Each",
    )
    wanted = {"Call": [{"n": 2}, {"n": 4}], "Each": [{"n": 4}, {"n": 8}]}
    await ran(runner, tmp_path, document, files=["helper.json"], expect={"node_outputs": wanted})


async def test_a_wait_and_a_reply_pass_their_items_on(runner: CaseRunner, tmp_path: Path) -> None:
    reply = {"respondWith": "json", "responseBody": '={{ {"got": $json.a} }}'}
    document = flow(
        node("Go", "manualTrigger"),
        fields("Set", a="1"),
        node("Wait", "wait", 1.1, parameters={"amount": "={{ 0.01 }}"}),
        node("Reply", "respondToWebhook", 1.1, parameters=reply),
        fields("After", b="2"),
        links="Go > Set\nSet > Wait\nWait > Reply\nReply > After",
    )
    outputs = await ran(runner, tmp_path, document, expect={})
    assert outputs["items"][0]["json"] == {"a": "1", "b": "2"}


async def test_a_server_of_tools_calls_the_one_that_is_named(
    runner: CaseRunner, tmp_path: Path
) -> None:
    shout = {"description": "Shouts.", "jsCode": "return query.toUpperCase();"}
    fetch = {"url": "=http://web.invalid/{{ $fromAI('city') }}"}
    document = flow(
        node("Server", "ai:mcpTrigger", 2),
        node("Sum", "ai:toolCalculator"),
        node("Shout", "ai:toolCode", 1.2, parameters=shout),
        node("Fetch", "httpRequestTool", 4.2, parameters=fetch),
        links="Sum -ai_tool> Server\nShout -ai_tool> Server\nFetch -ai_tool> Server",
    )
    for tool, args, items in (
        ("Sum", {"input": "2^3 + sqrt(16)"}, [{"data": "12"}]),
        ("Shout", {"query": "hey"}, [{"data": "HEY"}]),
        ("Fetch", {"city": "Oslo"}, [{"far": 7}]),
    ):
        case = {
            "rewrite": [["http://web.invalid", "{stub}"]],
            "http": [{"path": "/Oslo", "json": {"far": 7}}],
            "inputs": {"tool": tool, "args": args},
            "expect": {"node_outputs": {"Server": items}},
        }
        await ran(runner, tmp_path, document, **case)


async def test_a_webhook_is_answered_by_the_last_node(runner: CaseRunner, tmp_path: Path) -> None:
    hook = {"path": "p", "httpMethod": "POST", "responseMode": "lastNode"}
    document = flow(
        node("Hook", "webhook", 2, parameters=hook),
        fields("Next", hello="={{ $json.body.name }}"),
        links="Hook > Next",
    )
    (tmp_path / "flow.json").write_text(json.dumps(document))
    case = {"file": "flow.json", "inputs": {"body": {"name": "Ada"}, "headers": {}}, "expect": {}}
    _, view = await runner.run(tmp_path, case)
    (reply,) = [one.outputs for one in view.nodes if one.address == "answered"]
    assert reply["body"]["hello"] == "Ada"
    assert reply["status"] == 200


def data(name: str, *values: int) -> dict[str, Any]:
    listed = [{"k": value} for value in values]
    return node(name, "n8n-nodes-testing.testData", parameters={"data": listed})


def none_left(name: str, of: str) -> dict[str, Any]:
    asked = "={{ $node['" + of + "'].context['noItemsLeft'] }}"
    conditions = {"boolean": [{"value1": asked, "value2": True}]}
    return node(name, "if", 1, parameters={"conditions": conditions})


async def test_old_batches_say_whether_items_are_left(runner: CaseRunner, tmp_path: Path) -> None:
    reset = {"batchSize": 1, "options": {"reset": "={{ $node['Inner'].context['noItemsLeft'] }}"}}
    document = flow(
        node("Go", "manualTrigger"),
        data("Data", 0, 1),
        node("Outer", "splitInBatches", 1, parameters={"batchSize": 1}),
        data("More", 10, 11, 12),
        node("Inner", "splitInBatches", 1, parameters=reset),
        node("Work", "noOp"),
        none_left("Inner done?", "Inner"),
        none_left("Outer done?", "Outer"),
        node("Result", "noOp"),
        links="""
            Go > Data
            Data > Outer
            Outer > More
            More > Inner
            Inner > Work
            Work > Inner done?
            Inner done?.1 > Inner
            Inner done?.0 > Outer done?
            Outer done?.1 > Outer
            Outer done?.0 > Result
        """,
        settings={},
    )
    worked = [{"k": value} for value in (10, 11, 12, 10, 11, 12)]
    wanted = {"Work": worked, "Result": [{"k": 12}]}
    await ran(runner, tmp_path, document, expect={"node_outputs": wanted})


async def test_files_of_answers_and_of_items_are_read(runner: CaseRunner, tmp_path: Path) -> None:
    fetch = {
        "url": "http://web.invalid/doc",
        "options": {"response": {"response": {"responseFormat": "file"}}},
    }
    document = flow(
        node("Go", "manualTrigger"),
        node("Get", "httpRequest", 4.2, parameters=fetch),
        node("Read", "extractFromFile", 1, parameters={"operation": "text"}),
        node(
            "Write",
            "convertToFile",
            1.1,
            parameters={"operation": "toText", "sourceProperty": "data"},
        ),
        node("Again", "extractFromFile", 1, parameters={"operation": "text"}),
        links="Go > Get\nGet > Read\nRead > Write\nWrite > Again",
    )
    case = {
        "rewrite": [["http://web.invalid", "{stub}"]],
        "http": [{"path": "/doc", "body": "hello there"}],
        "expect": {
            "node_outputs": {"Read": [{"data": "hello there"}], "Again": [{"data": "hello there"}]}
        },
    }
    await ran(runner, tmp_path, document, **case)


def summed(name: str, /, **more: Any) -> dict[str, Any]:
    program = "return [{json: {sum: $input.all().reduce((sum, i) => sum + i.json.n, 0)}}];"
    return code(name, program, **more)


async def test_a_node_runs_once_for_each_connection(runner: CaseRunner, tmp_path: Path) -> None:
    document = flow(
        node("Go", "manualTrigger"),
        code("Numbers", "return [1, 2, 3, 4].map((n) => ({json: {n}}));"),
        where("Even?", "={{ $json.n % 2 === 0 }}", position=[100, 0]),
        each("Tens", "return {json: {n: $json.n * 10}};", position=[200, 0]),
        summed("Sum", position=[300, 100]),
        fields("Say", said="={{ $json.sum }} of {{ $('Sum').all().length }} in {{ $runIndex }}"),
        node("Merge", "merge", 3, position=[500, 0]),
        links="""
            Go > Numbers
            Numbers > Even?
            Even?.0 > Tens
            Even?.1 > Sum
            Tens > Sum
            Sum > Say
            Say > Merge
            Sum > Merge.1
        """,
    )
    wanted = {
        "Sum": [{"sum": 60}, {"sum": 4}],
        "Say": [{"sum": 60, "said": "60 of 1 in 0"}, {"sum": 4, "said": "4 of 1 in 1"}],
        "Merge": [
            {"sum": 60, "said": "60 of 1 in 0"},
            {"sum": 60},
            {"sum": 4, "said": "4 of 1 in 1"},
            {"sum": 4},
        ],
    }
    await ran(runner, tmp_path, document, expect={"node_outputs": wanted})


async def test_every_round_of_a_loop_is_read_by_its_number(
    runner: CaseRunner, tmp_path: Path
) -> None:
    asked = "return [0, 2].map((run) => $('Square').all(0, run)[0]);"
    document = flow(
        node("Go", "manualTrigger"),
        code("Numbers", "return [1, 2, 3].map((n) => ({json: {n}}));"),
        node("Loop", "splitInBatches", 3),
        each("Square", "return {json: {n: $json.n ** 2}};"),
        code("Asked", asked),
        links="""
            Go > Numbers
            Numbers > Loop
            Loop.1 > Square
            Square > Loop
            Loop.0 > Asked
        """,
    )
    wanted = {"Asked": [{"n": 1}, {"n": 9}]}
    await ran(runner, tmp_path, document, expect={"node_outputs": wanted})


async def test_a_feed_is_fetched_and_its_entries_are_items(
    runner: CaseRunner, tmp_path: Path
) -> None:
    feed = "<rss version='2.0'><channel><item><title>A</title><link>l</link></item></channel></rss>"
    document = flow(
        node("Go", "manualTrigger"),
        node("Feed", "rssFeedRead", 1.1, parameters={"url": "http://web.invalid/feed"}),
        links="Go > Feed",
    )
    case = {
        "rewrite": [["http://web.invalid", "{stub}"]],
        "http": [{"path": "/feed", "body": feed}],
        "expect": {"node_outputs": {"Feed": [{"title": "A", "link": "l"}]}},
    }
    (tmp_path / "flow.json").write_text(json.dumps(document))
    await runner.run(tmp_path, {"file": "flow.json", **case})


async def test_pages_are_fetched_until_there_are_no_more(
    runner: CaseRunner, tmp_path: Path
) -> None:
    pages = {
        "paginationMode": "responseContainsNextURL",
        "nextURL": "=http://web.invalid{{ $response.body.next }}{{ $response.body ? '' : '/p1' }}",
        "paginationCompleteWhen": "other",
        "completeExpression": "={{ !$response.body.next || $pageCount > 5 }}",
    }
    parameters = {
        "url": "http://web.invalid/p1",
        "options": {"pagination": {"pagination": pages}},
    }
    document = flow(
        node("Go", "manualTrigger"),
        node("Get", "httpRequest", 4.2, parameters=parameters),
        fields("All", n="={{ $json.n }} of {{ $input.all().length }}"),
        links="Go > Get\nGet > All",
    )
    (tmp_path / "flow.json").write_text(json.dumps(document))
    case = {
        "file": "flow.json",
        "rewrite": [["http://web.invalid", "{stub}"]],
        "http": [
            {"path": "/p1", "json": {"n": 1, "next": "/p2"}},
            {"path": "/p2", "json": {"n": 2}},
        ],
        "expect": {"node_outputs": {"Get": [{"n": 1, "next": "/p2"}, {"n": 2}]}},
    }
    _, view = await runner.run(tmp_path, case)
    assert [one["json"]["n"] for one in view.outputs["items"]] == ["1 of 2", "2 of 2"]


async def test_a_request_that_cannot_be_made_says_why_and_goes_on(
    runner: CaseRunner, tmp_path: Path
) -> None:
    parameters = {"url": "={{ $json.url }}", "options": {}}
    get = node("Get", "httpRequest", 4.2, parameters=parameters, onError="continueErrorOutput")
    urls = "return [{json: {}}, {json: {url: 'http://web.invalid/a'}}];"
    document = flow(
        node("Go", "manualTrigger"),
        code("Some", urls),
        get,
        node("Good", "noOp"),
        node("Bad", "noOp"),
        links="Go > Some\nSome > Get\nGet.0 > Good\nGet.1 > Bad",
    )
    why = "URL parameter must be a string: the node has no url"
    await ran(
        runner,
        tmp_path,
        document,
        rewrite=[["http://web.invalid", "{stub}"]],
        http=[{"path": "/a", "json": {"n": 1}}],
        expect={
            "status": "partial_succeeded",
            "node_outputs": {"Good": [{"n": 1}], "Bad": [{"error": why}]},
        },
    )


@pytest.mark.parametrize(("deep", "status"), [("", "succeeded"), ("1", "failed")])
async def test_a_run_begins_without_a_workflow_that_it_may_not_come_to(
    runner: CaseRunner, tmp_path: Path, deep: str, status: str
) -> None:
    missing = {"workflowId": {"__rl": True, "value": "nowhere", "mode": "id"}, "options": {}}
    document = flow(
        node("Go", "manualTrigger"),
        where("Deep?", "={{ $json.deep === '1' }}"),
        node("Call", "executeWorkflow", 1.2, parameters=missing),
        node("Done", "noOp"),
        links="Go > Deep?\nDeep?.0 > Call\nDeep?.1 > Done",
    )
    await ran(runner, tmp_path, document, inputs={"deep": deep}, expect={"status": status})


async def test_a_workflow_that_calls_itself_need_not_be_stored(
    runner: CaseRunner, tmp_path: Path
) -> None:
    itself = {"workflowId": {"__rl": True, "value": "={{ $workflow.id }}"}, "options": {}}
    document = flow(
        node("Go", "manualTrigger"),
        node("Again", "executeWorkflow", 1.2, parameters=itself),
        node("Called", "executeWorkflowTrigger", 1.1),
        fields("Made", x="made"),
        links="Go > Again\nCalled > Made",
    )
    await ran(runner, tmp_path, document, expect={"node_outputs": {"Again": [{"x": "made"}]}})


async def test_programs_have_crypto_and_html_may_stand_for_a_selector(
    runner: CaseRunner, tmp_path: Path
) -> None:
    program = "return [{json: {n: crypto.randomUUID().length, page: '<p>x</p>'}}];"
    values = [{"key": "made", "cssSelector": "<i>81<b>C</b></i>"}, {"key": "p", "cssSelector": "p"}]
    parameters = {
        "operation": "extractHtmlContent",
        "dataPropertyName": "page",
        "extractionValues": {"values": values},
    }
    document = flow(
        node("Go", "manualTrigger"),
        code("Ids", program),
        node("Page", "html", 1.2, parameters=parameters),
        links="Go > Ids\nIds > Page",
    )
    wanted = {"Ids": [{"n": 36, "page": "<p>x</p>"}], "Page": [{"made": "81C", "p": "x"}]}
    await ran(runner, tmp_path, document, expect={"node_outputs": wanted})
