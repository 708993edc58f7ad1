"""Regular expressions as JavaScript writes them, on RE2: `/text/i`, or the text alone.

Look-around and back-references are refused with a message: their time has no bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.values.patterns import Match, Pattern, compiled
from runfold_executor_code.items.step import StepFailed

_WRITTEN = re.compile(r"/(.*?)/([gimusy]*)", re.DOTALL)
_UNICODE = re.compile(r"\\u(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{4}))")
_REFERENCE = re.compile(r"\$(?:(\$)|(&)|<([^>]*)>|(\d{1,2}))")


@lru_cache(maxsize=256)
def pattern_of(written: str, *, flags: str = "", ignore_case: bool = False) -> Pattern:
    """A pattern, written with slashes and flags or without.

    Raises:
        StepFailed: When it is not a regular expression, or one that is refused.
    """
    match = _WRITTEN.fullmatch(written)
    source = match[1] if match else written
    flags += match[2] if match else ""
    translated = _UNICODE.sub(lambda one: f"\\x{{{one[1] or one[2]}}}", source)
    translated = translated.replace("(?<", "(?P<") if "(?<" in translated else translated
    translated = translated.replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    translated = translated.replace("[^]", r"[\s\S]").replace(r"\/", "/")
    if "s" in flags:
        translated = f"(?s){translated}"
    try:
        return compiled(translated, ignore_case=ignore_case or "i" in flags, multiline="m" in flags)
    except ExpressionFailed as error:
        message = f"the regular expression {written[:200]!r} cannot be used: {error}"
        raise StepFailed(message) from error


def found_in(pattern: Pattern, value: str) -> bool:
    """Whether a pattern matches anywhere in a text.

    Raises:
        StepFailed: When looking would take too long.
    """
    try:
        return pattern.search(value) is not None
    except ExpressionFailed as error:
        raise StepFailed(str(error)) from error


def replaced(pattern: Pattern, value: str, replacement: str, *, once: bool) -> str:
    """A text with matches replaced; `$1`, `$<name>`, `$&` in the replacement are groups.

    Raises:
        StepFailed: When looking would take too long.
    """
    made: list[str] = []
    end = 0
    try:
        for match in pattern.finditer(value):
            made += [value[end : match.start()], _filled(replacement, match)]
            end = match.end()
            if once:
                break
    except ExpressionFailed as error:
        raise StepFailed(str(error)) from error
    return "".join([*made, value[end:]])


def _filled(replacement: str, match: Match) -> str:
    groups = match.groups()
    named = match.groupdict()

    def one(reference: re.Match[str]) -> str:
        dollar, whole, name, at = reference.groups()
        if dollar:
            return "$"
        if whole:
            return str(match.group())
        if name is not None:
            return named.get(name) or ""
        place = int(at)
        return (groups[place - 1] or "") if 0 < place <= len(groups) else reference.group()

    filler: Callable[[re.Match[str]], Any] = one
    return _REFERENCE.sub(filler, replacement)
