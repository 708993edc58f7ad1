"""`text_filter` nodes: read a stream of text and write one."""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.text_filter import KIND, TextFilterConfig
from runfold.values.patterns import compiled
from runfold_executor_text.replacing import Replacing
from runfold_executor_text.text import within_limit


async def run(ctx: NodeContext, config: TextFilterConfig, _inputs: dict[str, Any]) -> Outcome:
    """Replace matches while the text arrives."""
    rules = [
        (compiled(pattern, ignore_case=config.ignore_case), text)
        for pattern, text in config.replace.items()
    ]
    replacing = Replacing(rules, config.window)
    said: list[str] = []
    size = 0

    async def say(text: str) -> None:
        nonlocal size
        size += len(text)
        within_limit(size)
        said.append(text)
        await ctx.stream(text)

    async for piece in ctx.incoming("input"):
        await say(replacing.feed(piece))
    await say(replacing.rest())
    return Outcome({"output": "".join(said), "count": replacing.count})


NODE = NodeExecutor(KIND, run)
