"""`loop`: runs its body for each item of a list, one after the other or several at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.values.references import is_computed

_NAME = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*")
_DIGITS = 18


class LoopConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `loop` node. Its body is `nodes` and `edges`, or one `prompt`.

    Inside, `{{item}}` and `{{index}}` are the item and its number from 0.
    """

    items: Any
    """A list, a reference to one, or the bare name of the node or value that is one."""
    concurrency: Any = 1
    """Items under way at a time."""
    nodes: list[dict[str, Any]] = []
    """Nodes of the body; loops may be among them."""
    edges: list[dict[str, Any]] = []
    """Edges of the body; absent: as the order of its nodes implies."""
    prompt: Any = ""
    """Short for a body of one `llm` node."""
    model: str = ""
    """With `prompt`: as of an `llm` node."""
    system_prompt: Any = ""
    """With `prompt`: as of an `llm` node."""
    temperature: float | None = None
    """With `prompt`: as of an `llm` node."""
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """With `prompt`: as of an `llm` node."""
    output: Any = None
    """Template of an item's result; without it, what the body's last node came to."""
    on_item_error: Literal["terminate", "continue", "drop"] = "terminate"
    """A failed item ends the loop, leaves null in its place, or leaves no place."""
    max_items: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """More items than this fail the loop before any runs."""


def is_bare_name(items: Any) -> bool:
    """Whether `items` names a node or value without braces, as in `items: clean`."""
    return isinstance(items, str) and _NAME.fullmatch(items) is not None


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    for name in ("nodes", "edges"):
        if config.get("prompt") and config.get(name):
            yield Problem("prompt", f"a loop's body is {name!r} or one 'prompt', not both")
    items = config.get("items")
    may_be_list = isinstance(items, list) or is_bare_name(items) or is_computed(items)
    if items is not None and not may_be_list:
        message = f"items must be a list or a reference to one, not {items!r}"
        yield Problem("items", message, "config.wrong_type")
    concurrency = config.get("concurrency", 1)
    if not is_computed(concurrency) and not _is_count(concurrency):
        message = f"concurrency must be a whole number from 1 on, not {concurrency!r}"
        yield Problem("concurrency", message)
    for name in ("max_items", "on_item_error"):
        if is_computed(config.get(name)):
            yield Problem(name, f"{name} is not rendered: it cannot be a reference or a template")
    max_items = config.get("max_items")
    if isinstance(max_items, str) and not is_computed(max_items):
        message = f"max_items must be a whole number, not {max_items!r}"
        yield Problem("max_items", message, "config.wrong_type")


def _is_count(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and int(value[:_DIGITS]) > 0
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


KIND = register(
    Kind(
        type="loop",
        group=INLINE,
        config=LoopConfig,
        summary="Run a body for each item of a list",
        outputs=("count", "failed_count"),
        rules=_rules,
    )
)
