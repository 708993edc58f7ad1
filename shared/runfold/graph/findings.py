"""Collecting what is wrong with a document, all of it, each with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import chain
from typing import Literal

from runfold.graph.definition import Finding

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


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


class Findings:
    """Findings so far, in the order in which they were made; none is there twice."""

    def __init__(self) -> None:
        self.all: list[Finding] = []
        self.failed = False
        """Whether any is an error."""
        self._seen: set[Finding] = set()
        self._origins: dict[str, tuple[str, bool]] = {}

    def error(self, code: str, path: str, message: str, hint: str = "") -> None:
        """Something that keeps the workflow from being stored or run."""
        self.failed = True
        self._add("error", code, path, message, hint)

    def warning(self, code: str, path: str, message: str, hint: str = "") -> None:
        """Something that will probably surprise."""
        self._add("warning", code, path, message, hint)

    def info(self, code: str, path: str, message: str, hint: str = "") -> None:
        """Something that was filled in, or is good to know."""
        self._add("info", code, path, message, hint)

    def came_from(self, place: str, origin: str, *, whole: bool = False) -> None:
        """What stands at `place` of the canonical workflow was written at `origin`.

        With `whole`, also what stands inside it; else the same way down from there.
        """
        self._origins[place] = (origin, whole)

    def take_over(self, findings: Iterable[Finding], path: str) -> None:
        """What was found in a part of the document that stands at `path`."""
        for one in findings:
            self.failed |= one.level == "error"
            where = f"{path}.{one.path}" if one.path else path
            self._add(one.level, one.code, where, one.message, one.hint)

    def nearest(self, name: str, *known: Iterable[str]) -> str:
        """A hint that names the most similar known word, or lists a few."""
        if len(self.all) > _HINTED:
            return ""
        options = sorted({word for word in chain(*known) if 0 < len(word) <= _COMPARABLE})
        comparable = len(name) <= _COMPARABLE and len(options) <= _COMPARED
        close = difflib.get_close_matches(name, options, n=1) if comparable else []
        if close:
            return f"did you mean {close[0]!r}?"
        more = ", …" if len(options) > _LISTED else ""
        return f"known are: {', '.join(options[:_LISTED])}{more}" if options else ""

    def _add(self, level: Level, code: str, path: str, message: str, hint: str) -> None:
        texts = (_shortened(text) for text in (self._written(path), message, hint))
        finding = Finding(level, code, *texts)
        if finding not in self._seen:
            self._seen.add(finding)
            self.all.append(finding)

    def _written(self, path: str) -> str:
        end = len(path)
        while end > 0 and self._origins:
            origin = self._origins.get(path[:end])
            if origin is not None:
                return origin[0] if origin[1] else self._written(origin[0]) + path[end:]
            end = max(path.rfind(".", 0, end), path.rfind("[", 0, end))
        return path
