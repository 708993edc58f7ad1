"""Whether the sender of a request is the one that a webhook expects."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from typing import Any

from runfold.errors import InvalidRequest, NodeFailed, RunfoldError
from runfold.executor.redaction import Redaction
from runfold.executor.roots import SECRET_PREFIX, Secrets
from runfold.graph.webhooks import Webhook, WebhookAuth
from runfold.settings import Settings
from runfold.values.durations import parse_duration
from runfold.values.signatures import verify

PRIVATE = frozenset(("authorization", "proxy-authorization", "cookie"))
"""Headers that no run is told of, beside those that a webhook has its signature in."""


class SecretMissing(RunfoldError):
    """The gateway has not the secret that a webhook is checked with; told as the operator's."""

    code = "webhook.secret_missing"


def delivery_of(
    webhook: Webhook, headers: Mapping[str, str], body: bytes, settings: Settings
) -> str:
    """What tells a request apart from others; empty when nothing does.

    Args:
        webhook: What the request came to.
        headers: By name in lower case.
        body: As it came.
        settings: Where secrets are.

    Raises:
        InvalidRequest: `webhook.signature`, `webhook.stale`, `webhook.unauthorized`.
        SecretMissing: None of the secrets is set.
    """
    said = headers.get(webhook.deduplicate.lower(), "") if webhook.deduplicate else ""
    if isinstance(webhook.auth, str):
        return said
    secrets = _secrets(webhook.auth, settings)
    scheme = webhook.auth.scheme()
    if scheme is None:
        _check_secret(webhook.auth, secrets, headers)
        return said
    verified = verify(
        scheme,
        secrets,
        headers,
        body,
        now=time.time(),
        tolerance=parse_duration(webhook.auth.tolerance),
    )
    return said or verified.id


def delivery_in(webhook: Webhook, body: Any) -> str:
    """What tells a delivery apart by its body, which was signed; empty when nothing does."""
    scheme = webhook.auth.scheme() if isinstance(webhook.auth, WebhookAuth) else None
    if scheme is None or not scheme.body_id or webhook.deduplicate or not isinstance(body, dict):
        return ""
    said = body.get(scheme.body_id)
    return f"{scheme.body_id} {said}" if isinstance(said, str) and said else ""


def shown_headers(webhook: Webhook, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a run may be told of."""
    hidden = set(PRIVATE)
    if isinstance(webhook.auth, WebhookAuth):
        scheme = webhook.auth.scheme()
        hidden.add((scheme.header if scheme else webhook.auth.header).lower())
    return {name: value for name, value in headers.items() if name not in hidden}


def _check_secret(auth: WebhookAuth, secrets: list[str], headers: Mapping[str, str]) -> None:
    if auth.type == "bearer":
        kind, _, given = headers.get("authorization", "").partition(" ")
        given = given.strip() if kind.lower() == "bearer" else ""
        where = "Authorization: Bearer …"
    else:
        given, where = headers.get(auth.header.lower(), ""), auth.header
    # Every secret is compared, so that the time says nothing of which one is near.
    sent = given.encode("latin-1", "replace")  # its bytes, as they came
    fits = [hmac.compare_digest(sent, secret.encode()) for secret in secrets]
    if not any(fits):
        message = f"the request does not bring the secret of this webhook in {where}"
        raise InvalidRequest(message, code="webhook.unauthorized")


def _secrets(auth: WebhookAuth, settings: Settings) -> list[str]:
    known = Secrets(settings, Redaction())
    found = []
    for name in auth.secrets:
        try:
            found.append(known[name])
        except (KeyError, NodeFailed):
            continue
    # An empty secret is anybody's.
    found = [one for one in found if one]
    if not found:
        names = ", ".join(f"{SECRET_PREFIX}{name}" for name in auth.secrets)
        message = f"no secret of this webhook is set: give the gateway {names}"
        raise SecretMissing(message)
    return found
