"""Workflows as models: the official client talks to the gateway and knows nothing of runfold."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openai
import pytest

from runfold.model_servers.demo.server import DemoModel
from tests.support.model_bodies import DONE
from tests.support.model_bodies import chunk as piece
from tests.support.openai_server import OpenAIServer, Rule
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "executor-llm", "projection", "gateway")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CHAT = {
    "id": "chat",
    "nodes": [
        {
            "id": "reply",
            "type": "llm",
            "config": {"history": "{{sys.history}}", "prompt": "{{sys.query}}"},
        },
        {"id": "say", "type": "answer", "config": {"answer": "{{reply.output}}"}},
    ],
    "settings": {"model": {"name": "acme/chat-1"}},
}
CALLED = {"name": "weather", "arguments": '{"town":"Oslo"}'}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Says how the weather is.",
            "parameters": {"type": "object", "properties": {"town": {"type": "string"}}},
        },
    }
]


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def stack(model: OpenAIServer) -> AsyncIterator[Stack]:
    async with running(SERVICES, model_url=model.base_url) as made:
        yield made


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[openai.AsyncOpenAI]:
    made = openai.AsyncOpenAI(base_url=f"{stack.gateway}/v1", api_key="any", max_retries=0)
    async with made:
        yield made


async def published(stack: Stack, *documents: dict[str, Any]) -> None:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api:
        for document in documents:
            answer = await api.post("/workflows", json=document)
            assert answer.status_code == 201, answer.text


async def test_three_turns_of_a_chat(
    stack: Stack, client: openai.AsyncOpenAI, model: OpenAIServer
) -> None:
    await published(stack, CHAT)
    assert [one.id async for one in client.models.list()] == ["acme/chat-1"]
    assert (await client.models.retrieve("acme/chat-1")).owned_by == "runfold"
    messages: list[Any] = [{"role": "system", "content": "Be short."}]
    for number in range(3):
        model.reply([f"Answer {number}", "."], when=f"Question {number}", times=1)
        messages.append({"role": "user", "content": f"Question {number}"})
        answer = await client.chat.completions.create(model="acme/chat-1", messages=messages)
        assert answer.choices[0].message.content == f"Answer {number}."
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage is not None
        assert answer.usage.total_tokens > 0
        messages.append({"role": "assistant", "content": answer.choices[0].message.content})
    assert [one["content"] for one in model.requests[-1]["messages"]] == [
        "Be short.",
        *("Question 0", "Answer 0.", "Question 1", "Answer 1.", "Question 2"),
    ]


async def test_a_conversation_is_kept_in_the_log(
    stack: Stack, client: openai.AsyncOpenAI, model: OpenAIServer
) -> None:
    await published(stack, CHAT)
    for number in range(3):
        model.reply([f"Answer {number}"], when=f"Question {number}", times=1)
        answer = await client.chat.completions.create(
            model="acme/chat-1",
            messages=[{"role": "user", "content": f"Question {number}"}],
            user="ann",
            extra_body={"conversation_id": "c-1"},
        )
        assert answer.choices[0].message.content == f"Answer {number}"
        # The answer becomes a message after the run's end: the next turn waits for it.
        await _said(stack, "c-1", 2 * (number + 1))
    assert [one["content"] for one in model.requests[-1]["messages"]] == [
        *("Question 0", "Answer 0", "Question 1", "Answer 1", "Question 2"),
    ]
    with pytest.raises(openai.NotFoundError) as refused:
        await client.chat.completions.create(
            model="acme/chat-1",
            messages=[{"role": "user", "content": "Whose?"}],
            user="bob",
            extra_body={"conversation_id": "c-1"},
        )
    assert refused.value.code == "conversation.not_found"


async def _said(stack: Stack, conversation_id: str, count: int) -> None:
    async with (
        asyncio.timeout(20),
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api,
    ):
        while True:
            path = f"/conversations/{conversation_id}/messages"
            listed = await api.get(path, params={"user_id": "ann"})
            if len(listed.json().get("items", ())) >= count:
                return


async def test_a_stream_has_the_pieces_of_the_run_in_order(
    stack: Stack, client: openai.AsyncOpenAI, model: OpenAIServer
) -> None:
    await published(stack, CHAT)
    words = [f"word{number} " for number in range(50)]
    model.reply(words, reasoning=["Let ", "me see."])
    stream = await client.chat.completions.create(
        model="acme/chat-1",
        messages=[{"role": "user", "content": [{"type": "text", "text": "Count"}]}],
        stream=True,
        stream_options={"include_usage": True},
    )
    said, thought, finish, usage = "", "", None, None
    run_id = ""
    async for chunk in stream:
        run_id = chunk.id.removeprefix("chatcmpl-")
        usage = chunk.usage or usage
        for choice in chunk.choices:
            said += choice.delta.content or ""
            thought += getattr(choice.delta, "reasoning_content", "") or ""
            finish = choice.finish_reason or finish
    assert (said, thought, finish) == ("".join(words), "Let me see.", "stop")
    assert usage is not None
    chunks = await stack.bus.chunks.read(run_id)
    told = [one.chunk.text for one in chunks if one.chunk.kind == "text" and one.chunk.text]
    assert said == "".join(told)


async def test_the_callers_tools_are_passed_on(
    stack: Stack, client: openai.AsyncOpenAI, model: OpenAIServer
) -> None:
    document = {
        "id": "caller",
        "inputs": {"messages": "array", "tools": "array", "temperature": "number"},
        "nodes": [
            {
                "id": "reply",
                "type": "llm",
                "config": {
                    "messages": "{{messages}}",
                    "tools": "{{tools}}",
                    "transcript": [],
                    "temperature": "{{temperature}}",
                },
            },
            {
                "id": "end",
                "type": "end",
                "config": {
                    "outputs": {"answer": "{{reply.output}}", "tool_calls": "{{reply.tool_calls}}"}
                },
            },
        ],
        "settings": {"model": True},
    }
    await published(stack, document)
    messages: list[Any] = [{"role": "user", "content": "Rain in Oslo?"}]
    asked = {"index": 0, "id": "c1", "type": "function", "function": CALLED}
    raw = [piece({"tool_calls": [asked]}), piece({}, "tool_calls"), DONE]
    model.rules.append(Rule(raw=raw, when="Rain", times=2))
    wanted = {"model": "caller", "messages": messages, "tools": TOOLS, "temperature": 0.5}
    answer = await client.chat.completions.create(**wanted)
    assert answer.choices[0].finish_reason == "tool_calls"
    [call] = answer.choices[0].message.tool_calls or ()
    assert (call.id, call.function.name, call.function.arguments) == (
        *("c1", "weather"),
        '{"town":"Oslo"}',
    )
    stream = await client.chat.completions.create(**wanted, stream=True)
    calls = [call async for chunk in stream for call in chunk.choices[0].delta.tool_calls or ()]
    assert [(one.index, one.id) for one in calls] == [(0, "c1")]

    messages.append(answer.choices[0].message.to_dict())
    messages.append({"role": "tool", "tool_call_id": "c1", "content": "It rains."})
    model.reply(["Yes, it rains."])
    answer = await client.chat.completions.create(**wanted)
    assert answer.choices[0].message.content == "Yes, it rains."
    sent = model.requests[-1]
    assert [one["role"] for one in sent["messages"]] == ["user", "assistant", "tool"]
    assert (sent["tools"][0]["function"]["name"], sent["temperature"]) == ("weather", 0.5)


async def test_vectors() -> None:
    async with (
        DemoModel() as demo,
        running(SERVICES, model_url=demo.base_url) as stack,
        openai.AsyncOpenAI(base_url=f"{stack.gateway}/v1", api_key="any") as client,
    ):
        await _vectors(client)


async def _vectors(client: openai.AsyncOpenAI) -> None:
    made = await client.embeddings.create(model="small", input=["tea", "coffee"])
    again = await client.embeddings.create(model="small", input="tea", encoding_format="float")
    assert [one.index for one in made.data] == [0, 1]
    assert made.data[0].embedding == pytest.approx(again.data[0].embedding, rel=1e-6)


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"model": "nobody"}, 404, "model_not_found"),
    ({"messages": []}, 400, "chat.invalid"),
    ({"messages": [{"role": "king", "content": "x"}]}, 400, "chat.invalid"),
    ({"messages": [{"content": "x"}]}, 400, "chat.invalid"),
    ({"messages": "x"}, 400, "chat.invalid"),
    ({"messages": [{"role": "user", "content": 5}]}, 400, "chat.invalid"),
    ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, 400, "chat.invalid"),
    (
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "image_url", "image_url": {"url": "http://here"}}],
                }
            ]
        },
        400,
        "chat.invalid",
    ),
    ({"n": 2}, 400, "chat.invalid"),
    ({"tools": [{"type": "code"}]}, 400, "chat.invalid"),
    ({"inputs": {"surplus": 1}}, 422, "run.inputs_invalid"),
]


async def test_what_cannot_be_asked(stack: Stack) -> None:
    await published(stack, {**CHAT, "inputs": {"topic": "string"}})
    question = [{"role": "user", "content": "Hi"}]
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/v1", timeout=20) as api:
        for change, status, code in WRONG:
            body = {"model": "acme/chat-1", "messages": question, **change}
            answer = await api.post("/chat/completions", json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), change
        for raw in (b"", b"{", b"[]", b"null", b"\xff"):
            answer = await api.post("/chat/completions", content=raw)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "chat.invalid")
        assert (await api.get("/chat/completions")).status_code == 405


async def test_what_fails_is_told_with_its_run(
    stack: Stack, client: openai.AsyncOpenAI, model: OpenAIServer
) -> None:
    await published(stack, CHAT)
    model.fail(400, "no such thing")
    question: list[Any] = [{"role": "user", "content": "Hi"}]
    with pytest.raises(openai.APIStatusError) as failed:
        await client.chat.completions.create(model="acme/chat-1", messages=question)
    assert (failed.value.status_code, failed.value.code) == (424, "chat.run_failed")
    stream = await client.chat.completions.create(
        model="acme/chat-1", messages=question, stream=True
    )
    with pytest.raises(openai.APIError, match="failed"):
        async for _ in stream:
            pass


async def test_a_stream_of_a_run_that_is_refused_ends(
    stack: Stack, client: openai.AsyncOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a scheduler refuses and the gateway did not.
    monkeypatch.setattr("runfold_gateway.openai_api.requests.checked_user_id", str)
    await published(stack, CHAT)
    stream = await client.chat.completions.create(
        model="acme/chat-1",
        messages=[{"role": "user", "content": "Hi"}],
        user="a\0b",
        stream=True,
        timeout=10,
    )
    with pytest.raises(openai.APIError, match="was refused"):
        async for _ in stream:
            pass

    # Nobody is waited for who has gone, and a client that waits is shown that we are there.
    wait = {"id": "w", "type": "wait", "config": {"duration": 60}}
    await published(stack, {"id": "slow", "nodes": [wait], "settings": {"model": True}})
    asked: dict[str, Any] = {"model": "slow", "messages": [{"role": "user", "content": "Hi"}]}
    with pytest.raises(openai.APITimeoutError):
        await client.chat.completions.create(**asked, timeout=0.5)
    hearing = await client.chat.completions.create(**asked, stream=True)
    await anext(aiter(hearing))
    await hearing.close()
    for _ in range(100):
        waiting = [one for one in asyncio.all_tasks() if "Backend" in str(one.get_coro())]
        if not waiting:
            return
        await asyncio.sleep(0.05)
    pytest.fail(str(waiting))


async def test_an_image_is_a_file_of_the_run(
    stack: Stack, client: openai.AsyncOpenAI, model: OpenAIServer
) -> None:
    end = {"id": "end", "type": "end", "config": {"answer": "{{sys.files[0].media_type}}"}}
    await published(stack, {"id": "looks", "nodes": [end], "settings": {"model": True}})
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    content: Any = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": url}}]
    answer = await client.chat.completions.create(
        model="looks", messages=[{"role": "user", "content": content}]
    )
    assert answer.choices[0].message.content == "image/png"
