"""What the demo model says: canned, plainly labelled, the same for the same prompt. Pure.

Some questions get an answer that a workflow's next condition can work with: a mark from 1 to 10, a
choice from a list of labels, JSON, the fields that a text names (`fields`), and what nodes read
(`readings`). Everything else gets a few sentences that quote the beginning of the prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from runfold.model_servers.demo.fields import asks_fields, said_fields
from runfold.model_servers.demo.readings import reading, said_object, schema_in, unseen
from runfold.model_servers.demo.sources import quoted_source

LABEL = "[demo model]"

_EDGE = 300
"""Instructions stand at the beginning or the end; what is between is material."""
_QUOTE = 60
_DEPTH = 8
"""How deep an instance of a recursive schema may go."""

_ASKS_MARK = re.compile(
    r"评分|打分|\b1\s*(?:[-\u2013\u2014~到至]|to)\s*10\b|out of 10|\bscores?\b|\brate\b|\bgrade\b",
    re.IGNORECASE,
)
_ASKS_LABEL = re.compile(
    r"classif|categor|intent|\blabels?\b|one of|意图|类别|分类|其中之一", re.IGNORECASE
)
_LABELS = re.compile(r"[\w-]+(?:\s*[/|,、]\s*(?:or\s+)?[\w-]+)+")
_SEPARATOR = re.compile(r"\s*[/|,、]\s*(?:or\s+)?")
_CJK = re.compile(r"[\u4e00-\u9fff\u3040-\u30ff]")
_TOKEN = re.compile(r"\s*[\u4e00-\u9fff\u3040-\u30ff]|\s*[^\s\u4e00-\u9fff\u3040-\u30ff]+|\s+$")
_FORMATS = {
    "date": "2024-01-01",
    "date-time": "2024-01-01T00:00:00Z",
    "email": "demo@example.com",
    "uri": "https://example.com/",
}
_HINTS = {
    "refund": "退款|退货",
    "complaint": "投诉|差评",
    "product": "产品|商品",
    "inquiry": "咨询",
}


def tokens(text: str) -> list[str]:
    """The text in the pieces it is streamed in: words, and each Chinese or Japanese character."""
    return _TOKEN.findall(text)


def answer(messages: Sequence[Any], response_format: Any = None) -> str:
    """The demo model's answer to a conversation.

    Args:
        messages: As in a chat completion request.
        response_format: As in a chat completion request, or None.
    """
    prompt = _last_user_text(messages)
    form = response_format if isinstance(response_format, dict) else {}
    schema = schema_in(messages)
    if form.get("type") == "json_schema":
        schema = (form.get("json_schema") or {}).get("schema") or {}
    if (read := reading(messages, schema)) is not None:
        return read
    if schema is not None:
        if asks_fields(schema):
            return json.dumps(said_fields(schema["properties"], prompt), ensure_ascii=False)
        return json.dumps(said_object(schema, prompt, instance(schema)), ensure_ascii=False)
    if form.get("type") == "json_object":
        return json.dumps(_object(prompt), ensure_ascii=False)
    if (picture := unseen(messages)) is not None:
        return picture
    if (quoted := quoted_source(messages, prompt, LABEL)) is not None:
        return quoted
    label = chosen_label(prompt)
    if label is not None:
        return f"{LABEL} {label}"
    if asks_mark(prompt):
        return f"8/10 {LABEL} 8分. A canned mark: no model has read the text."
    return _prose(prompt)


def asks_mark(prompt: str) -> bool:
    """Whether a mark is asked for, in the first or last lines."""
    return _ASKS_MARK.search(_instructions(prompt)) is not None


def chosen_label(prompt: str) -> str | None:
    """The label of a list in the prompt that the rest of it speaks of, None without a list."""
    head = _instructions(prompt)
    asked = _ASKS_LABEL.search(head)
    if asked is None:
        return None
    listed = max(
        _LABELS.finditer(head),
        key=lambda found: (_slashed(found[0]), len(_SEPARATOR.split(found[0]))),
        default=None,
    )
    if listed is None:
        return None
    labels = _SEPARATOR.split(listed[0])
    others = prompt.replace(listed[0], " ", 1).lower()
    best = max(labels, key=lambda label: _speaks_of(label, others))
    if _speaks_of(best, others) == 0 and "other" in labels:
        return "other"
    return best


def instance(schema: Any, *, root: Any = None, depth: int = 0) -> Any:
    """A small value that fits a JSON Schema, as far as its usual keywords go."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > _DEPTH:
        return None
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    for key in ("$ref", "anyOf", "oneOf"):
        if schema.get(key):
            inner = _followed(root, schema[key]) if key == "$ref" else schema[key][0]
            return instance(inner, root=root, depth=depth + 1)
    return _typed(schema, root, depth)


