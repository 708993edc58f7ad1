"""Reads JSON out of a model's answer and checks it against a schema. Nothing is repaired."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.errors import ExpressionFailed, NodeFailed, Undecodable
from runfold.values.json_schema import mismatches
from runfold_executor_llm.reasoning import behind_thoughts

_FENCE = "```"
_LANGUAGE = re.compile(r"[\w-]*\s*\Z")
_EXCERPT = 200
_SHOWN = 5
"""Mismatches listed in a message."""


def structured(text: str, schema: dict[str, Any] | None, finish_reason: str) -> Any:
    """Reads the JSON value of an answer.

    The text is JSON, else what comes after a thought in it is, else its only Markdown code block.

    Args:
        text: The answer.
        schema: JSON Schema it has to fit, or None for any JSON.
        finish_reason: Of the answer: one that was cut short says why its JSON is broken.

    Raises:
        NodeFailed: `llm.invalid_json` or `llm.schema_mismatch`, which another attempt may not
            have, or `llm.schema_invalid`, which is for the author to mend.
    """
    value = read_value(text, finish_reason)
    if schema is not None:
        check_fit(value, schema)
    return value


def read_value(text: str, finish_reason: str) -> Any:
    """The JSON value of an answer, of any type. Raises `NodeFailed` (`llm.invalid_json`)."""
    refused: Undecodable | None = None
    for candidate in _candidates(text):
        try:
            return read_json(candidate)
        except Undecodable as error:
            refused = error  # the last says most: it is about the narrowest part
    cut = ": it was cut short, raise max_tokens" if finish_reason == "length" else ""
    why = refused.message.removeprefix("not JSON: ") if refused is not None else "it is empty"
    message = f"the answer is not JSON{cut}: {why}; it begins {text[:_EXCERPT]!r}"
    failed = NodeFailed(message, code="llm.invalid_json", kind="output", retryable=True)
    raise failed from refused


def _candidates(text: str) -> Iterator[str]:
    """Parts of an answer that may be its JSON, the likeliest first."""
    bare = text.strip()
    yield bare
    answer = behind_thoughts(bare).strip()
    if answer != bare:
        yield answer
    if answer.startswith(_FENCE) and answer.count(_FENCE) == 1:
        yield answer.partition("\n")[2]  # Gemini forgets the end of the block at times
    before, fence, rest = answer.partition(_FENCE)
    block, closing, after = rest.rpartition(_FENCE)
    is_only_one = _FENCE not in block or not (before or after)
    if fence and closing and is_only_one:
        first, _, others = block.partition("\n")
        yield others if _LANGUAGE.match(first) else block


def check_fit(value: Any, schema: dict[str, Any], setting: str = "response_format") -> None:
    """Refuse a value that does not fit a schema.

    Args:
        value: What a model said.
        schema: JSON Schema.
        setting: Where the author wrote it.

    Raises:
        NodeFailed: `llm.schema_mismatch`; `llm.schema_invalid`, when the schema is not one.
    """
    try:
        found = mismatches(value, schema)
    except ExpressionFailed as error:
        message = f"{setting}: {error.message}"
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
