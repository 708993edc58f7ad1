"""Which items an item was made of: what `$('Orders').item` follows.

An item carries, for each node before it, where that node's item is. So one look finds the item of
any node, however many are between, and nothing has to walk back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runfold_executor_code.items.reading import Input
from runfold_executor_code.items.step import Links, Made, Run


def linked(
    outputs: list[list[Made]],
    inputs: tuple[Input, ...],
    node: str,
    round_: int = 0,
    *,
    run: Run = (),
    before: Sequence[int] = (),
) -> list[list[dict[str, Any]]]:
    """The links of each item of each output, the node's own among them.

    Args:
        outputs: The items of each output.
        inputs: What they were made of.
        node: The node's name.
        round_: The round of the loop that it is in: items of rounds before are not what they seem.
        run: Which of several runs this is.
        before: Items of each output that runs before this one made.
    """
    unsaid = _by_counting(outputs, inputs)
    starts = before or [0] * len(outputs)
    return [
        [
            _with_own(
                _of(made, inputs, unsaid and unsaid(at)),
                node,
                _place(output, starts[output] + at, round_, run),
            )
            for at, made in enumerate(items)
        ]
        for output, items in enumerate(outputs)
    ]


def pairs_of(made: Made) -> tuple[tuple[int, int], ...]:
    """The items an item was made of, as inputs and indexes."""
    if not made.paired:
        return ()
    first = made.paired[0]
    if isinstance(first, tuple):
        return made.paired  # type: ignore[return-value]
    return (made.paired,)  # type: ignore[return-value]


def _by_counting(outputs: list[list[Made]], inputs: tuple[Input, ...]) -> Any:
    """How items that do not say what they were made of are paired, where that is plain."""
    if len(inputs) != 1 or len(outputs) != 1:
        return None
    if len(inputs[0].items) == 1:
        return lambda _at: (0, 0)
    if len(inputs[0].items) == len(outputs[0]):
        return lambda at: (0, at)
    return None


def _of(made: Made, inputs: tuple[Input, ...], unsaid: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if made.links is not None:
        return dict(made.links)
    for input_, index in pairs_of(made) or ((unsaid,) if unsaid else ()):
        if input_ < len(inputs) and index < len(inputs[input_].links):
            _add(found, inputs[input_].links[index])
    return found


def _add(found: dict[str, Any], links: Links) -> None:
    for node, place in links.items():
        if node in found and found[node] != place:
            found[node] = None  # several: none of them is the item's
        else:
            found[node] = place


def _place(output: int, index: int, round_: int, run: Run) -> Any:
    if run:
        return [output, index, round_, list(run)]
    return [output, index, round_] if round_ else [output, index] if output else index


def _with_own(links: dict[str, Any], node: str, place: Any) -> dict[str, Any]:
    if node:
        links[node] = place
    return links
