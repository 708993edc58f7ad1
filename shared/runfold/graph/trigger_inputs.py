"""The inputs of a run out of what began it: a request from outside, or a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.errors import ExpressionFailed, InvalidInputs, ReferenceMissing
from runfold.values.templates import render


def trigger_inputs(inputs: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that a trigger declares, with what was said in place of the references.

    Raises:
        InvalidInputs: A reference to what is not there, or a template that fails.
    """

    def lookup(root: str) -> Any:
        if root in said:
            return said[root]
        message = f"nothing is called {root!r} here"
        raise ReferenceMissing(message, details={"reference": root, "missing": root})

    try:
        return dict(render(dict(inputs), lookup))
    except (ReferenceMissing, ExpressionFailed) as error:
        raise InvalidInputs(f"the inputs cannot be made: {error.message}") from error
