"""Programs of n8n's Code, Function and Function Item nodes, in the real sandbox."""

# ruff: noqa: E501 -- programs are written as authors write them

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.graph.kinds.items import ItemsConfig
from runfold.settings import CodeSettings, Settings
from runfold_executor_code.items.node import run_items
from runfold_executor_code.opening import open_programs
from runfold_executor_code.sandbox import Sandbox
from tests.support.node_contexts import RecordingContext

SETTINGS = Settings(code=CodeSettings(workers=1, timeout=0.7))
EACH = {"mode": "runOnceForEachItem"}
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_programs(SETTINGS) as made:
        yield made


@pytest.fixture
def context(sandbox: Sandbox) -> RecordingContext:
    made = RecordingContext(SETTINGS)
    made.resource = sandbox
    return made


async def ran(ctx: RecordingContext, parameters: dict[str, Any], **more: Any) -> Outcome:
    source = {
        "node": "A",
        "items": [{"json": {"name": "ada"}}, {"json": {"name": "bo"}}],
        "links": [{"A": 1}, {"A": 0}],
    }
    config = {
        "operation": "code",
        "version": 2,
        "node": "Me",
        "parameters": parameters,
        "inputs": [[source]],
        "workflow": {"name": "Flow"},
        "others": {"A": {"ports": {"0": [{"json": {"q": 10}}, {"json": {"q": 20}}]}}},
        **more,
    }
    return await run_items(ctx, msgspec.convert(config, ItemsConfig), {})


def jsons(found: Outcome, port: str = "0") -> list[Any]:
    return [one["json"] for one in found.outputs["ports"][port]]


def js(code: str, **more: Any) -> dict[str, Any]:
    return {"jsCode": code, **more}


def python(code: str, **more: Any) -> dict[str, Any]:
    return {"language": "python", "pythonCode": code, **more}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            js("return $input.all().map((item, n) => ({ json: { ...item.json, n } }))"),
            [{"name": "ada", "n": 0}, {"name": "bo", "n": 1}],
        ),
        (
            js("for (const item of items) item.json.x = 1;\nreturn items;"),
            [{"name": "ada", "x": 1}, {"name": "bo", "x": 1}],
        ),
        (js("return { a: 1 }"), [{"a": 1}]),
        (js("return [{ a: 1 }, { a: 2 }]"), [{"a": 1}, {"a": 2}]),
        (js("return []"), []),
        (js("return null"), []),
        (js("return { error: 'x', message: 'y' }"), [{"error": "x", "message": "y"}]),
        (js("const o = { k: 1 }; o.o = o; return o"), [{"k": 1, "o": "[Circular Reference]"}]),
        (
            js(
                "const said = []; setTimeout(() => said.push(2), 20); setTimeout(() => said.push(1), 10); return new Promise((done) => setTimeout(() => done({ said }), 30))"
            ),
            [{"said": [1, 2]}],
        ),
        (
            js(
                "const r = await Promise.resolve(5); return { r, at: new Date(0), none: undefined, nan: NaN }"
            ),
            [{"r": 5, "at": "1970-01-01T00:00:00.000Z", "nan": None}],
        ),
        (
            js(
                "return { q: $('A').first().json.q, item: $('A').item.json.q, node: $node['A'].json.q, i: $itemIndex, first: $json.name }"
            ),
            [{"q": 10, "item": 20, "node": 20, "i": 0, "first": "ada"}],
        ),
        (
            js(
                "const crypto = require('crypto'); return { h: crypto.createHash('md5').update('x').digest('hex'), m: crypto.createHmac('sha256', 'k').update('x').digest('hex').length }"
            ),
            [{"h": "9dd4e461268c8034f5c8564e155c67a6", "m": 64}],
        ),
        (
            js(
                "const { DateTime } = require('luxon'); return { y: DateTime.fromISO('2024-05-01').year, b: Buffer.from('x').toString('hex') }"
            ),
            [{"y": 2024, "b": "78"}],
        ),
        (
            js(
                "const kept = $getWorkflowStaticData('global'); kept.n = (kept.n ?? 0) + 1; return { n: kept.n }"
            ),
            [{"n": 1}],
        ),
        (
            js(
                "return { u: new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(1234.5) }"
            ),
            [{"u": "$1,234.50"}],
        ),
        (
            js("item.json.y = $json.name + $itemIndex; return $input.item", **EACH),
            [{"name": "ada", "y": "ada0"}, {"name": "bo", "y": "bo1"}],
        ),
        (js("return { q: $('A').item.json.q }", **EACH), [{"q": 20}, {"q": 10}]),
        (js("return $itemIndex ? null : { kept: true }", **EACH), [{"kept": True}]),
        (
            python(
                "for item in _input.all():\n  item.json.name = item.json.name.upper()\n  item.json.new = 1\nreturn _input.all()"
            ),
            [{"name": "ADA", "new": 1}, {"name": "BO", "new": 1}],
        ),
        (
            python(
                "import re\nreturn [{'json': {'q': _('A').first()['json']['q'], 'm': re.sub('a', 'b', _json['name'])}}]"
            ),
            [{"q": 10, "m": "bdb"}],
        ),
        (
            {
                "language": "pythonNative",
                "pythonCode": "_item['json']['k'] = len(_item['json']['name'])\nreturn _item",
                **EACH,
            },
            [{"name": "ada", "k": 3}, {"name": "bo", "k": 2}],
        ),
        (
            python(
                "return {'w': _workflow.name, 'r': _runIndex, 'n': _now[:4].isdigit(), 'p': _prevNode.name}"
            ),
            [{"w": "Flow", "r": 0, "n": True, "p": "A"}],
        ),
        (
            js("let n = 0; try { for (;;) { $items('A', 0, n); n++; } } catch { return { n } }"),
            [{"n": 1}],
        ),
        (python("return [one for one in items if one['json']['name'] == 'bo']"), [{"name": "bo"}]),
        ({}, [{"name": "ada"}, {"name": "bo"}]),
    ],
)
async def test_a_program_gives_items(
    context: RecordingContext, parameters: dict[str, Any], expected: list[Any]
) -> None:
    assert jsons(await ran(context, parameters)) == expected


