"""Validators of JSON Schema that count what they do, and stop.

Each keyword that is asked costs a step, and more where it looks at many things at once. Patterns
are RE2 and unique items are found by hashing, so that no keyword takes more than it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from runfold.values.patterns import compiled

MAX_STEPS = 100_000
"""Keywords asked in one validation: about half a second."""
_CHARACTERS = 256
"""Characters of a message that cost a step: it holds the value that does not fit."""

Check = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


class OutOfSteps(Exception):
    """A validation that asks more than is allowed."""


class _Steps:
    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise OutOfSteps


_steps: ContextVar[_Steps] = ContextVar("steps")


@contextmanager
def counted(steps: int = MAX_STEPS) -> Iterator[None]:
    """Let the validators inside take so many steps."""
    token = _steps.set(_Steps(steps))
    try:
        yield
    finally:
        _steps.reset(token)


@lru_cache(maxsize=16)
def counting(kind: Any) -> Any:
    """A draft's validator whose every keyword counts."""
    import jsonschema

    own: dict[str, Check] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "uniqueItems": _unique_items,
    }
    known = {name: _counting(own.get(name, check), name) for name, check in kind.VALIDATORS.items()}
    extend: Any = jsonschema.validators.extend
    return extend(kind, known)


def _counting(check: Check, name: str) -> Check:
    def counted_check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        steps = _steps.get()
        steps.spend(1 + _looked_at(name, value, instance))
        for error in check(validator, value, instance, schema) or ():
            steps.spend(1 + len(error.message) // _CHARACTERS)
            yield error

    return counted_check


def _looked_at(name: str, value: Any, instance: Any) -> int:
    """Things a keyword looks at by itself."""
    if name in ("enum", "required", "properties") and isinstance(value, list | dict):
        return len(value)
    if name == "patternProperties" and isinstance(value, dict) and isinstance(instance, dict):
        return len(value) * len(instance)
    if name in ("additionalProperties", "propertyNames", "unevaluatedProperties"):
        return len(instance) if isinstance(instance, dict) else 0
    if name in ("uniqueItems", "contains", "unevaluatedItems"):
        return len(instance) if isinstance(instance, list) else 0
    return 0


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    import jsonschema

    if isinstance(instance, str) and compiled(pattern).search(instance) is None:
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: dict[str, Any], instance: Any, _schema: Any
) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    for pattern, inner in patterns.items():
        expression = compiled(pattern)
        for name, value in instance.items():
            if expression.search(name) is not None:
                yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, allowed: Any, instance: Any, schema: dict[str, Any]
) -> Iterator[Any]:
    import jsonschema

    if not isinstance(instance, dict):
        return
    known = schema.get("properties") or {}
    patterns = [compiled(pattern) for pattern in schema.get("patternProperties") or {}]
    _steps.get().spend(len(instance) * len(patterns))
    extras = [
        name
        for name in instance
        if name not in known and all(pattern.search(name) is None for pattern in patterns)
    ]
    if isinstance(allowed, dict):
        for name in extras:
            yield from validator.descend(instance[name], allowed, path=name)
    elif not allowed and extras:
        named = ", ".join(map(repr, sorted(extras)))
        verb = "was" if len(extras) == 1 else "were"
        message = f"Additional properties are not allowed ({named} {verb} unexpected)"
        yield jsonschema.ValidationError(message)


def _unique_items(_validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    import jsonschema

    if not wanted or not isinstance(instance, list):
        return
    seen: dict[Any, int] = {}
    for index, item in enumerate(instance):
        first = seen.setdefault(_key(item), index)
        if first != index:
            yield jsonschema.ValidationError(f"items {first} and {index} are the same")
            return


def _key(value: Any) -> Hashable:
    """A value by which equal ones are found: true equals no number, as 1 does equal 1.0."""
    if isinstance(value, bool):
        return "true" if value else "false", None
    if isinstance(value, dict):
        return frozenset((name, _key(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return tuple(_key(inner) for inner in value)
    return value, 0
