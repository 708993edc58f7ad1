"""The examples of the guide on protecting nodes, run as printed against our own sites."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from runfold.contracts.events import NodeRunSucceeded, Recorded
from runfold.model_servers.demo.server import DemoModel
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from tests.support.stack import CORE, Stack, running

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "protect-a-node.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(), re.DOTALL)
INPUTS = {"q": "tea", "question": "why?", "user": "ann", "order_id": "o-1", "text": "Tee"}
SERVICES = (*CORE, "executor-llm", "executor-http")


class Site:
    """Counts what comes, and answers as it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.server = LoopbackServer(self._answer)

    async def _answer(self, _request: Request, responder: Responder) -> None:
        self.asked += 1
        await responder.json(self.status, {"eur": 1.2})


def example(node_id: str, url: str) -> dict[str, Any]:
    """The example with a node, as a workflow."""
    text = next(one for one in EXAMPLES if f"- id: {node_id}\n" in one)
    return {
        "id": f"guide_{node_id}",
        "nodes": yaml.safe_load(re.sub(r"https://[a-z.]+example\.com", url.rstrip("/"), text)),
    }


async def outcome(stack: Stack, document: dict[str, Any], **changes: str) -> tuple[Any, list[str]]:
    """A run's view, and what served each of its nodes."""
    names = {name for name in INPUTS if f"{{{{{name}}}}}" in str(document)}
    inputs = {name: INPUTS[name] for name in names} | changes
    view, told = await stack.run(document, inputs)
    events = [message.event for message in told if isinstance(message, Recorded)]
    return view, [event.served_by for event in events if isinstance(event, NodeRunSucceeded)]


async def test_the_examples_do_what_the_guide_says() -> None:
    site = Site()
    async with (
        site.server as server,
        DemoModel() as model,
        running(SERVICES, model_url=model.base_url) as stack,
    ):
        for first in ("search", "ask", "convert"):
            view, served_by = await outcome(stack, example(first, server.origin))
            assert view.status == "succeeded", view.error
            assert not any(served_by)

        # One execution for an order, and another for another.
        charge, before = example("charge", server.origin), site.asked
        served = [(await outcome(stack, charge))[1] for _ in range(3)]
        assert served == [[""], ["idempotency"], ["idempotency"]]
        assert (await outcome(stack, charge, order_id="o-2"))[1] == [""]
        assert site.asked == before + 2

        translate = example("translate", server.origin)
        served = [(await outcome(stack, translate))[1] for _ in range(2)]
        assert served == [[""], ["cache"]]
        assert (await outcome(stack, translate, text="Kaffee"))[1] == [""]

        # Up, down until the breaker opens, and then nothing is called.
        rates = example("rates", server.origin)
        view, _ = await outcome(stack, rates)
        assert view.outputs == {"output": "1.2"}
        site.status = 503
        for _ in range(5):
            assert (await outcome(stack, rates))[0].status == "failed"
        before = site.asked
        view, served_by = await outcome(stack, rates)
        assert (view.status, served_by) == ("succeeded", ["fallback", ""])
        assert view.outputs == {"output": "1.1, last month"}
        assert site.asked == before


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_example_is_run_above(text: str) -> None:
    first = yaml.safe_load(text)[0]["id"]
    assert first in ("search", "ask", "convert", "charge", "translate", "rates")
