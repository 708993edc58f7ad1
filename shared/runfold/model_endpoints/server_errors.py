"""Finds the error in what a model server sent, and its kind. Pure.

Errors come with a status, in a 200 or in the middle of a stream, and each server has its own shape
for them. Its words and codes are kept: its user has nothing else to go by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Literal

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.errors import Undecodable
from runfold.executor.retry_after import LONGEST

ErrorKind = Literal[
    "quota",
    "rate_limit",
    "context",
    "filtered",
    "auth",
    "not_found",
    "timeout",
    "too_large",
    "tools",
    "vision",
    "refused",
    "server",
    "unknown",
]

_BY_CODE: tuple[tuple[ErrorKind, str], ...] = (
    ("quota", "insufficientquota quotaexceeded billing insufficientbalance insufficientcredit"),
    ("quota", "arrearage paymentrequired"),
    ("rate_limit", "ratelimit toomanyrequest throttl resourceexhausted limitrequests"),
    ("context", "contextlength contextsize contextwindow stringabovemaxlength"),
    ("filtered", "contentfilter contentpolicy datainspection moderation responsibleai"),
    ("auth", "authentication invalidapikey unauthorized permission forbidden accessdenied"),
    ("not_found", "notfound"),
    ("timeout", "timeout deadlineexceeded"),
    ("server", "overload unavailable capacity servererror internal busy"),
    ("refused", "invalidrequest badrequest invalidparameter invalidargument validation"),
    ("refused", "unprocessable"),
)
"""Parts of codes and types, in lower case and without separators. The first that fits counts."""
_BY_WORDS: tuple[tuple[ErrorKind, re.Pattern[str]], ...] = (
    (
        "context",
        re.compile(
            r"(maximum|available) context|context (length|size|window)|prompt is too long",
            re.IGNORECASE,
        ),
    ),
    (
        "quota",
        re.compile(r"exceeded your current quota|insufficient (balance|credit)", re.IGNORECASE),
    ),
    ("rate_limit", re.compile(r"rate.?limit|too many requests", re.IGNORECASE)),
)
"""Phrases of errors that have no code."""
_ABOVE_STATUS: frozenset[ErrorKind] = frozenset(("quota", "rate_limit", "context", "filtered"))
"""Kinds that say more than the status they come with: llama.cpp answers 500 to a long prompt."""
_CLIENT_ERROR, _SERVER_ERROR, _NO_STATUS = 400, 500, 600

_CODES = ("code", "type", "status", "http_code", "status_code", "error_code", "errcode")
_MESSAGES = ("message", "msg", "detail", "error_msg", "errmsg", "status_msg", "error", "errors")
_FINE = frozenset(("", "0", "200", "success", "ok"))
_DEEPEST = 6
_WAIT = re.compile(
    r"(?:try again|retry) (?:in|after) (\d+(?:\.\d+)?) ?(ms|s|m)(?:ec|in|inutes?|econds?)?\b",
    re.IGNORECASE,
)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_TAG = re.compile(r"<[^<>]*>")
_TITLE = re.compile(r"<(title|h1)\b[^<>]*>([^<>]+)<", re.IGNORECASE)
_PAGE = 64 * 1024


class ServerError(msgspec.Struct, frozen=True):
    """An error that a server reported."""

    message: str
    """Its words; empty when there were none."""
    status: int | None = None
    """The status in the error; the response's own status may differ."""
    code: str = ""
    """Its code or type, as it wrote it."""
    kind: ErrorKind = "unknown"
    wait: float | None = None
    """Seconds that it asks to wait."""


def error_in(body: Any, event: str = "", *, is_whole: bool = False) -> ServerError | None:
    """The error in a message of an answer; None when there is none.

    Args:
        body: The message's JSON value.
        event: Its name, when it is a server-sent event.
        is_whole: Whether it is all that came: what it says is then the answer or an error.
    """
    if isinstance(body, list) and len(body) == 1:
        body = body[0]  # Gemini puts its error in a list
    if not isinstance(body, dict):
        return _error(body) if event == "error" else None
    for choice in choices_of(body):
        if choice.get("error"):
            return _error(choice["error"])
    if body.get("error"):
        return _error(body["error"], body)
    named = str(body.get("object") or body.get("type")).lower()
    if event == "error" or named == "error":
        return _error(body)
    if isinstance(body.get("choices"), list):
        return None
    about = body.get("base_resp")  # MiniMax
    if isinstance(about, dict) and about.get("status_code"):
        return _error(about)
    error = _error(body)
    # Servers also send news of a request that waits: {"message": "queued", "status": "processing"}.
    code = next((body[name] for name in ("code", "error_code") if body.get(name)), "")
    is_error = is_whole or "detail" in body or str(code).lower() not in _FINE
    return error if error.message and is_error else None


