"""Kinds over HTTP, and what nodes really give beside what their kinds say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.graph.catalog.documents import KindDocument, kind_document
from runfold.graph.kinds import Kind, all_kinds, register, registry
from runfold.values.types import kind_name
from tests.support.gateway import gateway
from tests.support.openai_server import OpenAIServer
from tests.support.stack import EVERYTHING, running

HELD = {"initial": "open", "states": {"open": {"timeout": {"after": 0.01, "target": "shut"}}}}
EACH = [{"id": "say", "type": "template", "config": {"template": "{{item}}"}}]
ONCE = [{"id": "say", "type": "template", "config": {"template": "once"}}]
ALWAYS = {"left": "{{one}}", "operator": "==", "right": 1}
NODES: list[dict[str, Any]] = [
    {"id": "aggregate", "type": "aggregate", "config": {"values": [1]}},
    {"id": "answer", "type": "answer", "config": {"answer": "words"}},
    {"id": "batch", "type": "batch", "config": {"items": [1, 2], "nodes": EACH}},
    {"id": "condition", "type": "condition", "config": {"condition": ALWAYS}},
    {"id": "extract", "type": "extract", "config": {"text": "x: 1", "fields": {"x": {}}}},
    {"id": "human_review", "type": "human_review", "config": {"message": "Good?"}},
    {"id": "iteration", "type": "iteration", "config": {"items": [1, 2], "nodes": EACH}},
    {"id": "json_parse", "type": "json_parse", "config": {"input": "[1]"}},
    {"id": "json_stringify", "type": "json_stringify", "config": {"input": {"a": 1}}},
    {"id": "llm", "type": "llm", "config": {"prompt": "hi"}},
    {"id": "loop", "type": "loop", "config": {"count": 2, "nodes": ONCE}},
    {"id": "noop", "type": "noop", "config": {"output": 1}},
    {"id": "parallel", "type": "parallel", "config": {"branches": {"one": {"nodes": ONCE}}}},
    {
        "id": "selector",
        "type": "selector",
        "config": {"branches": [{"id": "a", "condition": ALWAYS}]},
    },
    {
        "id": "state_machine",
        "type": "state_machine",
        "config": {**HELD, "states": {**HELD["states"], "shut": {"final": True}}},  # type: ignore[dict-item]
    },
    {"id": "template", "type": "template", "config": {"template": "x"}},
    {
        "id": "text",
        "type": "text",
        "config": {"operation": "regex", "pattern": "(a)", "input": "cat", "mode": "search"},
    },
    {"id": "text_filter", "type": "text_filter", "config": {"replace": {"a": "b"}, "input": "cat"}},
    {"id": "wait", "type": "wait", "config": {"duration": 0.01}},
    {"id": "join", "type": "join"},
]
EDGES = [
    {"source": "template", "target": "join"},
    {"source": "noop", "target": "join"},
]


async def test_outputs_are_of_the_types_that_their_kinds_say() -> None:
    async with OpenAIServer() as model:
        model.reply('{"x": "1"}')
        async with running(EVERYTHING, model_url=model.base_url) as stack:
            view, _ = await stack.run(
                {"id": "all_kinds", "variables": {"one": 1}, "nodes": NODES, "edges": EDGES},
                answers={"human_review": ("approved", "fine")},
            )
    assert view.status == "succeeded", view.error
    seen = set()
    for node in view.nodes:
        document = kind_document(node.type)
        types = {output.name: output.type for output in document.outputs.items}
        for name, value in node.outputs.items():
            if types.get(name, "any") == "any" or value is None:
                continue
            actual = kind_name(value)
            wanted = types[name]
            assert actual == wanted or (actual, wanted) == ("integer", "number"), (node.type, name)
            seen.add((node.type, name))
        if not document.outputs.open:
            assert set(node.outputs) - {"status", "error"} <= set(types), node.type
    assert len(seen) > 40


async def test_kinds_over_http() -> None:
    async with gateway() as api:
        listed = (await api.ask("GET", "/api/kinds")).json
        kinds = [msgspec.convert(one, KindDocument) for one in listed["items"]]
        assert listed["next_cursor"] is None
        assert [one.type for one in kinds] == [one.type for one in all_kinds()]
        llm = (await api.ask("GET", "/api/kinds/llm")).json
        assert llm["config_schema"]["properties"]["prompt"]["x-widget"] == "template"
        assert llm["executor_group"] == "llm"
        assert (await api.ask("GET", "/api/kinds/if_else")).json["type"] == "selector"
        missing = await api.ask("GET", "/api/kinds/lllm")
        assert (missing.status, missing.code) == (404, "kind.not_found")
        assert (await api.ask("GET", "/api/kinds/%00%ff")).status == 404


async def test_the_document_names_the_shape_of_a_kind() -> None:
    async with gateway() as api:
        document = (await api.ask("GET", "/schema/openapi.json")).json
    schemas = document["components"]["schemas"]
    for path in ("/api/kinds", "/api/kinds/{kind_type}"):
        answer = document["paths"][path]["get"]["responses"]["200"]["content"]
        named = answer["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert "properties" in schemas[named]


class Shout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `shout` node."""

    text: str
    """What is said."""


async def test_a_kind_of_ones_own_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    all_kinds()
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    register(Kind(type="shout", group="voice", config=Shout, summary="Say it louder"))
    async with gateway() as api:
        shown = (await api.ask("GET", "/api/kinds/shout")).json
    assert (shown["executor_group"], shown["built_in"]) == ("voice", False)
    assert shown["config_schema"]["properties"]["text"]["description"] == "What is said."
