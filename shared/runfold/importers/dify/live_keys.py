"""Keys that stand in a document and look as if they still opened something."""

from __future__ import annotations

import re

_KNOWN = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{16,}|ghp_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{12,}|AIza[A-Za-z0-9_-]{20,}"
    r"|xox[abp]-[A-Za-z0-9-]{10,}|app-[A-Za-z0-9]{16,}|dataset-[A-Za-z0-9]{16,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})"
)
_SCHEME = re.compile(r"^(?:bearer|basic|token)\s+(?=\S{16,}$)", re.IGNORECASE)
_LONG = re.compile(r"[A-Za-z0-9_\-+/=]{24,}")


SAID = "a key is written in the node: put it into a secret, {{secrets.NAME}}"
"""What is said of one; it is never printed itself."""
_NAMED = re.compile(
    r"""(?i)(?:api_?key|apikey|token|secret|password|\bkey)["']?\s*[=:]\s*["']?([A-Za-z0-9_\-+/=]{20,})"""
)


def holds_live(text: str) -> bool:
    """Whether a program, an address or a body has such a key somewhere in it."""
    if _KNOWN.search(text):
        return True
    return any(any(one.isdigit() for one in found[1]) for found in _NAMED.finditer(text))


def looks_live(text: str) -> bool:
    """Whether a header, a key or a program has what looks like a key of somebody's account."""
    if "{{" in text and not _KNOWN.search(text):
        return False
    plain = text.strip()
    if _KNOWN.search(plain) or _SCHEME.match(plain):
        return True
    found = _LONG.fullmatch(plain)
    return found is not None and any(one.isdigit() for one in plain) and not plain.isdigit()
