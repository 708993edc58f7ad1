"""JSON Schema: whether a schema is one, and where a value does not fit it.

Nothing is fetched, and neither a schema nor a value holds anything up: a schema is bounded in what
it asks (`schema_bounds`), a validation in its steps (`schema_steps`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from runfold.contracts.secrecy import masked
from runfold.errors import ExpressionFailed
from runfold.values.patterns import compiled
from runfold.values.schema_bounds import DATA, TooCostly, check_schema_bounds
from runfold.values.schema_steps import MAX_STEPS, OutOfSteps, counted, counting

_EXCERPT = 200
"""Characters shown of a mismatch."""
_CHECK_STEPS = 10 * MAX_STEPS
"""Steps that checking a schema itself may take; its size is bounded already."""


class Mismatch(msgspec.Struct, frozen=True):
    """One place at which a value is not as its schema says."""

    path: str
    """JSON path, `$.items[2].price`."""
    message: str


def schema_problem(schema: Any) -> str:
    """Why something cannot be used as a JSON Schema; empty when it can."""
    if not isinstance(schema, dict | bool):
        return "a schema is an object"
    try:
        _checked(_written(schema))
    except ExpressionFailed as error:
        return error.message
    return ""


def mismatches(value: Any, schema: dict[str, Any]) -> list[Mismatch]:
    """All places at which a value does not fit a schema, by path.

    Raises:
        ExpressionFailed: `schema.invalid`, when the schema is not one, or refers to something
            outside itself; `schema.too_costly`, when it asks too much, in itself or of this value.
    """
    import jsonschema
    import referencing
    import referencing.exceptions

    kind = _checked(_written(schema))
    # A part with a `$schema` would be read by a validator that counts nothing.
    plain = {name: part for name, part in schema.items() if name != "$schema"}
    try:
        with counted():
            # An empty registry: the default one would fetch references from the network.
            validator = kind(plain, registry=referencing.Registry())
            errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    except OutOfSteps as error:
        message = f"checking the value takes more than {MAX_STEPS} steps"
        raise _too_costly(message) from error
    except jsonschema.SchemaError as error:
        raise _invalid(f"the schema is not a JSON Schema: {error.message}") from error
    except referencing.exceptions.Unresolvable as error:
        raise _outside(error.ref) from error
    except RecursionError as error:
        raise _too_costly("the schema and the value are nested too deep together") from error
    return [Mismatch(error.json_path, masked(error.message)[:_EXCERPT]) for error in errors]


def _written(schema: Any) -> bytes:
    """A schema as bytes: what is known of it is remembered by them."""
    try:
        return msgspec.json.encode(schema)
    except (RecursionError, TypeError, ValueError) as error:
        raise _invalid(f"the schema is not JSON: {error}") from error


@lru_cache(maxsize=64)
def _checked(written: bytes) -> Any:
    """The validator for a schema that was found to be one.

    Raises:
        ExpressionFailed: `schema.invalid` or `schema.too_costly`.
    """
    import jsonschema

    schema = msgspec.json.decode(written)
    try:
        check_schema_bounds(schema)
    except TooCostly as error:
        raise _too_costly(str(error)) from error
    except LookupError as error:
        raise _outside(error.args[0]) from error
    kind = counting(
        jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    )
    try:
        with counted(_CHECK_STEPS):
            # Formats are not looked at: patterns are compiled below, by RE2.
            kind.check_schema(schema, format_checker=None)
    except jsonschema.SchemaError as error:
        raise _invalid(f"{error.json_path}: {masked(error.message)[:_EXCERPT]}") from error
    except OutOfSteps as error:
        raise _too_costly("the schema takes too long to check") from error
    except RecursionError as error:
        raise _too_costly("the schema is nested too deep") from error
    _look_for_patterns(schema)
    return kind


def _invalid(message: str) -> ExpressionFailed:
    return ExpressionFailed(message, code="schema.invalid", kind="input")


def _outside(reference: str) -> ExpressionFailed:
    return _invalid(f"the schema refers to {reference!r}, which is not inside it")


def _too_costly(message: str) -> ExpressionFailed:
    return ExpressionFailed(message, code="schema.too_costly", kind="limit")


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
            if name not in DATA:
                _look_for_patterns(inner)
