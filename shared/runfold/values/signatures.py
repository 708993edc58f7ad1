"""Signatures of webhooks: how a request proves who sent it, and how ours do.

Pure: the time is handed in, and secrets too. Which secret is meant is for the caller to find.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from runfold.errors import InvalidRequest

Algorithm = Literal["sha256", "sha512", "sha1"]
Encoding = Literal["hex", "base64"]

TOLERANCE = 300.0
"""Seconds by which a signed time may be off."""
STANDARD_PREFIX = "whsec_"
"""Begins a secret of the Standard Webhooks specification, whose rest is base64."""
_MOST_SIGNATURES = 10
"""Signatures of one request that are looked at: several while a secret is changed."""
_DIGITS = re.compile(r"\d{1,12}")
_LONGEST_ID = 256


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request has its signature, and what is signed."""

    header: str
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    prefix: str = ""
    """What stands before a signature in its header."""
    timestamp_header: str = ""
    """The header with the signed time, in Unix seconds; empty: no time is signed."""
    id_header: str = ""
    """The header that tells deliveries apart, and that stays when one is sent again."""
    body_id: str = ""
    """The field of a JSON body that does, where each try of a delivery is signed anew."""
    signed: str = "{body}"
    """What is signed: `{body}`, `{timestamp}` and `{id}` stand for those."""
    parts: bool = False
    """Whether the header is a list such as `t=1,v1=ab`: its `t` is the time, its `prefix` ones the
    signatures."""
    separator: str = ""
    """What stands between several signatures in a header."""
    base64_secret: bool = False
    """Whether a secret is base64 after `whsec_`."""


_STANDARD = Scheme(
    header="webhook-signature",
    encoding="base64",
    prefix="v1,",
    timestamp_header="webhook-timestamp",
    id_header="webhook-id",
    signed="{id}.{timestamp}.{body}",
    separator=" ",
    base64_secret=True,
)

SCHEMES: dict[str, Scheme] = {
    "github": Scheme(header="X-Hub-Signature-256", prefix="sha256=", id_header="X-GitHub-Delivery"),
    "shopify": Scheme(
        header="X-Shopify-Hmac-Sha256", encoding="base64", id_header="X-Shopify-Webhook-Id"
    ),
    "slack": Scheme(
        header="X-Slack-Signature",
        prefix="v0=",
        timestamp_header="X-Slack-Request-Timestamp",
        body_id="event_id",
        signed="v0:{timestamp}:{body}",
    ),
    "standard": _STANDARD,
    "stripe": Scheme(
        header="Stripe-Signature",
        prefix="v1",
        body_id="id",
        signed="{timestamp}.{body}",
        parts=True,
    ),
    "svix": replace(
        _STANDARD,
        header="svix-signature",
        timestamp_header="svix-timestamp",
        id_header="svix-id",
    ),
}
"""How well-known senders sign. `standard` is the Standard Webhooks specification, and `svix` the
same under the names it had before."""


class Verified(NamedTuple):
    """What a signed request says of itself."""

    id: str
    """What tells the delivery apart from others; empty when nothing does."""


def verify(
    scheme: Scheme,
    secrets: Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    tolerance: float = TOLERANCE,
) -> Verified:
    """Check the signature of a request.

    Args:
        scheme: How it is signed.
        secrets: Those it may be signed with.
        headers: By name in lower case.
        body: As it came.
        now: Unix seconds.
        tolerance: Seconds by which a signed time may be off.

    Raises:
        InvalidRequest: `webhook.signature`: there is none, or none that is right;
            `webhook.stale`: the signed time is too far away.
    """
    said = headers.get(scheme.header.lower(), "").strip()
    if not said:
        message = f"the header {scheme.header} with the signature is missing"
        raise InvalidRequest(message, code="webhook.signature")
    timestamp, given = _read(scheme, said, headers)
    delivery = headers.get(scheme.id_header.lower(), "")[:_LONGEST_ID] if scheme.id_header else ""
    if "{timestamp}" in scheme.signed:
        _check_time(timestamp, now, tolerance)
    text = _signed(scheme, timestamp, delivery, body)
    wanted = [_digest(scheme, secret, text) for secret in secrets]
    matching = [
        one for one in given[:_MOST_SIGNATURES] for right in wanted if _same(scheme, one, right)
    ]
    if not matching:
        message = f"the signature in {scheme.header} is not that of the body with this secret"
        raise InvalidRequest(message, code="webhook.signature")
    if not delivery and "{timestamp}" in scheme.signed:
        # The time is a part of what is signed, so the same signature is the same delivery.
        delivery = hashlib.sha256(text).hexdigest()
    return Verified(delivery)


def sign_standard(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a request as the Standard Webhooks specification signs it.

    Raises:
        InvalidRequest: `webhook.secret`, when the secret cannot be used.
    """
    scheme = SCHEMES["standard"]
    text = _signed(scheme, str(timestamp), message_id, body)
    signature = base64.b64encode(_digest(scheme, secret, text)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _read(scheme: Scheme, said: str, headers: Mapping[str, str]) -> tuple[str, list[str]]:
    """The signed time, and the signatures that a header has."""
    if scheme.parts:
        pairs = [one.strip().partition("=") for one in said.split(",")]
        timestamp = next((value for name, _, value in pairs if name == "t"), "")
        return timestamp, [value for name, _, value in pairs if name == scheme.prefix]
    timestamp = headers.get(scheme.timestamp_header.lower(), "") if scheme.timestamp_header else ""
    several = said.split(scheme.separator) if scheme.separator else [said]
    return timestamp, [
        one.removeprefix(scheme.prefix) for one in several if one.startswith(scheme.prefix)
    ]


def _check_time(timestamp: str, now: float, tolerance: float) -> None:
    if not _DIGITS.fullmatch(timestamp):
        message = "the request has no signed time in Unix seconds"
        raise InvalidRequest(message, code="webhook.signature")
    off = abs(now - int(timestamp))
    if off > tolerance:
        message = (
            f"the request was signed {off:,.0f} s away from now, and {tolerance:,.0f} s are "
            "allowed: it is an old one sent again, or a clock is wrong"
        )
        raise InvalidRequest(message, code="webhook.stale")


def _signed(scheme: Scheme, timestamp: str, delivery: str, body: bytes) -> bytes:
    before, _, after = scheme.signed.partition("{body}")

    def filled(text: str) -> bytes:
        return text.replace("{timestamp}", timestamp).replace("{id}", delivery).encode()

    return filled(before) + body + filled(after)


def _digest(scheme: Scheme, secret: str, text: bytes) -> bytes:
    key = secret.encode()
    if scheme.base64_secret and secret.startswith(STANDARD_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
        except binascii.Error:
            message = f"a secret that begins with {STANDARD_PREFIX} goes on in base64"
            raise InvalidRequest(message, code="webhook.secret") from None
    if not key:
        message = "an empty secret is anybody's: nothing can be signed with it"
        raise InvalidRequest(message, code="webhook.secret")
    return hmac.digest(key, text, scheme.algorithm)


_DECODERS: dict[Encoding, Callable[[str], bytes]] = {
    "hex": bytes.fromhex,
    "base64": lambda text: base64.b64decode(text, validate=True),
}


def _same(scheme: Scheme, given: str, wanted: bytes) -> bool:
    try:
        return hmac.compare_digest(_DECODERS[scheme.encoding](given), wanted)
    except ValueError:  # neither hex nor base64: no signature of ours
        return False
