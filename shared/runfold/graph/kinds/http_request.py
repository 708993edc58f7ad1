"""`http_request`: a request to a web service, through the guard of the http executor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

import msgspec

from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.durations import parse_duration, unreadable
from runfold.values.references import is_computed

OWN_HEADERS = frozenset(
    (
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive"),
        *("proxy-connection", "te", "trailer", "upgrade", "expect"),
    )
)
"""Headers about the connection and the framing of the message, which the executor writes itself."""
_METHOD = re.compile(r"[A-Za-z][A-Za-z-]{0,31}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class BasicAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="basic"):
    """User and password."""

    username: str
    password: str = ""


class BearerAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="bearer"):
    """`Authorization: Bearer …`."""

    token: str


class ApiKeyAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="api_key"):
    """A key in a header or in the query."""

    value: str
    name: str = "X-API-Key"
    place: Literal["header", "query"] = msgspec.field(default="header", name="in")


class HTTPRequestConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `http_request` node."""

    url: str
    """`http://` or `https://`; what may be reached is the service's to say."""
    method: str = "GET"
    """Any method name but CONNECT."""
    params: dict[str, Any] = {}
    """Query parameters; a list repeats its name, null leaves it out."""
    headers: dict[str, Any] = {}
    """Request headers; white space around a value is dropped."""
    auth: BasicAuth | BearerAuth | ApiKeyAuth | None = None
    """How to say who asks: `{type: basic | bearer | api_key, …}`."""
    body: Any = None
    """Text, or any value."""
    body_type: Literal["auto", "json", "form", "raw", "base64"] = "auto"
    """`auto`: text is sent as it is, anything else as JSON. `json`: text that is JSON is sent as it
    is, other text as a JSON string."""
    timeout: float | str = 30.0
    """For everything, redirects included: seconds, or text such as `"90s"`."""
    connect_timeout: float | str = 10.0
    """For the connection alone."""
    max_bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Largest response; at most, and by default, the service's limit."""
    follow_redirects: bool = True
    """Each one is checked as the first address is."""
    verify_tls: bool = True
    """Whether the certificate must be valid."""
    response_type: Literal["auto", "json", "text", "base64"] = "auto"
    """`auto`: by the response's content type."""
    fail_on_status: bool = True
    """Whether 4xx and 5xx fail the node."""
    idempotency_header: str = ""
    """Name of a header to send the attempt's idempotency key in, `Idempotency-Key`."""


def method_problem(method: str) -> str:
    """Why a method cannot be used; empty when it can."""
    if not _METHOD.fullmatch(method.strip()):
        return f"{method!r} is not an HTTP method"
    if method.strip().upper() == "CONNECT":
        return "method CONNECT opens a tunnel, which a workflow may not"
    return ""


def header_problems(names: Iterable[str]) -> Iterator[str]:
    """Why headers cannot be sent, each by its name."""
    seen: set[str] = set()
    for name in names:
        plain = name.lower()
        if not _HEADER.fullmatch(name):
            yield f"{name!r} is not the name of a header"
        elif plain in OWN_HEADERS:
            yield f"header {name} is written by the executor itself: leave it out"
        elif plain in seen:
            yield f"header {name} is there twice"
        seen.add(plain)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    problems = unreadable(config, parse_duration, "timeout", "connect_timeout")
    yield from (Problem(*one) for one in problems)
    method = config.get("method")
    if isinstance(method, str) and not is_computed(method) and (why := method_problem(method)):
        yield Problem("method", why)
    headers = config.get("headers")
    if isinstance(headers, dict) and not is_computed(headers):
        for why in header_problems(name for name in headers if not is_computed(name)):
            yield Problem("headers", why)


KIND = register(
    Kind(
        type="http_request",
        group="http",
        config=HTTPRequestConfig,
        summary="Send an HTTP request",
        aliases=("http",),
        outputs=("status_code", "headers", "cookies", "body", "body_encoding", "url"),
        rules=_rules,
    )
)
