"""`template` nodes. The executor has rendered the text; this returns it."""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.template import KIND, TemplateConfig
from runfold.values.json_text import text_of


async def run(_ctx: NodeContext, config: TemplateConfig, _inputs: dict[str, Any]) -> Outcome:
    """The rendered text."""
    return Outcome({"output": text_of(config.template)})


NODE = NodeExecutor(KIND, run)
