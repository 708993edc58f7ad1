"""`json_stringify` nodes."""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.json_stringify import KIND, JsonStringifyConfig
from runfold.values.json_text import to_json


async def run(_ctx: NodeContext, config: JsonStringifyConfig, _inputs: dict[str, Any]) -> Outcome:
    """The input as JSON text."""
    text = to_json(config.input, config.indent, sort_keys=config.sort_keys)
    return Outcome({"output": text})


NODE = NodeExecutor(KIND, run)
