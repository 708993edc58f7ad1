"""Decodes the text of a body by its charset. Pure.

What names the charset is a server or a document, and only those listed here are used. Python has
codecs that are not charsets, such as `idna`, `punycode` and `rot13`.
"""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases

from runfold.contracts.whole_text import whole_text

_BROADER = {
    # A label stands for the largest charset that people mean by it, as the Encoding Standard says.
    **dict.fromkeys(("ascii", "us_ascii", "utf8mb3", "utf8mb4", "unicode_1_1_utf_8"), "utf_8"),
    **dict.fromkeys(("gb2312", "gbk", "x_gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "x_sjis", "windows_31j"), "cp932"),
    **dict.fromkeys(("euc_kr", "windows_949"), "cp949"),
    **dict.fromkeys(("x_x_big5", "cn_big5"), "big5"),
    "iso_8859_8_i": "iso8859_8",
    "windows_874": "cp874",
    "x_euc_jp": "euc_jp",
    "x_mac_cyrillic": "mac_cyrillic",
    "x_mac_roman": "mac_roman",
}
_KNOWN = frozenset(
    (
        *("utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be"),
        *("utf_32", "utf_32_le", "utf_32_be", "latin_1"),
        *(f"iso8859_{part}" for part in (*range(2, 12), *range(13, 17))),
        *(f"cp{page}" for page in range(1250, 1259)),
        *(f"cp{page}" for page in (437, 850, 852, 855, 858, 862, 866, 874, 932, 949, 950)),
        *("gb18030", "hz", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "iso2022_kr", "johab"),
        *("koi8_r", "koi8_u", "tis_620", "mac_roman", "mac_cyrillic"),
    )
)
"""Codecs that are charsets, as Python's modules of them are called."""
_BETWEEN = re.compile(r"[\s:_.-]+")
_MARKS = (
    (codecs.BOM_UTF8, "utf_8"),
    (codecs.BOM_UTF32_LE, "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)
_INSIDE = re.compile(
    rb"""<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)"""
    rb"""|\A\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
_LOOKED_THROUGH = 1024
"""Bytes of a page in which browsers look for its charset, too."""
_UTF_8 = "utf_8"


def codec_of(charset: str) -> str | None:
    """Python's name of a charset as a header writes it; None for one that is not known."""
    # Not `codecs.lookup`: it would keep every name that a server can think of.
    # Some servers write two of them, or the same twice: the first counts.
    first = charset.partition(",")[0]
    label = _BETWEEN.sub("_", first.strip(" \t'\"").lower())
    name = aliases.get(label, label)
    name = _BROADER.get(name, name)
    return name if name in _KNOWN else None


def named_inside(body: bytes) -> str | None:
    """The codec that an HTML page or XML document names in itself."""
    found = _INSIDE.search(body[:_LOOKED_THROUGH])
    if found is None:
        return None
    codec = codec_of((found[1] or found[2]).decode("ascii", "replace"))
    # A page whose ASCII could be read so far is not in one of these.
    return None if codec is None or codec.startswith(("utf_16", "utf_32")) else codec


def text_of_body(body: bytes, codec: str | None, *, errors: str = "replace") -> str:
    """The text of a body. A byte order mark says more than a header does, and is taken off.

    Args:
        body: The bytes.
        codec: What the header says, by `codec_of`; None: nothing, so UTF-8.
        errors: What becomes of bytes that stand for no character, as `bytes.decode` takes it.

    Raises:
        UnicodeDecodeError: With `errors="strict"`, when some bytes stand for no character.
    """
    for mark, marked in _MARKS:
        if body.startswith(mark):
            return whole_text(body[len(mark) :].decode(marked, errors))
    return whole_text(body.decode(codec or _UTF_8, errors))


def json_codec(body: bytes) -> str | None:
    """The codec of JSON of which nothing is said: it begins with an ASCII character, and so tells.

    None for UTF-8.
    """
    match [byte == 0 for byte in body[:4]]:
        case [False, True, True, True]:
            return "utf_32_le"
        case [True, True, True, False]:
            return "utf_32_be"
        case [False, True, *_]:
            return "utf_16_le"
        case [True, False, *_]:
            return "utf_16_be"
        case _:
            return None
