"""Text in any charset, and what is nothing but text."""

from __future__ import annotations

import re

from runfold.contracts.whole_text import whole_text
from runfold.values.charsets import codec_of, named_inside, text_of_body
from runfold_executor_data.documents.reading import Document, Job, Kind, Text

_SAMPLE = 64 * 1024
"""Bytes that a charset is guessed from."""
_GUESSED = (
    *("gb18030", "cp932", "euc_jp", "iso2022_jp", "big5", "cp949", "utf_16_le", "utf_16_be"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874"),
    "koi8_r",
)
"""Charsets that are guessed; what is rarer has to be said."""
_LATIN = ("cp1250", "cp1254", "cp1257")
_WESTERN = "cp1252"
_ABOVE = 0x80
_FEW = 20
"""Bytes above ASCII from which on a guess among Latin charsets is better than the usual one."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_ANY_END = re.compile(r"\r\n?")
_BLANK = re.compile(r"\n{3,}")


def read(kind: Kind, body: bytes, job: Job) -> Document:
    """A document that is its own text."""
    text, warnings = decoded(body, job.charset)
    counted = Text(job.most).room(text)
    return Document(kind=kind, text=counted, warnings=warnings)


def decoded(body: bytes, charset: str = "", *, inside: bool = False) -> tuple[str, list[str]]:
    """The text of bytes, and what has to be said about it.

    Args:
        body: The bytes.
        charset: Their codec, if it is known.
        inside: Whether a declaration inside counts, as in HTML and XML.
    """
    codec, warnings = charset or _codec(body, inside=inside), []
    text = text_of_body(body, codec)
    replaced = text.count("\ufffd")
    if replaced and replaced > text_of_body(body, codec, errors="ignore").count("\ufffd"):
        known = charset or codec or "utf_8"
        warnings.append(f"{replaced} characters are not of the charset {known} and were replaced")
    return clean(text), warnings


def clean(text: str) -> str:
    """Text with plain line ends, without characters that are no text."""
    text = _CONTROL.sub("", _ANY_END.sub("\n", whole_text(text)))
    return text.removeprefix("\ufeff")


def tidy(text: str) -> str:
    """Text put together of blocks: no more than one empty line at a time, none at the ends."""
    return _BLANK.sub("\n\n", text).strip()


def is_text(body: bytes) -> bool:
    """Whether bytes may be text in some charset."""
    head = body[:_SAMPLE]
    return b"\0" not in head or head[:2] in (b"\xff\xfe", b"\xfe\xff") or _wide(head) is not None


def _codec(body: bytes, *, inside: bool) -> str | None:
    """The codec of bytes of which nothing is said; None for UTF-8."""
    wide = _wide(body[:_SAMPLE])
    if wide is not None:
        return wide
    try:
        body.decode()
    except UnicodeDecodeError:
        declared = named_inside(body) if inside else None
        return declared or _guessed(body)
    return None


def _wide(head: bytes) -> str | None:
    """UTF-16 by its zeros, which stand where text that has ASCII in it has them."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 8 and even * 8 < odd:
        return "utf_16_le"
    if even > len(head) // 8 and odd * 8 < even:
        return "utf_16_be"
    return None


def _guessed(body: bytes) -> str | None:
    from charset_normalizer import from_bytes

    # A sample may end inside a character of up to four bytes.
    ends = (_SAMPLE,) if len(body) <= _SAMPLE else range(_SAMPLE - 3, _SAMPLE + 1)
    found = [from_bytes(body[:end], cp_isolation=list(_GUESSED)).best() for end in ends]
    guesses = [one for one in found if one is not None]
    best = min(guesses, key=lambda one: (one.chaos, -one.coherence), default=None)
    if best is None:
        return _WESTERN if _fits(body, _WESTERN) else None
    codec = codec_of(best.encoding)
    return _WESTERN if codec in _LATIN and _is_western(body[:_SAMPLE], codec) else codec


def _is_western(sample: bytes, codec: str) -> bool:
    """Whether what was taken for another Latin charset is rather Western European.

    Few bytes tell nothing, and where only signs differ, letters speak for neither.
    """
    if not _fits(sample, _WESTERN):
        return False
    above = bytes(byte for byte in sample if byte >= _ABOVE)
    if len(above) < _FEW:
        return True
    one, other = above.decode(codec, "replace"), above.decode(_WESTERN)
    return not any(a != b and a.isalpha() for a, b in zip(one, other, strict=True))


def _fits(body: bytes, codec: str) -> bool:
    try:
        body.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
