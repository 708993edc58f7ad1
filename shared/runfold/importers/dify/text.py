"""Text with `{{#node.name#}}` in it, as a template here.

Such text has no statements and no filters, so it stays a plain template: everything else in it that
would begin a template here is written with a variable that holds a brace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runfold.importers.dify.flow import Flow
from runfold.importers.dify.names import reference
from runfold.importers.dify.names import written as as_template
from runfold.importers.dify.source import SourceNode

_REFERENCE = re.compile(r"\{\{#([^\s#{}]{1,400})#\}\}")
_OPENS = re.compile(r"\{(?=[{%#])")


def template(
    flow: Flow, text: str, reader: SourceNode | None, known: Mapping[str, str] | None = None
) -> str:
    """A text of Dify as a template here.

    Args:
        flow: The graph.
        text: The text as the source has it.
        reader: The node that it is a setting of.
        known: References of this text alone → what stands for them, `context` for one.
    """
    pieces: list[str] = []
    at = 0
    for found in _REFERENCE.finditer(text):
        here = _filled(flow, found[1], reader, known or {})
        if here is None:
            continue
        before = text[at : found.start()]
        pieces += [_literal(flow, before, followed=here.startswith("{")), here]
        at = found.end()
    pieces.append(_literal(flow, text[at:], followed=False))
    return "".join(pieces)


def unknown(
    flow: Flow, text: str, reader: SourceNode | None, known: Mapping[str, str] | None = None
) -> list[str]:
    """What a text refers to and the document does not have, as `node.name`; as in `template`."""
    names = dict.fromkeys(found[1] for found in _REFERENCE.finditer(text))
    return [
        name
        for name in names
        if name not in (known or {})
        and len(parts := tuple(name.split("."))) > 1
        and all(parts)
        and reference(flow, parts, reader) is None
    ]


def literals(flow: Flow, value: Any) -> Any:
    """A value in which all text means itself, with any braces in it."""
    match value:
        case str():
            return _literal(flow, value, followed=False)
        case dict():
            return {str(key): literals(flow, one) for key, one in value.items()}
        case list():
            return [literals(flow, one) for one in value]
        case _:
            return value


def values_of(flow: Flow, value: Any, reader: SourceNode | None) -> Any:
    """A value with all texts in it as templates here."""
    match value:
        case str():
            return template(flow, value, reader)
        case dict():
            return {str(key): values_of(flow, one, reader) for key, one in value.items()}
        case list():
            return [values_of(flow, one, reader) for one in value]
        case _:
            return value


def _filled(
    flow: Flow, written: str, reader: SourceNode | None, known: Mapping[str, str]
) -> str | None:
    """What stands for one reference; None where the text only looks like one."""
    if written in known:
        return known[written]
    selector = tuple(written.split("."))
    if len(selector) == 1 or not all(selector):
        return None
    path = reference(flow, selector, reader)
    # Dify writes the name of what it does not know.
    return written if path is None else as_template(flow, selector, path)


def _literal(flow: Flow, text: str, *, followed: bool) -> str:
    """Text that means itself."""
    if "{" not in text:
        return text
    safe = _OPENS.sub(lambda _found: flow.brace(), text)
    if followed and safe.endswith("{"):
        safe = safe[:-1] + flow.brace()
    return safe
