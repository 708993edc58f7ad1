"""Collecting what is wrong with a document, all of it, each with its place and its node."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Literal, NamedTuple

from msgspec.structs import replace

from runfold.graph.definition import Finding, Suggestion
from runfold.graph.reading.places import NOWHERE, Place, Places

_HINTED = 100
"""Findings that still get a name suggested: comparing names is what a check takes longest at."""
_COMPARED = 1000
"""Names that are still compared."""
_COMPARABLE = 100
"""Characters of a name that is still compared: comparing takes their square."""
_LONGEST = 600
"""Characters of a path, a message or a hint; what they quote may be as long as a document."""
_LISTED = 12
"""Names listed where none is similar."""


Level = Literal["error", "warning", "info"]


class Near(NamedTuple):
    """A name that was probably meant, for people and as data."""

    said: str
    suggestion: Suggestion


Hint = str | Near
"""What to do about a finding."""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


class Findings:
    """Findings so far, in the order in which they were made; none is there twice."""

    def __init__(self) -> None:
        self.all: list[Finding] = []
        self.failed = False
        """Whether any is an error."""
        self.places: Places | None = None
        """Where paths stand in the author's text; None: it came as an object."""
        self._seen: set[Finding] = set()
        self._origins: dict[str, tuple[str, bool]] = {}

    def error(
        self, code: str, path: str, message: str, hint: Hint = "", *, at: Place = NOWHERE
    ) -> None:
        """Something that keeps the workflow from being stored or run.

        With `at`, it stands there and not at the path.
        """
        self.failed = True
        self._add("error", code, path, message, hint, at)

    def warning(self, code: str, path: str, message: str, hint: Hint = "") -> None:
        """Something that will probably surprise."""
        self._add("warning", code, path, message, hint)

    def info(self, code: str, path: str, message: str, hint: Hint = "") -> None:
        """Something that was filled in, or is good to know."""
        self._add("info", code, path, message, hint)

    def came_from(self, place: str, origin: str, *, whole: bool = False) -> None:
        """What stands at `place` of the canonical workflow was written at `origin`.

        With `whole`, also what stands inside it; else the same way down from there.
        """
        self._origins[place] = (origin, whole)

    def take_over(self, findings: Iterable[Finding], path: str, name: str) -> None:
        """What was found in the workflow `name`, a part of the document that stands at `path`."""
        for one in findings:
            self.failed |= one.level == "error"
            where = f"{path}.{one.path}" if one.path else path
            node = f"{name}:{one.node}" if one.node else ""
            hint = Near(one.hint, one.suggestion) if one.suggestion else one.hint
            self._add(one.level, one.code, where, one.message, hint, node=node)

    def name_nodes(self, addresses: Mapping[str, str]) -> None:
        """Say which node each finding is about.

        Args:
            addresses: The nodes' addresses by their places in the canonical workflow.
        """
        by_place: dict[str, str] = {}
        for place, address in addresses.items():
            # What a node is short for is not another node to its author.
            by_place.setdefault(self._written(place), address)
        self.all = [
            one if one.node else replace(one, node=_nearest_in(by_place, one.path))
            for one in self.all
        ]

    def in_order(self) -> tuple[Finding, ...]:
        """All findings in the order of the author's text, each with its line and column."""
        return placed(self.all, self.places.of) if self.places else tuple(self.all)

    def nearest(self, name: str, *known: Iterable[str], of: str = "") -> Hint:
        """A hint that names the most similar known word, or lists a few.

        Args:
            name: The one that is unknown.
            known: Those that are known there.
            of: What stands before the name where both are written as a path: `write` of
                `write.otput`.
        """
        if len(self.all) > _HINTED:
            return ""
        options = sorted({word for word in chain(*known) if 0 < len(word) <= _COMPARABLE})
        comparable = len(name) <= _COMPARABLE and len(options) <= _COMPARED
        close = difflib.get_close_matches(name, options, n=1) if comparable else []
        if close:
            before = f"{of}." if of else ""
            suggestion = Suggestion(before + name, before + close[0])
            return Near(f"did you mean {close[0]!r}?", suggestion)
        more = ", …" if len(options) > _LISTED else ""
        return f"known are: {', '.join(options[:_LISTED])}{more}" if options else ""

    def _add(
        self,
        level: Level,
        code: str,
        path: str,
        message: str,
        hint: Hint,
        at: Place = NOWHERE,
        node: str = "",
    ) -> None:
        said, suggestion = hint if isinstance(hint, Near) else (hint, None)
        where, message, said = map(_shortened, (self._written(path), message, said))
        finding = Finding(level, code, where, message, said, node, *at, suggestion=suggestion)
        if finding not in self._seen:
            self._seen.add(finding)
            self.all.append(finding)

    def _written(self, path: str) -> str:
        end = len(path)
        while end > 0 and self._origins:
            origin = self._origins.get(path[:end])
            if origin is not None:
                return origin[0] if origin[1] else self._written(origin[0]) + path[end:]
            end = _shorter(path, end)
        return path


def placed(findings: Iterable[Finding], place_of: Callable[[str], Place]) -> tuple[Finding, ...]:
    """Findings in the order of the author's text, each with its line and column.

    Args:
        findings: Some of which may have theirs already.
        place_of: Where a path stands in the text.
    """
    found = [one if one.line else replace(one, **place_of(one.path)._asdict()) for one in findings]
    return tuple(sorted(found, key=lambda one: (one.line, one.column)))


def _nearest_in(by_place: Mapping[str, str], path: str) -> str:
    """What is known of a path, or of the nearest place around it; empty for neither."""
    end = len(path)
    while end > 0:
        if path[:end] in by_place:
            return by_place[path[:end]]
        end = _shorter(path, end)
    return ""


def _shorter(path: str, end: int) -> int:
    """Where the last step of `path[:end]` begins; -1 in the first."""
    return max(path.rfind(".", 0, end), path.rfind("[", 0, end))
