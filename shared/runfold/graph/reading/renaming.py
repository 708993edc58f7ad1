"""A document under another id: its text with that one value replaced, and nothing else."""

from __future__ import annotations

import json
import re

import yaml

from runfold.graph.reading.places import JsonPlaces
from runfold.graph.reading.yaml_text import composed

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""Ids that YAML reads as text without quotes, unless they are words of its own."""
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_MARK = "\ufeff"


def with_id(text: str, workflow_id: str) -> str | None:
    """The text of a document with its id replaced; None when it has none that can be found.

    Args:
        text: JSON or YAML that was read as a document.
        workflow_id: The other id.
    """
    mark = _MARK if text.startswith(_MARK) else ""
    bare = text.removeprefix(_MARK)
    span = JsonPlaces(bare).span("id") if bare.lstrip().startswith("{") else None
    span = span or _yaml_span(bare)
    if span is None:
        return None
    start, end = span
    return f"{mark}{bare[:start]}{_spelled(bare[start:end], workflow_id)}{bare[end:]}"


def _yaml_span(text: str) -> tuple[int, int] | None:
    """Where the id of a YAML document begins and ends."""
    try:
        root = composed(text)
    except (yaml.YAMLError, ValueError, LookupError, RecursionError):
        return None
    if not isinstance(root, yaml.MappingNode):
        return None
    for key, value in root.value:
        if key.value == "id" and isinstance(value, yaml.ScalarNode):
            start, end = _offset(text, value.start_mark), _offset(text, value.end_mark)
            # A block goes on over lines, and what is marked or referred to is read elsewhere too.
            return None if text[start:end].startswith(("|", ">", "&", "*", "!")) else (start, end)
    return None


def _offset(text: str, mark: yaml.Mark) -> int:
    """A mark's place in the text: its line and its characters."""
    return sum(len(line) for line in _lines(text)[: mark.line]) + int(mark.column)


def _lines(text: str) -> list[str]:
    """Lines as YAML counts them, each with its end."""
    return re.findall(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)", text)


def _spelled(before: str, workflow_id: str) -> str:
    """The id as the document spells such a value: in quotes where it was, or has to be."""
    if before.startswith("'"):
        return f"'{workflow_id}'"
    is_plain = _PLAIN.fullmatch(workflow_id) and workflow_id.lower() not in _WORDS
    if before.startswith('"') or not is_plain:
        return json.dumps(workflow_id, ensure_ascii=False)
    return workflow_id
