"""Nodes of a run as Dify's events tell them: `node_*`, `iteration_*`, `loop_*`, `human_input_*`.

What has begun and what has ended is read off the folded state, so that duplicates and late events
tell nothing twice.
"""

from __future__ import annotations

from typing import Any

from runfold.contracts.events import (
    AnyEvent,
    InputReceived,
    LoopNext,
    NodeEvent,
    NodeRunRetry,
    NodeRunWaiting,
    Recorded,
    Usage,
)
from runfold.engine.history.fold import Folder
from runfold.engine.state.nodes import ENDED
from runfold.engine.state.scopes import planned_at
from runfold.engine.views.runs import NodeView, node_document
from runfold.ids import address_of, parent_of_scope

Told = tuple[str, dict[str, Any]]
"""The name of an event, and its data."""
CONTAINERS = {"iteration": "iteration", "batch": "iteration", "loop": "loop"}
"""Kinds whose rounds Dify has events for → what those are called."""
UNTOLD = frozenset(("ready", "skipping", "skipped", "joining", "cancelling"))
"""Statuses of nodes that have not begun, or will not."""
KEPT = frozenset(("succeeded", "failed", "exception"))
"""Statuses of ended nodes that Dify calls the same; any other is `stopped`."""


class NodesTold:
    """What was told of the nodes of one run.

    Args:
        folder: The run, which others step.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._places: dict[str, int] = {}
        """Addresses of nodes that were told to have begun → which they were, from 1 on."""
        self._open: set[str] = set()
        """Those of them that were not told to have ended."""

    def begun(self, record: Recorded) -> list[Told]:
        """What an event says has begun, once it is folded."""
        event = record.event
        if not isinstance(event, NodeEvent):
            return []
        address = address_of(event.scope, event.node_id)
        held = self._folder.state.nodes.get(address)
        told: list[Told] = []
        if held is not None and held.status not in UNTOLD and address not in self._places:
            self._places[address] = len(self._places) + 1
            self._open.add(address)
            told.append(self._start(address, record.time))
        if address in self._open:
            told += self._step(address, event, record.time)
        return told

    def over(self, record: Recorded) -> list[Told]:
        """What an event says has ended, once it is folded."""
        event = record.event
        if not isinstance(event, NodeEvent):
            return []
        address = address_of(event.scope, event.node_id)
        held = self._folder.state.nodes.get(address)
        if address not in self._open or held is None or held.status not in ENDED:
            return []
        return [self._end(address, record.time)]

    def rest(self, time: float) -> list[Told]:
        """The end of those that have not ended by themselves: the run has."""
        inside_first = sorted(self._open, key=lambda one: (-one.count("/"), self._places[one]))
        return [self._end(address, time) for address in inside_first]

    def _start(self, address: str, time: float) -> Told:
        view = self._view(address)
        data = {**self._about(address, view), "inputs": None, "created_at": int(time), "extras": {}}
        container = CONTAINERS.get(view.type)
        if container:
            return f"{container}_started", {**data, "metadata": {}}
        return "node_started", data

    def _end(self, address: str, time: float) -> Told:
        self._open.discard(address)
        view = self._view(address)
        data = {**self._about(address, view), **ending(view, time)}
        container = CONTAINERS.get(view.type)
        if container:
            held = self._folder.state.nodes[address].composite
            steps = held.begun if held is not None else 0
            return f"{container}_completed", {**data, "steps": steps}
        return "node_finished", data

    def _step(self, address: str, event: AnyEvent, time: float) -> list[Told]:
        """What an event about a node that has begun tells beside."""
        view = self._view(address)
        about = {**self._about(address, view), "created_at": int(time)}
        match event:
            case LoopNext() if view.type in CONTAINERS:
                name = f"{CONTAINERS[view.type]}_next"
                return [(name, {**about, "index": event.index, "extras": {}})]
            case NodeRunRetry():
                data = {
                    **about,
                    **ending(view, time),
                    "status": "retry",
                    "error": event.error.message,
                    "retry_index": event.attempt - 1,
                }
                return [("node_retry", data)]
            case NodeRunWaiting(waiting_for="human"):
                return [("human_input_required", {**about, **_form(event, view)})]
            case InputReceived() if view.type.startswith("human"):
                data = {
                    "node_id": view.node_id,
                    "node_title": about["title"],
                    "rendered_content": event.feedback,
                    "action_id": event.action,
                    "action_text": event.action,
                }
                return [("human_input_form_filled", data)]
            case _:
                return []

    def _view(self, address: str) -> NodeView:
        return node_document(self._folder.plan, self._folder.state, address)

    def _about(self, address: str, view: NodeView) -> dict[str, Any]:
        """What all events of a node say."""
        return {
            "id": f"{self._folder.state.run_id}:{address}",
            "node_id": view.node_id,
            "node_type": view.type,
            "title": view.name or view.node_id,
            "index": self._places[address],
            "predecessor_node_id": None,
            **self._around(view.scope),
        }

    def _around(self, scope: str) -> dict[str, Any]:
        """The containers around a node, the nearest of each kind."""
        found: dict[str, Any] = {"iteration_id": None, "loop_id": None}
        while scope:
            address, index = parent_of_scope(scope)
            planned = planned_at(self._folder.plan, address)
            container = CONTAINERS.get(planned.type if planned else "")
            if planned is not None and container and found[f"{container}_id"] is None:
                found[f"{container}_id"] = planned.id
                found[f"{container}_index"] = index
            scope = address.rpartition("/")[0]
        return found


def ending(view: NodeView, time: float) -> dict[str, Any]:
    """How a node ended."""
    started = view.started_at or time
    return {
        "inputs": None,
        "process_data": None,
        "outputs": view.outputs,
        "status": view.status if view.status in KEPT else "stopped",
        "error": view.error.message if view.error else None,
        "elapsed_time": max(0.0, round((view.finished_at or time) - started, 6)),
        "execution_metadata": _metadata(view.usage) if view.usage else None,
        "created_at": int(started),
        "finished_at": int(time),
        "files": [],
    }


def _metadata(usage: Usage) -> dict[str, Any]:
    return {
        "total_tokens": usage.total_tokens or usage.prompt_tokens + usage.completion_tokens,
        "total_price": usage.cost,
        "currency": usage.currency,
    }


def _form(event: NodeRunWaiting, view: NodeView) -> dict[str, Any]:
    """What a person is asked. It is answered by the gateway's own API, under the form's id."""
    actions = event.actions or ([] if event.options else ["approved", "rejected"])
    offered = [{"id": one, "title": one} for one in actions]
    offered += [{"id": one.id, "title": one.text} for one in event.options]
    return {
        "form_id": event.token,
        "node_title": view.name or view.node_id,
        "form_content": event.message,
        "inputs": [],
        "actions": offered,
        "expiration_time": None if event.due is None else int(event.due),
    }
