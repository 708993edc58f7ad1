"""`debugHelper`: gives nothing, or fails as it is told to; what chance would make is refused."""

from __future__ import annotations

from runfold_executor_code.items.parameters import word
from runfold_executor_code.items.step import ItemFailed, Made, Step, StepFailed


def run(step: Step) -> list[list[Made]]:
    """No items.

    Raises:
        StepFailed: For a category that is not had here.
        ItemFailed: As it is told to.
    """
    written = step.of()
    category = word(written.get("category"), "doNothing")
    if category not in ("doNothing", "throwError"):
        raise StepFailed(f"there is no category {category!r} here: bind a node that makes the data")
    message = word(written.get("throwErrorMessage"), "Node has thrown an error")
    for index in range(len(step.items) if category == "throwError" else 0):
        with step.guarded(index):
            raise ItemFailed(index, message)
    return [[]]
