"""Answers of the demo model to nodes that read what it says: classes, scores, values. Pure.

It goes by words alone (`lexical`), and only by what the request says: the list of classes, the
numbered passages and the JSON Schema that the prompts of those nodes have in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.model_servers.demo.fields import asks_fields, said_fields
from runfold.model_servers.demo.lexical import likeness, nearest
from runfold.values.json_schema import mismatches

_CLASSES = re.compile(r"^Classes:\n((?:(?:\d+\.|-) .*\n?|   .*\n?)+)", re.MULTILINE)
_CLASS = re.compile(r"^(\d+\.|-) ", re.MULTILINE)
_SCHEMA = re.compile(r"JSON Schema: (?=\{)")
_PASSAGE = re.compile(r"^\[(\d+)\] ", re.MULTILINE)
_PLAIN = ("string", "integer", "number", "boolean")
_ZERO = "0"
_HUNDRED = 100


def schema_in(messages: Sequence[Any]) -> dict[str, Any] | None:
    """The JSON Schema that a conversation asks for in words."""
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(content, str) or message.get("role") != "system":
            continue
        found = _SCHEMA.search(content)
        if found is None:
            continue
        try:
            value, _ = json.JSONDecoder().raw_decode(content, found.end())
        except ValueError:
            continue
        if isinstance(value, dict):
            return value
    return None


def reading(messages: Sequence[Any], schema: dict[str, Any] | None) -> str | None:
    """The answer to a request for a class or for scores; None for any other."""
    system = "\n".join(
        str(one.get("content"))
        for one in messages
        if isinstance(one, dict) and one.get("role") == "system"
    )
    text = _first_of_user(messages)
    listed = _CLASSES.search(system)
    if listed is not None:
        return _class(listed[1], text, schema)
    properties = (schema or {}).get("properties")
    if isinstance(properties, dict) and set(properties) == {"scores"}:
        return _scores(text)
    return None


def said_object(schema: dict[str, Any], text: str, canned: Any) -> Any:
    """A canned object with what the text says as `name: value` in place of what it has for it."""
    properties = schema.get("properties")
    if not isinstance(canned, dict) or not isinstance(properties, dict):
        return canned
    plain = {
        name: {**field, "type": [field.get("type", "string")]}
        for name, field in properties.items()
        if isinstance(field, dict)
        and field.get("type", "string") in _PLAIN
        and "const" not in field
    }
    said = {name: value for name, value in said_fields(plain, text).items() if value is not None}
    value = {**canned, **{name: said[name] for name in canned if name in said}}
    try:
        return canned if mismatches(value, schema) else value
    except ExpressionFailed:
        return canned


def said_call(messages: Sequence[Any], tools: Sequence[Any]) -> list[dict[str, Any]]:
    """The call of the one function that takes what a text says; none for other tools."""
    tool = tools[0] if len(tools) == 1 and isinstance(tools[0], dict) else {}
    function = tool.get("function")
    schema = function.get("parameters") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(schema, dict) or not asks_fields(schema):
        return []
    said = said_fields(schema["properties"], _first_of_user(messages))
    about = {"name": str(function.get("name")), "arguments": json.dumps(said, ensure_ascii=False)}
    return [{"id": "call_0_0", "type": "function", "function": about}]


def unseen(messages: Sequence[Any]) -> str | None:
    """What is said to a picture or a file, which the demo model cannot see."""
    last = messages[-1] if messages else None
    content = last.get("content") if isinstance(last, dict) else None
    parts = [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []
    others = [str(part.get("type")) for part in parts if part.get("type", "text") != "text"]
    if not others:
        return None
    return (
        f"[demo model] This is canned text. Pictures or files that were sent: {len(others)}; the "
        "demo model sees none. Set OPENAI_API_KEY and OPENAI_BASE_URL to ask a model that does."
    )


def _class(listed: str, text: str, schema: dict[str, Any] | None) -> str:
    parts = _CLASS.split(listed)
    marks, texts = parts[1::2], parts[2::2]
    best = nearest(text, texts)
    names = [(schema or {}).get("properties", {}).get("class", {}).get("enum")]
    if names[0]:
        chosen = names[0][-1] if best is None else names[0][best]
        reason = "[demo model] chosen by shared words: no model has read the text"
        return json.dumps({"reason": reason, "class": chosen}, ensure_ascii=False)
    if best is None:
        return _ZERO if marks[0] != "-" else "other"
    if marks[best] == "-":
        return re.split(r": |\n", texts[best])[0].strip()
    return marks[best].rstrip(".")


def _scores(text: str) -> str:
    query, *parts = _PASSAGE.split(text)
    scores = [
        {"number": int(number), "score": round(_HUNDRED * likeness(query, passage))}
        for number, passage in zip(parts[::2], parts[1::2], strict=True)
    ]
    return json.dumps({"scores": scores})


def _first_of_user(messages: Sequence[Any]) -> str:
    return next(
        (
            str(one.get("content"))
            for one in messages
            if isinstance(one, dict) and one.get("role") == "user"
        ),
        "",
    )
