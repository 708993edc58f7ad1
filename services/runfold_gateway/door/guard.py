"""The guard: host, origin and key of each request, in this order, before any route sees it.

The host comes first, since an answer to a stranger's name could be read by a stranger's page.
Browsers ask before some requests and send no key with that question, so it is answered before the
key is looked at. Probes of health, what describes the API and the page at `/` need no key.
"""

from __future__ import annotations

from typing import NamedTuple

import structlog

from runfold.errors import ConfigurationError
from runfold.settings import Settings, listed
from runfold_gateway.dify_api.errors import DIFY, refusal_bytes
from runfold_gateway.door.framing import ANY, framers
from runfold_gateway.door.hosts import Hosts
from runfold_gateway.door.keys import Keys, read_keys
from runfold_gateway.door.origins import SAFE, Origins, preflight_headers
from runfold_gateway.http.asgi import App, Header, Message, Receive, Scope, Send
from runfold_gateway.problems import problem_bytes

log = structlog.get_logger("gateway")

PROBES = frozenset(("/health/live", "/health/ready"))
"""Asked by orchestrators under any name."""
BROUGHT = "/api/oauth/callback"
"""Where browsers bring the answers of authorization servers, which add what they like."""
WEBHOOKS = "/hooks/"
"""Begins the paths of webhooks, whose senders prove themselves as each workflow says."""
STUDIO = "/studio/"
"""Begins the paths of the studio's own files, which ask for a key themselves."""
OPEN_BELOW = (WEBHOOKS, STUDIO)
OPEN = PROBES | {"/", "/api/about", "/schema", "/schema/openapi.json", "/schema/openapi.yaml"}
OPEN |= {BROUGHT, "/studio"}
"""Paths that need no key: they describe the API and hold no data, or have a state of their own."""
NOSNIFF: list[Header] = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""Keeps other sites' pages from loading answers as scripts, styles or images."""
SHOWN = 200
"""Characters of what a client says that are shown."""
HOST_REFUSED = (
    "host {0!r} is not a name of this gateway: add it to RUNFOLD_ALLOWED_HOSTS if it should be"
)
ORIGIN_REFUSED = (
    "a page of {0} may not use this gateway: add its origin to RUNFOLD_ALLOWED_ORIGINS if it should"
)
KEY_MISSING = "this gateway asks for a key: send the header Authorization: Bearer KEY"
KEY_WRONG = "this key is not one of RUNFOLD_API_KEY and RUNFOLD_API_KEYS of the gateway"


class Rules(NamedTuple):
    """What the guard goes by."""

    hosts: Hosts
    origins: Origins
    keys: Keys


class Refusal(NamedTuple):
    """Why a request goes no further."""

    status: int
    code: str
    detail: str
    headers: tuple[Header, ...] = ()


def rules_of(settings: Settings) -> Rules:
    """The rules of the settings.

    Raises:
        ConfigurationError: For a setting that cannot be understood, or any origin without a key.
    """
    own = listed(settings.gateway_host)
    keys = read_keys(settings)
    origins = Origins(listed(settings.allowed_origins))
    if origins.any and not keys:
        message = (
            "RUNFOLD_ALLOWED_ORIGINS=* lets every page run workflows: name the origins, or set "
            "RUNFOLD_API_KEY"
        )
        raise ConfigurationError(message, code="gateway.allowed_origins")
    if framers(settings.studio_framed_by) == ANY and not keys:
        message = (
            "RUNFOLD_STUDIO_FRAMED_BY=* lets every page show one that runs workflows: name the "
            "origins, or set RUNFOLD_API_KEY"
        )
        raise ConfigurationError(message, code="gateway.studio_framed_by")
    return Rules(Hosts((*own, *listed(settings.allowed_hosts))), origins, keys)


