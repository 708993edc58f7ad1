"""What a chat request asks for, as a run of the workflow that is its model."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from runfold.bus.ports.files import Files
from runfold.bus.uploads import store_file
from runfold.contracts.requests import RunRequest
from runfold.conversations.history import LARGEST
from runfold.conversations.limits import MAX_FILES, checked_content, checked_user_id
from runfold.definitions.reading import StoredDefinition
from runfold.errors import InvalidRequest
from runfold.graph.definition import Workflow

MOST_MESSAGES = 2000
MOST_HISTORY = 200
"""Messages before the last that a run is given."""
_DATA_URL = re.compile(r"data:([\w.+/-]{1,100})?(?:;[\w=.+-]{1,100})*;base64,", re.ASCII)
_SYSTEM = ("system", "developer")
_ROLES = frozenset(("system", "developer", "user", "assistant", "tool", "function"))


class StreamOptions(msgspec.Struct, frozen=True):
    """What a stream has beside the answer."""

    include_usage: bool | None = False


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The members of a chat request that mean something here; all others may be there."""

    model: str
    messages: list[dict[str, Any]]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    user: str | None = ""
    tools: list[dict[str, Any]] | None = None
    tool_choice: Any = None
    n: int | None = 1
    metadata: dict[str, Any] | None = None
    conversation_id: str | None = ""
    """Ours: the conversation of the log that the chat is, in place of the messages before."""
    inputs: dict[str, Any] | None = None
    """Ours: inputs of the workflow, by name."""


def chat_request(body: Any) -> ChatRequest:
    """A body as a chat request.

    Raises:
        InvalidRequest: `chat.invalid`.
    """
    try:
        asked = msgspec.convert(body, ChatRequest)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error
    if not asked.messages:
        raise _invalid("`messages` is empty")
    if len(asked.messages) > MOST_MESSAGES:
        raise _invalid(f"{len(asked.messages)} messages, and {MOST_MESSAGES} are taken at most")
    if asked.n not in (1, None):
        raise _invalid("`n` is 1: one answer is given")
    for place, message in enumerate(asked.messages):
        role = message.get("role")
        if not isinstance(role, str) or role not in _ROLES:
            raise _invalid(f"messages[{place}].role {role!r:.80} is not known")
    checked_user_id(asked.user or "")
    return asked


async def run_request(
    asked: ChatRequest,
    body: dict[str, Any],
    stored: StoredDefinition,
    workflow: Workflow,
    files: Files,
    limit: int,
) -> RunRequest:
    """The run that a chat request asks for.

    Args:
        asked: The request.
        body: All of its members.
        stored: The workflow's newest version.
        workflow: The same, read.
        files: Where images and other parts are kept.
        limit: Bytes of one of them.

    Raises:
        InvalidRequest: `chat.invalid`.
        InvalidFile: A part cannot be kept.
    """
    *before, last = asked.messages
    is_said = last.get("role") == "user"
    query, parts = await _content(last, files, limit) if is_said else ("", [])
    checked_content(query)
    conversation = asked.conversation_id or str((asked.metadata or {}).get("conversation_id", ""))
    past = before if is_said else asked.messages
    history = [] if conversation else await _history(past, files, limit)
    given = {
        "query": query,
        "messages": asked.messages,
        "system": _system(asked.messages),
        "tools": [_tool(one) for one in asked.tools or ()],
        **{name: body[name] for name in workflow.inputs if _is_given(body, name)},
    }
    inputs = {name: value for name, value in given.items() if name in workflow.inputs}
    return RunRequest(
        workflow_id=workflow.id,
        version=stored.version,
        inputs={**inputs, **(asked.inputs or {})},
        query=query,
        files=tuple(parts),
        user_id=asked.user or "",
        conversation_id=conversation,
        history=tuple(history),
        source="chat",
    )


_OWN = frozenset(("query", "messages", "system", "tools", "model", "stream", "stream_options"))
"""Inputs that are made of the request, not taken from it as they are."""


def _is_given(body: dict[str, Any], name: str) -> bool:
    """Whether a request has a member for an input; clients send null for what they leave out."""
    return body.get(name) is not None and name not in _OWN