def error_of(body: bytes, status: int) -> ServerError:
    """The error in the body of a response with an error status."""
    try:
        value = read_json(body)
    except Undecodable:
        value = page_text(body)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    inner = value.get("error") if isinstance(value, dict) else None
    error = _error(inner, value) if inner else _error(value)
    kind = error.kind if error.kind in _ABOVE_STATUS else _of_status(status)
    return msgspec.structs.replace(error, status=status, kind=kind)


def page_text(body: bytes) -> str:
    """A body that is not JSON in a few words: a web page by its title."""
    text = body[:_PAGE].decode(errors="replace").strip()
    if not text.startswith("<"):
        return text
    title = _TITLE.search(text)
    words = unescape(title[2] if title else _TAG.sub(" ", text)).strip()
    return f"a web page, {words!r}" if words else "a web page"


def _error(value: Any, parent: Any = None) -> ServerError:
    """Read an error object.

    Args:
        value: The object, or a text in its place.
        parent: The object it is a member of, which may have the codes instead.
    """
    holders = [one for one in (value, parent) if isinstance(one, dict)]
    codes = [one[name] for one in holders for name in _CODES if one.get(name)]
    words = [str(code) for code in codes if isinstance(code, str | int)]
    statuses = (int(word) for word in words if word.isdecimal() and len(word) == len("400"))
    status = next((one for one in statuses if _CLIENT_ERROR <= one < _NO_STATUS), None)
    named = [word for word in words if not word.isdecimal() and word != "error"]
    message = _message(value)
    return ServerError(
        message=message,
        status=status,
        code=next(iter(named or words), ""),
        kind=_kind(named, message, status),
        wait=_wait(holders, message),
    )


def _kind(named: list[str], message: str, status: int | None) -> ErrorKind:
    codes = " ".join("".join(filter(str.isalnum, word)).lower() for word in named)
    by_code = next(
        (kind for kind, parts in _BY_CODE for part in parts.split() if part in codes),
        None,
    )
    by_words = next((kind for kind, pattern in _BY_WORDS if pattern.search(message)), None)
    if by_code in _ABOVE_STATUS:
        return by_code
    if by_words == "context" or (by_words and by_code is None and status is None):
        return by_words
    if status is not None:
        return _of_status(status)
    return by_code or "unknown"


def _of_status(status: int) -> ErrorKind:
    """What a status stands for."""
    match status:
        case 401 | 403:
            return "auth"
        case 402:
            return "quota"
        case 404:
            return "not_found"
        case 408:
            return "timeout"
        case 413:
            return "too_large"
        case 429:
            return "rate_limit"
        case 409 | 425:
            return "server"
        case _:
            return "server" if status >= _SERVER_ERROR else "refused"


def _message(error: Any) -> str:
    """The words of an error object, with those of the server behind a gateway."""
    said = "; ".join(dict.fromkeys(_texts(error)))
    about = error.get("metadata") if isinstance(error, dict) else None
    if isinstance(about, dict) and about.get("raw"):  # OpenRouter
        behind = "; ".join(dict.fromkeys(_texts(_parsed(about["raw"]))))
        who = about.get("provider_name")
        said += f" ({who}: {behind})" if isinstance(who, str) else f" ({behind})"
    return " ".join(said.split())


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts in an error object, each with its place where it has one."""
    match value:
        case str():
            if value.strip():
                yield value.strip()
        case list() if depth < _DEEPEST:
            for one in value:
                yield from _texts(one, depth + 1)
        case dict() if depth < _DEEPEST:
            inner = next((value[name] for name in _MESSAGES if value.get(name)), None)
            place = value.get("loc")
            prefix = f"{'.'.join(map(str, place))}: " if isinstance(place, list) else ""  # FastAPI
            yield from (f"{prefix}{text}" for text in _texts(inner, depth + 1))
        case _:
            return


def _parsed(raw: Any) -> Any:
    """The JSON value in a text, as gateways pass errors on; else the text."""
    if not isinstance(raw, str):
        return raw
    try:
        return read_json(raw)
    except Undecodable:
        return raw


def _wait(holders: list[dict[str, Any]], message: str) -> float | None:
    """Seconds to wait, for errors without a header that says so."""
    for holder in holders:
        seconds = holder.get("retry_after")
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds >= 0:
            return min(float(seconds), LONGEST)
    found = _WAIT.search(message)
    return min(float(found[1]) * _SECONDS[found[2].lower()], LONGEST) if found else None


def choices_of(body: Any) -> list[dict[str, Any]]:
    """The choices of a chunk or completion; empty for what is neither."""
    found = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(found, list):
        return []
    return [choice for choice in found if isinstance(choice, dict)]
