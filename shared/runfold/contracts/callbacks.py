"""Callbacks: addresses that are told what becomes of a run. Who tells them is the scheduler."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from runfold.errors import InvalidRequest

CallbackEvent = Literal[
    "run_started",
    "node_run_waiting",
    "run_succeeded",
    "run_partial_succeeded",
    "run_failed",
    "run_cancelled",
]
ENDS: tuple[CallbackEvent, ...] = (
    "run_succeeded",
    "run_partial_succeeded",
    "run_failed",
    "run_cancelled",
)
"""What an address is told that names no events: how the run ended."""
MOST = 10
"""Callbacks of one run, those of its workflow included."""
LONGEST_URL = 2000
_WRITTEN = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


class Callback(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One address, and what it is told."""

    url: str
    """Where requests go, as it is; what may be reached is for the http executors to say."""
    events: tuple[CallbackEvent, ...] = ()
    """Empty: how the run ended."""
    secret: str = ""
    """Name of the secret that requests are signed with, as in `{{secrets.NAME}}`; empty: they are
    not."""
    connection: str = ""
    """A stored connection whose credentials requests carry."""


def check_callbacks(callbacks: Sequence[Callback]) -> None:
    """Refuse callbacks of a run that cannot be.

    Raises:
        InvalidRequest: `run.callbacks_invalid`.
    """
    if wrong := callback_problems(callbacks):
        message = "; ".join(f"callbacks{place}: {problem}" for place, problem in wrong)
        raise InvalidRequest(message, code="run.callbacks_invalid")


def callback_problems(callbacks: Sequence[Callback]) -> list[tuple[str, str]]:
    """Where in a list of callbacks something is wrong, and what."""
    found = []
    if len(callbacks) > MOST:
        found.append(("", f"{len(callbacks)} callbacks, and a run has at most {MOST}"))
    for place, one in enumerate(callbacks[: MOST + 1]):
        if problem := _url_problem(one.url):
            found.append((f"[{place}].url", problem))
        for name in ("secret", "connection"):
            value = getattr(one, name)
            if value and not NAME.fullmatch(value):
                found.append((f"[{place}].{name}", f"{value[:80]!r} is not a name"))
        if (one.url, one.events) in [(other.url, other.events) for other in callbacks[:place]]:
            found.append((f"[{place}]", "this callback is there twice"))
    return found


def _url_problem(url: str) -> str:
    if len(url) > LONGEST_URL:
        return f"an address has at most {LONGEST_URL} characters, this one {len(url)}"
    if "{{" in url:
        return "an address is taken as it is: references are not resolved in it"
    if not _WRITTEN.fullmatch(url):
        return "an address has no spaces and no control characters: they are written as %20"
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        if known and "@" in parts.netloc:
            return "an address has no user and password: they would be seen in the run's log"
    except ValueError:
        known = False
    return "" if known else f"{url[:80]!r} is not an address: write https://host/path"
