"""`structured` and `intent` against a scripted server: good answers, bad ones, and their cost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.graph.kinds.intent import IntentConfig
from runfold.graph.kinds.structured import StructuredConfig
from runfold.model_servers.demo.server import DemoModel
from runfold.settings import LLMSettings, ModelPrice, Settings
from runfold_executor_llm import intent, structured_node
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.openai_server import OpenAIServer

BOOK = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "pages": {"type": "integer"}},
    "required": ["title", "pages"],
    "additionalProperties": False,
}
CLASSES: list[dict[str, Any]] = [
    {"id": "c1", "name": "Refund", "description": "The customer wants money back"},
    {"id": "c2", "name": "投诉", "examples": ["你们的服务太差了"]},
    {"id": "Ware-3", "name": "C#"},
]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as scripted:
        yield scripted


def context(server: Any) -> RecordingContext:
    prices = {"m": ModelPrice(prompt=1.0, completion=2.0)}
    settings = Settings(openai_base_url=server.base_url, llm=LLMSettings(prices=prices))
    return RecordingContext(settings)


async def structured(server: Any, **config: Any) -> Outcome:
    given = {"schema": BOOK, "prompt": "Describe it", "model": "m", **config}
    asked = msgspec.convert(given, StructuredConfig)
    return await attempted(structured_node.NODE, context(server), asked)


async def sort(server: Any, text: str = "Give it back!", **config: Any) -> Outcome:
    given = {"text": text, "classes": CLASSES, "model": "m", **config}
    return await attempted(intent.NODE, context(server), msgspec.convert(given, IntentConfig))


async def test_a_value_that_fits(server: OpenAIServer) -> None:
    server.reply(
        '{"title": "Tea", "pages": 90}', usage={"prompt_tokens": 10, "completion_tokens": 5}
    )
    outcome = await structured(server, temperature=0.3, system_prompt="You know books.")
    assert outcome.outputs["output"] == {"title": "Tea", "pages": 90}
    assert outcome.outputs["repairs"] == 0
    assert outcome.usage == Usage(10, 5, 15, cost=20e-6)
    sent = server.requests[0]
    assert sent["response_format"]["json_schema"]["schema"] == BOOK
    assert sent["temperature"] == 0.3
    assert sent["messages"][0]["content"].startswith("You know books.\n\n")
    assert '"pages"' in sent["messages"][0]["content"], "servers may pass over the response format"


async def test_a_wrong_answer_is_mended_and_both_are_paid_for(server: OpenAIServer) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    server.reply('{"title": "Tea", "pages": "many"}', times=1, usage=usage)
    server.reply('{"title": "Tea", "pages": 90}', usage=usage)
    outcome = await structured(server)
    assert outcome.outputs["output"]["pages"] == 90
    assert outcome.outputs["repairs"] == 1
    assert outcome.usage == Usage(20, 10, 30, cost=40e-6)
    assert outcome.outputs["usage"]["total_tokens"] == 30
    *_, said, told = server.requests[1]["messages"]
    assert said == {"role": "assistant", "content": '{"title": "Tea", "pages": "many"}'}
    assert "$.pages: 'many' is not of type 'integer'" in told["content"]


async def test_an_answer_that_stays_wrong_says_what_it_cost(server: OpenAIServer) -> None:
    server.reply("I would rather not", usage={"prompt_tokens": 10, "completion_tokens": 5})
    with pytest.raises(NodeFailed, match="is not JSON") as failed:
        await structured(server, max_repairs=2)
    assert failed.value.message.endswith("(asked 3 times)")
    assert failed.value.code == "llm.invalid_json"
    assert failed.value.retryable
    assert failed.value.details["rounds"] == len(server.requests) == 3
    assert failed.value.details["usage"]["total_tokens"] == 45


@pytest.mark.parametrize(
    "text",
    [
        'Sure! Here it is: {"title": "a {", "pages": 1} Have fun.',
        '```json\n{"title": "a {", "pages": 1}\n```',
        '```\n{"title": "a {", "pages": 1}\n```',
        '<think>{"title": "no", "pages": 9}</think>{"title": "a {", "pages": 1}',
        '{"title": "no", "pages": 9} and so on</think>\n{"title": "a {", "pages": 1}',
        'As {asked}: {"title": "a {", "pages": 1}',
    ],
)
async def test_json_among_other_words(server: OpenAIServer, text: str) -> None:
    server.reply([text])
    outcome = await structured(server, max_repairs=0)
    assert outcome.outputs["output"] == {"title": "a {", "pages": 1}


async def test_of_two_objects_neither_is_taken(server: OpenAIServer) -> None:
    server.reply(['First {"title": "a", "pages": 1}, or {"title": "b", "pages": 2}'])
    with pytest.raises(NodeFailed) as failed:
        await structured(server, max_repairs=0)
    assert failed.value.message == "the answer has 2 JSON objects, and one is wanted"


async def test_a_list_is_asked_for_inside_an_object(server: OpenAIServer) -> None:
    schema = {
        "title": "Words",
        "type": "array",
        "items": {"anyOf": [{"$ref": "#/$defs/word"}, {"$ref": "#"}]},
        "$defs": {"word": {"type": "string"}},
    }
    server.reply('{"value": ["a", ["b"]]}', times=1)
    server.reply('["bare"]', times=1)
    outcome = await structured(server, schema=schema)
    assert outcome.outputs["output"] == ["a", ["b"]]
    sent = server.requests[0]["response_format"]["json_schema"]["schema"]
    assert sent["type"] == "object"
    assert sent["properties"]["value"]["items"]["anyOf"] == [
        {"$ref": "#/$defs/word"},
        {"$ref": "#/properties/value"},
    ]
    assert (await structured(server, schema=schema)).outputs["output"] == ["bare"]


async def test_a_cut_or_empty_answer_is_not_asked_for_again(server: OpenAIServer) -> None:
    server.reply('{"title": "T', finish_reason="length", times=1)
    server.reply("", times=1)
    with pytest.raises(NodeFailed) as failed:
        await structured(server, max_tokens=5)
    assert (failed.value.code, len(server.requests)) == ("llm.truncated", 1)
    with pytest.raises(NodeFailed) as failed:
        await structured(server)
    assert (failed.value.code, len(server.requests)) == ("llm.empty_answer", 2)


async def test_the_backup_is_asked_when_it_is_its_turn(server: OpenAIServer) -> None:
    server.reply('{"title": "Tea", "pages": 90}')
    ctx = context(server)
    ctx.backup = True
    config = StructuredConfig(schema=BOOK, prompt="x", model="m", backup_model="spare")
    await attempted(structured_node.NODE, ctx, config)
    assert server.requests[0]["model"] == "spare"


async def test_a_schema_that_is_none_asks_nobody(server: OpenAIServer) -> None:
    with pytest.raises(NodeFailed, match="schema: ") as failed:
        await structured(server, schema={"type": "objekt"})
    assert (failed.value.code, failed.value.retryable) == ("llm.schema_invalid", False)
    assert not server.requests


async def test_the_reason_comes_with_the_class(server: OpenAIServer) -> None:
    server.reply('{"reason": "Money.", "class": "Refund"}')
    outcome = await sort(server)
    assert outcome.port == "c1"
    assert outcome.outputs | {"usage": None} == {
        "output": "c1",
        "class_id": "c1",
        "class_name": "Refund",
        "class_label": "Refund",
        "index": 1,
        "reason": "Money.",
        "problem": "",
        "model": "m",
        "usage": None,
    }
    assert outcome.usage is not None
    system, user = server.requests[0]["messages"]
    assert user == {"role": "user", "content": "Give it back!"}
    assert "2. 投诉\n   for example: 你们的服务太差了" in system["content"]
    form = server.requests[0]["response_format"]["json_schema"]["schema"]
    assert form["properties"]["class"]["enum"] == ["Refund", "投诉", "C#", "other"]
    assert server.requests[0]["temperature"] == 0.0


@pytest.mark.parametrize(
    ("said", "port"),
    [
        ("2", "c2"),
        ("\uff12。", "c2"),
        ("**2**", "c2"),
        ("2. 投诉", "c2"),
        ("Class 2", "c2"),
        ("The answer is: 2", "c2"),
        ("类别\uff1a2", "c2"),
        ('"投诉"', "c2"),
        ("c2", "c2"),
        ("<think>1 or 2? It is 1</think>\n\n2", "c2"),
        ("1 it is, or is it</think>2", "c2"),
        ("2\n\nBecause of the tone.", "c2"),
        ("They are cross.\nAnswer: 2", "c2"),
        ("C#", "Ware-3"),
        ('{"class": 3}', "Ware-3"),
        ('{"reason": "", "class": ["Refund"]}', "c1"),
        ("0", "other"),
        ("other", "other"),
    ],
)
async def test_a_class_however_it_is_said(server: OpenAIServer, said: str, port: str) -> None:
    server.reply([said])
    outcome = await sort(server, mode="fast")
    assert (outcome.port, outcome.outputs["class_id"]) == (port, port)
    assert outcome.outputs["problem"] == ""
    assert "response_format" not in server.requests[0]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("7", "there is no such class: '7'"),
        ("1, 2", "the answer names several classes"),
        ("Refund or 投诉", "the answer names several classes"),
        ("1. Refund\n2. 投诉", "the answer names several classes"),
        ('{"class": ["Refund", "投诉"]}', "the answer names several classes"),
        ("It is not a refund", "the answer names no class"),
        ("None of the 3 fits", "the answer names no class"),
        ("refunded", "the answer names no class"),
        ('{"class": "Praise"}', "the answer names no class: 'Praise'"),
        ('{"class": null}', "the answer names no class"),
        ('{"class": true}', "the answer names no class"),
        ('{"class": {"id": 1}}', "the answer names no class"),
        ('{"klass": "Refund"}', "the answer names no class"),
        ('{"class": "Refu', "the answer names no class"),
    ],
)
async def test_what_names_no_class_is_other(server: OpenAIServer, said: str, problem: str) -> None:
    server.reply([said])
    outcome = await sort(server)
    assert (outcome.port, outcome.outputs["index"]) == ("other", 0)
    assert outcome.outputs["problem"].startswith(problem)


async def test_classes_that_are_called_numbers_are_named(server: OpenAIServer) -> None:
    server.reply("2")
    outcome = await sort(server, mode="fast", classes=["2", "1"])
    assert outcome.port == "2"
    assert "name of the class" in server.requests[0]["messages"][0]["content"]
    server.rules.clear()
    server.reply("2")
    dify = [{"id": "2", "name": "Sales"}, {"id": "1", "name": "Support"}]
    assert (await sort(server, mode="fast", classes=dify)).port == "1", "the second of the list"


async def test_a_class_that_is_called_other(server: OpenAIServer) -> None:
    server.reply('{"reason": "", "class": "Other"}', times=1)
    server.reply('{"reason": "", "class": "none"}')
    classes = ["refund", {"id": "rest", "name": "Other"}]
    assert (await sort(server, classes=classes)).port == "rest"
    assert (await sort(server, classes=classes)).port == "other"


async def test_names_that_are_the_same_are_told_apart(server: OpenAIServer) -> None:
    server.reply('{"reason": "", "class": "sales"}')
    classes = [{"id": "a", "name": "Sales"}, {"id": "b", "name": "sales"}]
    assert (await sort(server, classes=classes)).port == "other", "no class is called so"
    server.rules.clear()
    server.reply('{"reason": "", "class": "sales (b)"}')
    assert (await sort(server, classes=classes)).port == "b"


async def test_a_class_stands_on_one_line(server: OpenAIServer) -> None:
    server.reply("1")
    classes = [{"id": "a", "name": "Tea\n2. Coffee", "description": "x\n3. y"}, "b"]
    assert (await sort(server, classes=classes, mode="fast")).port == "a"
    listed = server.requests[0]["messages"][0]["content"]
    assert "Classes:\n1. Tea 2. Coffee: x 3. y\n2. b\n" in listed


async def test_the_conversation_is_told_and_not_held(server: OpenAIServer) -> None:
    server.reply("1")
    history = [
        {"role": "user", "content": "old"},
        {"role": "user", "content": [{"type": "text", "text": "hello"}, {"type": "image_url"}]},
        {"role": "assistant", "content": "hi"},
    ]
    await sort(server, mode="fast", history=history, history_window=2)
    system, _ = server.requests[0]["messages"]
    assert "The conversation so far:\nuser: hello\nassistant: hi\n" in system["content"]
    with pytest.raises(NodeFailed) as failed:
        await sort(server, history="not a list")
    assert failed.value.code == "llm.messages_invalid"


async def test_without_text_nobody_is_asked(server: OpenAIServer) -> None:
    outcome = await sort(server, text=" ")
    assert (outcome.port, outcome.outputs["problem"]) == ("other", "there is no text")
    assert not server.requests


async def test_cut_off_or_empty_is_a_failure(server: OpenAIServer) -> None:
    server.reply("Let me see", finish_reason="length", times=1)
    server.reply("", times=1)
    for code in ("llm.truncated", "llm.empty_answer"):
        with pytest.raises(NodeFailed) as failed:
            await sort(server, mode="fast", max_tokens=3)
        assert failed.value.code == code


@pytest.mark.parametrize("mode", ["full", "fast"])
async def test_the_demo_model_sorts_by_words(mode: str) -> None:
    async with DemoModel() as demo:
        ports = [
            (await sort(demo, text, mode=mode)).port
            for text in ("I want my money back", "你们的服务很差", "Nice weather")
        ]
    assert ports == ["c1", "c2", "other"]


async def test_the_demo_model_takes_what_is_said() -> None:
    async with DemoModel() as demo:
        outcome = await structured(demo, prompt="title: Tea, pages: 90")
    assert outcome.outputs["output"] == {"title": "Tea", "pages": 90}


async def test_a_history_with_calls_is_told_without_them(server: OpenAIServer) -> None:
    server.reply("1")
    history = [
        {"role": "user", "content": "I paid twice"},
        {"role": "assistant", "tool_calls": [{"id": "c1", "name": "look", "arguments": {}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "two payments"},
    ]
    outcome = await sort(server, history=history, mode="fast")
    assert outcome.port == "c1"
    assert "user: I paid twice\nassistant: \ntool: two payments" in str(
        server.requests[0]["messages"][0]["content"]
    )
