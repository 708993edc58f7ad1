"""Operations as tools for models: a name, a description, one flat object of parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runfold.openapi.arguments import Arguments
from runfold.openapi.document import Document
from runfold.openapi.operations import Operation

LONGEST_DESCRIPTION = 1024
MOST_TOOLS = 128
"""Operations told of at once: more than models' endpoints take."""


def tool_of(document: Document, operation: Operation, given: Iterable[str] = ()) -> dict[str, Any]:
    """An operation as a tool.

    Args:
        document: Where it is from.
        operation: The operation.
        given: Arguments that the author fills in, and a model is not told of.

    Raises:
        Broken: A schema of it cannot be read.
    """
    arguments = Arguments(document, operation)
    said = operation.description or f"{operation.method} {operation.path}"
    if len(said) > LONGEST_DESCRIPTION:
        said = f"{said[: LONGEST_DESCRIPTION - 1]}…"
    return {
        "name": operation.tool,
        "description": said,
        "parameters": arguments.schema(frozenset(given)),
        "repeatable": operation.repeatable,
    }
