"""Which of a run's outputs is its answer. Pure."""

from __future__ import annotations

from typing import Any

NAMES = ("answer", "output", "text", "result")
"""Outputs that are the answer, the first of them that is text."""


def answer_text(outputs: Any) -> str:
    """The text of a run's outputs that is its answer; empty when they have none."""
    if isinstance(outputs, str):
        return outputs
    if not isinstance(outputs, dict):
        return ""
    named = [outputs[name] for name in NAMES if isinstance(outputs.get(name), str)]
    texts = [value for value in outputs.values() if isinstance(value, str)]
    return named[0] if named else texts[0] if len(texts) == 1 else ""
