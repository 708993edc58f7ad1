"""`webhook_reply`: what the sender of the request is answered that began the run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.values.references import is_computed

LOWEST_STATUS, HIGHEST_STATUS = 200, 599
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e]{0,4000}")
MOST_HEADERS = 50
OURS = frozenset(
    (
        *("connection", "content-length", "date", "keep-alive", "server", "set-cookie", "te"),
        *("trailer", "transfer-encoding", "upgrade", "content-security-policy"),
        # They hold for all of the gateway's origin, or for the server in front of it.
        *("alt-svc", "clear-site-data", "nel", "report-to", "reporting-endpoints"),
        *("service-worker-allowed", "strict-transport-security", "x-accel-redirect"),
        *("x-content-type-options", "x-sendfile"),
    )
)
"""Headers that the gateway sets itself, or that no author may set for its origin."""


class WebhookReplyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `webhook_reply` node."""

    body: Any = None
    """Text is sent as it is, a file's bytes as its media type, any other value as JSON; null:
    nothing."""
    status: int = 200
    """200 to 599."""
    headers: dict[str, str] = {}
    """Further headers. `Content-Type` goes before what follows from the body."""
    FORM: ClassVar[Forms] = {
        "body": Form("value", ({"ok": True, "order": "{{order.id}}"},)),
        "status": Form("number", (200, 404)),
        "headers": Form("key_values", ({"Cache-Control": "no-store"},)),
    }


def header_problem(name: str, value: str) -> str:
    """Why a header cannot be sent; empty when it can."""
    if not HEADER_NAME.fullmatch(name):
        return f"{name[:80]!r} is not the name of a header"
    if name.lower() in OURS:
        return f"the header {name!r} is set by the gateway alone"
    if not HEADER_VALUE.fullmatch(value):
        return f"the value of header {name!r} has more than printable ASCII, or is too long"
    return ""


def status_problem(status: Any) -> str:
    """Why a status cannot be sent; empty when it can."""
    if type(status) is int and LOWEST_STATUS <= status <= HIGHEST_STATUS:
        return ""
    return f"a status is a number from {LOWEST_STATUS} to {HIGHEST_STATUS}, not {status!r:.80}"


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    status = config.get("status", 200)
    if not is_computed(status) and (problem := status_problem(status)):
        yield Problem("status", problem)
    headers = config.get("headers", {})
    if isinstance(headers, dict):
        for name, value in headers.items():
            written = "" if is_computed(value) else str(value)
            if problem := header_problem(str(name), written):
                yield Problem("headers", problem)
        if len(headers) > MOST_HEADERS:
            yield Problem("headers", f"at most {MOST_HEADERS} headers")


KIND = register(
    Kind(
        type="webhook_reply",
        group=INLINE,
        config=WebhookReplyConfig,
        summary="Answer the request that began the run",
        outputs=("status", "headers", "body"),
        rules=_rules,
        hints=Hints(
            category="flow",
            output_types={
                "output": "any",
                "status": "integer",
                "headers": "object",
                "body": "any",
            },
        ),
    )
)
