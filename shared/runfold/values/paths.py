"""A reference and how it is followed: `outline.output`, `rows[0]['first name']`.

Only plain paths live here. Where references stand inside templates, programs and expressions is
found by `template_scan`, `python_scan` and `expressions`; `references` puts it together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from runfold.contracts.secrecy import masked
from runfold.errors import ExpressionFailed, ReferenceMissing

EVERYTHING = "*"
"""Root of a reference whose target is only known while code runs: all values."""

Lookup = Callable[[str], Any]
"""Root name → value. Raises `ReferenceMissing` when nothing has the name."""

BY_NAME = "_"
"""Before a subscript, what stands for all roots: `_['a-b'].output` is the output of `a-b`. It
reaches what a template or an expression would read as something else."""

_REST = r"[^\s\x00-\x2c./:-@\[-^`{-\x7f]"
ROOT = rf"(?!-){_REST}+"
"""Pattern of a name, which `is_name` looks at more closely. A '-' is allowed, as in node ids."""
_STEP = rf"\.\s*{ROOT}|\[\s*-?\d+\s*\]|\[\s*'[^'\\]*'\s*\]|\[\s*\"[^\"\\]*\"\s*\]"
PATH = rf"{ROOT}(?:\s*(?:{_STEP}))*"
"""Pattern of a plain path, which `is_path` looks at more closely."""

_REMEMBERED = 500
"""Characters of a path up to which what it stands for is remembered, and shown in messages."""
_ROOT = re.compile(ROOT)
_PATH = re.compile(PATH)
_STEPS = re.compile(_STEP)
_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*")
_NUMBER = re.compile(r"0[xXbBoO][0-9a-fA-F_]+|\d[\d_]*(?:[eE]\d+)?")


class Ref(msgspec.Struct, frozen=True):
    """A place in the values of a run."""

    root: str
    path: tuple[str | int, ...] = ()
    text: str = ""
    """As the author wrote it."""


def is_path(text: str) -> bool:
    """Whether the text is a plain path. `2024` and `1.5` are numbers; `2024.output` is a path."""
    stripped = text.strip()
    if _PATH.fullmatch(stripped) is None:
        return False
    root = _root_of(stripped)
    if not is_name(root):
        return False
    steps = _STEPS.findall(stripped, len(root))
    if _NUMBER.fullmatch(root) and (not steps or isinstance(_step(steps[0]), int)):
        return False
    return all(step[0] == "[" or is_name(step[1:].strip()) for step in steps)


@lru_cache(maxsize=8192)
def is_name(text: str) -> bool:
    """Whether a text is letters, marks and digits of any script, `_` and `-`."""
    return text != "" and all(one in "_-" or unicodedata.category(one)[0] in "LMN" for one in text)


def _root_of(stripped: str) -> str:
    root = _ROOT.match(stripped)
    return root.group() if root else ""


def parse_ref(text: str) -> Ref:
    """The reference a plain path stands for: `a.b[0].c`, `a['b c']`.

    Raises:
        ExpressionFailed: When the text is not a plain path.
    """
    return _remembered(text) if len(text) <= _REMEMBERED else _parsed(text)


def _parsed(text: str) -> Ref:
    stripped = text.strip()
    if not is_path(stripped):
        message = f"{text!r} is not a reference: write `node.output`, `name` or `name['key'][0]`"
        raise ExpressionFailed(
            message,
            code="reference.syntax",
            kind="reference",
            details={"expression": text},
        )
    name = _root_of(stripped)
    path = tuple(_step(found) for found in _STEPS.findall(stripped, len(name)))
    named = by_name(path) if name == BY_NAME else None
    return named or Ref(name, path, stripped)


def by_name(path: tuple[str | int, ...]) -> Ref | None:
    """What `_` with a path behind it refers to; None when its first step is no name."""
    if not path or not isinstance(path[0], str):
        return None
    return Ref(path[0], path[1:], spelled(path[0], path[1:]))


_remembered = lru_cache(maxsize=8192)(_parsed)


def _step(text: str) -> str | int:
    inner = text[1:].strip() if text.startswith(".") else text[1:-1].strip()
    if inner[0] in "'\"":
        return inner[1:-1]
    return int(inner) if inner.lstrip("-").isdecimal() else inner


def resolve(ref: Ref, lookup: Lookup) -> Any:
    """The value at a reference: keys of objects, indexes of lists (negative count from the end).

    Raises:
        ReferenceMissing: Names the whole reference and the part that is not there.
    """
    written = _shown(ref.text or spelled(ref.root, ref.path))
    try:
        value = lookup(ref.root)
    except ReferenceMissing as error:
        message = f"{{{{{written}}}}}: {error.message}"
        raise ReferenceMissing(
            message,
            code=error.code,
            details={**error.details, "reference": written, "missing": _shown(ref.root)},
        ) from error
    for depth, step in enumerate(ref.path):
        found, value = enter(value, step)
        if not found:
            above = _shown(spelled(ref.root, ref.path[:depth]))
            missing = _shown(spelled(ref.root, ref.path[: depth + 1]))
            message = f"{{{{{written}}}}}: there is no {missing!r}: {above!r} {_holding(value)}"
            raise ReferenceMissing(message, details={"reference": written, "missing": missing})
    return value


def _shown(path: str) -> str:
    if len(path) <= _REMEMBERED:
        return path
    path = masked(path)
    return path if len(path) <= _REMEMBERED else f"{path[:_REMEMBERED]}…"


def enter(value: Any, step: str | int) -> tuple[bool, Any]:
    """One step down from a value: `(True, inner)`, or `(False, value)` when it leads nowhere."""
    if isinstance(value, Mapping):
        for key in (step, str(step)):
            if key in value:
                return True, value[key]
        return False, value
    if not isinstance(value, list | tuple) or not isinstance(step, int):
        return False, value
    inside = -len(value) <= step < len(value)
    return inside, value[step] if inside else value


def _holding(value: Any) -> str:
    """What is there instead, for a message; keys only, since values may be private."""
    if value is None:
        return "is null"
    if isinstance(value, Mapping):
        keys = _shown(", ".join(str(key) for key in islice(value, 12)))
        return f"has {keys}" if keys else "is an empty object"
    if isinstance(value, list | tuple):
        return f"is a list of {len(value)}"
    kinds = {bool: "a boolean", str: "text", int: "a number", float: "a number"}
    return f"is {kinds.get(type(value), type(value).__name__)}"


def spelled(root: str, path: tuple[str | int, ...]) -> str:
    """A reference as text, in the canonical spelling."""
    parts = [root]
    for step in path:
        if isinstance(step, str):
            plain = _PLAIN_KEY.fullmatch(step) is not None
            parts.append(f".{step}" if plain else f"[{_quoted(step)}]")
        else:
            parts.append(f"[{step}]")
    return "".join(parts)


def _quoted(key: str) -> str:
    return f'"{key}"' if "'" in key else f"'{key}'"


def lookup_in(values: Mapping[str, Any]) -> Lookup:
    """A lookup over a mapping."""

    def lookup(root: str) -> Any:
        try:
            return values[root]
        except KeyError:
            message = f"nothing is called {root!r} here"
            raise ReferenceMissing(message, details={"reference": root, "missing": root}) from None

    return lookup
