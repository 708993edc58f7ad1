"""Writes what runs came to into a workflow's file, as its cases; all else stays as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import yaml

from runfold.cases.document import KEY, Case, Expected, Reply
from runfold.engine.views.runs import RunView
from runfold.errors import InvalidInputs
from runfold.graph.findings import Findings
from runfold.graph.reading.document import read_document
from runfold.graph.reading.yaml_text import composed
from runfold.graph.reading.yaml_writing import yaml_of

_BOM = "\ufeff"
_END = "..."
"""The line that ends a YAML document."""


def recorded(case: Case, view: RunView, given: Mapping[str, Sequence[Reply]]) -> Case:
    """The case with what its run came to, and with what nodes gave as their replies.

    Args:
        case: As it was run.
        view: What its run came to.
        given: Node → what it gave by itself, in turn.
    """
    replies = dict(case.replies)
    for node, gave in given.items():
        written = [_reply(one) for one in gave]
        replies[node] = written[0] if len(written) == 1 else written
    error = view.error.code if view.error is not None else ""
    outputs = view.outputs if view.error is None else msgspec.UNSET
    expect = Expected(status=view.status, outputs=outputs, error=error)
    return msgspec.structs.replace(case, replies=replies, expect=expect)


def _reply(reply: Reply) -> Any:
    written = msgspec.to_builtins(reply)
    return written or {"outputs": {}}


def with_cases(text: str, cases: Sequence[Case]) -> str:
    """The text of a workflow's file with these cases in the place of its own.

    Raises:
        InvalidInputs: `tests.not_written`: it is spelled so that they cannot be put into it.
    """
    written = [msgspec.to_builtins(one) for one in cases]
    mark = _BOM if text.startswith(_BOM) else ""
    plain = text.removeprefix(mark)
    made = mark + (
        _in_braces(plain, written) if plain.lstrip().startswith("{") else _in_block(plain, written)
    )
    before, after = (read_document(one, Findings()) for one in (text, made))
    if before is None or after != {**before, KEY: written}:
        message = (
            "cases cannot be put into a file that is spelled like this one, and it is as it was: "
            "write it as JSON, or as YAML with a key a line"
        )
        raise InvalidInputs(message, code="tests.not_written")
    return made


def _in_braces(text: str, written: list[Any]) -> str:
    try:
        document = json.loads(text)
    except json.JSONDecodeError:  # YAML in braces
        return text
    document[KEY] = written
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _in_block(text: str, written: list[Any]) -> str:
    block = yaml_of({KEY: written})
    lines = text.splitlines(keepends=True)
    span = _lines_of_cases(text)
    if span is None:
        ends = [at for at, line in enumerate(lines) if line.rstrip() == _END]
        at = ends[0] if ends else len(lines)
        end = "" if not at or lines[at - 1].endswith("\n") else "\n"
        return "".join((*lines[:at], end, block, *lines[at:]))
    return "".join((*lines[: span[0]], block, *lines[span[1] :]))


def _lines_of_cases(text: str) -> tuple[int, int] | None:
    """The lines that the cases take: the first, and the one after the last."""
    root = composed(text)
    if not isinstance(root, yaml.MappingNode):
        return None
    for key, value in root.value:
        if key.value == KEY:
            lines = text.splitlines()
            last = min(value.end_mark.line + (value.end_mark.column > 0), len(lines))
            while last > key.start_mark.line + 1 and lines[last - 1].lstrip()[:1] in ("", "#"):
                last -= 1  # what stands after the cases is not theirs
            return key.start_mark.line, last
    return None
