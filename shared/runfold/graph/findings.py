"""Collecting what is wrong with a document, all of it, each with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from runfold.graph.definition import Finding


class Findings:
    """Findings so far, in the order in which they were made."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def error(self, code: str, path: str, message: str, hint: str = "") -> None:
        """Something that keeps the workflow from being stored or run."""
        self.all.append(Finding("error", code, path, message, hint))

    def warning(self, code: str, path: str, message: str, hint: str = "") -> None:
        """Something that will probably surprise."""
        self.all.append(Finding("warning", code, path, message, hint))

    def info(self, code: str, path: str, message: str, hint: str = "") -> None:
        """Something that was filled in."""
        self.all.append(Finding("info", code, path, message, hint))

    @property
    def failed(self) -> bool:
        """Whether any is an error."""
        return any(finding.level == "error" for finding in self.all)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the most similar known word, or lists a few."""
    options, shown_most = sorted(known), 12
    close = difflib.get_close_matches(name, options, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(options[:shown_most])
    return f"known are: {shown}{', …' if len(options) > shown_most else ''}" if options else ""


def unescaped(value: Any) -> Any:
    """A document with the braces restored that some web pages escape."""
    if isinstance(value, str):
        return value.replace("&#123;", "{").replace("&#125;", "}")
    if isinstance(value, list):
        return [unescaped(inner) for inner in value]
    if isinstance(value, dict):
        return {unescaped(key): unescaped(inner) for key, inner in value.items()}
    return value
