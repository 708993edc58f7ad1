"""A stream ends with the nodes that ran: how long each took, and the tokens it used."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from runfold_gateway import frames
from tests.integration.test_gateway_api import events_of
from tests.support.openai_server import OpenAIServer
from tests.support.stack import running

SERVICES = ("scheduler", "executor-text", "executor-llm", "projection", "gateway")
ONE = {"left": "{{item}}", "operator": "==", "right": 1}
NODES = [
    {"id": "ask", "type": "llm", "config": {"prompt": "Hi {{item}}"}},
    {"id": "port", "type": "condition", "config": {"condition": ONE}},
    {"id": "yes", "type": "template", "config": {"template": "{{ask.output}}"}},
    {"id": "no", "type": "template", "config": {"template": "no"}},
]


async def test_the_end_names_what_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    async with OpenAIServer() as server, running(SERVICES, model_url=server.base_url) as stack:
        server.reply("Tea", usage={"prompt_tokens": 5, "completion_tokens": 2})
        document = {
            "id": "flow",
            "inputs": {"item": "integer"},
            "nodes": NODES,
            "edges": [
                {"source": "ask", "target": "port"},
                {"source": "port", "target": "yes", "port": "true"},
                {"source": "port", "target": "no", "port": "false"},
            ],
        }
        async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api:
            created = await api.post("/workflows", json=document)
            assert created.status_code == 201, created.text
            begun = await api.post("/workflows/flow/run", json={"inputs": {"item": 1}})
            run_id = begun.json()["run_id"]
            event, _, end = (await events_of(api, run_id))[-1]
            view = (await api.get(f"/runs/{run_id}")).json()
            assert (event, end["status"]) == ("end", "succeeded")
            assert [(node["address"], node["status"], node["tokens"]) for node in end["nodes"]] == [
                ("ask", "succeeded", 7),
                ("port", "succeeded", 0),
                ("yes", "succeeded", 0),
            ]
            shown = {node["address"]: node.get("duration") for node in view["nodes"]}
            assert {
                one["address"]: one["duration"] for one in end["nodes"]
            }.items() <= shown.items()
            assert end["usage"]["total_tokens"] == view["usage"]["total_tokens"] == 7
            took = view["finished_at"] - view["started_at"]
            assert end["duration"] == pytest.approx(took, abs=2e-6)
            assert end["more_nodes"] == 0

            monkeypatch.setattr(frames, "MOST_NODES", 1)
            again = (await api.post("/workflows/flow/run", json={"inputs": {"item": 2}})).json()
            _, _, end = (await asyncio.wait_for(events_of(api, again["run_id"]), 20))[-1]
            assert (len(end["nodes"]), end["more_nodes"]) == (1, 2)
