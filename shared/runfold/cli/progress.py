"""Showing a run while it happens: a live tree on a terminal, plain lines elsewhere, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, assert_never

from runfold.cli.agent_events import AGENT_EVENTS, said_of_agent
from runfold.cli.time_limits import time_limit
from runfold.contracts import events as e
from runfold.contracts.events import Recorded, RecordedChunk
from runfold.engine.history.fold import Folder
from runfold.engine.views.runs import NodeView, node_document
from runfold.graph.plan.plan import Plan
from runfold.ids import address_of


class Progress(Protocol):
    """Something that shows a run."""

    def on_event(self, record: Recorded, folder: Folder) -> None:
        """An event was folded."""

    def on_chunk(self, chunk: RecordedChunk) -> None:
        """A piece of output came."""

    def paused(self) -> AbstractContextManager[None]:
        """Keep quiet while somebody is asked something."""

    def close(self) -> None:
        """The run is over, or watched no more."""


def progress_for(plan: Plan, *, as_json: bool) -> Progress:
    """What fits where standard output goes."""
    if as_json:
        return Silent()
    if sys.stdout.isatty():
        from runfold.cli.live import LiveTree

        return LiveTree(plan)
    return Lines()


class Silent:
    """Shows nothing."""

    def on_event(self, record: Recorded, folder: Folder) -> None:
        """Nothing."""

    def on_chunk(self, chunk: RecordedChunk) -> None:
        """Nothing."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing."""
        yield

    def close(self) -> None:
        """Nothing."""


class Lines:
    """One line an event; text of one node at a time, piece by piece, the others' kept back."""

    def __init__(self) -> None:
        self._speaking = ""
        self._kept: dict[str, list[str]] = {}

    def on_event(self, record: Recorded, folder: Folder) -> None:
        """Print what the event means."""
        event = record.event
        if isinstance(event, e.RunStarted):
            print(f"run {event.run_id}  {event.workflow_id}", flush=True)
        elif isinstance(event, e.RunCompensating):
            print(f"compensating: {event.error.message}", flush=True)
        elif isinstance(event, e.NodeEvent) and event.node_id:
            address = address_of(event.scope, event.node_id)
            text = describe(event, folder, address)
            if text:
                self._hush(address)
                print(text, flush=True)

    def on_chunk(self, chunk: RecordedChunk) -> None:
        """Print the text of the node that speaks; keep the others' for when it is done."""
        piece = chunk.chunk
        address = address_of(piece.scope, piece.node_id)
        if piece.kind != "text" or not piece.text:
            return
        if not self._speaking:
            self._speaking = address
            print(f"  {address}: {''.join(self._kept.pop(address, ()))}", end="")
        if address == self._speaking:
            print(piece.text, end="", flush=True)
        else:
            self._kept.setdefault(address, []).append(piece.text)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Questions are among the lines."""
        self._hush(self._speaking)
        yield

    def close(self) -> None:
        """Finish the line."""
        self._hush(self._speaking)
        sys.stdout.flush()

    def _hush(self, address: str) -> None:
        """A node is done speaking: end its line, and print what another had to keep back."""
        if self._speaking and self._speaking == address:
            print()
            self._speaking = ""
        elif self._speaking:
            print()
            self._kept.setdefault(self._speaking, [])
            self._speaking = ""
        kept = self._kept.pop(address, None)
        if kept:
            print(f"  {address}: {''.join(kept)}")


_MARKS = {
    e.NodeRunStarted: "▶",
    e.NodeRunSucceeded: "✔",
    e.NodeRunFailed: "✘",
    e.NodeRunRetry: "↻",
    e.NodeRunException: "!",
    e.NodeRunSkipped: "·",
    e.NodeRunWaiting: "⏸",
    e.LoopStarted: "▶",
    e.LoopSucceeded: "✔",
    e.LoopFailed: "✘",
    e.StateMachineStarted: "▶",
    e.StateChanged: "→",
    e.StateEventIgnored: "·",
    e.ParallelBranchFailed: "!",
    e.LoopItemFailed: "!",
    e.SubWorkflowStarted: "▶",
    e.AgentStarted: "▶",
    e.AgentToolsSucceeded: "→",
    e.AgentRoundSucceeded: "→",
    e.AgentRoundFailed: "↻",
    e.ToolApprovalSucceeded: "→",
    e.ToolCallStarted: "→",
    e.ToolCallSucceeded: "←",
    e.ToolCallFailed: "!",
    e.AgentSucceeded: "✔",
    e.AgentFailed: "✘",
    e.VariablesAssigned: "✔",
    e.NodeRunCancelled: "·",
}


def _how_it_went(view: NodeView) -> list[str]:
    """Duration, tokens and branch of a node that succeeded, as far as there are any."""
    tokens = view.usage.total_tokens if view.usage is not None else 0
    return [
        *([f"{view.duration:.2f} s"] if view.duration else []),
        *([f"{tokens} tokens"] if tokens else []),
        *([f"→ {view.port}"] if view.port not in ("", "out") else []),
    ]


_WAITED_FOR = {"human": "a person", "timer": "a time", "event": "an event"}


def _how_it_moved(event: e.StateMachineStarted | e.StateChanged | e.StateEventIgnored) -> str:
    match event:
        case e.StateMachineStarted():
            return f"is in {event.state}"
        case e.StateChanged():
            return f"{event.from_} → {event.to} by {event.event}"
        case e.StateEventIgnored():
            why = event.reason if event.error is None else event.error.message
            return f"{event.event} ignored in {event.state}: {why}"
        case _:
            assert_never(event)


def describe(event: e.AnyEvent, folder: Folder, address: str) -> str:
    """An event of a node as a line; empty for those not worth one."""
    mark = _MARKS.get(type(event))
    if mark is None or address not in folder.state.nodes:
        return ""
    view = node_document(folder.plan, folder.state, address)
    said = _said(event, view)
    if isinstance(event, e.NodeRunWaiting):
        limit = time_limit(folder.plan, folder.state, address)
        said = [f"waits for {_WAITED_FOR[event.waiting_for]} {limit}".rstrip()]
    return "  ".join([mark, address.ljust(20), *said])


def _said(event: e.AnyEvent, view: NodeView) -> list[str]:
    match event:
        case e.NodeRunFailed() | e.NodeRunException() | e.LoopFailed():
            return [f"{event.error.code}: {event.error.message}"]
        case e.NodeRunRetry():
            if event.backup:
                return [f"again with the backup (attempt {event.attempt})"]
            return [f"again in {event.delay:.1f} s (attempt {event.attempt})"]
        case e.NodeRunSkipped():
            return ["skipped"]
        case e.NodeRunCancelled():
            return ["cancelled"]
        case e.StateMachineStarted() | e.StateChanged() | e.StateEventIgnored():
            return [_how_it_moved(event)]
        case e.NodeRunSucceeded() | e.LoopSucceeded() | e.VariablesAssigned():
            return _how_it_went(view)
        case _:
            return _said_of_composite(event) or [view.type]


def _said_of_composite(event: e.AnyEvent) -> list[str]:
    if isinstance(event, AGENT_EVENTS):
        return [said_of_agent(event)]
    match event:
        case e.LoopStarted():
            return [f"{len(event.items)} items" if event.items else "rounds"]
        case e.LoopItemFailed():
            return [f"[{event.index}] {event.error.code}: {event.error.message}"]
        case e.SubWorkflowStarted():
            return [event.workflow]
        case _:
            return []
