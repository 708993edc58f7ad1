"""Which tools the demo model calls, and with what. Pure.

A request may say so, round after round, in `runfold_demo` (`extra` of an `llm` or `agent` node):

    {"runfold_demo": {"calls": [[{"name": "weather", "arguments": {"city": "Rome"}}], []]}}

Without that it calls the first few of its tools once each, two a round, with arguments that fit
their schemas: what stands there as `default` or `examples`. Then it answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from runfold.model_servers.demo.text import LABEL, instance

MOST, A_ROUND = 4, 2
"""Tools that it calls by itself, and how many of them in one round."""
_QUOTE = 160


class ScriptedCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call that a request asks for."""

    name: str
    arguments: Any = {}
    """An object; text is sent as it is."""


def calls_due(
    messages: Sequence[dict[str, Any]],
    tools: Sequence[Any],
    choice: Any,
    script: Sequence[Sequence[ScriptedCall]] | None,
) -> list[dict[str, Any]]:
    """The `tool_calls` of an answer; none when it answers in text.

    Args:
        messages: As in a chat completion request.
        tools: The same.
        choice: `tool_choice` of the same.
        script: The calls of each round; None: it chooses by itself.
    """
    if not tools or choice == "none":
        return []
    number = sum(bool(message.get("tool_calls")) for message in messages)
    if script is None:
        named = [_function(tool) for tool in tools[:MOST]]
        chosen = [
            ScriptedCall(str(one.get("name", "")), instance(one.get("parameters") or {}))
            for one in named[number * A_ROUND : (number + 1) * A_ROUND]
        ]
    else:
        chosen = list(script[number]) if number < len(script) else []
    return [
        {
            "id": f"call_{number}_{place}",
            "type": "function",
            "function": {"name": one.name, "arguments": _text(one.arguments)},
        }
        for place, one in enumerate(chosen)
    ]


def results_told(messages: Sequence[dict[str, Any]]) -> str:
    """An answer that says what the tools gave; empty when none was called."""
    told = [message for message in messages if message.get("role") == "tool"]
    if not told:
        return ""
    given = "; ".join(_shortened(str(message.get("content"))) for message in told)
    return f"{LABEL} {len(told)} tools were called. They gave: {given}"


def _function(tool: Any) -> dict[str, Any]:
    found = tool.get("function") if isinstance(tool, dict) else None
    return found if isinstance(found, dict) else {}


def _text(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    return json.dumps({} if arguments is None else arguments, ensure_ascii=False)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTE else f"{line[: _QUOTE - 1]}…"
