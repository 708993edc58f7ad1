"""Cursors: where a list goes on after a page. Clients send back what `next_cursor` said."""

from __future__ import annotations

import re

from runfold.errors import InvalidRequest

Begun = tuple[float, str]
"""Since when a node waits, and its token."""

NEWEST = 2**62
"""Before this place are all runs."""
OLDEST: Begun = (0.0, "")
"""After this place are all waits."""

_RUN = re.compile("[0-9]{1,18}")
"""A sequence, or a number of groups."""
_WAIT = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)~(\S+)")
_SHOWN = 60


def run_cursor(seq: int) -> str:
    """The cursor after a run that began at a sequence."""
    return str(seq)


def run_before(cursor: str) -> int:
    """The sequence before which the next page's runs began.

    Raises:
        InvalidRequest: `cursor.invalid`.
    """
    if not cursor:
        return NEWEST
    if not _RUN.fullmatch(cursor):
        raise _invalid(cursor)
    return int(cursor)


def run_after(cursor: str) -> int:
    """The sequence after which the next page's runs began, where the oldest come first.

    Raises:
        InvalidRequest: `cursor.invalid`.
    """
    return run_before(cursor) if cursor else 0


def place_cursor(place: int) -> str:
    """The cursor after so many groups."""
    return str(place)


def place_after(cursor: str) -> int:
    """How many groups the pages before had.

    Raises:
        InvalidRequest: `cursor.invalid`.
    """
    if not cursor:
        return 0
    if not _RUN.fullmatch(cursor):
        raise _invalid(cursor)
    return int(cursor)


def wait_cursor(begun: Begun) -> str:
    """The cursor after a node that waits."""
    since, token = begun
    return f"{since!r}~{token}"


def wait_after(cursor: str) -> Begun:
    """The wait after which the next page's begin.

    Raises:
        InvalidRequest: `cursor.invalid`.
    """
    if not cursor:
        return OLDEST
    found = _WAIT.fullmatch(cursor)
    if found is None:
        raise _invalid(cursor)
    return float(found[1]), found[2]


def _invalid(cursor: str) -> InvalidRequest:
    shown = cursor if len(cursor) <= _SHOWN else f"{cursor[:_SHOWN]}…"
    message = f"invalid cursor {shown!r}: use next_cursor of the previous page"
    return InvalidRequest(message, code="cursor.invalid")
