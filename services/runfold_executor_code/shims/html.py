"""`html`: `escape`, and `unescape` with the names that the standard library knows."""

import re
from typing import Any

_FOUND = re.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)")
_NAMES: Any = {}  # filled in from html.entities where the module is put together
_WINDOWS: Any = {}


def escape(s: str, quote: bool = True) -> str:
    s = s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return s.replace('"', "&quot;").replace("'", "&#x27;") if quote else s


def _numbered(text: str) -> str:
    digits = text[1:].rstrip(";")
    number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    if number in _WINDOWS:
        found: str = _WINDOWS[number]
        return found
    if 0xD800 <= number <= 0xDFFF or number > 0x10FFFF:
        return "\ufffd"
    low = number & 0xFFFF
    if low >= 0xFFFE or 0xFDD0 <= number <= 0xFDEF or number == 0xB:
        return ""
    if (number < 32 and number not in (9, 10, 12, 13)) or 0x7F <= number <= 0x9F:
        return ""
    return chr(number)


def _named(text: str) -> str:
    if text in _NAMES:
        found: str = _NAMES[text]
        return found
    for size in range(len(text) - 1, 1, -1):
        if text[:size] in _NAMES:
            return str(_NAMES[text[:size]]) + text[size:]
    return "&" + text


def unescape(s: str) -> str:
    if "&" not in s:
        return s
    pieces = []
    at = 0
    for found in _FOUND.finditer(s):
        text = found.group(1)
        pieces.append(s[at : found.start()])
        pieces.append(_numbered(text) if text[0] == "#" else _named(text))
        at = found.end()
    pieces.append(s[at:])
    return "".join(pieces)
