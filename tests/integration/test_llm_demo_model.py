"""The demo model, through the openai client and the llm node."""

from __future__ import annotations

import time
from typing import Any

import openai
import pytest

from runfold.errors import ConfigurationError, NodeFailed
from runfold.graph.kinds.llm import LLMConfig
from runfold.model_servers.demo.server import DemoModel
from runfold.settings import Settings
from runfold_executor_llm.llm import NODE
from tests.support.node_contexts import RecordingContext, attempted


async def ask(demo: DemoModel, **config: Any) -> tuple[dict[str, Any], RecordingContext]:
    ctx = RecordingContext(Settings(openai_base_url=demo.base_url))
    outcome = await attempted(NODE, ctx, LLMConfig(**config))
    return outcome.outputs, ctx


async def test_it_streams_labelled_text() -> None:
    async with DemoModel(interval=0) as demo:
        outputs, ctx = await ask(demo, prompt="Outline tea")
    assert outputs["output"].startswith("[demo model]")
    assert "Outline tea" in outputs["output"]
    assert outputs["usage"]["completion_tokens"] == len(ctx.streamed) > 20
    assert outputs["usage"]["prompt_tokens"] == 2


async def test_it_answers_in_one_piece_too() -> None:
    async with DemoModel() as demo:
        streamed, _ = await ask(demo, prompt="Outline tea")
        whole, _ = await ask(demo, prompt="Outline tea", stream=False)
    assert streamed["output"] == whole["output"]
    assert streamed["usage"] == whole["usage"]


async def test_structured_answers() -> None:
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "mark": {"type": "integer", "minimum": 1}},
        "required": ["title", "mark"],
        "additionalProperties": False,
    }
    async with DemoModel(interval=0) as demo:
        outputs, _ = await ask(demo, prompt="x", response_format=schema)
        plain, _ = await ask(demo, prompt="Score it, 1-10", response_format="json")
    assert set(outputs["structured"]) == {"title", "mark"}
    assert plain["structured"]["score"] == 8


async def test_measuring() -> None:
    before = time.monotonic_ns()
    pace = {"tokens": 5, "interval": 0, "stamp": True}
    async with DemoModel() as demo:
        outputs, ctx = await ask(demo, prompt="x", extra={"runfold_demo": pace})
    stamps = [int(stamp) for stamp in outputs["output"].split()]
    assert len(stamps) == len(ctx.streamed) == 5
    assert before < stamps[0]
    assert sorted(stamps) == stamps
    assert stamps[-1] < time.monotonic_ns()


async def test_what_it_lists_and_refuses() -> None:
    async with DemoModel() as demo:
        client = openai.AsyncOpenAI(api_key="any", base_url=demo.base_url, max_retries=0)
        assert [model.id async for model in client.models.list()] == ["demo"]
        with pytest.raises(openai.NotFoundError):
            await client.images.generate(model="demo", prompt="x")
        with pytest.raises(openai.BadRequestError, match="not a chat completion request"):
            await client.chat.completions.create(
                model="demo", messages=[], extra_body={"runfold_demo": {"token": 1}}
            )
        await client.close()


async def test_models_that_fail_on_purpose() -> None:
    async with DemoModel(interval=0) as demo:
        for model in ("flaky", "flaky", "unavailable"):
            with pytest.raises(NodeFailed, match=f"the demo model '{model}'") as failed:
                await ask(demo, prompt="x", model=model)
            assert (failed.value.code, failed.value.retryable) == ("llm.server", True)
        outputs, _ = await ask(demo, prompt="x", model="flaky")
    assert outputs["output"].startswith("[demo model]")


async def test_a_port_in_use() -> None:
    async with DemoModel() as demo:
        port = int(demo.base_url.split(":")[2].split("/")[0])
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            await DemoModel(port=port).__aenter__()
