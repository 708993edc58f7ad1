"""`http_request` nodes: from a configuration to a call, and from a reply to outputs."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from runfold.errors import FailureKind, NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.executor.retry_after import retry_after
from runfold.graph.kinds.http_request import (
    KIND,
    ApiKeyAuth,
    BasicAuth,
    BearerAuth,
    HTTPRequestConfig,
)
from runfold.settings import Settings
from runfold.values.durations import parse_duration
from runfold.values.json_text import text_of, to_json
from runfold_executor_http.egress import Call, Egress, Reply

_EXCERPT = 500
_METHOD = re.compile(r"[A-Z][A-Z-]{0,31}")
_TEXTUAL = re.compile(r"text/|.*[/+](xml|javascript|x-www-form-urlencoded|yaml|csv)\b")
_JSON = re.compile(r"[\w.-]+/([\w.-]+\+)?json\b")


@asynccontextmanager
async def open_egress(settings: Settings) -> AsyncIterator[Egress]:
    """The door to the outside, with its connections."""
    egress = Egress(settings.http)
    try:
        yield egress
    finally:
        await egress.aclose()


async def run(ctx: NodeContext, config: HTTPRequestConfig, _inputs: dict[str, Any]) -> Outcome:
    """Send the request and hand on what came back."""
    call = call_for(config, ctx.idempotency_key)
    reply = await ctx.resource.send(call)
    if config.fail_on_status and reply.status >= 400:  # noqa: PLR2004 -- where errors begin
        raise failed_status(call, reply)
    body, encoding = read_body(reply, config.response_type)
    return Outcome(
        {
            "status_code": reply.status,
            "headers": reply.headers,
            "body": body,
            "body_encoding": encoding,
            "url": reply.url,
        }
    )


NODE = NodeExecutor(KIND, run, open_egress)


def call_for(config: HTTPRequestConfig, idempotency_key: str) -> Call:
    """The call a configuration asks for.

    Raises:
        NodeFailed: `http.invalid`, when it cannot be made one.
    """
    method = config.method.strip().upper()
    if not _METHOD.fullmatch(method):
        raise _invalid(f"{config.method!r} is not an HTTP method")
    headers = {name: text_of(value) for name, value in config.headers.items() if value is not None}
    params = [(name, one) for name, value in config.params.items() for one in _listed(value)]
    content, content_type = body_for(config)
    if content_type and not _has(headers, "content-type"):
        headers["content-type"] = content_type
    if config.idempotency_header:
        headers[config.idempotency_header] = idempotency_key
    _authorise(config, headers, params)
    return Call(
        method=method,
        url=config.url.strip(),
        params=[*params],
        headers=headers,
        content=content,
        timeout=_seconds(config.timeout, "timeout"),
        connect_timeout=_seconds(config.connect_timeout, "connect_timeout"),
        verify=config.verify_tls,
        follow_redirects=config.follow_redirects,
        max_bytes=config.max_bytes,
    )


def body_for(config: HTTPRequestConfig) -> tuple[bytes | None, str]:
    """The bytes to send and their content type; None and nothing when there is no body."""
    body, kind = config.body, config.body_type
    if body is None:
        return None, ""
    if kind == "auto":
        kind = "raw" if isinstance(body, str) else "json"
    match kind:
        case "json":
            return to_json(body).encode(), "application/json"
        case "form":
            if not isinstance(body, dict):
                raise _invalid("body_type form needs an object of fields as body")
            fields = [(name, one) for name, value in body.items() for one in _listed(value)]
            return urlencode(fields).encode(), "application/x-www-form-urlencoded"
        case "base64":
            try:
                return base64.b64decode(text_of(body), validate=True), "application/octet-stream"
            except binascii.Error as error:
                message = f"body_type base64, but the body is not base64: {error}"
                raise _invalid(message) from error
        case _:
            return text_of(body).encode(), "text/plain; charset=utf-8"


def read_body(reply: Reply, wanted: str) -> tuple[Any, str]:
    """The body as a value, and how it is to be read: `json`, `text` or `base64`.

    Raises:
        NodeFailed: `http.invalid_json`, when a success that claims to be JSON is not.
    """
    content_type = reply.headers.get("content-type", "").lower()
    if wanted == "json" or (wanted == "auto" and _JSON.match(content_type)):
        if not reply.body:
            return None, "json"
        try:
            return json.loads(reply.body), "json"
        except ValueError as error:
            if wanted == "json" or reply.status < 400:  # noqa: PLR2004 -- where errors begin
                raise _not_json(reply, error) from error
    if wanted != "base64":
        text = _text(reply, content_type, forced=wanted == "text")
        if text is not None:
            return text, "text"
    return base64.b64encode(reply.body).decode(), "base64"


def failed_status(call: Call, reply: Reply) -> NodeFailed:
    """The failure that a 4xx or 5xx stands for."""
    kind: FailureKind = "input"
    retryable = True
    match reply.status:
        case 408:
            kind = "timeout"
        case 425 | 429:
            kind = "rate_limit"
        case 401 | 403:
            kind, retryable = "auth", False
        case status if status >= 500:  # noqa: PLR2004 -- where the server's errors begin
            kind = "server"
        case _:
            retryable = False
    excerpt = reply.body.decode(reply.charset or "utf-8", errors="replace")[:_EXCERPT]
    said = " ".join(excerpt.split())
    message = f"{call.method} {reply.url} answered {reply.status}" + (f": {said}" if said else "")
    return NodeFailed(
        message,
        code="http.status",
        kind=kind,
        retryable=retryable,
        retry_after=retry_after(reply.headers) if retryable else None,
        details={"status": reply.status, "url": reply.url, "body": excerpt},
    )


def _authorise(
    config: HTTPRequestConfig, headers: dict[str, str], params: list[tuple[str, str]]
) -> None:
    match config.auth:
        case BasicAuth(username, password):
            pair = base64.b64encode(f"{username}:{password}".encode()).decode()
            headers["authorization"] = f"Basic {pair}"
        case BearerAuth(token):
            headers["authorization"] = f"Bearer {token}"
        case ApiKeyAuth(value, name, "header"):
            headers[name] = value
        case ApiKeyAuth(value, name):
            params.append((name, value))
        case None:
            pass


def _seconds(value: float | str, field: str) -> float:
    seconds = parse_duration(value)
    if seconds <= 0:
        raise _invalid(f"{field} must be over 0")
    return seconds


def _listed(value: Any) -> list[str]:
    """A parameter's texts: none for null, several for a list."""
    if value is None:
        return []
    return [text_of(one) for one in value] if isinstance(value, list | tuple) else [text_of(value)]


def _text(reply: Reply, content_type: str, *, forced: bool) -> str | None:
    """The body as text, None when it is not text."""
    if reply.charset or forced or _TEXTUAL.match(content_type):
        try:
            return reply.body.decode(reply.charset or "utf-8", errors="replace")
        except LookupError:  # a charset nobody knows
            return reply.body.decode(errors="replace")
    try:
        text = reply.body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _has(headers: dict[str, str], name: str) -> bool:
    return any(key.lower() == name for key in headers)


def _not_json(reply: Reply, error: ValueError) -> NodeFailed:
    excerpt = reply.body[:_EXCERPT].decode(errors="replace")
    message = (
        f"{reply.url} answered {reply.status} with what should be JSON and is not ({error}): "
        "response_type text takes it as it is"
    )
    details = {"status": reply.status, "url": reply.url, "body": excerpt}
    return NodeFailed(message, code="http.invalid_json", kind="output", details=details)


def _invalid(message: str) -> NodeFailed:
    return NodeFailed(message, code="http.invalid", kind="input")
