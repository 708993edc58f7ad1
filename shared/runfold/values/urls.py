"""URLs: shown without secrets in messages, logs and results, and with parameters added."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlencode, urlsplit


def shown_url(url: str) -> str:
    """A URL without what may be secret in it: user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = None
    if parts is None or not parts.netloc:
        return url.partition("?")[0].partition("#")[0].rpartition("@")[2]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def with_params(url: str, params: Iterable[tuple[str, str]]) -> str:
    """A URL with parameters added behind its query, which stays as it is written.

    Bare names, escapes, `+` and names that are there several times all mean something to some
    server, so nothing of the URL is read and written again.
    """
    added = urlencode(list(params), quote_via=quote, safe="")
    if not added:
        return url
    address, mark, fragment = url.partition("#")
    between = "?" if "?" not in address else "" if address.endswith(("?", "&")) else "&"
    return f"{address}{between}{added}{mark}{fragment}"
