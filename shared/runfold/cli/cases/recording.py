"""Writes what runs came to into a workflow's file, as its cases; all else stays as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import yaml

from runfold.cli.cases.document import KEY, Case, Expected, Reply
from runfold.engine.views.runs import RunView
from runfold.graph.reading.yaml_text import composed
from runfold.graph.reading.yaml_writing import yaml_of


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
    """The text of a workflow's file with these cases in the place of its own."""
    written = [msgspec.to_builtins(one) for one in cases]
    if text.lstrip().startswith("{"):
        document = json.loads(text)
        document[KEY] = written
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    block = yaml_of({KEY: written})
    lines = text.splitlines(keepends=True)
    span = _lines_of_cases(text)
    if span is None:
        end = "" if text.endswith("\n") or not text else "\n"
        return f"{text}{end}{block}"
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
