"""From the configuration of an `http_request` node to the request that is sent."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.contracts.secrecy import conceal
from runfold.errors import NodeFailed, Undecodable
from runfold.graph.kinds.http_request import (
    ApiKeyAuth,
    BasicAuth,
    BearerAuth,
    HTTPRequestConfig,
    header_problems,
    method_problem,
)
from runfold.values.durations import parse_duration
from runfold.values.json_mending import mended
from runfold.values.json_text import text_of, to_json
from runfold_executor_http.sending import Sending

_AROUND = " \t\r\n"
"""White space that is not a part of a header's value (RFC 9110, 5.5)."""
_JSON = "application/json"
_FORM = "multipart/form-data"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request."""

    method: str
    url: str
    params: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    content: bytes | None = None
    sending: Sending | None = None
    """A body that is streamed, instead."""
    timeout: float = 30.0
    """Seconds for everything, redirects included."""
    connect_timeout: float = 10.0
    verify: bool = True
    follow_redirects: bool = True
    max_bytes: int | None = None
    """Below the settings' limit, which always holds."""


def call_for(
    config: HTTPRequestConfig, idempotency_key: str, sending: Sending | None = None
) -> Call:
    """The request that a configuration describes.

    Args:
        config: The configuration.
        idempotency_key: Of the attempt.
        sending: Its body, when that has files in it.

    Raises:
        NodeFailed: `http.invalid`, when it cannot be sent.
    """
    if why := method_problem(config.method):
        raise _invalid(why)
    params = [(name, one) for name, value in config.params.items() for one in _listed(value)]
    content, content_type = (None, sending.content_type) if sending else _body(config)
    return Call(
        method=config.method.strip().upper(),
        url=config.url.strip(),
        params=[*params, *_key_in_query(config)],
        headers=_headers(config, content_type, idempotency_key),
        content=content,
        sending=sending,
        timeout=_seconds(config.timeout, "timeout"),
        connect_timeout=_seconds(config.connect_timeout, "connect_timeout"),
        verify=config.verify_tls,
        follow_redirects=config.follow_redirects,
        max_bytes=config.max_bytes,
    )


def _headers(config: HTTPRequestConfig, content_type: str, idempotency_key: str) -> dict[str, str]:
    """The author's headers and those of other fields. Refuses a name that is there twice."""
    pairs = [(name, text_of(one)) for name, one in config.headers.items() if one is not None]
    if content_type.startswith(_FORM):
        # Written by hand it has no boundary, or another than the body's.
        pairs = [one for one in pairs if not _says_form(*one)]
    if content_type and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("content-type", content_type))
    if config.idempotency_header:
        pairs.append((config.idempotency_header, idempotency_key))
    match config.auth:
        case BasicAuth(username, password):
            pair = base64.b64encode(f"{username}:{password}".encode()).decode()
            conceal(pair)
            pairs.append(("authorization", f"Basic {pair}"))
        case BearerAuth(token):
            pairs.append(("authorization", f"Bearer {token}"))
        case ApiKeyAuth(value, name, "header"):
            pairs.append((name, value))
        case _:
            pass
    return checked_headers(pairs)


def _says_form(name: str, value: str) -> bool:
    is_content_type = name.strip().lower() == "content-type"
    return is_content_type and value.strip().lower().startswith(_FORM)


def checked_headers(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Headers as they are sent.

    Raises:
        NodeFailed: `http.invalid`: one cannot be sent, or is there twice.
    """
    for why in header_problems(name for name, _ in pairs):
        raise _invalid(why)
    return {name: _header_value(name, value) for name, value in pairs}


def _header_value(name: str, value: str) -> str:
    """A header's value, ready to be sent. Messages leave it out, since it may be secret."""
    value = value.strip(_AROUND)
    if "\n" in value or "\r" in value:
        raise _invalid(f"the value of header {name} has a line break inside")
    if not value.isascii():
        raise _invalid(f"the value of header {name} has characters outside ASCII: encode them")
    if any((character < " " and character != "\t") or character == "\x7f" for character in value):
        raise _invalid(f"the value of header {name} has a control character")
    return value


def _body(config: HTTPRequestConfig) -> tuple[bytes | None, str]:
    """The bytes to send and their content type; `(None, "")` without a body."""
    body, kind = config.body, config.body_type
    if body is None:
        return None, ""
    if kind == "auto":
        kind = "raw" if isinstance(body, str) else "json"
    match kind:
        case "json":
            text = _json_text(body) if isinstance(body, str) else to_json(body)
            return text.encode(), _JSON
        case "mended_json":
            return to_json(mended(body) if isinstance(body, str) else body).encode(), _JSON
        case "form":
            if not isinstance(body, dict):
                raise _invalid("body_type form needs an object of fields as body")
            fields = [(name, one) for name, value in body.items() for one in _listed(value)]
            return urlencode(fields).encode(), "application/x-www-form-urlencoded"
        case "base64":
            try:
                return base64.b64decode(text_of(body), validate=True), "application/octet-stream"
            except (binascii.Error, ValueError) as error:
                message = f"body_type base64, but the body is not base64: {error}"
                raise _invalid(message) from error
        case _:
            return text_of(body).encode(), "text/plain; charset=utf-8"


def _json_text(text: str) -> str:
    """Text as JSON: an object, a list or quoted text unchanged, any other text as a JSON string.

    Text that begins like an object or a list was meant as one. Sent as a string, it would hide that
    a template has broken it.
    """
    begins = text.lstrip("\ufeff \t\r\n")[:1]
    if begins not in {"{", "[", '"'}:
        return to_json(text)
    try:
        read_json(text)
    except Undecodable as error:
        if begins == '"':
            return to_json(text)
        message = (
            f"body_type json, and the body begins like JSON but is not: {error.message}; write it "
            "as an object, whose values are quoted as they must be"
        )
        raise _invalid(message) from error
    return text.removeprefix("\ufeff")


def _key_in_query(config: HTTPRequestConfig) -> list[tuple[str, str]]:
    match config.auth:
        case ApiKeyAuth(value, name, "query"):
            return [(name, value)]
        case _:
            return []


def _seconds(value: float | str, field: str) -> float:
    seconds = parse_duration(value)
    if seconds <= 0:
        raise _invalid(f"{field} must be over 0")
    return seconds


def _listed(value: Any) -> list[str]:
    """The texts of a parameter: none for null, several for a list."""
    if value is None:
        return []
    return [text_of(one) for one in value] if isinstance(value, list | tuple) else [text_of(value)]


def _invalid(message: str) -> NodeFailed:
    return NodeFailed(message, code="http.invalid", kind="input")