async def test_items_that_a_program_gives_know_what_they_are_of(context: RecordingContext) -> None:
    found = await ran(context, js("return items.reverse()"))
    assert [one["pairedItem"] for one in found.outputs["items"]] == [{"item": 1}, {"item": 0}]
    assert found.outputs["links"] == {"0": [{"A": 0, "Me": 0}, {"A": 1, "Me": 1}]}
    found = await ran(context, js("return [{ json: {}, pairedItem: [0, { item: 1 }] }]"))
    assert found.outputs["links"] == {"0": [{"A": None, "Me": 0}]}
    # As many as there came, and nothing said: one for one.
    found = await ran(context, js("return [{}, {}]"))
    assert found.outputs["links"] == {"0": [{"A": 1, "Me": 0}, {"A": 0, "Me": 1}]}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (js("return"), "the code gave nothing"),
        (js("return 5"), "the code gave"),
        (js("return [1]"), "item 0 of what the code gave"),
        (js("return [{ json: 1 }]"), "`json` of item 0"),
        (js("return [{ json: {}, extra: 1 }]"), "has 'extra' beside its `json`"),
        (js("return [1]", **EACH), "item 0: the code gave"),
        (python("return 1 +"), "not Python in line 1"),
    ],
)
async def test_what_are_no_items_is_refused(
    context: RecordingContext, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(NodeFailed) as raised:
        await ran(context, parameters)
    assert message in raised.value.message
    assert raised.value.code == "items.failed"


@pytest.mark.parametrize(
    ("code", "failure", "message"),
    [
        ("const x = null;\nreturn x.y;", "code.error", "line 2: TypeError"),
        (
            "return await this.helpers.httpRequest({ url: 'x' })",
            "code.error",
            "use an HTTP Request node",
        ),
        ("return require('axios')", "code.error", "require('axios') is not available"),
        ("return $('Nope').all()", "code.error", 'node "Nope" has not been executed'),
        ("while (true) {}", "code.timeout", "computed for more than 0.7 s"),
    ],
)
async def test_a_program_that_fails_ends_the_node(
    context: RecordingContext, code: str, failure: str, message: str
) -> None:
    with pytest.raises(NodeFailed) as raised:
        await ran(context, js(code))
    assert raised.value.code == failure
    assert message in raised.value.message


async def test_an_error_goes_on_where_the_node_does(context: RecordingContext) -> None:
    thrown = js("\nthrow new Error('boom')")
    found = await ran(context, thrown, settings={"on_error": "continue"})
    assert jsons(found) == [{"error": "boom [line 2]"}]
    found = await ran(context, thrown, settings={"on_error": "error_output"})
    assert (found.port, jsons(found, "1")) == ("1", [{"error": "boom [line 2]"}])
    second = js("if ($itemIndex) throw new Error('no'); return { ok: 1 }", **EACH)
    found = await ran(context, second, settings={"on_error": "continue"})
    assert jsons(found) == [{"ok": 1}, {"error": "no"}]
    found = await ran(context, second, settings={"on_error": "error_output"})
    assert (jsons(found), jsons(found, "1")) == ([{"ok": 1}], [{"name": "bo", "error": "no"}])


async def test_old_function_nodes_run_too(context: RecordingContext) -> None:
    whole = {"functionCode": "items[0].json.k = getNodeParameter('x'); return items;", "x": 3}
    found = await ran(context, whole, operation="function")
    assert jsons(found) == [{"name": "ada", "k": 3}, {"name": "bo"}]
    each = {"functionCode": "item.k = item.name.length; return item;"}
    found = await ran(context, each, operation="functionItem")
    assert jsons(found) == [{"name": "ada", "k": 3}, {"name": "bo", "k": 2}]


async def test_what_a_program_prints_is_logged(context: RecordingContext) -> None:
    await ran(context, js("console.log('hi', $json); return []"))
    assert context.logged == [("code printed", {"text": 'hi {"name":"ada"}\n'})]


ODD: list[Any] = [None, True, 0, -1.5, "", "x", "={{ $json.a }}", [], [None], {}, {"json": None}]


async def test_odd_values_are_refused_or_done_and_never_a_bug(context: RecordingContext) -> None:
    drawn = random.Random(7)

    def odd(depth: int = 0) -> Any:
        if depth > 2 or drawn.random() < 0.5:
            return drawn.choice(ODD)
        if drawn.random() < 0.5:
            return [odd(depth + 1) for _ in range(drawn.randrange(3))]
        keys = ("json", "binary", "pairedItem", "items", "links", "ports", "A", "node", "mode")
        return {drawn.choice(keys): odd(depth + 1) for _ in range(drawn.randrange(4))}

    programs = (js("return $input.all()"), js("return $('A').all()"), js("return [$json]", **EACH))
    refused = set()
    for number in range(100):
        config = {
            "operation": drawn.choice(("noOp", "resolve", "code", "functionItem")),
            "node": drawn.choice(("", "A")),
            "parameters": drawn.choice((*programs, {"x": odd(), "y": "={{ $('A').item.json }}"})),
            "inputs": [odd() for _ in range(drawn.randrange(3))],
            "others": {"A": odd()},
            "settings": {"on_error": drawn.choice(("stop", "continue", "error_output"))},
            "provided": drawn.choice(({}, {"env": odd()})),
            "workflow": drawn.choice(({}, {"timezone": odd()})),
            "run_index": number,
        }
        try:
            found = await run_items(context, msgspec.convert(config, ItemsConfig), {})
        except NodeFailed as error:
            refused.add(error.code)
        else:
            ports = found.outputs["ports"]
            assert {place: len(one) for place, one in ports.items()} == {
                place: len(one) for place, one in found.outputs["links"].items()
            }
    assert refused == {"items.failed", "code.error"}


@pytest.mark.parametrize(
    "more",
    [{"operation": "sort"}, {"operation": "itemLists", "version": 3}],
)
async def test_items_in_the_order_of_a_program(
    context: RecordingContext, more: dict[str, Any]
) -> None:
    written = {"operation": "sort", "type": "code"}
    code = "return a.json.name < b.json.name ? 1 : -1; // the last first"
    found = await ran(context, {**written, "code": code}, **more)
    assert jsons(found) == [{"name": "bo"}, {"name": "ada"}]
    assert found.outputs["links"]["0"] == [{"A": 0, "Me": 0}, {"A": 1, "Me": 1}]
    with pytest.raises(NodeFailed, match="has no `return`"):
        await ran(context, {**written, "code": "a.json.name < b.json.name"}, **more)
