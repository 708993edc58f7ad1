"""Arguments before they are sent and answers after they came, against the document's schemas."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.openapi.arguments import WHOLE, Argument, Arguments
from runfold.openapi.document import Broken, Document, pointer
from runfold.openapi.operations import Operation
from runfold.openapi.schemas import standing_alone
from runfold.values.files import is_file
from runfold.values.json_schema import mismatches

MOST_SHOWN = 5
"""Mismatches told of."""
_IN_TEXT = ("path", "query", "header", "cookie")


def argument_problems(arguments: Arguments, values: dict[str, Any]) -> list[str]:
    """What is wrong with arguments, so that the request is not worth sending; none: nothing.

    What only a schema too large or too odd could tell is left for the other side to say.
    """
    problems = [*name_problems(arguments, values)]
    if problems:
        return problems
    typed = {
        argument.name: _as_typed(argument, value)
        for name, value in values.items()
        if (argument := arguments.find(name)) is not None
        and not _has_file(value)
        and not (value is None and not argument.required)
    }
    try:
        schema = arguments.complete_schema()
    except Broken as broken:
        if broken.fault.code != "openapi.too_large":
            raise
        return []
    whole = arguments.takes_whole and WHOLE in values
    schema["required"] = [
        name for name in schema.get("required", ()) if name in typed and not whole
    ]
    schema.pop("additionalProperties", None)
    try:
        found = mismatches(typed, schema)
    except ExpressionFailed:
        return []
    return [f"{one.path.removeprefix('$.')}: {one.message}" for one in found[:MOST_SHOWN]]


def name_problems(arguments: Arguments, values: dict[str, Any]) -> Iterator[str]:
    """Arguments that there are not, and those that are missing."""
    whole = arguments.takes_whole and WHOLE in values
    known = [one.name for one in arguments.all]
    is_open = arguments.fields is not None and arguments.fields.open
    for name in values:
        if arguments.find(name) is None and not is_open and not (name == WHOLE and whole):
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            there = ", ".join(known) or "none"
            yield f"no parameter {name!r}{hint} (there are: {there})"
        elif whole and (found := arguments.find(name)) is not None and found.place == "field":
            yield f"{name!r} is a field of the body, and `body` is given as a whole"
    given = {id(arguments.find(name)) for name, value in values.items() if value is not None}
    for one in arguments.all:
        if one.required and id(one) not in given and not (whole and one.place == "field"):
            is_null = values.get(one.name, values.get(one.written, one)) is None
            if is_null and one.place in ("field", "body"):
                continue  # null is a value there
            yield f"{one.name!r} is missing: {one.place} parameter"


def _as_typed(argument: Argument, value: Any) -> Any:
    """A value as its schema means it, where only text is written."""
    declared = argument.schema.get("type") if isinstance(argument.schema, dict) else None
    if argument.place not in _IN_TEXT or not isinstance(value, str):
        return value
    if declared == "boolean" and value in ("true", "false"):
        return value == "true"
    if declared not in ("integer", "number"):
        return value
    try:
        return int(value) if declared == "integer" else float(value)
    except ValueError:
        return value


def _has_file(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_file, value))
    return is_file(value)


def answer_warnings(
    document: Document, operation: Operation, status: int, content_type: str, body: Any
) -> list[str]:
    """Where an answer is not as the document says; it may be of use all the same."""
    try:
        found = _answered(document, operation, status, content_type)
        if isinstance(found, str):
            return [found]
        if found is None:
            return []
        schema = standing_alone(document, found[0], found[1], "writeOnly")
        wrong = [] if schema is True else mismatches(body, {} if schema is False else schema)
    except (Broken, ExpressionFailed) as error:
        return [f"the answer was not checked: {error}"]
    more = len(wrong) - MOST_SHOWN
    told = [f"{one.path}: {one.message}" for one in wrong[:MOST_SHOWN]]
    return [*told, f"and {more} more"] if more > 0 else told


def _answered(
    document: Document, operation: Operation, status: int, content_type: str
) -> tuple[Any, str] | str | None:
    """The schema of an answer and its place; what is wrong already; None for nothing to check."""
    responses = operation.responses
    wanted = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
    name = next((one for one in wanted if one in responses), "")
    if not name:
        told = ", ".join(responses) or "none"
        return f"the document has no answer with the status {status}; it has: {told}"
    at = operation.at + pointer("responses", name)
    response, at = document.resolved(responses[name], at)
    content = response.get("content") if isinstance(response, dict) else None
    if not isinstance(content, dict) or not content:
        return None
    plain = content_type.partition(";")[0].strip().lower()
    by_name = {one.partition(";")[0].strip().lower(): one for one in content}
    media = by_name.get(plain) or by_name.get(f"{plain.partition('/')[0]}/*") or by_name.get("*/*")
    if media is None:
        return f"the answer is {plain or 'of no type'}; the document has: {', '.join(content)}"
    about = content[media]
    if not isinstance(about, dict) or "schema" not in about:
        return None
    return about["schema"], at + pointer("content", media, "schema")
