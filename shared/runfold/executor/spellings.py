"""The ways in which a secret may be written: in URLs, JSON, HTML, base64, hexadecimal. Pure.

What masks them is in `redaction`.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

SHORTEST = 4
"""Characters from which on a value is masked: a shorter one would turn every text into stars."""
DISTINCT = 8
"""Characters from which on a text is found in any case, and a part of a secret is one itself."""
LINES_IN_FULL = 64
"""Lines of a secret, the longest ones, that are found in every spelling."""
MOST_LINES = 1024
"""Lines of a secret that are found at all: beyond the former, as they are written."""
_TOKEN = 16
"""Characters from which on a segment of a URL's path is a token; shorter ones need a digit."""
_KEPT = ("", "/", "!'()*", "!$&'()*+,;=:@/?", "!$&'()*+,;=:@/?%")
"""Characters that quoting keeps: Python, paths, JavaScript, HTTP clients."""
_ESCAPED_IN_HTML = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&'+"})


class Spellings(NamedTuple):
    """Texts that stand for a secret, the longest first."""

    exact: tuple[str, ...]
    """Found in this case only."""
    folded: tuple[str, ...]
    """In lower case; found in any."""


@lru_cache(maxsize=64)
def spellings_of(value: str) -> Spellings:
    """How a secret, and each part of it that is secret by itself, may be written."""
    exact: set[str] = set()
    folded: set[str] = set()
    lines = _lines(value)
    exact.update(lines[LINES_IN_FULL:MOST_LINES])
    for part in {value, *_parts(value), *lines[:LINES_IN_FULL]}:
        exact.update(_encoded(part))
        for spelling in _written(part):
            if len(spelling) >= DISTINCT:
                folded.add(same_length_lower(spelling))
            else:
                exact.add(spelling)
    return Spellings(_longest_first(exact), _longest_first(folded))


def same_length_lower(text: str) -> str:
    """The text in lower case, each character at its place."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := one.lower()) == 1 else one for one in text)


def _longest_first(found: set[str]) -> tuple[str, ...]:
    return tuple(sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True))


def _lines(value: str) -> list[str]:
    """The lines of a secret that are secret by themselves, the longest first."""
    lines = {line.strip() for line in value.splitlines()} - {value.strip()}
    # A line of dashes, such as the first of a key in PEM, is the same in all of them.
    found = (line for line in lines if len(line) >= DISTINCT and not line.startswith("---"))
    return sorted(found, key=lambda line: (-len(line), line))


def _parts(value: str) -> Iterator[str]:
    """Parts of a secret that may stand alone: lines joined, and a URL's path, query, password."""
    if len(stripped := value.strip()) >= SHORTEST:
        yield stripped
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        yield " ".join(value.split())
        yield "".join(lines)
        yield "\r\n".join(value.splitlines())
    elif "://" in value:
        yield from _parts_of_url(stripped)


def _parts_of_url(value: str) -> Iterator[str]:
    try:
        url = urlsplit(value)
        password = url.password
    except ValueError:
        return
    segments = [one for one in url.path.split("/") if _is_token(one)]
    yield from segments
    if segments:
        yield url.path
    values = [one for _, one in parse_qsl(url.query) if len(one) >= DISTINCT]
    yield from values
    if values:
        yield url.query
    if password and len(password) >= SHORTEST:
        yield password


def _is_token(segment: str) -> bool:
    has_digit = any(character.isdigit() for character in segment)
    return len(segment) >= (DISTINCT if has_digit else _TOKEN)


def _written(value: str) -> Iterator[str]:
    """The spellings whose letters may come in either case."""
    yield value
    plain, as_ascii = json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(value)[1:-1]
    for escaped in (plain, as_ascii):
        yield escaped
        yield escaped.replace("/", "\\/")
        yield escaped.translate(_ESCAPED_IN_HTML)
        yield json.dumps(escaped, ensure_ascii=False)[1:-1]
    units = value.encode("utf-16-be")
    yield "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    for kept in _KEPT:
        yield (quoted := quote(value, safe=kept))
        yield quote(quoted, safe="")
    yield quote_plus(value)
    yield from _of_html(value)
    for shown in (repr(value), ascii(value), repr(value.encode())[1:]):
        yield shown[1:-1]
        yield shown[1:-1].replace("'", "\\'")
        yield repr(shown[1:-1])[1:-1]
    raw = value.encode()
    yield raw.hex()
    yield "".join(f"%{byte:02x}" for byte in raw)


def _of_html(value: str) -> Iterator[str]:
    whole = html.escape(value)
    yield html.escape(value, quote=False)
    yield whole
    for quote_mark in ("&#39;", "&apos;"):
        escaped = whole.replace("&#x27;", quote_mark)
        yield escaped
        yield escaped.replace("&quot;", "&#34;")


def _encoded(value: str) -> Iterator[str]:
    """Base64: by itself, and inside a longer text at each of the three places it may begin at."""
    raw = value.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(raw).decode()
        yield whole
        yield whole.rstrip("=")
        for before, first in enumerate((0, 2, 3)):
            last = (before + len(raw)) * 8 // 6
            inside = encode(bytes(before) + raw).decode()[first:last]
            if len(inside) >= DISTINCT:
                yield inside
                yield quote(inside, safe="")
        yield quote(whole, safe="")
