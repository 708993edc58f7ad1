"""The failures of an `llm` attempt whose answer is wrong: cut off, empty, declined, not an answer.

A person can act on each, and the engine can tell whether to retry. Keys never get into a message.
What a server reports is in `server_failures`, what the openai client raises in `client_errors`.
"""

from __future__ import annotations

import re
from typing import Any

from runfold.contracts.secrecy import masked
from runfold.contracts.whole_text import whole_text
from runfold.errors import FailureKind, NodeFailed
from runfold.model_endpoints.providers import NO_KEY, Endpoint
from runfold.values.urls import shown_url

_EXCERPT = 500
_READ = 64 * 1024
"""Characters that are looked at, of a text of any size."""
_KEY_LIKE = re.compile(r"\b(sk|pk|key)-[\w*.-]{4,}")


def failed(
    endpoint: Endpoint,
    code: str,
    kind: FailureKind,
    message: str,
    *,
    retryable: bool,
    wait: float | None = None,
    **details: Any,
) -> NodeFailed:
    """A failure with the endpoint among its details."""
    about = {"model": endpoint.model, "base_url": shown_url(endpoint.base_url)}
    return NodeFailed(
        message,
        code=code,
        kind=kind,
        retryable=retryable,
        retry_after=wait,
        details={**about, **details},
    )


def where(endpoint: Endpoint) -> str:
    """The endpoint as messages name it."""
    named = f"provider {endpoint.name!r} at " if endpoint.name else ""
    return f"{named}{shown_url(endpoint.base_url)}"


def shown(text: str, endpoint: Endpoint) -> str:
    """Words of a server or a model: without keys, on one line, short."""
    if len(text) > _READ:
        text = text[: _READ - len(endpoint.api_key)]  # a key may stand where it is cut
    text = whole_text(text)
    text = masked(text)
    if endpoint.api_key and endpoint.api_key != NO_KEY:
        text = text.replace(endpoint.api_key, "***")
    text = " ".join(_KEY_LIKE.sub(r"\1-***", text).split())
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"


def malformed(endpoint: Endpoint, what: str) -> NodeFailed:
    """An answer that is not a chat completion."""
    message = (
        f"{where(endpoint)} did not answer with a chat completion: {what}. "
        f"Check that {endpoint.url_setting} is the base URL of an OpenAI-compatible API"
    )
    return failed(endpoint, "llm.malformed_stream", "server", message, retryable=True)


def cut_off(endpoint: Endpoint, received: int) -> NodeFailed:
    """A stream that ended before the model did."""
    message = (
        f"{where(endpoint)} closed the stream before the answer was finished, "
        f"after {received} characters"
    )
    return failed(endpoint, "llm.stream_cut", "network", message, retryable=True)


def too_long(endpoint: Endpoint, what: str) -> NodeFailed:
    """An answer over its bound."""
    message = f"{where(endpoint)} sent {what}, which is not read any further"
    return failed(endpoint, "llm.answer_too_long", "limit", message, retryable=False)


def silent(endpoint: Endpoint, seconds: float) -> NodeFailed:
    """A server that keeps the connection, and sends nothing of an answer."""
    message = f"{where(endpoint)} sent nothing of an answer for {seconds:g} s"
    return failed(endpoint, "llm.timeout", "timeout", message, retryable=True)


def truncated(endpoint: Endpoint, reason: str, received: int, limit: int | None) -> NodeFailed:
    """An answer that reached its limit of tokens."""
    most = f"max_tokens is {limit}: raise it" if limit else "set max_tokens higher"
    message = (
        f"the answer of model {endpoint.model!r} was cut off after {received} characters "
        f"(finish reason {reason!r}); {most}, or take it as it is with on_length: keep"
    )
    return failed(endpoint, "llm.truncated", "output", message, retryable=False)


def broken_off(endpoint: Endpoint, reason: str, received: int) -> NodeFailed:
    """An answer that the server says it did not finish."""
    message = (
        f"{where(endpoint)} broke off the answer after {received} characters "
        f"(finish reason {reason!r})"
    )
    return failed(endpoint, "llm.stream_error", "server", message, retryable=True)


def unknown_ending(endpoint: Endpoint, reason: str) -> NodeFailed:
    """An answer that ended for a reason that nothing is known about."""
    message = (
        f"the answer of model {endpoint.model!r} ended with the finish reason "
        f"{shown(reason, endpoint)!r}, which may mean that it is not whole; if it is, "
        "add the reason to RUNFOLD_LLM__WHOLE_FINISH_REASONS"
    )
    return failed(endpoint, "llm.unknown_finish_reason", "output", message, retryable=True)


def empty_answer(
    endpoint: Endpoint, reason: str, *, reasoned: bool, tools: tuple[str, ...]
) -> NodeFailed:
    """A completion without text."""
    why = f"finish reason {reason!r}"
    if reasoned:
        why += "; it only reasoned"
    if reason == "length":
        why += ": raise max_tokens"
    retryable = reason != "length"
    if tools:
        called = ", ".join(repr(shown(tool, endpoint)) for tool in tools)
        why = f"it called {called}, although no tools were handed over"
        retryable = False
    message = f"model {endpoint.model!r} answered with no text ({why})"
    return failed(endpoint, "llm.empty_answer", "output", message, retryable=retryable)


def filtered(endpoint: Endpoint, reason: str) -> NodeFailed:
    """An answer that a content filter held back, or ended."""
    message = (
        f"model {endpoint.model!r} gave no whole answer: the content filter held it back "
        f"(finish reason {reason!r})"
    )
    return failed(endpoint, "llm.content_filtered", "output", message, retryable=False)


def declined(endpoint: Endpoint, refusal: str) -> NodeFailed:
    """The model said that it will not answer."""
    said = shown(refusal, endpoint) or "it gave no reason"
    message = f"model {endpoint.model!r} declined to answer: {said}"
    return failed(endpoint, "llm.declined", "output", message, retryable=False)


def not_text(endpoint: Endpoint, what: str) -> NodeFailed:
    """An answer with a part that is neither text nor a thought."""
    message = (
        f"model {endpoint.model!r} answered with {shown(what, endpoint)}, and an llm node "
        "takes text"
    )
    return failed(endpoint, "llm.not_text", "output", message, retryable=False)


def redirected(endpoint: Endpoint, status: int, location: str) -> NodeFailed:
    """A redirect. It is not followed: the key and the prompt are for the configured endpoint."""
    to = shown_url(location) or "nowhere"
    message = (
        f"{where(endpoint)} redirects to {to} ({status}), which is not followed, since key "
        f"and prompt would go there: set {endpoint.url_setting} to the address that is meant"
    )
    return failed(endpoint, "llm.redirected", "input", message, retryable=False, status=status)
