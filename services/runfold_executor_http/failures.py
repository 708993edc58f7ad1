"""How a request fails: a code, a message, and whether another attempt can help.

The only place that knows httpcore's exceptions. Messages show URLs as `shown_url` gives them.
"""

from __future__ import annotations

import ssl

import httpcore

from runfold.errors import FailureKind, NodeFailed
from runfold_executor_http.addresses import Address

RAISED = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
"""What a request can raise. `httpcore.LocalProtocolError` is the author's fault, and not here."""


_BROKEN_OFF = ("Server disconnected", "peer closed connection", "peer unexpectedly closed")
"""How the library's texts begin when the connection ended too early."""


class Unreachable(httpcore.ConnectError):
    """No connection at all; any other `ConnectError` comes from the TLS handshake."""


class Malformed(httpcore.RemoteProtocolError):
    """An answer that is refused although the library accepts it; the text says why."""


def failed(
    message: str, code: str, shown: str, *, kind: FailureKind, retryable: bool = False
) -> NodeFailed:
    """A failure about a URL."""
    return NodeFailed(message, code=code, kind=kind, retryable=retryable, details={"url": shown})


def classified(error: Exception, what: str, shown: str) -> NodeFailed:
    """The failure that an exception of httpcore stands for.

    Args:
        error: One of `RAISED`.
        what: The request as people write it, `GET https://…`.
        shown: Its URL.
    """
    match error:
        case httpcore.ConnectTimeout():
            return timed_out(f"{what} got no connection in time", shown)
        case httpcore.TimeoutException():
            return timed_out(f"{what} got no answer in time", shown)
        case Unreachable():
            message = f"{what}: connection refused or host unreachable; check that it is up"
            return failed(message, "http.connect", shown, kind="network", retryable=True)
        case httpcore.ConnectError():
            return _no_tls(error, what, shown)
        case httpcore.RemoteProtocolError() if not str(error).startswith(_BROKEN_OFF):
            # The library's own texts repeat what came, which may be secret.
            why = str(error) if isinstance(error, Malformed) else "it breaks the rules of HTTP"
            message = f"{what}: the server's answer is refused: {why}"
            return failed(message, "http.protocol", shown, kind="server", retryable=True)
        case _:
            message = f"{what}: the connection broke before the answer was complete"
            return failed(message, "http.broken_off", shown, kind="network", retryable=True)


def timed_out(message: str, shown: str) -> NodeFailed:
    """A time limit has passed."""
    return failed(message, "http.timeout", shown, kind="timeout", retryable=True)


def _no_tls(error: httpcore.ConnectError, what: str, shown: str) -> NodeFailed:
    cause = error.__context__  # not its cause: the pool raises it again "from None"
    reason = "the server closed the connection; does it speak https?"
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = cause.verify_message
    elif isinstance(cause, ssl.SSLError):
        reason = cause.reason or "no reason given"
    message = f"{what}: the TLS handshake failed: {reason}"
    retryable = not isinstance(cause, ssl.SSLError)
    return failed(message, "http.tls", shown, kind="network", retryable=retryable)


def blocked(host: str, address: Address, why: str) -> NodeFailed:
    """The policy allows none of a host's addresses; the first is named."""
    loopback = " (or set RUNFOLD_HTTP__ALLOW_LOOPBACK=1)" if why == "loopback" else ""
    message = (
        f"{host} has the address {address}, which is {why} and closed to workflows; to open it, "
        f"add {host!r} to RUNFOLD_HTTP__ALLOW_HOSTS of the http executor{loopback}"
    )
    details = {"host": host, "address": str(address), "why": why}
    return NodeFailed(message, code="http.blocked", kind="input", details=details)


def no_address(host: str, *, retryable: bool) -> NodeFailed:
    """The resolver has no address for a host."""
    message = f"host {host!r} has no address: check the URL's spelling and the DNS"
    return NodeFailed(
        message, code="http.dns", kind="network", retryable=retryable, details={"host": host}
    )


def too_large(what: str, shown: str, limit: int) -> NodeFailed:
    """A response over the limit."""
    message = (
        f"the response of {what} is larger than {limit} bytes; the limit is the node's max_bytes "
        "or RUNFOLD_HTTP__MAX_RESPONSE_BYTES"
    )
    details = {"url": shown, "limit": limit}
    return NodeFailed(message, code="http.too_large", kind="limit", details=details)
