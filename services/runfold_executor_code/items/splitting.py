"""A parameter's text in parts: what stands as it is, and the JavaScript between `{{` and `}}`."""

from __future__ import annotations

from functools import lru_cache

from runfold_executor_code.items.rewriting import Invalid, rewritten

Part = str | tuple[str]
"""Text as it stands; or a tuple with the JavaScript of one `{{ }}`."""
_OPEN, _CLOSE = "{{", "}}"


_REMEMBERED = 4_000
"""Characters of a text up to which its parts are remembered."""


def parts_of(text: str) -> tuple[Part, ...]:
    r"""The parts of an expression, without its `=`.

    A `{{` or `}}` after a backslash is text. What is opened and not closed goes to the end.

    Raises:
        Invalid: When what stands between the braces is not an expression.
    """
    return _known(text) if len(text) <= _REMEMBERED else _read(text)


def _read(text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    while True:
        start = _find(text, _OPEN, at)
        if start < 0:
            if at < len(text) or not parts:
                parts.append(text[at:])
            return tuple(parts)
        before = text[at:start].replace("\\\\", "\\")
        if before:
            parts.append(before)
        end = _find(text, _CLOSE, start + len(_OPEN))
        inner = text[start + len(_OPEN) : end if end >= 0 else len(text)]
        parts.append((rewritten(inner.replace("\\}}", "}}", 1)),))
        if end < 0:
            return tuple(parts)
        at = end + len(_CLOSE)


_known = lru_cache(maxsize=2048)(_read)


def _find(text: str, wanted: str, start: int) -> int:
    at = text.find(wanted, start)
    while at >= 0:
        slashes = len(text[start:at]) - len(text[start:at].rstrip("\\"))
        if slashes % 2 == 0:
            return at
        at = text.find(wanted, at + len(wanted))
    return -1


__all__ = ["Invalid", "Part", "parts_of"]
