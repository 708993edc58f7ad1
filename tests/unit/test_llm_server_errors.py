"""Errors in every shape that servers have for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runfold.model_endpoints.server_errors import error_in, error_of, page_text

GATEWAY = {
    "message": "Provider returned error",
    "code": 429,
    "metadata": {"raw": '{"detail": "Too many requests"}', "provider_name": "Hyperbolic"},
}
GEMINI = {
    "code": 429,
    "message": "You exceeded your current quota. Please retry in 35.5s.",
    "status": "RESOURCE_EXHAUSTED",
}


@pytest.mark.parametrize(
    ("body", "event", "message", "kind"),
    [
        ({"error": {"message": "Broken", "type": "server_error"}}, "", "Broken", "server"),
        ({"error": "Broken"}, "", "Broken", "unknown"),
        ({"error": {"error": {"msg": "Broken"}}}, "", "Broken", "unknown"),
        ({"error": {"code": 503, "message": "Broken"}, "choices": []}, "", "Broken", "server"),
        ({"object": "error", "message": "Broken", "code": 400}, "", "Broken", "refused"),
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Broken"}},
            "",
            "Broken",
            "server",
        ),
        ({"code": "InvalidParameter", "message": "Broken"}, "error", "Broken", "refused"),
        ({"code": "Throttling.RateQuota", "message": "Broken"}, "", "Broken", "rate_limit"),
        ("Broken", "error", "Broken", "unknown"),
        ({"choices": [{"error": {"code": 502, "message": "Broken"}}]}, "", "Broken", "server"),
        ({"detail": [{"loc": ["body", "n"], "msg": "Broken"}]}, "", "body.n: Broken", "unknown"),
        (
            {"object": "error", "message": {"detail": [{"loc": ["n"], "msg": "Broken"}]}},
            "",
            "n: Broken",
            "unknown",
        ),
        ([{"error": {"message": "Broken"}}], "", "Broken", "unknown"),
        (
            {"error": GATEWAY},
            "",
            "Provider returned error (Hyperbolic: Too many requests)",
            "rate_limit",
        ),
        ({"error": GEMINI}, "", GEMINI["message"], "rate_limit"),
        ({"error": {"message": "Rate limit exceeded"}}, "", "Rate limit exceeded", "rate_limit"),
        ({"error": {"message": "  a\n b  "}}, "", "a b", "unknown"),
        ({"error": {"message": "", "code": "billing_not_active"}}, "", "", "quota"),
        (
            {"error": {"message": "prompt is too long", "code": 500}},
            "",
            "prompt is too long",
            "context",
        ),
        ({"error": {"message": "no", "type": "exceed_context_size_error"}}, "", "no", "context"),
        ({"error": {"message": "no", "code": "invalid_api_key"}}, "", "no", "auth"),
        ({"error": {"message": "no", "code": "model_not_found"}}, "", "no", "not_found"),
        ({"error": {"message": "no", "code": 402}}, "", "no", "quota"),
    ],
)
def test_errors(body: Any, event: str, message: str, kind: str) -> None:
    error = error_in(body, event)
    assert error is not None
    assert (error.message, error.kind) == (message, kind)


@pytest.mark.parametrize(
    "body",
    [
        {"choices": [{"delta": {"content": "error"}}], "error": None},
        {"choices": [], "error": {}},
        {"choices": [], "usage": {"total_tokens": 3}},
        {"message": "queued", "status": "processing"},
        {"code": 0, "message": "ok"},
        {"type": "ping"},
        {},
        [],
        [1, 2],
        "pong",
        None,
    ],
)
def test_messages_that_are_no_error(body: Any) -> None:
    assert error_in(body) is None


def test_news_are_an_error_when_nothing_else_comes() -> None:
    error = error_in({"message": "queued"}, is_whole=True)
    assert error is not None
    assert error.message == "queued"


@pytest.mark.parametrize(
    ("status", "body", "message", "kind"),
    [
        (
            400,
            {"detail": [{"loc": ["body", "messages"], "msg": "field required"}]},
            "body.messages: field required",
            "refused",
        ),
        (400, {"error": "must be 'text'"}, "must be 'text'", "refused"),
        (
            500,
            {"error": {"message": "Context size has been exceeded."}},
            "Context size has been exceeded.",
            "context",
        ),
        (400, {"error": {"message": "no", "code": "content_filter"}}, "no", "filtered"),
        (402, {"error": {"message": "Insufficient Balance"}}, "Insufficient Balance", "quota"),
        (429, {"error": {"message": "no", "type": "insufficient_quota"}}, "no", "quota"),
        (403, {"error": {"message": "no", "type": "server_error"}}, "no", "auth"),
        (
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "no"}},
            "no",
            "server",
        ),
        (413, {}, "", "too_large"),
        (408, None, "", "timeout"),
        (404, "gone", "gone", "not_found"),
    ],
)
def test_errors_with_a_status(status: int, body: Any, message: str, kind: str) -> None:
    error = error_of(json.dumps(body).encode(), status)
    assert (error.message, error.kind, error.status) == (message, kind, status)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b"<html><title>502 Bad &amp; Gateway</title><h1>x</h1>",
            "a web page, '502 Bad & Gateway'",
        ),
        (b"<html><p>Sorry</p></html>", "a web page, 'Sorry'"),
        (b"<!doctype html>", "a web page"),
        (b"upstream connect error\n", "upstream connect error"),
        (b"[" * 100_000, "[" * 64 * 1024),
        (b'{"error": {"message": "cannot read \\ud83d"}}', "cannot read \ufffd"),
        (b'{"error": NaN}', '{"error": NaN}'),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_bodies_that_are_not_json(body: bytes, message: str) -> None:
    assert error_of(body, 502).message == message


def test_a_page_is_read_in_linear_time() -> None:
    assert page_text(b"<script" * 10_000).startswith("a web page")


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("Please try again in 1.5s. Contact us", 1.5),
        ("Please try again in 20ms.", 0.02),
        ("retry after 2 minutes", 120.0),
        ("Please retry in 35.5s.", 35.5),
        ("try again in 10000 seconds", 3600.0),
        ("try again later", None),
    ],
)
def test_how_long_to_wait(message: str, wait: float | None) -> None:
    error = error_in({"error": {"message": message}})
    assert error is not None
    assert error.wait == wait


def test_a_wait_as_a_number() -> None:
    told = {"error": {"message": "no", "metadata": {}}, "retry_after": 3}
    error = error_in(told)
    assert error is not None
    assert error.wait == 3.0
