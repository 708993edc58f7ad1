"""`stopAndError`: ends the run with an error that the workflow words."""

from __future__ import annotations

from typing import Any

from runfold_executor_code.items.fields import parsed
from runfold_executor_code.items.javascript_values import json_text, text
from runfold_executor_code.items.step import Made, Step, StepFailed

_FALLBACK = "An error occurred"


def run(step: Step) -> list[list[Made]]:
    """Nothing: it fails.

    Raises:
        StepFailed: With the message of the node.
    """
    written = step.of()
    if written.get("errorType", "errorMessage") == "errorMessage":
        raise StepFailed(text(written.get("errorMessage") or _FALLBACK))
    raise StepFailed(_of_object(written.get("errorObject")))


def _of_object(written: Any) -> str:
    error = parsed(written) if isinstance(written, str) else written
    if not isinstance(error, dict):
        return text(written or _FALLBACK)
    for name in ("message", "description", "error"):
        if error.get(name):
            return text(error[name])
    return f"Error: {json_text(error)}"
