"""The llm and http_request nodes as the executor runs them: rendered, with secrets kept out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runfold.executor.conformance import check_node, run_node
from runfold.executor.node import NodeExecutor
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import HTTPSettings, Settings
from runfold_executor_http import http_request
from runfold_executor_llm import llm
from tests.support.openai_server import OpenAIServer

PAGES = Path("docs/reference/nodes")


@pytest.mark.parametrize("node", [llm.NODE, http_request.NODE])
def test_the_kinds_are_complete(node: NodeExecutor) -> None:
    assert check_node(node, PAGES) == []


async def test_an_llm_node() -> None:
    async with OpenAIServer() as server:
        server.reply("An outline of tea", when="tea", reasoning=["hm"])
        result = await run_node(
            llm.NODE,
            {
                "prompt": "Outline {{topic}}, {{draft.output}}",
                "temperature": "{{t}}",
                "history": "{{history}}",
            },
            {
                "topic": "tea",
                "draft": {"output": ["a"]},
                "t": "0.5",
                "history": [{"role": "user", "content": "Hello"}],
            },
            settings=Settings(openai_base_url=server.base_url),
        )
    assert result.failure is None
    assert result.outputs["output"] == result.text() == "An outline of tea"
    assert result.text("reasoning") == "hm"
    assert server.requests[0]["temperature"] == 0.5
    assert [message["content"] for message in server.requests[0]["messages"]] == [
        "Hello",
        'Outline tea, ["a"]',
    ]


async def test_an_http_node_with_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "hidden-token")

    async def reflect(request: Request, responder: Responder) -> None:
        seen: dict[str, Any] = {"auth": request.headers["authorization"], "sent": request.json()}
        await responder.json(500 if request.path == "/fail" else 200, seen)

    async with LoopbackServer(reflect) as server:
        config = {
            "url": "{{base}}/api/search",
            "method": "POST",
            "auth": {"type": "bearer", "token": "{{secrets.TOKEN}}"},
            "body": {"query": "{{message}}", "top_k": "{{k}}"},
        }
        inputs = {"base": server.origin, "message": "tea", "k": 3}
        settings = Settings(http=HTTPSettings(allow_loopback=True))
        result = await run_node(http_request.NODE, config, inputs, settings=settings)
        config["url"] = "{{base}}/fail"
        failed = await run_node(http_request.NODE, config, inputs, settings=settings)
    assert result.outputs["body"] == {"auth": "Bearer ***", "sent": {"query": "tea", "top_k": 3}}
    assert failed.failure is not None
    assert failed.failure.code == "http.status"
    assert "hidden-token" not in f"{failed.failure}"
