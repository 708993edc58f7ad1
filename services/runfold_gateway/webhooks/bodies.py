"""What a request to a webhook says, as values that a run can take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from litestar.exceptions import HTTPException

from runfold.errors import ExpressionFailed, InvalidInputs, InvalidRequest
from runfold.graph.trigger_inputs import trigger_inputs
from runfold.graph.webhooks import Webhook
from runfold.values.json_schema import mismatches
from runfold.values.types import kind_name
from runfold_gateway.http.bodies import CHARSETS, read

MOST_FIELDS = 1000
"""Fields of a form."""
_SHOWN = 5
"""Places at which a body does not fit that the sender is told."""
_TEXT = ("text/", "application/xml", "application/javascript")


def body_of(media_type: str, charset: str, raw: bytes) -> Any:
    """The value of a body: of JSON and of a form, else its text; null when it is empty.

    Raises:
        InvalidRequest: `webhook.body`: it is not what its media type says.
        HTTPException: 415, for a media type that has no value here.
    """
    if not raw:
        return None
    kind = media_type.lower()
    if charset and charset.lower() not in CHARSETS:
        raise HTTPException(f"charset {charset!r} is not understood: send UTF-8", status_code=415)
    if kind in ("", "application/json", "text/json") or kind.endswith("+json"):
        return read(raw, code="webhook.body")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        message = f"the body is not UTF-8 (byte {error.start})"
        raise InvalidRequest(message, code="webhook.body") from error
    if kind == "application/x-www-form-urlencoded":
        return fields_of(_pairs(text))
    if kind.startswith(_TEXT) or kind.endswith("+xml"):
        return text
    message = f"{media_type!r} is not understood here: send JSON, a form, or text"
    raise HTTPException(message, status_code=415)


def fields_of(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Names and values as an object; a name that comes more than once has a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def inputs_of(webhook: Webhook, said: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of the run that a request begins.

    Args:
        webhook: What the request came to.
        said: `body`, `headers`, `query`, `method` and `path`.

    Raises:
        InvalidRequest: `webhook.body`: the body does not fit the schema.
        InvalidInputs: There are no inputs in it.
    """
    body = said["body"]
    if webhook.schema:
        _check_body(webhook.schema, body)
    if webhook.inputs is None:
        if body is None:
            return dict(said["query"])
        if not isinstance(body, dict):
            message = (
                f"the body is not an object but {kind_name(body)}: send inputs by name, or say "
                "`inputs` in the webhook"
            )
            raise InvalidInputs(message)
        return body
    return trigger_inputs(webhook.inputs, said)


def _check_body(schema: dict[str, Any], body: Any) -> None:
    try:
        wrong = mismatches(body, schema)
    except ExpressionFailed as error:
        message = f"the body cannot be checked: {error.message}"
        raise InvalidRequest(message, code="webhook.body") from error
    if wrong:
        told = "; ".join(f"{one.path}: {one.message}" for one in wrong[:_SHOWN])
        message = f"the body does not fit the schema of this webhook: {told}"
        raise InvalidRequest(message, code="webhook.body")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        message = f"the form cannot be read: {error}"
        raise InvalidRequest(message, code="webhook.body") from error
