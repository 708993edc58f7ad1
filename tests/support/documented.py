"""Holds every answer of a gateway in a test against its OpenAPI document.

Status, media type and JSON body of what the routes really answer are checked where they leave the
application, so each test of the gateway tests its document as well.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from runfold_gateway import service
from runfold_gateway.application import served
from runfold_gateway.http.asgi import App, Message, Receive, Scope, Send

LARGEST = 512 * 1024
"""Bytes of a body from which on it is not validated."""
HOME = "urn:openapi"
OURS = frozenset(("location", "etag", "retry-after", "www-authenticate"))
"""Headers, besides our own, that an answer has only where the document says so."""
ALWAYS = frozenset(("location", "retry-after", "www-authenticate"))
"""Headers that an answer has wherever the document says so."""
ANY = "*/*"
MCP = "/mcp"
OPENAI = "/v1/"
DIFY = "/dify/"
OPEN = "Problem"
"""The schema that has members beside those it names."""


class ApiShape:
    """An OpenAPI document that answers can be held against.

    Args:
        document: The document.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = copy.deepcopy(document)
        for name, schema in self.document["components"]["schemas"].items():
            if name != OPEN and "properties" in schema:
                schema.setdefault("additionalProperties", False)
        self._registry: Any = Registry().with_resource(
            HOME, DRAFT202012.create_resource(self.document)
        )
        self._paths = [
            (_shape(path), path)
            for path in sorted(self.document["paths"], key=lambda path: path.count("{"))
        ]
        self._validators: dict[str, Draft202012Validator] = {}

    def operation(self, method: str, raw_path: str) -> dict[str, Any] | None:
        """What the document says of a request; None when it knows no such one."""
        path = next((path for shape, path in self._paths if shape.fullmatch(raw_path)), "")
        if not method.isupper():
            return None  # methods are case-sensitive, and `get` is none
        if "%2f" in raw_path.lower():
            return None  # a slash within an id: routes read it as one between
        found: dict[str, Any] | None = self.document["paths"].get(path, {}).get(method.lower())
        return found

    def wrong(
        self,
        method: str,
        raw_path: str,
        status: int,
        headers: dict[str, str],
        body: bytes | None,
    ) -> str:
        """What of an answer the document does not say; empty when all is as it says.

        Args:
            method: The request's.
            raw_path: The request's, as it came.
            status: The answer's.
            headers: The answer's, names in lower case.
            body: The answer's; None: it is not looked at.
        """
        media = headers.get("content-type", "").partition(";")[0].strip()
        operation = self.operation("GET" if method == "HEAD" else method, raw_path)
        if operation is None:
            if raw_path == MCP:
                return ""  # JSON-RPC, which is not HTTP's to document
            if raw_path.startswith(OPENAI):
                return _wrong_error(status, media, body)
            if raw_path.startswith(DIFY):
                return _wrong_refusal(status, media, body)
            return self._wrong_elsewhere(status, media, body)
        documented = operation["responses"].get(str(status))
        if documented is None:
            return f"status {status} is not in {sorted(operation['responses'])}"
        said = {name.lower() for name in documented.get("headers", {})}
        given = {name for name in headers if name in OURS or name.startswith("runfold-")}
        if odd := (given - said) | ((said & ALWAYS) - given):
            return f"of the headers {sorted(odd)} it is said otherwise"
        content = documented.get("content", {})
        if not content:
            return f"a body of {media}, where there is none" if body else ""
        if ANY in content and media:
            return ""  # bytes of any media type
        if media not in content:
            return f"{media!r} is not in {sorted(content)}"
        return self._misfit(content[media]["schema"], media, body)

    def misfits(self, schema: dict[str, Any], value: Any) -> str:
        """How a value does not fit a schema of the document."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = _at_home(schema)
            self._validators[key] = Draft202012Validator(whole, registry=self._registry)
        errors = sorted(self._validators[key].iter_errors(value), key=lambda one: list(one.path))
        return "; ".join(f"{list(one.path)}: {one.message[:300]}" for one in errors[:3])

    def _misfit(self, schema: dict[str, Any], media: str, body: bytes | None) -> str:
        if body is None or not media.endswith("json") or media.endswith("ndjson"):
            return ""
        return self.misfits(schema, json.loads(body))

    def _wrong_elsewhere(self, status: int, media: str, body: bytes | None) -> str:
        if status < 400:
            return ""
        if media != "application/problem+json":
            return f"{status} as {media!r}, which is not a problem"
        return self._misfit({"$ref": "#/components/schemas/Problem"}, media, body)


def _wrong_error(status: int, media: str, body: bytes | None) -> str:
    """What of an error is not of the shape that clients of the OpenAI API read."""
    if status < 400 or body is None or media == "application/problem+json":
        return ""  # a problem is the guard's, before any route
    error = json.loads(body).get("error")
    fits = isinstance(error, dict) and isinstance(error.get("message"), str) and error.get("code")
    return "" if fits else f"{status} is not an error of that API"


def _wrong_refusal(status: int, media: str, body: bytes | None) -> str:
    """What of an error is not of the shape that clients of Dify read."""
    if status < 400 or body is None:
        return ""
    error = json.loads(body)
    fits = media == "application/json" and error.get("status") == status
    fits = fits and all(error.get(name) for name in ("code", "message", "reason"))
    return "" if fits else f"{status} as {media!r} is not an error of Dify"


def _shape(path: str) -> re.Pattern[str]:
    """What fits a path: the address of a node may have slashes, no other parameter has."""
    fitting = re.escape(path).replace(r"\{address\}", ".+")
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", fitting))


def _at_home(schema: Any) -> Any:
    """A schema whose references say whose they are."""
    return json.loads(json.dumps(schema).replace('"#/components', f'"{HOME}#/components'))


class Checked:
    """ASGI middleware around a whole gateway that notes what its document does not say.

    Args:
        app: The gateway.
        shape: Its document.
        found: Where it is noted.
    """

    def __init__(self, app: App, shape: ApiShape, found: list[str]) -> None:
        self._app = app
        self._shape = shape
        self._found = found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        parts: list[bytes] = []

        async def checked(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    self._check(scope, start, b"".join(parts))
                elif sum(map(len, parts)) > LARGEST:
                    parts[:] = [b"\0" * LARGEST]
            await send(message)

        await self._app(scope, receive, checked)

    def _check(self, scope: Scope, start: Message, body: bytes) -> None:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in start["headers"]
        }
        method = scope["method"]
        known: bytes | None = body
        if len(body) >= LARGEST or method in ("HEAD", "OPTIONS"):
            known = None
        elif headers.get("content-encoding") == "gzip":
            known = gzip.decompress(body)
        path = scope["raw_path"].decode("latin-1")
        if method == "OPTIONS" or not path.startswith("/"):
            return
        if wrong := self._shape.wrong(method, path, start["status"], headers, known):
            shown = f"{method} {unquote(path)} → {start['status']}: {wrong}"
            self._found.append(f"{shown} [{body[:300]!r}]")


@contextmanager
def documented_answers() -> Iterator[None]:
    """Fail, when all is over, if a gateway that began inside answered what is not documented."""
    found: list[str] = []

    def checked(application: Any, *rest: Any, **more: Any) -> App:
        shape = ApiShape(application.state.document.document)
        return Checked(served(application, *rest, **more), shape, found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "served", checked)
        yield
    assert not found, "answers that the OpenAPI document does not have:\n" + "\n".join(found)
