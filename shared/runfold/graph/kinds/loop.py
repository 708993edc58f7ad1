"""`loop`: runs its body for each item of a list, one after the other or several at a time."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.graph.kinds.registry import INLINE, Kind, register


class LoopConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `loop` node. Its body is `nodes` and `edges`, or one `prompt`.

    Inside, `{{item}}` and `{{index}}` are the item and its number from 0.
    """

    items: Any
    """A list, a reference to one, or the bare name of the node or value that is one."""
    concurrency: Any = 1
    """Items under way at a time."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    prompt: Any = ""
    """Short for a body of one `llm` node."""
    model: str = ""
    system_prompt: Any = ""
    temperature: float | None = None
    max_tokens: int | None = None
    output: Any = None
    """Template of an item's result; without it, what the body's last node came to."""
    on_item_error: Literal["terminate", "continue", "drop"] = "terminate"
    """A failed item ends the loop, leaves null in its place, or leaves no place."""
    max_items: int | None = None


KIND = register(
    Kind(
        type="loop",
        group=INLINE,
        config=LoopConfig,
        summary="Run a body for each item of a list",
        outputs=("count", "failed_count"),
    )
)
