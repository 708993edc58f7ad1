"""`extract` in its three modes, against a scripted server: what is asked, read and refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.graph.kinds.extract import ExtractConfig
from runfold.graph.loader import load_workflow
from runfold.model_servers.completions import completion, usage_of
from runfold.model_servers.demo.server import DemoModel
from runfold.settings import Settings
from runfold_executor_llm import extract
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.openai_server import OpenAIServer

FIELDS: dict[str, Any] = {
    "name": {"required": True, "description": "the customer's name"},
    "age": {"type": "integer"},
    "size": {"enum": ["small", "large"], "required": True},
    "wishes": {"type": "array", "items": "string"},
}
ANN = {"name": "Ann", "age": None, "size": "small", "wishes": ["tea"]}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as scripted:
        yield scripted


async def take(server: Any, text: str = "I am Ann", **config: Any) -> Outcome:
    given = {"text": text, "fields": FIELDS, "model": "m", **config}
    ctx = RecordingContext(Settings(openai_base_url=server.base_url))
    return await attempted(extract.NODE, ctx, msgspec.convert(given, ExtractConfig))


def called(server: OpenAIServer, *arguments: str, name: str = "take_fields", **rule: Any) -> None:
    """Answer with calls of a function."""
    calls = [
        {"id": f"c{at}", "type": "function", "function": {"name": name, "arguments": text}}
        for at, text in enumerate(arguments)
    ]
    message = {"content": None, "tool_calls": calls}
    body = completion("m", message, "tool_calls", usage_of(10, 5))
    raw = [json.dumps(body).encode()]
    server.reply(raw=raw, content_type="application/json", **rule)


@pytest.mark.parametrize("mode", ["schema", "prompt"])
async def test_fields_that_are_said(server: OpenAIServer, mode: str) -> None:
    server.reply([f"Here: {json.dumps(ANN)}"])
    outcome = await take(server, mode=mode, question="Who are you?", instructions="Be exact.")
    fields = {"name": "Ann", "size": "small", "wishes": ["tea"]}
    assert outcome.outputs == {
        **ANN,
        "fields": fields,
        "missing": [],
        "output": fields,
    }
    (sent,) = server.requests
    system, user = sent["messages"]
    assert user["content"] == "I am Ann"
    assert "The user was asked: Who are you?\n\nBe exact." in system["content"]
    assert "the customer's name" in system["content"]
    assert ("response_format" in sent) is (mode == "schema")
    assert "tools" not in sent


async def test_fields_by_a_function(server: OpenAIServer) -> None:
    called(server, json.dumps(ANN))
    outcome = await take(server, mode="function_calling")
    assert outcome.outputs["fields"] == {"name": "Ann", "size": "small", "wishes": ["tea"]}
    assert outcome.usage is not None
    assert outcome.usage.total_tokens == 15
    (sent,) = server.requests
    assert "response_format" not in sent
    (tool,) = sent["tools"]
    assert tool["function"]["parameters"]["properties"]["wishes"] == {
        "type": ["array", "null"],
        "items": {"type": "string"},
    }
    assert sent["tool_choice"] == {"type": "function", "function": {"name": "take_fields"}}


async def test_a_model_that_says_it_instead_of_calling(server: OpenAIServer) -> None:
    server.reply([json.dumps(ANN)])
    assert (await take(server, mode="function_calling")).outputs["name"] == "Ann"


async def test_a_server_that_lets_no_function_be_chosen(server: OpenAIServer) -> None:
    server.fail(400, "tool_choice: thinking mode does not support this", times=1)
    called(server, json.dumps(ANN))
    assert (await take(server, mode="function_calling")).outputs["name"] == "Ann"
    assert ["tool_choice" in body for body in server.requests] == [True, False]


async def test_a_model_without_functions(server: OpenAIServer) -> None:
    server.fail(400, "m does not support tools")
    with pytest.raises(NodeFailed) as failed:
        await take(server, mode="function_calling")
    assert failed.value.code == "llm.tools_unsupported"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{not json"], "the call of take_fields cannot be used"),
        (["[1]"], "the call of take_fields cannot be used"),
        ([json.dumps(ANN), json.dumps(ANN)], "the function was called 2 times"),
        ([json.dumps({**ANN, "age": "old"})], "$.age: 'old' is not of type 'integer', 'null'"),
        ([json.dumps({**ANN, "size": "huge"})], "$.size: 'huge' is not one of"),
        ([json.dumps({**ANN, "wishes": [1]})], "$.wishes[0]: 1 is not of type 'string'"),
    ],
)
async def test_a_call_that_cannot_be_used_is_mended(
    server: OpenAIServer, arguments: list[str], said: str
) -> None:
    called(server, *arguments, times=1)
    called(server, json.dumps(ANN))
    outcome = await take(server, mode="function_calling")
    assert outcome.outputs["name"] == "Ann"
    assert outcome.usage is not None
    assert outcome.usage.total_tokens == 30
    *_, shown, told = server.requests[1]["messages"]
    assert shown == {"role": "assistant", "content": "\n".join(arguments)}
    assert said in told["content"]
    server.rules.clear()
    called(server, *arguments)
    with pytest.raises(NodeFailed) as failed:
        await take(server, mode="function_calling", max_repairs=0)
    assert failed.value.code in ("llm.invalid_json", "llm.schema_mismatch")
    assert failed.value.retryable


async def test_another_function_is_refused(server: OpenAIServer) -> None:
    called(server, "{}", name="delete_everything")
    with pytest.raises(NodeFailed) as failed:
        await take(server, mode="function_calling")
    assert (failed.value.code, failed.value.details["rounds"]) == ("llm.invalid_json", 2)
    assert "there is no tool 'delete_everything'" in failed.value.message


async def test_what_is_left_out_or_empty_is_not_said(server: OpenAIServer) -> None:
    server.reply(['{"name": " ", "colour": "red"}'])
    outcome = await take(server, mode="prompt")
    assert outcome.outputs["fields"] == {}
    assert outcome.outputs["missing"] == ["name", "size"]
    assert "colour" not in outcome.outputs


async def test_an_answer_that_is_no_object(server: OpenAIServer) -> None:
    server.reply(["[]"])
    with pytest.raises(NodeFailed) as failed:
        await take(server, mode="prompt", max_repairs=0)
    assert failed.value.code == "llm.schema_mismatch"


async def test_what_is_known_is_not_asked_for(server: OpenAIServer) -> None:
    outcome = await take(server, known={"name": "Bo", "age": 3, "size": "large", "wishes": []})
    assert outcome.outputs["fields"]["name"] == "Bo"
    assert (await take(server, text=" ")).outputs["missing"] == ["name", "size"]
    assert not server.requests


@pytest.mark.parametrize("mode", ["schema", "function_calling", "prompt"])
async def test_the_demo_model_takes_what_is_written(mode: str) -> None:
    async with DemoModel(interval=0) as demo:
        outcome = await take(demo, text="name: Ann, size: large, age: 7", mode=mode)
    assert outcome.outputs["fields"] == {"name": "Ann", "size": "large", "age": 7}


def test_items_are_of_arrays() -> None:
    config = {"text": "x", "fields": {"a": {"items": "string"}}}
    loaded = load_workflow({"id": "w", "nodes": [{"id": "n", "type": "extract", "config": config}]})
    assert "field 'a' has items" in " ".join(one.message for one in loaded.findings)
