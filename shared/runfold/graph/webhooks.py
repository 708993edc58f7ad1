"""The webhooks that a workflow declares: at which path it is begun from outside, and by whom.

What is wrong with one is found in `checks.webhooks`. Receiving a request is the gateway's.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from runfold.values.signatures import SCHEMES, TOLERANCE, Algorithm, Encoding, Scheme

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Answer = Literal["accepted", "result", "reply"]
AuthType = Literal[
    "bearer", "header", "hmac", "github", "shopify", "slack", "standard", "stripe", "svix"
]

PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
LONGEST_PATH = 200
LONGEST_WAIT = 300.0
"""Seconds for which a request is held open."""
WAIT = 30.0
NAMES = frozenset(("body", "headers", "query", "method", "path"))
"""What `inputs` of a webhook can refer to."""


class WebhookAuth(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a request proves who sent it."""

    type: AuthType
    secret: str | tuple[str, ...]
    """Names of secrets, as in `{{secrets.NAME}}`; several while one is changed for another."""
    header: str = ""
    """Of `hmac` and `header`: where the signature or the secret stands."""
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    prefix: str = ""
    """Of `hmac`: what stands before the signature."""
    timestamp_header: str = ""
    """Of `hmac`: the header with the time, when `time.body` is signed and not the body alone."""
    tolerance: float | str = TOLERANCE
    """By how much a signed time may be off: seconds, or text such as `"5m"`."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of its secrets."""
        return (self.secret,) if isinstance(self.secret, str) else self.secret

    def scheme(self) -> Scheme | None:
        """How requests are signed; None: they bring the secret itself."""
        if self.type in ("bearer", "header"):
            return None
        known = SCHEMES.get(self.type)
        if known is not None:
            return known
        return Scheme(
            header=self.header or "X-Signature",
            algorithm=self.algorithm,
            encoding=self.encoding,
            prefix=self.prefix,
            timestamp_header=self.timestamp_header,
            signed="{timestamp}.{body}" if self.timestamp_header else "{body}",
        )


class Webhook(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One webhook: requests to `/hooks/<path>` begin runs of the newest published version."""

    path: str
    auth: WebhookAuth | Literal["none"]
    """How senders prove who they are; `none` has to be written."""
    methods: tuple[Method, ...] = ("POST",)
    schema: dict[str, Any] = {}
    """JSON Schema of the body; empty: any."""
    inputs: dict[str, Any] | None = None
    """The run's inputs, with `{{body.…}}`, `{{headers.…}}`, `{{query.…}}`, `{{method}}`,
    `{{path}}`; null: the body's fields; without a body, the query's."""
    answer: Answer = "accepted"
    """What is answered: that there is a run, its outputs when it has ended, or what its
    `webhook_reply` node says."""
    timeout: float | str = WAIT
    """How long the run is waited for: seconds, or text such as `"30s"`."""
    deduplicate: str = ""
    """A header that stays the same when a delivery is sent again: it begins one run."""
