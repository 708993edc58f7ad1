"""`noop` nodes."""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.noop import KIND, NoopConfig


async def run(_ctx: NodeContext, config: NoopConfig, _inputs: dict[str, Any]) -> Outcome:
    """The configured output, at once."""
    return Outcome({"output": config.output})


NODE = NodeExecutor(KIND, run)
