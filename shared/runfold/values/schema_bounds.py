"""How large a JSON Schema may be, and how often it may ask about one value.

A few hundred bytes of references can ask a billion times about the same value: what a schema asks
is counted here along its references, each part once, before any value is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

MAX_SIZE = 256 * 1024
"""Bytes of a schema."""
MAX_PARTS = 2_000
"""Objects and lists in a schema."""
MAX_DEPTH = 50
"""Objects and lists within each other."""
MAX_REFERENCES = 50
"""References from one to the next, about one value."""
MAX_QUESTIONS = 1_000
"""Parts of a schema that are asked about one and the same value."""

DATA = frozenset(("const", "default", "enum", "examples"))
"""Keywords under which no schema stands."""
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_EACH = ("allOf", "anyOf", "oneOf", "extends", "disallow")
_ONE = ("not", "if", "then", "else", "extends")
_BY_NAME = ("dependentSchemas", "dependencies")
_AGAIN = ("unevaluatedProperties", "unevaluatedItems")
"""Keywords that ask everything beside them once more."""


class TooCostly(Exception):
    """A schema over a bound; the message says which."""


def check_schema_bounds(schema: Any) -> None:
    """Refuse a schema that is too large, asks too often, or refers to what is not in it.

    Raises:
        TooCostly: It is over a bound.
        LookupError: It refers to something that is not in it; the message names it.
    """
    size = len(msgspec.json.encode(schema))
    if size > MAX_SIZE:
        raise TooCostly(f"the schema has {size} bytes, the limit is {MAX_SIZE}")
    if not isinstance(schema, dict):
        return
    _check_parts(schema)
    questions = _Questions(schema)
    for part in _parts(schema):
        questions.about(part, 0)


def _check_parts(schema: dict[str, Any]) -> None:
    """Refuse too many parts, too deep ones, and what changes how the rest is read."""
    left: list[tuple[Any, int]] = [(schema, 1)]
    parts = 0
    while left:
        part, depth = left.pop()
        parts += 1
        if parts > MAX_PARTS:
            raise TooCostly(f"the schema has more than {MAX_PARTS} objects and lists")
        if depth > MAX_DEPTH:
            raise TooCostly(f"the schema is nested more than {MAX_DEPTH} deep")
        inner = part.values() if isinstance(part, dict) else part
        left += [(one, depth + 1) for one in inner if isinstance(one, dict | list)]
    for part in _parts(schema):
        # Of a property that is called so, it is the schema and no text.
        if isinstance(part.get("$schema"), str) and part is not schema:
            raise TooCostly("only the outermost schema names its `$schema`")
        if "patternProperties" in part and any(name in part for name in _AGAIN):
            raise TooCostly("`unevaluated…` beside `patternProperties` is not supported")
        for name in _REFERENCES:
            target = part.get(name)
            if isinstance(target, str) and not target.startswith("#"):
                raise LookupError(target)


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """All objects that may be schemas."""
    left = [schema]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield part
            left += [inner for name, inner in part.items() if name not in DATA]
        elif isinstance(part, list):
            left += part


class _Questions:
    """Counts the parts of a schema that are asked about one value."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._known: dict[int, int] = {}
        self._open: set[int] = set()

    def about(self, part: Any, depth: int) -> int:
        """How many parts are asked about the value that one is asked about, itself included."""
        if not isinstance(part, dict):
            return 1
        place = id(part)
        if place in self._known:
            return self._known[place]
        if place in self._open:
            raise TooCostly("the schema refers to itself without end")
        if depth > MAX_REFERENCES + MAX_DEPTH:
            raise TooCostly(f"references go on through more than {MAX_REFERENCES} others")
        self._open.add(place)
        count = 1 + sum(self.about(inner, depth + 1) for inner in self._asked(part))
        count <<= sum(name in part for name in _AGAIN)
        self._open.discard(place)
        if count > MAX_QUESTIONS:
            message = (
                f"the schema asks more than {MAX_QUESTIONS} times about one value: its references "
                "and `allOf`, `anyOf`, `oneOf` multiply each other"
            )
            raise TooCostly(message)
        self._known[place] = count
        return count

    def _asked(self, part: dict[str, Any]) -> Iterator[Any]:
        """The parts that a part asks about its own value."""
        for name in _EACH:
            inner = part.get(name)
            if isinstance(inner, list):
                yield from inner
        for name in _ONE:
            if name in part:
                yield part[name]
        for name in _BY_NAME:
            inner = part.get(name)
            if isinstance(inner, dict):
                yield from inner.values()
        for name in _REFERENCES:
            target = part.get(name)
            if isinstance(target, str):
                yield self._target(target)

    def _target(self, reference: str) -> Any:
        """What a reference leads to inside the schema; None where only its validation tells."""
        here: Any = self._root
        if reference in ("#", "#/"):
            return here
        if not reference.startswith("#/"):
            return None
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(here, dict) and name in here:
                here = here[name]
            elif isinstance(here, list) and name.isdigit() and int(name) < len(here):
                here = here[int(name)]
            else:
                return None
        return here
