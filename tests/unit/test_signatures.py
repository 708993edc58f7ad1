"""Signatures of webhooks, by the examples that senders publish."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from runfold.errors import InvalidRequest
from runfold.values.signatures import SCHEMES, Scheme, sign_standard, verify

SLACK = (
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
STANDARD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_BODY = b'{"test": 2432232314}'
NOW = 1614265330.0


def stripe(body: bytes, secret: str, at: int) -> str:
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v0=00,v1={digest}"


def test_github_signs_the_body() -> None:
    headers = {
        "x-hub-signature-256": "sha256="
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "x-github-delivery": "72d3162e",
    }
    secrets = ["It's a Secret to Everybody"]
    assert verify(SCHEMES["github"], secrets, headers, b"Hello, World!", now=0).id == "72d3162e"
    with pytest.raises(InvalidRequest) as refused:
        verify(SCHEMES["github"], secrets, headers, b"Hello, World?", now=0)
    assert refused.value.code == "webhook.signature"


def test_the_standard_signs_id_and_time() -> None:
    scheme = SCHEMES["standard"]
    found = verify(scheme, [STANDARD_SECRET], STANDARD, STANDARD_BODY, now=NOW + 299)
    assert found.id == STANDARD["webhook-id"]
    named = {name.replace("webhook", "svix"): value for name, value in STANDARD.items()}
    assert verify(SCHEMES["svix"], [STANDARD_SECRET], named, STANDARD_BODY, now=NOW).id == found.id
    other = {**STANDARD, "webhook-id": "msg_other"}
    with pytest.raises(InvalidRequest):
        verify(scheme, [STANDARD_SECRET], other, STANDARD_BODY, now=NOW)


def test_what_we_sign_is_what_the_standard_signs() -> None:
    signed = sign_standard(
        STANDARD_SECRET, STANDARD["webhook-id"], int(STANDARD["webhook-timestamp"]), STANDARD_BODY
    )
    assert signed == STANDARD


def test_a_secret_is_changed_without_a_gap() -> None:
    several = {**STANDARD, "webhook-signature": f"v1,AAAA {STANDARD['webhook-signature']}"}
    secrets = ["whsec_bmV3", STANDARD_SECRET]
    assert verify(SCHEMES["standard"], secrets, several, STANDARD_BODY, now=NOW).id


@pytest.mark.parametrize("off", [-301, 301, 10_000])
def test_an_old_request_is_refused(off: int) -> None:
    with pytest.raises(InvalidRequest) as refused:
        verify(SCHEMES["standard"], [STANDARD_SECRET], STANDARD, STANDARD_BODY, now=NOW + off)
    assert refused.value.code == "webhook.stale"


def test_stripe_has_several_things_in_one_header() -> None:
    body = b'{"id": "evt_1"}'
    headers = {"stripe-signature": stripe(body, "whsec_test", 1000)}
    found = verify(SCHEMES["stripe"], ["whsec_test"], headers, body, now=1100)
    again = verify(SCHEMES["stripe"], ["whsec_test"], headers, body, now=1100)
    assert found.id == again.id != ""


def test_the_same_signed_time_and_body_is_the_same_delivery() -> None:
    body = SLACK.encode()
    digest = hmac.new(b"s", b"v0:1531420618:" + body, hashlib.sha256).hexdigest()
    headers = {
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": f"v0={digest}",
    }
    assert verify(SCHEMES["slack"], ["s"], headers, body, now=1531420618).id


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-signature": ""},
        {"x-signature": "not hex"},
        {"x-signature": "é"},
        {"x-signature": "00"},
        {"x-signature": ","},
    ],
)
def test_what_is_no_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        verify(Scheme(header="X-Signature"), ["s"], headers, b"body", now=0)
    assert refused.value.code == "webhook.signature"


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e9", "9" * 40])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    headers = {**STANDARD, "webhook-timestamp": timestamp}
    with pytest.raises(InvalidRequest):
        verify(SCHEMES["standard"], [STANDARD_SECRET], headers, STANDARD_BODY, now=NOW)


def test_a_secret_that_is_not_base64_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        verify(SCHEMES["standard"], ["whsec_?"], STANDARD, STANDARD_BODY, now=NOW)
    assert refused.value.code == "webhook.secret"


def test_an_empty_secret_signs_nothing() -> None:
    with pytest.raises(InvalidRequest) as refused:
        sign_standard("whsec_", "m", 1, b"{}")
    assert refused.value.code == "webhook.secret"
