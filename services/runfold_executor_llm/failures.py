"""What the openai client raises, as failures a person can act on and the engine can retry.

The only place that knows openai's exceptions. Keys never get into a message.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from runfold.errors import FailureKind, NodeFailed
from runfold.executor.retry_after import retry_after
from runfold.values.urls import shown_url
from runfold_executor_llm.providers import Endpoint

RAISED = (openai.OpenAIError, httpx2.RequestError, ValueError)
"""What a request can raise: the client's errors, its transport's where they slip through, and the
`ValueError`s of data that is no JSON or no text."""

_EXCERPT = 500
_KEY_LIKE = re.compile(r"\b(sk|pk|key)-[\w*.-]{4,}")
_BAD_GATEWAY = 500


def classify(error: Exception, endpoint: Endpoint) -> NodeFailed | None:
    """The failure an exception of the client stands for; None for one that is a bug of ours."""
    match error:
        case openai.APITimeoutError():
            message = f"{_where(endpoint)} did not answer in time"
            failed = _failed(endpoint, "llm.timeout", "timeout", message, retryable=True)
        case openai.APIConnectionError() | httpx2.RequestError():
            failed = _unreachable(error, endpoint)
        case openai.RateLimitError():
            failed = _rate_limited(error, endpoint)
        case openai.APIStatusError():
            failed = _refused(error, endpoint)
        case openai.APIError():  # an error event inside the stream
            message = f"{_where(endpoint)} broke off with an error: {_said(error, endpoint)}"
            failed = _failed(endpoint, "llm.stream_error", "server", message, retryable=True)
        case json.JSONDecodeError() | openai.OpenAIError() | UnicodeDecodeError():
            failed = malformed(endpoint, "it sent data that is not JSON")
        case _:
            return None
    return failed


def malformed(endpoint: Endpoint, what: str) -> NodeFailed:
    """An answer that is not a chat completion."""
    message = (
        f"{_where(endpoint)} did not answer with a chat completion: {what}. "
        f"Check that {endpoint.url_setting} is the base URL of an OpenAI-compatible API"
    )
    return _failed(endpoint, "llm.malformed_stream", "server", message, retryable=True)


def cut_off(endpoint: Endpoint, received: int) -> NodeFailed:
    """A stream that ended before the model did."""
    message = (
        f"{_where(endpoint)} closed the stream before the answer was finished, "
        f"after {received} characters"
    )
    return _failed(endpoint, "llm.stream_cut", "network", message, retryable=True)


def empty_answer(endpoint: Endpoint, finish_reason: str, *, reasoned: bool) -> NodeFailed:
    """A completion without text."""
    why = f"finish reason {finish_reason!r}"
    if finish_reason == "content_filter":
        message = f"model {endpoint.model!r} gave no answer: the content filter held it back"
        return _failed(endpoint, "llm.content_filtered", "output", message, retryable=False)
    if reasoned:
        why += "; it only reasoned"
    if finish_reason == "length":
        why += ": raise max_tokens"
    message = f"model {endpoint.model!r} answered with no text ({why})"
    retryable = finish_reason != "length"
    return _failed(endpoint, "llm.empty_answer", "output", message, retryable=retryable)


def declined(endpoint: Endpoint, refusal: str) -> NodeFailed:
    """The model said that it will not answer."""
    message = f"model {endpoint.model!r} declined to answer: {_short(refusal)}"
    return _failed(endpoint, "llm.declined", "output", message, retryable=False)


def _unreachable(error: Exception, endpoint: Endpoint) -> NodeFailed:
    causes = tuple(_causes(error))
    host = urlsplit(endpoint.base_url).hostname or endpoint.base_url
    advice = f"check {endpoint.url_setting} and that the server runs"
    retryable = True
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        reason, advice = "the TLS handshake failed", "check the server's certificate"
        retryable = False
    elif any(isinstance(cause, socket.gaierror) for cause in causes):
        reason, advice = f"host {host!r} has no address", f"check {endpoint.url_setting}"
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        reason = "connection refused"
    elif any("RemoteProtocolError" in type(cause).__name__ for cause in causes):
        reason, advice = "the server closed the connection early", "look at the server's log"
        message = f"{_where(endpoint)} broke off: {reason}; {advice}"
        return _failed(endpoint, "llm.stream_cut", "network", message, retryable=True)
    elif any("UnsupportedProtocol" in type(cause).__name__ for cause in causes):
        reason, advice = (
            "the URL does not start with http:// or https://",
            (f"correct {endpoint.url_setting}"),
        )
        retryable = False
    else:
        reason = "the connection failed"
    message = f"cannot reach {_where(endpoint)}: {reason}; {advice}"
    return _failed(endpoint, "llm.unreachable", "network", message, retryable=retryable)


def _rate_limited(error: openai.RateLimitError, endpoint: Endpoint) -> NodeFailed:
    said = _said(error, endpoint)
    if "insufficient_quota" in (error.code, error.type):
        message = f"the quota at {_where(endpoint)} is used up: {said}"
        return _failed(endpoint, "llm.quota_exceeded", "rate_limit", message, retryable=False)
    wait = retry_after(error.response.headers)
    asked = f"; it asks to wait {wait:g} s" if wait is not None else ""
    return NodeFailed(
        f"{_where(endpoint)} limits the rate of requests{asked}: {said}",
        code="llm.rate_limited",
        kind="rate_limit",
        retryable=True,
        retry_after=wait,
        details=_details(endpoint, error),
    )


def _refused(error: openai.APIStatusError, endpoint: Endpoint) -> NodeFailed:
    status, said = error.status_code, _said(error, endpoint)
    kind: FailureKind = "input"
    retryable = False
    match status:
        case 401 | 403:
            code, kind = "llm.auth", "auth"
            why = "does not accept the key" if status == 401 else "does not allow it"  # noqa: PLR2004 -- HTTP status
            message = f"{_where(endpoint)} {why} ({status}): {said}. Check {endpoint.key_setting}"
        case 404:
            code = "llm.not_found"
            message = (
                f"{_where(endpoint)} has no model {endpoint.model!r}, or {endpoint.url_setting} "
                f"is not an API's base URL (404): {said}"
            )
        case 408:
            code, kind, retryable = "llm.timeout", "timeout", True
            message = f"{_where(endpoint)} timed out (408): {said}"
        case 413:
            code, message = "llm.too_large", f"{_where(endpoint)} finds it too large (413): {said}"
        case _ if status >= _BAD_GATEWAY or status in {409, 425}:
            code, kind, retryable = "llm.server", "server", True
            message = f"{_where(endpoint)} failed ({status}): {said}"
        case _:
            code, message = "llm.refused", f"{_where(endpoint)} refused it ({status}): {said}"
    return NodeFailed(
        message,
        code=code,
        kind=kind,
        retryable=retryable,
        retry_after=retry_after(error.response.headers) if retryable else None,
        details=_details(endpoint, error),
    )


def _failed(
    endpoint: Endpoint, code: str, kind: FailureKind, message: str, *, retryable: bool
) -> NodeFailed:
    return NodeFailed(
        message, code=code, kind=kind, retryable=retryable, details=_details(endpoint, None)
    )


def _details(endpoint: Endpoint, error: openai.APIStatusError | None) -> dict[str, Any]:
    details: dict[str, Any] = {"model": endpoint.model, "base_url": shown_url(endpoint.base_url)}
    if error is not None:
        details |= {"status": error.status_code, "error_code": error.code or ""}
        if error.request_id:
            details["request_id"] = error.request_id
    return details


def _where(endpoint: Endpoint) -> str:
    named = f"provider {endpoint.name!r} at " if endpoint.name else ""
    return f"{named}{shown_url(endpoint.base_url)}"


def _said(error: openai.APIError, endpoint: Endpoint) -> str:
    """What the server said about it, short and without keys."""
    body: Any = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = inner.get("message") if isinstance(inner, dict) else inner
    text = " ".join(str(body or error.message).split())
    if len(endpoint.api_key) > len("none"):
        text = text.replace(endpoint.api_key, "***")
    text = _KEY_LIKE.sub(r"\1-***", text)
    return _short(text)


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"


def _causes(error: BaseException) -> list[BaseException]:
    """Everything that led to an exception, the members of groups included."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or cause in found:
            continue
        found.append(cause)
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
    return found
