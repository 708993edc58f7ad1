"""Values of the guide's canvas, written as native ones.

A value is `{val: …}`, `{ref: {from_node_key, from_path}}`, or an object or list of values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from runfold.values.paths import is_path, spelled

Refer = Callable[[str, str], str]
"""A node's key and a path in its outputs → the native reference, in braces."""
_OPENER = re.compile(r"\{(?=[{%#])")
_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_STEP = re.compile(r"\.?([^.\[\]\s]+)|\[(\d+)\]")
_DEEPEST = 50


def native(value: Any, refer: Refer, depth: int = 0) -> Any:
    """A value as a native one, references in braces."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        if set(value) == {"val"}:
            return escaped(value["val"])
        ref = value.get("ref")
        if set(value) <= {"ref", "type"} and isinstance(ref, dict):
            return refer(str(ref.get("from_node_key") or ""), str(ref.get("from_path") or ""))
        return {str(key): native(one, refer, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [native(one, refer, depth + 1) for one in value]
    return escaped(value)


def escaped(value: Any) -> Any:
    """A constant in which nothing is read as a template."""
    if isinstance(value, str):
        return _OPENER.sub("{{ '{' }}", value)
    if isinstance(value, dict):
        return {str(key): escaped(one) for key, one in value.items()}
    return [escaped(one) for one in value] if isinstance(value, list) else value


def constant(value: Any) -> Any:
    """What a value is when it is written down; None when it is a reference."""
    if isinstance(value, dict) and set(value) == {"val"}:
        return value["val"]
    return None if isinstance(value, dict) and "ref" in value else value


def filled(template: str, values: dict[str, Any]) -> str:
    """Text in which `{{name}}` stands for an input of the node; other braces stay as they are."""
    written: list[str] = []
    end = 0
    for found in _BRACES.finditer(template):
        value = values.get(found[1].strip())
        if isinstance(value, str):
            written += (escaped(template[end : found.start()]), value)
            end = found.end()
    written.append(escaped(template[end:]))
    return "".join(written)


def steps_of(path: str) -> tuple[str | int, ...]:
    """The steps of a path as it is written, `a.b[0]`."""
    return tuple(int(found[2]) if found[2] else found[1] for found in _STEP.finditer(path))


def reference(root: str, path: tuple[str | int, ...]) -> str:
    """A native reference: the id of a node or the name of an input, and a way into its value."""
    text = spelled(root, path)
    return "{{" + (text if is_path(text) else spelled("_", (root, *path))) + "}}"
