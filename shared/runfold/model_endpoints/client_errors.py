"""What the openai client raises, as failures. The only place that knows openai's exceptions."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Collection
from urllib.parse import urljoin, urlsplit

import httpx2
import msgspec
import openai

from runfold.errors import NodeFailed
from runfold.executor.retry_after import retry_after
from runfold.model_endpoints.failures import failed, malformed, redirected, where
from runfold.model_endpoints.providers import Endpoint
from runfold.model_endpoints.refused_features import Feature, refused_feature
from runfold.model_endpoints.server_errors import error_of
from runfold.model_endpoints.server_failures import server_said
from runfold.model_endpoints.transport import NotTaken

RAISED = (openai.OpenAIError, httpx2.RequestError, UnicodeEncodeError)
"""What a request can raise: the client's errors, its transport's where they slip through, and a
header that no server can be sent."""

_CLIENT_ERROR = 400


def classify(
    error: Exception, endpoint: Endpoint, offered: Collection[Feature] = ()
) -> NodeFailed | None:
    """The failure an exception of the client stands for; None for one that is a bug of ours.

    Args:
        error: What was raised.
        endpoint: That was asked.
        offered: What the request had that a model may not take.
    """
    match error:
        case openai.APITimeoutError() | httpx2.TimeoutException():
            message = f"{where(endpoint)} did not answer in time"
            return failed(endpoint, "llm.timeout", "timeout", message, retryable=True)
        case NotTaken():
            return malformed(endpoint, str(error))
        case httpx2.DecodingError():
            return malformed(endpoint, "the compression of its answer is broken")
        case openai.APIConnectionError() | httpx2.RequestError():
            return _unreachable(error, endpoint)
        case openai.APIStatusError():
            return _by_status(error, endpoint, offered)
        case openai.OpenAIError() | UnicodeEncodeError():
            # Their texts may repeat a header with the key.
            message = f"the request to {where(endpoint)} cannot be sent: {type(error).__name__}"
            return failed(endpoint, "llm.refused", "input", message, retryable=False)
        case _:
            return None


def _by_status(
    error: openai.APIStatusError, endpoint: Endpoint, offered: Collection[Feature]
) -> NodeFailed:
    status, headers = error.status_code, error.response.headers
    if status < _CLIENT_ERROR:
        location = urljoin(str(error.response.url), headers.get("location", ""))
        return redirected(endpoint, status, location)
    said = error_of(error.response.content, status)
    body = error.response.content.decode(errors="replace")
    refused = refused_feature(status, body, offered)
    if refused is not None:
        said = msgspec.structs.replace(said, kind=refused)
    details = {"request_id": error.request_id} if error.request_id else {}
    return server_said(endpoint, said, wait=retry_after(headers), by_status=True, **details)


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
        message = f"{where(endpoint)} broke off: {reason}; {advice}"
        return failed(endpoint, "llm.stream_cut", "network", message, retryable=True)
    elif any("UnsupportedProtocol" in type(cause).__name__ for cause in causes):
        reason, advice = (
            "the URL does not start with http:// or https://",
            f"correct {endpoint.url_setting}",
        )
        retryable = False
    else:
        reason = "the connection failed"
    message = f"cannot reach {where(endpoint)}: {reason}; {advice}"
    return failed(endpoint, "llm.unreachable", "network", message, retryable=retryable)


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
