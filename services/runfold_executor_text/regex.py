"""The `regex` operation of `text` nodes, on RE2: every pattern takes linear time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from runfold.errors import NodeFailed
from runfold.graph.kinds.text import TextConfig
from runfold.values.json_text import text_of
from runfold.values.patterns import Match, Pattern, compiled

MAX_MATCHES = 100_000
"""Most matches in one text. A text with more fails: it is not handled in part."""
MAX_SECONDS = 5.0
"""Seconds of computing that finding all matches may take: each is a search of its own, which may go
to the end. What other work takes meanwhile counts for nothing."""
_TEMPLATE = re.compile(r"\\(?:(\d+)|g<(\w+)>|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}


def regex(config: TextConfig, within_limit: Callable[[int], None]) -> dict[str, Any]:
    """Search, list, match, replace or split by a pattern.

    Raises:
        NodeFailed: When the pattern or the group is not usable.
        ExpressionFailed: When RE2 does not know the pattern.
    """
    if not config.pattern:
        message = "operation 'regex' needs a `pattern`"
        raise NodeFailed(message, code="text.pattern_missing", kind="input")
    pattern = compiled(config.pattern, ignore_case=config.ignore_case, multiline=config.multiline)
    text = text_of(config.input)
    mode = config.mode or ("search" if config.replacement is None else "replace")
    if mode in ("search", "match"):
        match = pattern.search(text) if mode == "search" else pattern.fullmatch(text)
        return _one(match, config.group)
    matches = _matches(pattern, text, config.limit)
    if mode == "all":
        found = [_value(match, config.group) for match in matches]
        return {"output": found, "count": len(found)}
    if mode == "split":
        return _split(text, matches, keep_empty=config.keep_empty)
    return _replaced(text, matches, config.replacement or "", within_limit)


def _matches(pattern: Pattern, text: str, limit: int | None) -> list[Match]:
    wanted = MAX_MATCHES + 1 if limit is None else min(limit, MAX_MATCHES + 1)
    matches: list[Match] = []
    end = time.thread_time() + MAX_SECONDS
    for match in islice(pattern.finditer(text), wanted):
        matches.append(match)
        if time.thread_time() > end:
            message = (
                f"finding all matches takes more than {MAX_SECONDS:g} s of computing: "
                "split the text before"
            )
            raise NodeFailed(message, code="text.too_slow", kind="limit")
    if len(matches) > MAX_MATCHES:
        message = (
            f"the pattern matches more than {MAX_MATCHES} times, which is the limit: "
            "set `limit` to the first of them that count, or split the text before"
        )
        details = {"limit": MAX_MATCHES}
        raise NodeFailed(message, code="text.too_many_matches", kind="limit", details=details)
    return matches


def _one(match: Match | None, group: int | str | None) -> dict[str, Any]:
    if match is None:
        return {"output": None, "match": False, "groups": {}}
    groups: dict[str, Any] = {str(at): text for at, text in enumerate(match.groups(), start=1)}
    groups |= match.groupdict()
    return {"output": _value(match, group), "match": True, "groups": groups}


def _value(match: Match, group: int | str | None) -> Any:
    if group is None:
        return match.group(1) if match.groups() else match.group(0)
    number = int(group) if isinstance(group, str) and group.isdigit() else group
    try:
        return match.group(number)
    except (IndexError, KeyError) as error:
        message = f"the pattern has no group {group!r}: it has {len(match.groups())}"
        raise NodeFailed(message, code="text.group_unknown", kind="input") from error


def _split(text: str, matches: list[Match], *, keep_empty: bool) -> dict[str, Any]:
    pieces: list[str] = []
    at = 0
    for match in matches:
        pieces.append(text[at : match.start()])
        at = match.end()
    pieces.append(text[at:])
    kept = pieces if keep_empty else [piece for piece in pieces if piece.strip()]
    return {"output": kept, "count": len(kept)}


def _replaced(
    text: str, matches: list[Match], replacement: str, within_limit: Callable[[int], None]
) -> dict[str, Any]:
    pieces: list[str] = []
    size = at = 0
    for match in matches:
        put = replaced_by(match, replacement)
        pieces += (text[at : match.start()], put)
        size += len(put)
        within_limit(size)
        at = match.end()
    pieces.append(text[at:])
    return {"output": "".join(pieces), "count": len(matches)}


def replaced_by(match: Match, replacement: str) -> str:
    r"""The text that replaces a match: `replacement`, with `\1` and `\g<name>` for its groups."""
    return _TEMPLATE.sub(lambda found: _filled(found, match), replacement)


def _filled(found: re.Match[str], match: Match) -> str:
    number, name, escaped = found.groups()
    if escaped is not None:
        return _ESCAPES.get(escaped, f"\\{escaped}")
    return _value(match, name if number is None else int(number)) or ""