async def _history(
    messages: list[dict[str, Any]], files: Files, limit: int
) -> list[dict[str, Any]]:
    """What was said before, as `sys.history` has it: what the system says, and the newest."""
    first = next((at for at, one in enumerate(messages) if one["role"] not in _SYSTEM), 0)
    first = min(first, MOST_HISTORY // 2)
    left = LARGEST
    ruled = await _newest(messages[:first], files, limit, left)
    left -= sum(size for size, _ in ruled)
    told = await _newest(messages[first:][first - MOST_HISTORY :], files, limit, left)
    kept = [one for _, one in (*ruled, *told)]
    while len(kept) > len(ruled) and kept[len(ruled)]["role"] == "tool":
        del kept[len(ruled)]  # what it answers was left out, and no model takes one without
    return kept


async def _newest(
    messages: list[dict[str, Any]], files: Files, limit: int, left: int
) -> list[tuple[int, dict[str, Any]]]:
    """The newest messages that fit in so many bytes, each with its own."""
    kept: list[tuple[int, dict[str, Any]]] = []
    for message in reversed(messages):
        text, parts = await _content(message, files, limit)
        content = [*([text] if text else []), *parts] if parts else text
        role = "system" if message["role"] == "developer" else message["role"]
        one = {"role": role, "content": content}
        for name in ("tool_calls", "tool_call_id", "name"):
            if message.get(name):
                one[name] = message[name]
        size = len(msgspec.json.encode(one))
        left -= size
        if left < 0:
            break
        kept.insert(0, (size, one))
    return kept


def _system(messages: list[dict[str, Any]]) -> str:
    said = (one for one in messages if one["role"] in _SYSTEM)
    return "\n\n".join(_text(one.get("content")) for one in said)


async def _content(
    message: dict[str, Any], files: Files, limit: int
) -> tuple[str, list[dict[str, Any]]]:
    """The text of a message, and its other parts as files."""
    content = message.get("content")
    parts: list[dict[str, Any]] = []
    if isinstance(content, list):
        held = [part for part in content if _type_of(part) in _KEPT]
        if len(held) > MAX_FILES:
            raise _invalid(f"{len(held)} images and files in a message, and {MAX_FILES} at most")
        parts += [await _kept(part, files, limit) for part in held]
    return _text(content), parts


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise _invalid("`content` is text, or a list of parts")
    texts = []
    for part in content:
        kind = _type_of(part)
        if kind in ("text", "refusal") and isinstance(part.get(kind), str):
            texts.append(part[kind])
        elif kind not in _KEPT:
            raise _invalid(f"a part of type {kind!r:.80} is not understood")
    return "\n".join(texts)


def _type_of(part: Any) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    return kind if isinstance(kind, str) else ""


_KEPT = frozenset(("image_url", "file", "input_audio"))
"""Types of parts that become files."""


async def _kept(part: dict[str, Any], files: Files, limit: int) -> dict[str, Any]:
    """A part's bytes as a file value."""
    held = part.get(part["type"])
    held = held if isinstance(held, dict) else {}
    name = str(held.get("filename") or part["type"].removesuffix("_url").removeprefix("input_"))
    data, media_type = held.get("url") or held.get("file_data") or held.get("data"), ""
    if not isinstance(data, str):
        raise _invalid(f"a part of type {part['type']!r} has no bytes")
    if part["type"] == "input_audio":
        media_type = f"audio/{held.get('format', 'wav')}"
    elif found := _DATA_URL.match(data):
        media_type, data = found[1] or "", data[found.end() :]
    else:
        raise _invalid(
            f"a part of type {part['type']!r} brings its bytes along, as data:…;base64,…: "
            "addresses are not fetched"
        )
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid(f"a part of type {part['type']!r} is not base64") from error

    async def whole() -> AsyncIterator[bytes]:
        yield content

    stored = await store_file(files, whole(), name=name, media_type=media_type, limit=limit)
    return stored.value()


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    """A caller's tool as `llm` nodes take it."""
    function = tool.get("function")
    if tool.get("type", "function") != "function" or not isinstance(function, dict):
        raise _invalid("a tool is {type: function, function: {name, description, parameters}}")
    return {
        "name": str(function.get("name", "")),
        "description": str(function.get("description") or ""),
        "parameters": function.get("parameters") or {"type": "object", "properties": {}},
    }


def _invalid(message: str) -> InvalidRequest:
    return InvalidRequest(f"the chat request does not fit: {message}", code="chat.invalid")
