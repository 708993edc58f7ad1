"""The backup model of an `llm` node, in the whole system."""

from __future__ import annotations

import msgspec

from runfold.contracts.events import NodeRunRetry, Recorded
from tests.support.openai_server import OpenAIServer
from tests.support.stack import running

SERVICES = ("scheduler", "executor-text", "executor-llm")


async def test_a_backup_answers_and_is_named() -> None:
    async with OpenAIServer() as server, running(SERVICES, model_url=server.base_url) as stack:
        server.reply("From the other", model="other")
        server.reply(["Half an ", "ans"], model="first", fault="cut")
        server.fail(401, model="closed")
        nodes = [
            {
                "id": one,
                "type": "llm",
                "config": {"prompt": "Hi", "model": one, "backup_model": "other"},
                "retry": {"max_attempts": 2, "delay": 0},
            }
            for one in ("first", "closed")
        ]
        said = {"template": "<{{first.output}}> {{closed.model}}"}
        view, told = await stack.run(
            {
                "id": "flow",
                "nodes": [*nodes, {"id": "read", "type": "template", "config": said}],
                "edges": [{"source": one["id"], "target": "read"} for one in nodes],
            }
        )
        assert view.status == "succeeded"
        assert view.outputs["output"] == "<From the other> other"
        again = [
            msgspec.structs.asdict(one.event)
            for one in told
            if isinstance(one, Recorded) and isinstance(one.event, NodeRunRetry)
        ]
        found = {(one["node_id"], one["attempt"], one["backup"]) for one in again}
        assert found == {("first", 2, False), ("first", 3, True), ("closed", 2, True)}
        assert sorted(body["model"] for body in server.requests) == [
            *("closed", "first", "first", "other", "other")
        ]
