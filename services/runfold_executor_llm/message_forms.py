"""Messages in the forms that single servers take, and what they say of the form. Pure.

Part of `dialects`: a form is used for an endpoint and model that asked for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from runfold.values.json_text import text_of

SYSTEM = "system"
"""The model knows no system prompt: it goes before the first question (Gemma)."""
NO_REASONING = "reasoning_content"
"""The server refuses reasoning in messages (Groq, Mistral)."""
ALL_REASONING = "reasoning_content of each call"
"""The server wants reasoning in each message with calls, empty where there was none (DeepSeek)."""
SHORT_IDS = "tool_call_id"
"""The server takes ids of calls of nine letters and digits alone (Mistral)."""
NO_NAME = "name of a result"
"""The server refuses the tool's name beside its result (Groq), which Gemini's wants."""
NO_NULL = "content null"
"""The server wants text in a message that has calls alone."""

ALTERNATING = "roles that alternate"
"""The model's chat template takes one system message, and no two of one side in a row (Mistral,
Gemma, Llama 2 on vLLM and llama.cpp)."""
_TEMPLATE = 500
"""What llama.cpp answers when a template refuses; its words say which form it wants."""

_NOT_ALTERNATING = re.compile(
    r"roles must alternate|must alternate between"
    r"|system message must be (?:at the beginning|the first)"
    r"|only (?:one|a single) system message|multiple system messages",
    re.IGNORECASE,
)
_NO_SYSTEM = re.compile(
    r"system (?:role|message)s? (?:is |are )?not supported|does not support (?:the )?'?system"
    r"|'system' (?:role )?(?:is not|with this model)|developer instruction is not enabled",
    re.IGNORECASE,
)
_WANTED = re.compile(r"missing|must be passed|is required|required field", re.IGNORECASE)
_REFUSED = re.compile(
    r"unsupported|not support|extra[_ ](?:inputs|forbidden|fields)|not permitted|not allowed"
    r"|unrecognized|unknown|unexpected|if the reasoning_content field is included",
    re.IGNORECASE,
)
_NINE = re.compile(r"length of 9", re.IGNORECASE)
_NAMED = re.compile(
    r"property 'name' is unsupported|extra_forbidden.{0,80}\bname\W{0,4}\]", re.IGNORECASE
)
_NULL = re.compile(
    r"content.{0,80}(?:null|none\b|valid string|should be a string|must be a string|is required)"
    r"|(?:null|none\b).{0,80}content",
    re.IGNORECASE | re.DOTALL,
)
_ID_LENGTH = 9
_OF_SYSTEM = ("system", "developer")


def asked_for(status: int, body: str, messages: list[dict[str, Any]]) -> Iterator[str]:
    """The forms that a server's refusal asks for."""
    if _NO_SYSTEM.search(body):
        yield SYSTEM
    if _NOT_ALTERNATING.search(body) and alternating(messages) != messages:
        yield ALTERNATING
    if status != _TEMPLATE:
        yield from _refused_members(body, messages)


def _refused_members(body: str, messages: list[dict[str, Any]]) -> Iterator[str]:
    """Forms that leave out, or add, members of messages."""
    has_calls = any(one.get("tool_calls") for one in messages)
    if "reasoning_content" in body:
        if has_calls and _WANTED.search(body):
            yield ALL_REASONING
        elif _REFUSED.search(body) and any("reasoning_content" in one for one in messages):
            yield NO_REASONING
    elif has_calls and _NULL.search(body):
        yield NO_NULL
    if _NAMED.search(body) and any(one["role"] == "tool" and "name" in one for one in messages):
        yield NO_NAME
    if has_calls and _NINE.search(body):
        yield SHORT_IDS


def formed(messages: list[dict[str, Any]], forms: frozenset[str]) -> list[dict[str, Any]]:
    """The messages in the forms that were asked for."""
    if forms & {NO_REASONING, ALL_REASONING, SHORT_IDS, NO_NAME, NO_NULL}:
        messages = [_formed(message, forms) for message in messages]
    if SYSTEM in forms:
        messages = without_system(messages)
    return alternating(messages) if ALTERNATING in forms else messages


def alternating(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with one system message at the beginning, and neighbours of one side joined.

    Calls of tools and their results stay as they are: each answers another.
    """
    system = [one for one in messages if one.get("role") in _OF_SYSTEM]
    joined = [_joined(system)] if system else []
    for message in messages:
        if message.get("role") in _OF_SYSTEM:
            continue
        last = joined[-1] if joined else {}
        if last.get("role") == message.get("role") and not _has_calls(last, message):
            joined[-1] = _joined([last, message])
        else:
            joined.append(message)
    return joined


def _has_calls(*messages: dict[str, Any]) -> bool:
    return any(one.get("tool_calls") or one.get("role") == "tool" for one in messages)


def _joined(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Messages as one: their texts, or their parts where one has parts."""
    if len(messages) == 1:
        return messages[0]
    contents = [one.get("content") for one in messages]
    if not any(isinstance(one, list) for one in contents):
        return {**messages[0], "content": "\n\n".join(filter(None, map(words_of, contents)))}
    parts: list[Any] = []
    for one in contents:
        parts += one if isinstance(one, list) else [{"type": "text", "text": words_of(one)}]
    return {**messages[0], "content": parts}


def without_system(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages for a model that knows no system prompt: it goes before the first question."""
    system = [one for one in messages if one.get("role") in _OF_SYSTEM]
    rest = [one for one in messages if one not in system]
    words = "\n\n".join(filter(None, (words_of(one["content"]) for one in system)))
    at = next((at for at, one in enumerate(rest) if one.get("role") == "user"), None)
    if at is None:
        return [{"role": "user", "content": words}, *rest]
    content = rest[at]["content"]
    if isinstance(content, list):
        content = [{"type": "text", "text": words}, *content]
    else:
        content = f"{words}\n\n{content}"
    return [*rest[:at], {**rest[at], "content": content}, *rest[at + 1 :]]


def words_of(content: Any) -> str:
    """The text of a content: a text, or that of its parts."""
    if not isinstance(content, list):
        return text_of(content)
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return "\n\n".join(text for text in texts if isinstance(text, str))


def _formed(message: dict[str, Any], forms: frozenset[str]) -> dict[str, Any]:
    found = dict(message)
    calls = found.get("tool_calls")
    if NO_REASONING in forms:
        found.pop("reasoning_content", None)
    elif ALL_REASONING in forms and calls:
        found["reasoning_content"] = found.get("reasoning_content") or ""
    if NO_NAME in forms and found["role"] == "tool":
        found.pop("name", None)
    if NO_NULL in forms and calls:
        found["content"] = found.get("content") or ""
    if SHORT_IDS in forms:
        if calls:
            found["tool_calls"] = [{**call, "id": _short(call["id"])} for call in calls]
        if isinstance(found.get("tool_call_id"), str):
            found["tool_call_id"] = _short(found["tool_call_id"])
    return found


def _short(call_id: str) -> str:
    """An id of nine letters and digits, the same for the same id."""
    if len(call_id) == _ID_LENGTH and call_id.isascii() and call_id.isalnum():
        return call_id
    return hashlib.sha256(call_id.encode()).hexdigest()[:_ID_LENGTH]