def _typed(schema: dict[str, Any], root: Any, depth: int) -> Any:
    parts = (instance(part, root=root, depth=depth + 1) for part in schema.get("allOf", ()))
    merged = {
        name: value for part in parts if isinstance(part, dict) for name, value in part.items()
    }
    if merged:
        return merged
    kind = schema.get("type", "object" if "properties" in schema else "string")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            return _members(schema, root, depth)
        case "array":
            count = max(schema.get("minItems", 0), 0 if depth > _DEPTH // 2 else 1)
            item = schema.get("items", {})
            return [instance(item, root=root, depth=depth + 1) for _ in range(count)]
        case "integer" | "number":
            return _number(schema)
        case "boolean" | "null" as plain:
            return True if plain == "boolean" else None
        case _:
            return _string(schema)


def _merged(parts: Sequence[Any], root: Any, depth: int) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        value = instance(part, root=root, depth=depth + 1)
        if isinstance(value, dict):
            merged |= value
    return merged


def _members(schema: dict[str, Any], root: Any, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = schema.get("required", ())
    names = required if depth > _DEPTH // 2 else dict.fromkeys((*properties, *required))
    return {name: instance(properties.get(name, {}), root=root, depth=depth + 1) for name in names}


def _number(schema: dict[str, Any]) -> float:
    low: float = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    high: float = schema.get("maximum", schema.get("exclusiveMaximum", low + 101) - 1)
    return min(max(8, low), high) if low <= high else low


def _string(schema: dict[str, Any]) -> str:
    text: str = _FORMATS.get(schema.get("format", ""), "demo")
    text += "-" * (schema.get("minLength", 0) - len(text))
    longest: int = schema.get("maxLength", len(text))
    return text[:longest]


def _followed(root: Any, ref: str) -> Any:
    value = root
    for key in ref.removeprefix("#").strip("/").split("/"):
        if key:
            value = value.get(key.replace("~1", "/").replace("~0", "~"), {})
    return value


def _object(prompt: str) -> dict[str, Any]:
    value: dict[str, Any] = {"note": f"{LABEL} canned JSON", "prompt": _quoted(prompt)}
    label = chosen_label(prompt)
    if label is not None:
        value["label"] = label
    if asks_mark(prompt):
        value["score"] = 8
    return value


def _prose(prompt: str) -> str:
    if _CJK.search(prompt):
        return (
            f"{LABEL} 这是演示模型的固定文本,不是语言模型的回答。"
            f"提示词开头是「{_quoted(prompt)}」。"
            "请设置 OPENAI_API_KEY 与 OPENAI_BASE_URL 以使用真实模型。"
        )
    return (
        f'{LABEL} This is canned text, not the answer of a language model. Your prompt began "'
        f'{_quoted(prompt)}". It is streamed token by token through the same path a real answer '
        "takes. Set OPENAI_API_KEY and OPENAI_BASE_URL to talk to a real model."
    )


def _instructions(prompt: str) -> str:
    return prompt if len(prompt) <= 2 * _EDGE else f"{prompt[:_EDGE]}\n{prompt[-_EDGE:]}"


def _quoted(prompt: str) -> str:
    line = " ".join(prompt.replace(LABEL, "").split())
    return line if len(line) <= _QUOTE else f"{line[:_QUOTE].rstrip()}…"


def _slashed(listed: str) -> bool:
    return "/" in listed or "|" in listed


def _speaks_of(label: str, text: str) -> int:
    stems = [stem.lower() for stem in re.split(r"[_-]", label) if stem]
    found = sum(stem[:6] in text for stem in stems)
    return found + sum(1 for s in stems if s in _HINTS and re.search(_HINTS[s], text))


def _last_user_text(messages: Sequence[Any]) -> str:
    for message in reversed(messages):
        if isinstance(message, dict) and message.get("role") == "user":
            return _text_of(message.get("content"))
    return _text_of(messages[-1].get("content")) if messages else ""


def _text_of(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")
