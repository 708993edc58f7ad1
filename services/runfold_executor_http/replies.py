"""From the answer to the outputs of an `http_request` node, or to its failure. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.contracts.secrecy import masked
from runfold.errors import FailureKind, NodeFailed, Undecodable
from runfold.executor.retry_after import retry_after
from runfold.values.charsets import codec_of, json_codec, named_inside, text_of_body

_EXCERPT = 500
_READ = 64 * 1024
"""Bytes of a body that are looked at for its excerpt."""
_SHOWN = 40
_ERRORS_BEGIN = 400
_TEXTUAL = re.compile(r"text/|.*[/+](xml|javascript|x-www-form-urlencoded|yaml|csv)\b")
_NAMES_ITS_CHARSET = re.compile(r"text/html\b|.*[/+]xml\b")
_JSON = re.compile(r"[\w.-]+/([\w.-]+\+)?json\b")


class Reply(msgspec.Struct, frozen=True):
    """What came back, whole and decompressed."""

    status: int
    headers: dict[str, str]
    """Names in lower case; repeated ones joined by commas."""
    body: bytes
    url: str
    """Where it came from in the end, without user, password and query."""
    charset: str = ""
    """As the content type names it."""
    cookies: tuple[str, ...] = ()
    """Each `set-cookie` by itself, since they may have commas inside; of redirects, too."""
    broken: NodeFailed | None = None
    """Why the body is not whole. The status may say more, and then it is not needed."""

    @property
    def failed(self) -> bool:
        """Whether the status says so: 400 and more."""
        return self.status >= _ERRORS_BEGIN


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """All headers by name, and each cookie by itself."""
    found: dict[str, list[str]] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1").lower(), []).append(_header_text(value))
    joined = {name: ", ".join(values) for name, values in found.items()}
    return joined, tuple(found.get("set-cookie", ()))


def outputs_of(reply: Reply, wanted: str) -> dict[str, Any]:
    """The outputs of a node.

    Args:
        reply: What came.
        wanted: How the body is to be read: `auto`, `json`, `text` or `base64`.

    Raises:
        NodeFailed: `http.encoding` or `http.charset`, when the body cannot be read;
            `http.invalid_json`, when a success that claims to be JSON is not.
    """
    if reply.broken is not None:
        raise reply.broken
    body, encoding = _read_body(reply, wanted)
    return {
        "status_code": reply.status,
        "headers": reply.headers,
        "cookies": list(reply.cookies),
        "body": body,
        "body_encoding": encoding,
        "url": reply.url,
    }


def failed_status(method: str, reply: Reply) -> NodeFailed:
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
    excerpt = _excerpt(reply)
    said = " ".join(excerpt.split())
    message = f"{method} {reply.url} answered {reply.status}" + (f": {said}" if said else "")
    return NodeFailed(
        message,
        code="http.status",
        kind=kind,
        retryable=retryable,
        retry_after=retry_after(reply.headers) if retryable else None,
        details={"status": reply.status, "url": reply.url, "body": excerpt},
    )


def _read_body(reply: Reply, wanted: str) -> tuple[Any, str]:
    content_type = reply.headers.get("content-type", "").lower()
    if wanted == "json" or (wanted == "auto" and _JSON.match(content_type)):
        if not reply.body:
            return None, "json"
        try:
            return _json(reply), "json"
        except Undecodable as error:
            if wanted == "json" or not reply.failed:
                raise _not_json(reply, error) from error
    if wanted != "base64":
        text = _text(reply, content_type, forced=wanted == "text")
        if text is not None:
            return text, "text"
    return base64.b64encode(reply.body).decode(), "base64"


def _json(reply: Reply) -> Any:
    """The JSON value of a body.

    Raises:
        Undecodable: It is not JSON, or not in its charset.
    """
    codec = _codec(reply) if reply.charset else json_codec(reply.body)
    try:
        return read_json(text_of_body(reply.body, codec, errors="strict"))
    except UnicodeDecodeError as error:
        message = f"not {error.encoding}: {error.reason} at byte {error.start}"
        raise Undecodable(message, code="json.not_text") from error


def _text(reply: Reply, content_type: str, *, forced: bool) -> str | None:
    """The body as text, None when it is not text."""
    codec = _codec(reply) if reply.charset else None
    if codec is None and _NAMES_ITS_CHARSET.match(content_type):
        codec = named_inside(reply.body)
    if codec or forced or _TEXTUAL.match(content_type):
        return text_of_body(reply.body, codec)
    try:
        text = text_of_body(reply.body, None, errors="strict")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _codec(reply: Reply) -> str | None:
    """The codec of the charset that the server names.

    Raises:
        NodeFailed: `http.charset`. What an error says is read as UTF-8 then.
    """
    codec = codec_of(reply.charset)
    if codec is None and not reply.failed:
        named = masked(reply.charset)[:_SHOWN]
        message = (
            f"{reply.url} answered {reply.status} in the charset {named!r}, which is not known: "
            "response_type base64 takes the bytes as they are"
        )
        details = {"url": reply.url, "charset": named}
        raise NodeFailed(message, code="http.charset", kind="output", details=details)
    return codec


def _excerpt(reply: Reply) -> str:
    """How a body begins, for messages."""
    # Masked before it is cut: half a secret would not be found any more.
    return masked(text_of_body(reply.body[:_READ], codec_of(reply.charset)))[:_EXCERPT]


def _not_json(reply: Reply, error: Undecodable) -> NodeFailed:
    message = (
        f"{reply.url} answered {reply.status} with what should be JSON and is not "
        f"({error.message}): response_type text takes it as it is"
    )
    details = {"status": reply.status, "url": reply.url, "body": _excerpt(reply)}
    return NodeFailed(message, code="http.invalid_json", kind="output", details=details)


def _header_text(value: bytes) -> str:
    """Servers write UTF-8, or Latin-1 as was the rule before: each header by itself."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
