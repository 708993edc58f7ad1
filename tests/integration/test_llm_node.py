"""The llm node against a scripted server, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.graph.kinds.llm import LLMConfig
from runfold.settings import LLMSettings, ModelPrice, Provider, Settings
from runfold_executor_llm.clients import open_clients
from runfold_executor_llm.llm import NODE
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.openai_server import OpenAIServer

KEY = "sk-secret-of-the-test"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as scripted:
        yield scripted


def context(server: OpenAIServer, **llm: Any) -> RecordingContext:
    settings = Settings(
        openai_api_key=KEY,  # type: ignore[arg-type]
        openai_base_url=server.base_url,
        llm=LLMSettings(**llm),
    )
    return RecordingContext(settings)


async def ask(server: OpenAIServer, prompt: str = "Hi", **config: Any) -> Outcome:
    return await attempted(NODE, context(server), LLMConfig(prompt=prompt, **config))


class Watched(RecordingContext):
    """Says when the second piece was streamed."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.second = asyncio.Event()

    async def stream(self, text: str, **kind: Any) -> None:
        await super().stream(text, **kind)
        if len(self.streamed) > 1:
            self.second.set()


async def test_text_is_streamed_as_it_comes(server: OpenAIServer) -> None:
    gate = asyncio.Event()
    rule = server.reply(["One", " two", " three"], gate=gate, gate_after=2)
    ctx = Watched(context(server).settings)
    asked = asyncio.create_task(attempted(NODE, ctx, LLMConfig(prompt="Count", model="m")))
    await rule.reached.wait()
    await ctx.second.wait()
    assert ctx.streamed == [("text", "output", "One"), ("text", "output", " two")]
    assert not asked.done()
    gate.set()
    outcome = await asked
    assert outcome.outputs == {
        "output": "One two three",
        "reasoning": "",
        "finish_reason": "stop",
        "model": "m",
        "usage": {
            "prompt_tokens": 1,
            "completion_tokens": 3,
            "total_tokens": 4,
            "reasoning_tokens": 0,
            "cost": 0.0,
            "currency": "USD",
        },
    }
    assert outcome.usage == Usage(1, 3, 4)
    assert "".join(text for *_, text in ctx.streamed) == "One two three"


async def test_what_is_sent(server: OpenAIServer) -> None:
    server.reply("ok")
    await ask(
        server,
        "Hi",
        model="m",
        system_prompt="Be brief",
        temperature=0.2,
        max_tokens=50,
        stop=["END"],
        seed=7,
        extra={"top_k": 5},
    )
    assert server.requests == [
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "Be brief"},
                {"role": "user", "content": "Hi"},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.2,
            "max_tokens": 50,
            "stop": ["END"],
            "seed": 7,
            "top_k": 5,
        }
    ]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


async def test_a_provider_by_its_name(server: OpenAIServer) -> None:
    server.reply("ok")
    near = Provider(base_url=server.base_url, api_key="near-key")  # type: ignore[arg-type]
    settings = Settings(llm=LLMSettings(providers={"near": near}))
    await attempted(NODE, RecordingContext(settings), LLMConfig(prompt="x", model="near/org/m"))
    assert server.requests[0]["model"] == "org/m"
    assert server.headers[0]["authorization"] == "Bearer near-key"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_in_a_field_of_its_own(server: OpenAIServer, field: str) -> None:
    server.reply("42", reasoning=["Let me", " think"], reasoning_field=field)
    ctx = context(server)
    outcome = await attempted(NODE, ctx, LLMConfig(prompt="x"))
    assert outcome.outputs["output"] == "42"
    assert outcome.outputs["reasoning"] == "Let me think"
    assert ctx.streamed == [
        ("reasoning", "reasoning", "Let me"),
        ("reasoning", "reasoning", " think"),
        ("text", "output", "42"),
    ]
    assert outcome.usage is not None
    assert outcome.usage.reasoning_tokens == 2


async def test_reasoning_in_tags(server: OpenAIServer) -> None:
    server.reply(["<thi", "nk>hm", "</th", "ink>", "\n4", "2"])
    ctx = context(server)
    outcome = await attempted(NODE, ctx, LLMConfig(prompt="x"))
    assert (outcome.outputs["output"], outcome.outputs["reasoning"]) == ("42", "hm")
    assert [kind for kind, *_ in ctx.streamed] == ["reasoning", "text", "text"]


async def test_without_streaming(server: OpenAIServer) -> None:
    server.reply("All at once", reasoning=["hm"])
    ctx = context(server)
    outcome = await attempted(NODE, ctx, LLMConfig(prompt="x", stream=False))
    assert outcome.outputs["output"] == "All at once"
    assert outcome.outputs["reasoning"] == "hm"
    assert outcome.usage is not None
    assert "stream_options" not in server.requests[0]
    assert ctx.streamed[-1] == ("text", "output", "All at once")


async def test_a_server_that_never_streams(server: OpenAIServer) -> None:
    server.reply("All at once", fault="json")
    assert (await ask(server)).outputs["output"] == "All at once"


async def test_a_server_without_usage(server: OpenAIServer) -> None:
    server.reply("ok", send_usage=False)
    outcome = await ask(server)
    assert outcome.usage is None
    assert outcome.outputs["usage"] is None


async def test_a_server_that_refuses_stream_options(server: OpenAIServer) -> None:
    server.refuse_stream_options = True
    server.reply("ok")
    ctx, config = context(server), LLMConfig(prompt="Hi")
    async with open_clients(ctx.settings) as ctx.resource:
        assert (await attempted(NODE, ctx, config)).outputs["output"] == "ok"
        await attempted(NODE, ctx, config)
    assert ["stream_options" in body for body in server.requests] == [True, False, False]


