"""JSON Schema: whether a schema is one, and where a value does not fit it.

Nothing is fetched, and patterns are RE2 as everywhere: no schema of an author can reach out or
hold a service up.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from runfold.errors import ExpressionFailed
from runfold.values.patterns import compiled

_EXCERPT = 200
"""Characters shown of a mismatch."""


class Mismatch(msgspec.Struct, frozen=True):
    """One place at which a value is not as its schema says."""

    path: str
    """JSON path, `$.items[2].price`."""
    message: str


def schema_problem(schema: Any) -> str:
    """Why something is no JSON Schema that can be used; empty when it is one."""
    import jsonschema

    if not isinstance(schema, dict | bool):
        return "a schema is an object"
    try:
        _kind_for(schema).check_schema(schema)
        _look_for_patterns(schema)
    except jsonschema.SchemaError as error:
        return f"{error.json_path}: {error.message[:_EXCERPT]}"
    except ExpressionFailed as error:
        return error.message
    except RecursionError:
        return "it is nested too deeply"
    return ""


def mismatches(value: Any, schema: dict[str, Any]) -> list[Mismatch]:
    """All places at which a value does not fit a schema, by path.

    Raises:
        ExpressionFailed: `schema.invalid`, when the schema is none, refers to something outside
            itself, or to itself without end.
    """
    import jsonschema
    import referencing
    import referencing.exceptions

    kind = _kind_for(schema)
    try:
        kind.check_schema(schema)
        # An empty registry: the default one would fetch references from the network.
        validator = kind(schema, registry=referencing.Registry())
        errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    except jsonschema.SchemaError as error:
        raise _invalid(f"the schema is not a JSON Schema: {error.message}") from error
    except referencing.exceptions.Unresolvable as error:
        message = f"the schema refers to {error.ref!r}, which is not inside it"
        raise _invalid(message) from error
    except RecursionError as error:
        raise _invalid("the schema refers to itself without end") from error
    return [Mismatch(error.json_path, error.message[:_EXCERPT]) for error in errors]


def _invalid(message: str) -> ExpressionFailed:
    return ExpressionFailed(message, code="schema.invalid", kind="input")


def _kind_for(schema: Any) -> Any:
    import jsonschema

    return _guarded(
        jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    )


@lru_cache(maxsize=16)
def _guarded(kind: Any) -> Any:
    """A draft's validator whose patterns are RE2."""
    import jsonschema

    own = {"pattern": _pattern, "patternProperties": _pattern_properties}
    known = {name: check for name, check in own.items() if name in kind.VALIDATORS}
    extend: Any = jsonschema.validators.extend
    return extend(kind, known)


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


def _look_for_patterns(schema: Any) -> None:
    """Compile what stands where a pattern may: what RE2 does not know is found now.

    Raises:
        ExpressionFailed: For a pattern that is none.
    """
    if isinstance(schema, list):
        for inner in schema:
            _look_for_patterns(inner)
    elif isinstance(schema, dict):
        pattern, properties = schema.get("pattern"), schema.get("patternProperties")
        for text in (pattern, *(properties if isinstance(properties, dict) else ())):
            if isinstance(text, str):
                compiled(text)
        for name, inner in schema.items():
            if name not in ("const", "default", "enum", "examples"):
                _look_for_patterns(inner)
