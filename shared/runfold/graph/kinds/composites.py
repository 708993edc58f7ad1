"""What the configurations of `loop`, `iteration` and `batch` have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms
from runfold.graph.kinds.registry import Problem
from runfold.values.conditions import is_structured
from runfold.values.durations import parse_duration, unreadable
from runfold.values.paths import is_path
from runfold.values.references import is_computed

_DIGITS = 18

INNER = ("nodes", "edges", "prompt", "system_prompt", "model", "output")
"""Fields of a composite that belong to its body's scope."""
BODY_KEYS = (
    "nodes",
    "edges",
    "prompt",
    "model",
    "system_prompt",
    "temperature",
    "max_tokens",
    "on_length",
)
"""Fields of one body among several."""
ITEM_NAMES = frozenset(("item", "index"))
"""Roots inside a body that runs for each item."""


class BodyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A body: `nodes` and `edges`, or one `prompt`."""

    nodes: list[dict[str, Any]] = []
    """Nodes of the body; composites may be among them."""
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
    on_length: Literal["fail", "keep"] = "fail"
    """With `prompt`: as of an `llm` node."""
    output: Any = None
    """Template of one result; without it, what the body's last node came to."""
    FORM: ClassVar[Forms] = {
        "nodes": Form(
            "nodes",
            ([{"id": "say", "type": "template", "config": {"template": "{{item}}"}}],),
            group="body",
        ),
        "edges": Form("edges", ([],), group="body"),
        "prompt": Form("template", ("Translate to English: {{item}}",), group="prompt"),
        "model": Form("model", group="prompt"),
        "system_prompt": Form("template", group="prompt"),
        "temperature": Form("number", (0.2,), group="prompt"),
        "max_tokens": Form("number", (500,), group="prompt"),
        "on_length": Form("choice", group="prompt"),
        "output": Form("value", ("{{say.output}}",), group="body"),
    }


def only_body(_config: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The one body of a composite, which stands in its configuration itself."""
    return {"": ()}


def item_names(_config: dict[str, Any]) -> frozenset[str]:
    """What a body reads that runs for each item."""
    return ITEM_NAMES


def is_bare_name(items: Any) -> bool:
    """Whether `items` names a node or value without braces, as in `items: clean`."""
    return isinstance(items, str) and is_path(items)


def body_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """A body written in two ways."""
    for name in ("nodes", "edges"):
        if config.get("prompt") and config.get(name):
            yield Problem("prompt", f"the body is {name!r} or one 'prompt', not both")


def items_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """`items` that can never be a list."""
    items = config.get("items")
    may_be_list = is_bare_name(items) or _may_be_list(items)
    if isinstance(items, dict) and items and not may_be_list:
        may_be_list = all(_may_be_list(one) for one in items.values())
    if items is not None and not may_be_list:
        message = f"items must be a list, lists by name or a reference to one, not {items!r}"
        yield Problem("items", message, "config.wrong_type")


def _may_be_list(value: Any) -> bool:
    return isinstance(value, list) or is_computed(value)


def count_problems(config: dict[str, Any], *names: str, least: int = 1) -> Iterator[Problem]:
    """Settings that must be whole numbers from a least one on, once rendered."""
    for name in names:
        value = config.get(name)
        if value is not None and not is_computed(value) and not _is_count(value, least):
            message = f"{name} must be a whole number from {least} on, not {value!r}"
            yield Problem(name, message)


def fixed_problems(config: dict[str, Any], *names: str) -> Iterator[Problem]:
    """Settings that are read as they are written."""
    for name in names:
        if is_computed(config.get(name)):
            yield Problem(name, f"{name} is not rendered: it cannot be a reference or a template")


def duration_problems(config: dict[str, Any], *names: str) -> Iterator[Problem]:
    """Settings that must be durations."""
    yield from (Problem(*one) for one in unreadable(config, parse_duration, *names))


def condition_problems(config: dict[str, Any], *names: str) -> Iterator[Problem]:
    """Conditions that the scheduler decides itself, which it does only for structured ones."""
    for name in names:
        if name not in config or config[name] is None:
            continue
        if not is_structured(config[name]):
            message = (
                f"{name} must be a structured condition, {{left, operator, right}}; "
                "for Python text use a `condition` node and `break` in the body"
            )
            yield Problem(name, message, "condition.invalid")


def _is_count(value: Any, least: int) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and int(value[:_DIGITS]) >= least
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
