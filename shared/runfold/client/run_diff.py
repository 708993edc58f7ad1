"""What two runs have in common and where they differ: a fork and its origin, or two of a workflow.

Nodes are aligned by their addresses. What they gave is compared and not shown: the route of a node
has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from runfold.bus.run_log import RunLog
from runfold.contracts.events import NodeEvent, NodeRunStarted, Recorded
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.views.attempts import followed
from runfold.engine.views.runs import NodeView, RunView, run_view

_encode = msgspec.json.Encoder(order="sorted").encode

MOST_NODES = 5_000
"""Nodes that are listed."""
NOT_COMPARED = frozenset(
    (
        *("id", "run_id", "workflow_id", "schema", "causation_id", "traceparent"),
        *("token", "key", "executor", "due", "at", "delay", "usage"),
    )
)
"""Fields of an event that differ between two runs that do the same."""

NodeChange = Literal["same", "status", "output", "only_a", "only_b"]


class Common(msgspec.Struct, frozen=True):
    """The last event of the beginning that both logs have, those about nodes alone."""

    event: int
    """How many there are in it."""
    seq_a: int
    seq_b: int


class InputDiff(msgspec.Struct, frozen=True, omit_defaults=True):
    """An input that differs; left out where a run does not have it."""

    a: Any = msgspec.UNSET
    b: Any = msgspec.UNSET


class RunSide(msgspec.Struct, frozen=True):
    """One of the two runs as a whole."""

    run_id: str
    workflow_id: str
    version: str
    status: str
    started_at: float
    duration: float | None
    """Seconds; null for a run that has not ended."""
    tokens: int
    origin: str
    """The run it goes on from, or empty."""


class NodeDiff(msgspec.Struct, frozen=True):
    """A node in both runs; what a run has not come to is null."""

    address: str
    type: str
    change: NodeChange
    """`status`: another status; `output`: other outputs, another port or error."""
    status_a: str | None
    status_b: str | None
    attempt_a: int | None
    """The newest attempt, which all else is of."""
    attempt_b: int | None
    duration_a: float | None
    """Seconds."""
    duration_b: float | None
    tokens_a: int | None
    tokens_b: int | None


class RunDiff(msgspec.Struct, frozen=True):
    """Two runs beside each other."""

    a: RunSide
    b: RunSide
    same_until: Common | None
    """Null: already the first event differs."""
    same_definition: bool
    same_outputs: bool
    inputs: dict[str, InputDiff]
    """Those that differ, by name."""
    nodes: list[NodeDiff]
    """In the order of the first run's definition, then those that only the second one has."""
    more_nodes: int
    """How many are not listed, over 5,000."""


class Side(msgspec.Struct, frozen=True):
    """A run that is compared."""

    records: list[Recorded]
    folder: Folder
    view: RunView


async def run_diff(runs: RunLog, a: str, b: str, *, changed: bool = False) -> RunDiff:
    """Compare two runs by their logs.

    Args:
        runs: Loads them.
        a: The one.
        b: The other.
        changed: Whether nodes that are the same in both are left out.

    Raises:
        UnknownRun: One of them.
        Conflict: The log of one has no beginning that can be read.
    """
    logs = await runs.records(a), await runs.records(b)
    return await asyncio.to_thread(_of_logs, *logs, changed=changed)


def _of_logs(a: list[Recorded], b: list[Recorded], *, changed: bool) -> RunDiff:
    plans = Plans()  # those of others are not for two threads
    return compared(_side(a, plans), _side(b, plans), changed=changed)


def _side(records: list[Recorded], plans: Plans) -> Side:
    folder, attempts = followed(records, plans)
    return Side(records, folder, run_view(folder.plan, folder.state, attempts))


def compared(a: Side, b: Side, *, changed: bool = False) -> RunDiff:
    """Two runs beside each other; as `run_diff`."""
    found = list(_nodes(a.view.nodes, b.view.nodes))
    if changed:
        found = [one for one in found if one.change != "same"]
    return RunDiff(
        a=_shown(a.view),
        b=_shown(b.view),
        same_until=_common(a.records, b.records),
        same_definition=a.folder.definition == b.folder.definition,
        same_outputs=_is_same(a.view.outputs, b.view.outputs),
        inputs=_inputs(a.view.inputs, b.view.inputs),
        nodes=found[:MOST_NODES],
        more_nodes=max(0, len(found) - MOST_NODES),
    )


def _shown(view: RunView) -> RunSide:
    ended = view.finished_at
    return RunSide(
        run_id=view.run_id,
        workflow_id=view.workflow_id,
        version=view.version,
        status=view.status,
        started_at=view.started_at,
        duration=None if ended is None else round(ended - view.started_at, 6),
        tokens=view.usage.total_tokens,
        origin=view.origin.run_id if view.origin else "",
    )


def _common(a: Iterable[Recorded], b: Iterable[Recorded]) -> Common | None:
    """Where the beginning ends that both logs have."""
    last: Common | None = None
    for count, (mine, theirs) in enumerate(zip(_telling(a), _telling(b), strict=False), 1):
        if not _is_same(_content(mine), _content(theirs)):
            break
        last = Common(count, mine.seq, theirs.seq)
    return last


def _telling(records: Iterable[Recorded]) -> Iterator[Recorded]:
    """The events about nodes; that an executor took an attempt up says nothing of its result."""
    for record in records:
        if isinstance(record.event, NodeEvent) and not isinstance(record.event, NodeRunStarted):
            yield record


def _content(record: Recorded) -> dict[str, Any]:
    fields = msgspec.to_builtins(record.event)  # its type among them
    return {name: value for name, value in fields.items() if name not in NOT_COMPARED}


def _inputs(a: dict[str, Any], b: dict[str, Any]) -> dict[str, InputDiff]:
    return {
        name: InputDiff(a.get(name, msgspec.UNSET), b.get(name, msgspec.UNSET))
        for name in {**a, **b}
        if name not in a or name not in b or not _is_same(a[name], b[name])
    }


def _nodes(a: Iterable[NodeView], b: Iterable[NodeView]) -> Iterator[NodeDiff]:
    left = {node.address: node for node in b}
    for node in a:
        yield _node(node, left.pop(node.address, None))
    for node in left.values():
        yield _node(None, node)


def _node(a: NodeView | None, b: NodeView | None) -> NodeDiff:
    one = a or b
    if one is None:
        message = "one of the two runs has the node"
        raise TypeError(message)
    return NodeDiff(
        address=one.address,
        type=one.type,
        change=_change(a, b),
        status_a=a.status if a else None,
        status_b=b.status if b else None,
        attempt_a=a.attempt if a else None,
        attempt_b=b.attempt if b else None,
        duration_a=a.duration if a else None,
        duration_b=b.duration if b else None,
        tokens_a=_tokens(a),
        tokens_b=_tokens(b),
    )


def _change(a: NodeView | None, b: NodeView | None) -> NodeChange:
    if a is None:
        return "only_b"
    if b is None:
        return "only_a"
    if a.status != b.status:
        return "status"
    is_same = _is_same((a.outputs, a.port, a.error), (b.outputs, b.port, b.error))
    return "same" if is_same else "output"


def _is_same(a: Any, b: Any) -> bool:
    """Whether two values are the same JSON: `true` is not 1, and 1.0 is written otherwise."""
    return a == b and _encode(a) == _encode(b)


def _tokens(node: NodeView | None) -> int | None:
    return node.usage.total_tokens if node is not None and node.usage is not None else None
