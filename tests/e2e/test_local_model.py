"""A real language model, offline. Opt-in: RUNFOLD_LOCAL_MODEL=1, with the extra `local-llm`."""

from __future__ import annotations

import asyncio
import os

import pytest

from runfold.graph.kinds.llm import LLMConfig
from runfold.model_servers.local.model import LocalModel
from runfold.settings import Settings
from runfold_executor_llm.llm import NODE
from tests.support.node_contexts import RecordingContext, attempted

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("RUNFOLD_LOCAL_MODEL"), reason="set RUNFOLD_LOCAL_MODEL=1 to run it"
    ),
    pytest.mark.timeout(300),
]


async def test_it_writes_text_token_by_token() -> None:
    async with LocalModel() as local:
        ctx = RecordingContext(Settings(openai_base_url=local.base_url))
        config = LLMConfig(
            prompt="Write one sentence about tea.", max_tokens=40, temperature=0.0, on_length="keep"
        )
        outcome = await attempted(NODE, ctx, config)
    assert outcome.outputs["output"].strip()
    assert outcome.outputs["finish_reason"] in {"stop", "length"}
    assert len(ctx.streamed) > 5
    assert "".join(text for *_, text in ctx.streamed) == outcome.outputs["output"]


async def test_requests_wait_for_each_other() -> None:
    async with LocalModel() as local:
        contexts = [RecordingContext(Settings(openai_base_url=local.base_url)) for _ in range(3)]
        config = LLMConfig(prompt="Say hello.", max_tokens=10, on_length="keep")
        outcomes = await asyncio.gather(*(attempted(NODE, ctx, config) for ctx in contexts))
    assert all(outcome.outputs["output"].strip() for outcome in outcomes)


async def test_it_keeps_to_a_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string", "maxLength": 40}, "mark": {"enum": [1, 2, 3]}},
        "required": ["title", "mark"],
    }
    async with LocalModel() as local:
        ctx = RecordingContext(Settings(openai_base_url=local.base_url))
        config = LLMConfig(prompt="Rate tea.", max_tokens=200, response_format=schema)
        outcome = await attempted(NODE, ctx, config)
    assert set(outcome.outputs["structured"]) >= {"title", "mark"}
