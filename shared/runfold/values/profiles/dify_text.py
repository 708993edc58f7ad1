"""How Dify writes values into text: plainly in prompts and requests, as Markdown in answers."""

from __future__ import annotations

import json
import re
from typing import Any

from runfold.errors import ReferenceMissing
from runfold.values.files import is_file
from runfold.values.operators import MISSING
from runfold.values.paths import Lookup, Ref, resolve

_PATH = re.compile(r"\w+(?:\.[^\W\d]\w*)+")


def text(value: Any) -> str:
    """A value in a template: Python's spelling, but JSON for objects and for lists of texts."""
    if isinstance(value, str):
        return value
    if value is None or is_file(value):
        return ""
    if isinstance(value, dict):
        return _json(value)
    if isinstance(value, list | tuple):
        return _list_text(value)
    return str(value)


def answer(value: Any) -> str:
    """A value in an answer: a list as a list of Markdown, files as links."""
    if is_file(value):
        return _link(value)
    if isinstance(value, dict):
        return _json(value, indent=2)
    if isinstance(value, list | tuple):
        if value and all(map(is_file, value)):
            return "\n".join(map(_link, value))
        return "\n".join(f"- {item}" for item in value)
    return text(value)


def literal(text: str, lookup: Lookup) -> Any:
    """The value of what is written like a reference without braces, and is one: `node.name`."""
    if not _PATH.fullmatch(text):
        return MISSING
    root, *path = text.split(".")
    try:
        return resolve(Ref(root, tuple(path), text), lookup)
    except ReferenceMissing:
        return MISSING


def reference(ref: Ref) -> str:
    """What stands for a reference that leads nowhere: itself, without braces."""
    return ".".join((ref.root, *map(str, ref.path)))


def _list_text(value: list[Any] | tuple[Any, ...]) -> str:
    if not value or all(map(is_file, value)):
        return ""
    if all(isinstance(item, str) for item in value):
        return _json(value)
    return str(list(value))


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _link(file: dict[str, Any]) -> str:
    name, place = file.get("name", ""), file.get("url") or f"/api/files/{file.get('sha256', '')}"
    return f"{'!' if file.get('kind') == 'image' else ''}[{name}]({place})"
