"""Which of a run's outputs is its answer. Pure."""

from __future__ import annotations

from typing import Any

from runfold.values.files import may_have_files
from runfold.values.json_text import text_of

NAMES = ("answer", "output", "text", "result")
"""Outputs that are the answer, the first of them that is text."""


def answer_text(outputs: Any) -> str:
    """The text of a run's outputs that is its answer; empty when they have none.

    An `answer` that is a number or another value is its text, as a template would write it; files
    are an answer without text.
    """
    if isinstance(outputs, str):
        return outputs
    if not isinstance(outputs, dict):
        return ""
    answer = outputs.get("answer")
    if not (answer is None or isinstance(answer, str) or may_have_files(answer)):
        return text_of(answer)
    named = [outputs[name] for name in NAMES if isinstance(outputs.get(name), str)]
    texts = [value for value in outputs.values() if isinstance(value, str)]
    return named[0] if named else texts[0] if len(texts) == 1 else ""
