"""The example of an agent: its three tools over real HTTP, a real MCP server, and a workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runfold.contracts import events as e
from runfold.contracts.events import Recorded
from runfold.model_servers.demo import mcp_server
from runfold.model_servers.demo.server import DemoModel
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import MCPSettings
from tests.support.stack import EVERYTHING, running

EXAMPLE = Path(__file__).parents[2] / "examples" / "agent_tools.yaml"
SERVICES = tuple(name for name in EVERYTHING if name not in ("gateway", "projection"))


async def test_each_tool_is_called_and_the_model_told_what_it_gave() -> None:
    asked: list[str] = []

    async def weather(request: Request, responder: Responder) -> None:
        asked.append(request.target)
        await responder.json(200, {"current": {"temperature_2m": -4.5}})

    mcp = MCPSettings(servers={mcp_server.NAME: mcp_server.declared()})
    async with (
        LoopbackServer(weather) as api,
        DemoModel(interval=0) as model,
        running(SERVICES, model_url=model.base_url, mcp=mcp) as stack,
    ):
        view, told = await stack.run(EXAMPLE.read_bytes(), {"weather_api": api.origin})
    assert view.status == "succeeded", view.error
    assert asked == ["/?latitude=59.91&longitude=10.75&current=temperature_2m"]
    answer = view.outputs["answer"]
    assert '{"current":{"temperature_2m":-4.5}}' in answer
    assert "Good morning, Ann!" in answer
    assert answer.endswith("; 357")
    (helper,) = [node for node in view.nodes if node.address == "helper"]
    assert helper.outputs["rounds"] == 3
    assert [(one["round"], one["name"]) for one in helper.outputs["tool_calls"]] == [
        *((0, "weather"), (0, "greeting"), (1, "days_between"))
    ]
    assert {node.address for node in view.nodes} > {
        *("helper[demo.list.0]/call", "helper[model.1]/call", "helper[weather.2]/call"),
        *("helper[greeting.3]/call[0]/say", "helper[demo.5]/call"),
    }
    assert view.usage.total_tokens == helper.outputs["usage"]["total_tokens"] > 0
    steps = [_step(one.event) for one in told if isinstance(one, Recorded)]
    assert [one for one in steps if one][:4] == [
        *("agent_started", "agent_tools_started", "agent_tools_succeeded", "agent_round_started")
    ]


def _step(event: Any) -> str:
    kind = e.event_type(event)
    return kind if kind.startswith(("agent_", "tool_")) else ""
