"""`http_request`: a request to a web service, through the guard of the http executor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.durations import parse_duration, unreadable
from runfold.values.files import is_file
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
    """The user."""
    password: str = ""
    """The password, by a reference to a secret."""
    FORM: ClassVar[Forms] = {
        "username": Form("text", ("ada",)),
        "password": Form("text", ("{{secrets.PASSWORD}}",)),
    }


class BearerAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="bearer"):
    """`Authorization: Bearer …`."""

    token: str
    """The token, by a reference to a secret."""
    FORM: ClassVar[Forms] = {
        "token": Form("text", ("{{secrets.TOKEN}}",)),
    }


class ApiKeyAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="api_key"):
    """A key in a header or in the query."""

    value: str
    """The key, by a reference to a secret."""
    name: str = "X-API-Key"
    """Name of the header or of the query parameter."""
    place: Literal["header", "query"] = msgspec.field(default="header", name="in")
    """Where the key is sent."""
    FORM: ClassVar[Forms] = {
        "value": Form("text", ("{{secrets.KEY}}",)),
        "name": Form("text", ("X-API-Key",)),
        "in": Form("choice"),
    }


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Signs a request as the Standard Webhooks specification says."""

    secret: str
    """Name of the secret, as in `{{secrets.NAME}}`; one that begins with `whsec_` goes on in
    base64."""
    id: str = ""
    """What tells the message apart, the same when it is sent again; empty: the node of the run."""
    FORM: ClassVar[Forms] = {
        "secret": Form("text", ("WEBHOOK_KEY",)),
        "id": Form("text", ("{{order.id}}",)),
    }


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
    connection: str = ""
    """A stored connection, whose credentials the request carries; in place of `auth`."""
    body: Any = None
    """Text, a file, or any value."""
    body_type: Literal[
        "auto", "json", "mended_json", "form", "raw", "base64", "multipart", "file"
    ] = "auto"
    """`auto`: text is sent as it is, a file as its bytes, anything else as JSON. `json`: text that
    is JSON is sent as it is, other text as a JSON string. `mended_json`: text that values were put
    into and broke is sent as the JSON it was meant as. `multipart`: fields and files by name."""
    timeout: float | str = 30.0
    """For everything, redirects included: seconds, or text such as `"90s"`."""
    connect_timeout: float | str = 10.0
    """For the connection alone."""
    max_bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Largest response; at most, and by default, the service's limit."""
    follow_redirects: bool = True
    """Whether redirects are followed; each one is checked as the first address is."""
    verify_tls: bool = True
    """Whether the certificate must be valid."""
    response_type: Literal["auto", "json", "text", "base64", "file"] = "auto"
    """`auto`: by the response's content type; what is neither JSON nor text is kept as a file."""
    fail_on_status: bool = True
    """Whether 4xx and 5xx fail the node."""
    idempotency_header: str = ""
    """Name of a header in which the attempt's idempotency key is sent; empty: none."""
    sign: Sign | None = None
    """Signs the request with a secret: `webhook-id`, `webhook-timestamp`, `webhook-signature`."""
    FORM: ClassVar[Forms] = {
        "url": Form("text", ("https://api.example.com/search",)),
        "method": Form("text", ("GET", "POST")),
        "params": Form("key_values", ({"q": "{{message}}"},), group="request"),
        "headers": Form("key_values", ({"Accept": "application/json"},), group="request"),
        "auth": Form(
            "object", ({"type": "bearer", "token": "{{secrets.TOKEN}}"},), group="request"
        ),
        "connection": Form("text", ("search",), group="request"),
        "body": Form("value", ({"query": "{{message}}"},), group="request"),
        "body_type": Form("choice", group="request"),
        "timeout": Form("duration", (30, "90s"), group="limits"),
        "connect_timeout": Form("duration", (10,), group="limits"),
        "max_bytes": Form("number", (1000000,), group="limits"),
        "follow_redirects": Form("boolean", group="more"),
        "verify_tls": Form("boolean", group="more"),
        "response_type": Form("choice", group="response"),
        "fail_on_status": Form("boolean", group="errors"),
        "idempotency_header": Form("text", ("Idempotency-Key",), group="more"),
        "sign": Form("object", ({"secret": "WEBHOOK_KEY"},), group="more"),
    }


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


def _body_problem(body_type: Any, body: Any) -> str:
    """Why a body cannot be sent as its type; empty when it can, or only rendering tells."""
    if is_computed(body):
        return ""
    match body_type:
        case "multipart" if not isinstance(body, dict) or is_file(body):
            return "body_type multipart needs an object of fields"
        case "form" if body is not None and not isinstance(body, dict):
            return "body_type form needs an object of fields"
        case "file" if not is_file(body):
            return 'body_type file needs a file: a reference to one, as "{{doc}}"'
    return ""


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    problems = unreadable(config, parse_duration, "timeout", "connect_timeout")
    yield from (Problem(*one) for one in problems)
    if config.get("connection") and config.get("auth"):
        yield Problem("connection", "`connection` or `auth`, not both")
    method = config.get("method")
    if isinstance(method, str) and not is_computed(method) and (why := method_problem(method)):
        yield Problem("method", why)
    if why := _body_problem(config.get("body_type"), config.get("body")):
        yield Problem("body", why)
    headers = config.get("headers")
    if isinstance(headers, dict) and not is_computed(headers):
        for why in header_problems(name for name in headers if not is_computed(name)):
            yield Problem("headers", why)


def _texts(config: dict[str, Any]) -> Iterator[tuple[str]]:
    """What goes into the request as text."""
    for name in ("params", "headers", "auth"):
        # As a whole they may be a reference to an object.
        if isinstance(config.get(name), dict):
            yield (name,)
    if config.get("body_type") in ("raw", "mended_json"):
        yield ("body",)


KIND = register(
    Kind(
        type="http_request",
        group="http",
        config=HTTPRequestConfig,
        summary="Send an HTTP request",
        aliases=("http",),
        outputs=("status_code", "headers", "cookies", "body", "body_encoding", "file", "url"),
        texts=_texts,
        rules=_rules,
        hints=Hints(
            category="web",
            output_types={
                "output": "any",
                "status_code": "integer",
                "headers": "object",
                "cookies": "array",
                "body": "any",
                "body_encoding": "string",
                "file": "any",
                "url": "string",
            },
        ),
    )
)
