"""`filter`: the items that pass conditions."""

from __future__ import annotations

from runfold_executor_code.items.operations.if_ import divided
from runfold_executor_code.items.step import Made, Step


def run(step: Step) -> list[list[Made]]:
    """The items that pass."""
    kept, _others = divided(step)
    return [kept]