async def test_a_model_that_wants_max_completion_tokens(server: OpenAIServer) -> None:
    message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server.fail(400, message, times=1)
    server.reply("ok")
    assert (await ask(server, max_tokens=9)).outputs["output"] == "ok"
    assert server.requests[1]["max_completion_tokens"] == 9
    assert "max_tokens" not in server.requests[1]


async def test_json(server: OpenAIServer) -> None:
    server.reply(['{"mark"', ": 8}"])
    outcome = await ask(server, response_format="json")
    assert outcome.outputs["structured"] == {"mark": 8}
    assert outcome.outputs["output"] == '{"mark": 8}'
    assert server.requests[0]["response_format"] == {"type": "json_object"}


async def test_a_schema(server: OpenAIServer) -> None:
    schema = {"type": "object", "properties": {"mark": {"type": "integer"}}, "required": ["mark"]}
    server.reply('{"mark": 8}', times=1)
    server.reply('{"mark": "high"}')
    assert (await ask(server, response_format=schema)).outputs["structured"] == {"mark": 8}
    sent = server.requests[0]["response_format"]
    assert sent == {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    with pytest.raises(NodeFailed) as failed:
        await ask(server, response_format=schema)
    assert failed.value.code == "llm.schema_mismatch"


@pytest.mark.parametrize("status", [400, 500])
async def test_a_server_without_schemas(server: OpenAIServer, status: int) -> None:
    schema = {"type": "object", "required": ["mark"]}
    server.fail(status, "response_format.type: should be 'text' or 'json_object'", times=1)
    server.reply('{"mark": 8}')
    outcome = await ask(server, "Mark it", response_format=schema)
    assert outcome.outputs["structured"] == {"mark": 8}
    assert server.requests[1]["response_format"] == {"type": "json_object", "schema": schema}
    assert '"required": ["mark"]' in server.requests[1]["messages"][0]["content"]
    assert server.prompts[1] == "Mark it"


async def test_a_server_that_knows_schemas_alone(server: OpenAIServer) -> None:
    server.fail(400, "'response_format.type' must be 'json_schema' or 'text'", times=1)
    server.reply('{"mark": 8}')
    ctx, config = context(server), LLMConfig(prompt="x", response_format="json")
    async with open_clients(ctx.settings) as ctx.resource:
        for _ in range(2):
            outcome = await attempted(NODE, ctx, config)
            assert outcome.outputs["structured"] == {"mark": 8}
    formats = [body["response_format"]["type"] for body in server.requests]
    assert formats == ["json_object", "json_schema", "json_schema"], "it is remembered"


async def test_a_server_that_knows_no_format(server: OpenAIServer) -> None:
    schema = {"type": "object", "required": ["mark"]}
    server.fail(400, "response_format is not supported", times=2)
    server.reply('Sure:\n```json\n{"mark": 8}\n```')
    outcome = await ask(server, "Mark it", response_format=schema)
    assert outcome.outputs["structured"] == {"mark": 8}
    assert "response_format" not in server.requests[2]
    assert '"required": ["mark"]' in server.requests[2]["messages"][0]["content"]


async def test_a_model_of_one_temperature(server: OpenAIServer) -> None:
    message = "Unsupported value: 'temperature' does not support 0.2 with this model."
    server.fail(400, message, times=1)
    server.reply("ok")
    ctx = context(server)
    outcome = await attempted(NODE, ctx, LLMConfig(prompt="x", temperature=0.2, top_p=0.9))
    assert outcome.outputs["output"] == "ok"
    assert "temperature" not in server.requests[1]
    assert server.requests[1]["top_p"] == 0.9
    left_out = {"left_out": ["temperature"]}
    assert ctx.logged == [("model does not take some parameters", left_out)]


async def test_only_what_helped_is_remembered(server: OpenAIServer) -> None:
    server.fail(400, "unknown model; you sent temperature", times=2)
    server.reply("ok")
    ctx, config = context(server), LLMConfig(prompt="x", temperature=0.2)
    async with open_clients(ctx.settings) as ctx.resource:
        with pytest.raises(NodeFailed):
            await attempted(NODE, ctx, config)
        await attempted(NODE, ctx, config)
    assert ["temperature" in body for body in server.requests] == [True, False, True]


async def test_the_cost(server: OpenAIServer) -> None:
    server.reply("ok", usage={"prompt_tokens": 1_000_000, "completion_tokens": 500_000})
    ctx = context(server, prices={"m": ModelPrice(prompt=1.0, completion=4.0)})
    outcome = await attempted(NODE, ctx, LLMConfig(prompt="x", model="m"))
    assert outcome.usage is not None
    assert outcome.usage.cost == 3.0
    assert outcome.outputs["usage"]["cost"] == 3.0


async def test_a_cancelled_attempt_hangs_up(server: OpenAIServer) -> None:
    rule = server.reply(["One", " two"], gate=asyncio.Event(), gate_after=1)
    asked = asyncio.create_task(ask(server))
    await rule.reached.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await rule.gone.wait()


async def test_requests_run_side_by_side(server: OpenAIServer) -> None:
    gate = asyncio.Event()
    rules = [server.reply(f"{name}!", when=name, gate=gate) for name in ("tea", "mate")]
    asked = [asyncio.create_task(ask(server, name)) for name in ("tea", "mate")]
    for rule in rules:
        await rule.reached.wait()
    gate.set()
    outcomes = await asyncio.gather(*asked)
    assert [outcome.outputs["output"] for outcome in outcomes] == ["tea!", "mate!"]
