"""`http_request`: a request to a web service, through the guard of the http executor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.durations import parse_duration, unreadable


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
    """Any method name."""
    params: dict[str, Any] = {}
    """Query parameters; a list repeats its name, null leaves it out."""
    headers: dict[str, Any] = {}
    """Request headers."""
    auth: BasicAuth | BearerAuth | ApiKeyAuth | None = None
    """How to say who asks: `{type: basic | bearer | api_key, …}`."""
    body: Any = None
    """Text, or any value."""
    body_type: Literal["auto", "json", "form", "raw", "base64"] = "auto"
    """`auto`: text is sent as it is, anything else as JSON."""
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


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    problems = unreadable(config, parse_duration, "timeout", "connect_timeout")
    yield from (Problem(*one) for one in problems)


KIND = register(
    Kind(
        type="http_request",
        group="http",
        config=HTTPRequestConfig,
        summary="Send an HTTP request",
        aliases=("http",),
        outputs=("status_code", "headers", "body", "body_encoding", "url"),
        rules=_rules,
    )
)
