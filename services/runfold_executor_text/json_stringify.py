"""`json_stringify` nodes."""

from __future__ import annotations

import json
from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.json_stringify import KIND, JsonStringifyConfig


async def run(_ctx: NodeContext, config: JsonStringifyConfig, _inputs: dict[str, Any]) -> Outcome:
    """The input as JSON text."""
    text = json.dumps(
        config.input,
        ensure_ascii=False,
        indent=config.indent,
        sort_keys=config.sort_keys,
        separators=(",", ":") if config.indent is None else None,
    )
    return Outcome({"output": text})


NODE = NodeExecutor(KIND, run)
