"""Reads JSON out of a model's answer and checks it against a schema."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from runfold.errors import ExpressionFailed, NodeFailed
from runfold.values.json_schema import mismatches

_FENCE = re.compile(r"\A```[\w-]*\s*\n(.*?)\n?```\Z", re.DOTALL)
_EXCERPT = 200
_SHOWN = 5
"""Mismatches listed in a message."""


def structured(text: str, schema: dict[str, Any] | None, finish_reason: str) -> Any:
    """The value an answer stands for; a Markdown fence around it is taken off.

    Args:
        text: The answer.
        schema: JSON Schema it has to fit, or None for any JSON.
        finish_reason: Of the answer: one that was cut short says why its JSON is broken.

    Raises:
        NodeFailed: `llm.invalid_json` or `llm.schema_mismatch`, which another attempt may not
            have, or `llm.schema_invalid`, which is for the author to mend.
    """
    bare = text.strip()
    fenced = _FENCE.match(bare)
    try:
        value = json.loads(fenced[1] if fenced else bare, parse_constant=_refuse)
    except ValueError as error:
        cut = ": it was cut short, raise max_tokens" if finish_reason == "length" else ""
        message = f"the answer is not JSON{cut}: {error}; it begins {text[:_EXCERPT]!r}"
        raise NodeFailed(message, code="llm.invalid_json", kind="output", retryable=True) from error
    if schema is not None:
        _check(value, schema)
    return value


def _check(value: Any, schema: dict[str, Any]) -> None:
    try:
        found = mismatches(value, schema)
    except ExpressionFailed as error:
        message = f"response_format: {error.message}"
        raise NodeFailed(message, code="llm.schema_invalid", kind="input") from error
    if found:
        listed = "; ".join(f"{one.path}: {one.message}" for one in found[:_SHOWN])
        message = f"the answer does not fit the schema: {listed}"
        raise NodeFailed(
            message,
            code="llm.schema_mismatch",
            kind="output",
            retryable=True,
            details={"errors": msgspec.to_builtins(found[: _SHOWN * 4])},
        )


def _refuse(constant: str) -> float:
    message = f"{constant} is not JSON"
    raise ValueError(message)
