"""The messages of a request, from a configuration. Pure.

Calls of tools and their results are taken in OpenAI's form, and calls also as an `llm` node gives
them out. They are sent so that every server takes them: arguments are always a JSON object, since
some servers fail for good over arguments that they cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from runfold.contracts.json_writer import write_json
from runfold.errors import NodeFailed
from runfold.graph.kinds.llm import ROLES, LLMConfig
from runfold.values.files import is_file
from runfold.values.json_text import text_of
from runfold_executor_llm.file_parts import file_list
from runfold_executor_llm.history import window
from runfold_executor_llm.sources import Sources
from runfold_executor_llm.tool_calls import arguments_of
from runfold_executor_llm.tools import Toolbox, sendable

_SYSTEM = ("system", "developer")
_FORM_HINTS = {
    "markdown": "Answer in Markdown.",
    "json": "Answer with one JSON value and nothing else.",
}
"""Added to the system prompt; OpenAI's JSON mode refuses conversations that never say JSON."""


def conversation(
    config: LLMConfig, toolbox: Toolbox | None = None, sources: Sources | None = None
) -> list[dict[str, Any]]:
    """The messages to send; files stand in them as values.

    Args:
        config: Of the node.
        toolbox: Its tools.
        sources: The documents that an answer is to rest on.

    Raises:
        NodeFailed: `llm.messages_invalid`, for what is not a message, or when there is no question.
    """
    hint = (
        _FORM_HINTS.get(config.response_format) if isinstance(config.response_format, str) else ""
    )
    system = "\n\n".join(part for part in (text_of(config.system_prompt), hint) if part)
    history = _messages(config.history, "history", toolbox)
    asked = _messages(config.messages, "messages", toolbox)
    is_answered = bool(asked) and asked[0]["role"] == "tool"
    history = window(history, config.history_window, config.history_tokens, is_answered=is_answered)
    prompt, files = text_of(config.prompt), file_list(config.files)
    if files:
        words = [{"type": "text", "text": prompt}] if prompt else []
        asked.append({"role": "user", "content": [*words, *files]})
    elif prompt:
        asked.append({"role": "user", "content": prompt})
    if not asked:
        raise _invalid("nothing to ask: prompt, messages and files are empty")
    front = [*([{"role": "system", "content": system}] if system else []), *asked]
    if sources is not None:
        front = sources.put_into(front)
    # Servers take a system message at the beginning alone, so the history follows it.
    leading = sum(1 for _ in takewhile(lambda one: one["role"] in _SYSTEM, asked))
    before = len(front) - len(asked) + leading
    followed = _messages(config.transcript, "transcript", toolbox)
    return [*front[:before], *history, *front[before:], *followed]


def _messages(value: Any, where: str, toolbox: Toolbox | None) -> list[dict[str, Any]]:
    if value in (None, ""):
        return []
    if not isinstance(value, list | tuple):
        raise _invalid(f"{where} is to be a list of messages, not {type(value).__name__}")
    return [_message(item, f"{where}[{at}]", toolbox) for at, item in enumerate(value)]


def _message(item: Any, where: str, toolbox: Toolbox | None) -> dict[str, Any]:
    role = item.get("role") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(role, str) or role not in ROLES:
        roles = ", ".join(ROLES)
        raise _invalid(f"{where} is not a message: it needs a role ({roles})")
    message = {**item, "content": _content(item.get("content"))}
    calls = message.pop("tool_calls", None)
    if calls:
        if item["role"] != "assistant" or not isinstance(calls, list | tuple):
            raise _invalid(f"{where}: tool_calls is a list of calls in a message of the assistant")
        message["tool_calls"] = [
            _call(call, f"{where}.tool_calls[{at}]", toolbox) for at, call in enumerate(calls)
        ]
        message["content"] = message["content"] or None
    call_id = item.get("tool_call_id")
    if item["role"] == "tool" and not (isinstance(call_id, str) and call_id):
        raise _invalid(f"{where}: the result of a tool needs tool_call_id")
    if isinstance(item.get("name"), str) and item["role"] == "tool" and toolbox:
        message["name"] = toolbox.sent_as(item["name"])
    return message


def _call(call: Any, where: str, toolbox: Toolbox | None) -> dict[str, Any]:
    """A call in the API's form."""
    inner = call.get("function") if isinstance(call, Mapping) else None
    about = inner if isinstance(inner, Mapping) else call
    if not isinstance(about, Mapping) or not isinstance(about.get("name"), str):
        raise _invalid(f"{where} is not a call: it needs id, name and arguments")
    if not isinstance(call.get("id"), str) or not call["id"]:
        raise _invalid(f"{where} has no id")
    name = about["name"]
    extra = call.get("extra")
    kept = {key: value for key, value in call.items() if key == "extra_content"}
    return {
        **kept,
        **(extra if isinstance(extra, Mapping) else {}),
        "id": call["id"],
        "type": "function",
        "function": {
            "name": toolbox.sent_as(name) if toolbox else sendable(name),
            "arguments": _arguments(about.get("arguments")),
        },
    }


def _arguments(value: Any) -> str:
    """Arguments as the text of a JSON object; an empty one for what cannot be read."""
    if isinstance(value, str):
        value = arguments_of(value)[0]
    return write_json(value).decode() if isinstance(value, Mapping) else "{}"


def _content(content: Any) -> Any:
    """Text, or parts: texts, files, and what is a part already."""
    if is_file(content):
        return [content]
    if not isinstance(content, list):
        return text_of(content)
    return [
        one if isinstance(one, Mapping) else {"type": "text", "text": text_of(one)}
        for one in content
        if one is not None
    ]


def _invalid(message: str) -> NodeFailed:
    return NodeFailed(message, code="llm.messages_invalid", kind="input")
