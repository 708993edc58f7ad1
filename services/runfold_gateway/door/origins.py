"""Which pages may send what changes something, and which may read the answers (CORS).

A browser sends a form, or a `text/plain` body from a script, to any address without asking first.
What tells such a request from a client's own are headers that pages cannot set: `Sec-Fetch-Site`
and `Origin`. A client that is not a browser sends neither, and is not what this guards against.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from runfold.errors import ConfigurationError
from runfold_gateway.http.asgi import Header

ANY = "*"
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
"""Methods that change nothing; links from anywhere may lead here by them."""
METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS"
REQUEST_HEADERS = (
    "authorization, content-type, idempotency-key, if-match, last-event-id, range, traceparent"
)
RESPONSE_HEADERS = (
    "location, etag, retry-after, runfold-next-after, www-authenticate, allow, "
    "content-disposition, accept-ranges, content-range"
)
PREFLIGHT_AGE = "600"
"""Seconds for which a browser may remember a preflight's answer."""
_ORIGIN = re.compile(r"https?://[^\s/?#@\\,*]+")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Origins:
    """The origins whose pages may use the API, besides the gateway's own.

    Args:
        origins: As `https://app.example.com`; `*` for any.

    Raises:
        ConfigurationError: For an entry that is not an origin.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        self._allowed = frozenset(origin.lower().removesuffix("/") for origin in origins)
        self.any = ANY in self._allowed
        for origin in self._allowed - {ANY}:
            if not _ORIGIN.fullmatch(origin):
                message = (
                    f"RUNFOLD_ALLOWED_ORIGINS: {origin!r} is not an origin: write scheme, host and "
                    "port as the browser does, as https://app.example.com,http://localhost:3000"
                )
                raise ConfigurationError(message, code="gateway.allowed_origins")

    def allows(self, origin: str) -> bool:
        """Whether an origin is among those allowed."""
        return bool(origin) and (self.any or origin.lower() in self._allowed)

    def may_change(self, *, origin: str, site: str, host: str) -> bool:
        """Whether a request that changes something may come from where it says it comes from.

        Args:
            origin: The `Origin` header, or empty.
            site: The `Sec-Fetch-Site` header, or empty.
            host: The `Host` header.
        """
        if self.allows(origin):
            return True
        if site:
            return site.strip().lower() in {"same-origin", "none"}
        return not origin or _same(origin, host)

    def cors_headers(self, origin: str) -> list[Header]:
        """What an answer needs so that a page of that origin may read it."""
        if not self._allowed:
            return []
        headers: list[Header] = [(b"vary", b"Origin")]
        if self.allows(origin):
            shown = ANY if self.any else origin
            headers += [
                (b"access-control-allow-origin", shown.encode("latin-1")),
                (b"access-control-expose-headers", RESPONSE_HEADERS.encode()),
            ]
        return headers


def preflight_headers() -> list[Header]:
    """What a browser is told that asks before it sends a page's request."""
    return [
        (b"access-control-allow-methods", METHODS.encode()),
        (b"access-control-allow-headers", REQUEST_HEADERS.encode()),
        (b"access-control-max-age", PREFLIGHT_AGE.encode()),
    ]


def _same(origin: str, host: str) -> bool:
    """Whether an origin is the host's own; its scheme is not compared, as TLS may end before us."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    port = _DEFAULT_PORTS.get(parts.scheme)
    if port is None:
        return False
    return parts.netloc.lower().removesuffix(port) == host.strip().lower().removesuffix(port)