class Guard:
    """ASGI middleware around all of the application.

    Args:
        app: What is guarded.
        rules: Hosts, origins and keys.
    """

    def __init__(self, app: App, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A request that waited in the connection begins in the context of the one before it.
        structlog.contextvars.unbind_contextvars("caller")
        headers = _Headers(scope["headers"])
        path, method = scope["path"], scope["method"]
        if path not in PROBES and not self._rules.hosts.knows(headers.one(b"host")):
            detail = HOST_REFUSED.format(headers.one(b"host")[:SHOWN])
            await _refuse(scope, send, Refusal(421, "host.not_allowed", detail), NOSNIFF)
            return
        origin = headers.one(b"origin")
        extra = [*NOSNIFF, *self._rules.origins.cors_headers(origin)]
        if method == "OPTIONS" and origin and headers.one(b"access-control-request-method"):
            await self._answer_preflight(scope, send, origin, extra)
            return
        refusal = self._origin_refusal(method, headers) or self._key_refusal(path, headers)
        if refusal is not None:
            await _refuse(scope, send, refusal, extra)
            return
        await self._app(scope, receive, _with_headers(send, extra))

    async def _answer_preflight(
        self, scope: Scope, send: Send, origin: str, extra: list[Header]
    ) -> None:
        if not self._rules.origins.allows(origin):
            detail = ORIGIN_REFUSED.format(_shown(origin))
            await _refuse(scope, send, Refusal(403, "origin.not_allowed", detail), extra)
            return
        await _send(send, 204, [*extra, *preflight_headers()], b"")

    def _origin_refusal(self, method: str, headers: _Headers) -> Refusal | None:
        """Whether a request that changes something comes from a page that must not send it."""
        if method in SAFE:
            return None
        origin, site = headers.one(b"origin"), headers.one(b"sec-fetch-site")
        host = headers.one(b"host")
        if self._rules.origins.may_change(origin=origin, site=site, host=host):
            return None
        detail = ORIGIN_REFUSED.format(_shown(origin))
        return Refusal(403, "origin.not_allowed", detail)

    def _key_refusal(self, path: str, headers: _Headers) -> Refusal | None:
        """Whether a request lacks a key that it needs."""
        if not self._rules.keys or path in OPEN or path.startswith(OPEN_BELOW):
            return None
        scheme, _, key = headers.raw(b"authorization").partition(b" ")
        if scheme.lower() != b"bearer" or not key.strip():
            challenge = ((b"www-authenticate", b'Bearer realm="runfold"'),)
            return Refusal(401, "auth.required", KEY_MISSING, challenge)
        name = self._rules.keys.name_of(key.strip())
        if name is None:
            told = ((b"www-authenticate", b'Bearer realm="runfold", error="invalid_token"'),)
            return Refusal(401, "auth.invalid", KEY_WRONG, told)
        structlog.contextvars.bind_contextvars(caller=name)
        return None


class _Headers:
    """A request's headers by name; one that came more than once is as all of its values."""

    def __init__(self, pairs: list[Header]) -> None:
        self._values: dict[bytes, bytes] = {}
        for name, value in pairs:
            known = self._values.get(name)
            self._values[name] = value if known is None else known + b", " + value

    def raw(self, name: bytes) -> bytes:
        """A header as it came, or empty."""
        return self._values.get(name, b"")

    def one(self, name: bytes) -> str:
        """A header as text, or empty."""
        return self.raw(name).decode("latin-1")


def _shown(origin: str) -> str:
    if origin in {"", "null"}:
        return "another site"
    return repr(origin[:SHOWN])


def _with_headers(send: Send, extra: list[Header]) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return answer


async def _refuse(scope: Scope, send: Send, refusal: Refusal, extra: list[Header]) -> None:
    headers = _Headers(scope["headers"])
    log.info(
        "request refused",
        code=refusal.code,
        method=scope["method"],
        path=scope["path"][:SHOWN],
        origin=headers.one(b"origin")[:SHOWN],
        host=headers.one(b"host")[:SHOWN],
        client=(scope["client"] or ("", 0))[0],
    )
    said = refusal_bytes if scope["path"].startswith(DIFY) else problem_bytes
    content_type, body = said(refusal.status, refusal.code, refusal.detail)
    answer = [(b"content-type", content_type), *refusal.headers, *extra]
    await _send(send, refusal.status, answer, body)


async def _send(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    if status != 204:  # noqa: PLR2004 -- HTTP's own
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    start: Message = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
