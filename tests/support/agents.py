"""Agents in a `Sim`: a model that says what a script has it say, and tools that answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from runfold.contracts.events import Usage
from runfold.contracts.tasks import Task
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from runfold.values.templates import render
from tests.support.engine_sim import Outcome, Sim

Said = str | list[Any] | Outcome
"""A text is an answer; a list is the calls that it asks for; an outcome is as it is."""


def call(name: str, call_id: str = "", /, **arguments: Any) -> dict[str, Any]:
    """A call as a model's node gives it."""
    return {"id": call_id or f"id-{name}", "name": name, "arguments": arguments, "problem": ""}


def code_tool(name: str = "add", **settings: Any) -> dict[str, Any]:
    """A tool that is a program of two numbers."""
    parameters = {"a": {"type": "number", "required": True}, "b": "number"}
    config = {"code": "def main(params):\n    return {'output': params['a']}"}
    return {"type": "code", "name": name, "parameters": parameters, "config": config, **settings}


class Talk:
    """The script of a run with agents; what was asked and called is written down.

    Args:
        said: What the model says, round after round.
        tools: What tools give, by node type.
        usage: What each round uses up.
    """

    def __init__(
        self,
        said: Sequence[Said],
        tools: Callable[[Task, dict[str, Any]], Outcome] | None = None,
        usage: Usage | None = None,
    ) -> None:
        self.said = list(said)
        self.tools = tools
        self.usage = usage
        self.asked: list[dict[str, Any]] = []
        self.called: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, task: Task) -> Outcome:
        config = {
            name: value if name in ("code", "prompt") else render(value, task.inputs.__getitem__)
            for name, value in task.config.items()
        }
        if task.node_type == "llm":
            return self._say(config)
        self.called.append((task.scope, config))
        if self.tools is not None:
            return self.tools(task, config)
        return Outcome(outputs={"output": f"result of {task.node_type}"})

    def _say(self, config: dict[str, Any]) -> Outcome:
        self.asked.append(config)
        # A round that is asked anew says the same: which one it is, its transcript tells.
        number = sum(one["role"] == "assistant" for one in config["transcript"])
        said = self.said[number]
        if isinstance(said, Outcome):
            return said
        calls = said if isinstance(said, list) else []
        text = said if isinstance(said, str) else ""
        outputs = {"output": text, "tool_calls": calls, "model": "m", "finish_reason": "stop"}
        return Outcome(outputs=outputs, usage=self.usage)


def agent(*tools: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """An `agent` node called `helper`."""
    config = {"prompt": "Help.", "model": "m", "tools": list(tools), **settings}
    return {"id": "helper", "type": "agent", "config": config}


def agent_run(node: dict[str, Any], talk: Talk, *, seed: int = 0, **document: Any) -> Sim:
    """A run of one agent that has not begun to step."""
    workflow, _ = prepare({"id": "w", "nodes": [node], **document})
    return Sim(compile_plan(workflow), talk, seed)
