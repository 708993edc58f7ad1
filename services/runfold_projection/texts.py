"""What a run is found by with `text`: its ids, the values of its inputs and outputs, its error."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from runfold.engine.views.runs import RunView

MOST = 16_384
"""Characters of the inputs that are looked in, and as many of the outputs."""
BETWEEN = "\n"


def text_of_run(run: RunView) -> str:
    """The text of a run, as `looked_for` writes it."""
    error = run.error.message[:MOST] if run.error else ""
    parts = (run.run_id, run.workflow_id, error, _values(run.inputs), _values(run.outputs))
    return looked_for(BETWEEN.join(parts))


def looked_for(text: str) -> str:
    """A text so that capital and small letters are the same."""
    return text.casefold()


def _values(value: Any) -> str:
    """The names and values of a JSON value, a line each, up to the limit."""
    found: list[str] = []
    left = MOST
    for text in _leaves(value):
        found.append(text[:left])
        left -= len(text) + 1
        if left <= 0:
            break
    return BETWEEN.join(found)


def _leaves(value: Any) -> Iterator[str]:
    """Texts, numbers and names inside a value, in order, however deep they are."""
    todo: list[Iterator[Any]] = [iter((value,))]
    while todo:
        for one in todo[-1]:
            if isinstance(one, dict):
                todo.append(chain.from_iterable(one.items()))
                break
            if isinstance(one, list | tuple):
                todo.append(iter(one))
                break
            if one is not None and one != "":
                yield one if isinstance(one, str) else str(one)
        else:
            todo.pop()
