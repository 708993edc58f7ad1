"""What the module of a node kind is given: the document around the node, and how to write nodes.

A `Part` is what a node becomes: native nodes that follow one another. The last has the node's id
and name, is an `items` node, and gives what the node gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runfold.importers.draft import Draft
from runfold.importers.importer import Context
from runfold.importers.n8n.document import Document, Node
from runfold.importers.n8n.mentions import names_of_many, reads_parameters, texts_in
from runfold.importers.n8n.wiring import Wiring
from runfold.importers.report import Result

PROFILE = "n8n"
BEGIN = "begin"
"""The native node that stands for what a run is given."""
Read = Callable[[str, str], dict[str, Any] | None]
"""Reader and other node, by name → what expressions of the first read of the second."""


class Part(msgspec.Struct, frozen=True):
    """What a node becomes."""

    nodes: tuple[dict[str, Any], ...]
    result: Result = "mapped"
    reason: str = ""
    edges: tuple[dict[str, Any], ...] | None = None
    """Between its nodes; None: each leads to the next."""

    @property
    def first(self) -> str:
        """Where edges from other nodes lead to."""
        return str(self.nodes[0]["id"])


class Room:
    """One document while it is imported.

    Args:
        draft: The definition.
        context: What the import is told beside the document.
        wiring: The document and its connections.
        read: What expressions of a node read of another one.
        feeds: Sources of each node's inputs.
        rounds: Nodes that are in a loop, whose rounds expressions count.
        make: What any node becomes: the table of kinds.
        bring: Imports a document that stands in a node; the id of its workflow, or nothing.
    """

    def __init__(
        self,
        draft: Draft,
        context: Context,
        wiring: Wiring,
        read: Read,
        feeds: Mapping[str, list[list[Any]]],
        rounds: frozenset[str],
        *,
        make: Callable[[Node, Room], Part],
        bring: Callable[[Any, Room, str], str],
    ) -> None:
        self.draft = draft
        self.context = context
        self.wiring = wiring
        self.read = read
        self.feeds = feeds
        self.rounds = rounds
        self.make = make
        self.bring = bring
        self.workflows: dict[str, dict[str, Any]] = {}
        """Workflows that the definition brings along, by id."""
        self.lines: dict[str, tuple[Result, str]] = {}
        """Of parts of nodes: what became of them."""

    def inside(self, feeds: Mapping[str, list[list[Any]]], read: Read) -> Room:
        """The room of a node in a workflow of its own, with other feeds and other names to read."""
        room = Room(
            self.draft,
            self.context,
            self.wiring,
            read,
            feeds,
            frozenset(),
            make=self.make,
            bring=self.bring,
        )
        room.workflows, room.lines = self.workflows, self.lines
        return room

    @property
    def document(self) -> Document:
        """The document."""
        return self.wiring.document

    def id_of(self, node: Node) -> str:
        """The native id of a node."""
        return self.draft.id_of(node.name)

    def step_id(self, node: Node, what: str) -> str:
        """A fresh id for one of the native nodes that a node becomes."""
        made = self.draft.fresh_id(f"{self.id_of(node)[:48]}_{what}")
        self.draft.steps[made] = node.title
        return made

    def items(
        self,
        node: Node,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        node_id: str = "",
        **config: Any,
    ) -> dict[str, Any]:
        """An `items` node.

        Args:
            node: The node it is for.
            operation: What it does.
            parameters: As n8n would have written them; those of the node unless given.
            node_id: Its id, for a step on the way; the node's own without.
            **config: Further settings, which go before those that follow from the node.
        """
        written = dict(node.parameters if parameters is None else parameters)
        settings: dict[str, Any] = {
            "operation": operation,
            "version": node.version,
            "node": node.name,
            "parameters": written,
            "inputs": self.feeds.get(node.name, []),
            "workflow": self.workflow(),
            **self._mentioned(node, written),
        }
        if held := _settings(node, is_step=bool(node_id)):
            settings["settings"] = held
        if node.name in self.rounds:
            settings["run_index"] = "{{index}}"
        if provided := _provided(written):
            settings["provided"] = provided
        made: dict[str, Any] = {"id": node_id or self.id_of(node), "type": "items"}
        step = node_id.removeprefix(f"{self.id_of(node)[:48]}_")
        made |= {"profile": PROFILE, "name": f"{node.title}: {step}" if step else node.title}
        if not node_id and node.is_placed:
            made["position"] = {"x": node.position[0], "y": node.position[1]}
        return {**made, "config": {**settings, **config}}

    def workflow(self) -> dict[str, Any]:
        """What expressions read as `$workflow`."""
        document = self.document
        return {
            "id": document.id,
            "name": document.name,
            "active": document.is_active,
            "timezone": document.timezone,
        }

    def _mentioned(self, node: Node, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What expressions read of other nodes."""
        names = [name for name in names_of_many([parameters]) if name in self.document.nodes]
        others = {name: self.read(node.name, name) for name in names if name != node.name}
        found: dict[str, Any] = {"others": {name: one for name, one in others.items() if one}}
        if reads_parameters(parameters):
            nodes = self.document.nodes
            found["written"] = {name: nodes[name].parameters for name in (*names, node.name)}
        return {key: one for key, one in found.items() if one}

    def each(
        self,
        node: Node,
        items: str,
        call: dict[str, Any],
        output: Any,
        *,
        concurrency: int = 1,
    ) -> dict[str, Any]:
        """An `iteration` that runs a native node for each of a list.

        Args:
            node: The node it is for.
            items: A reference to the list.
            call: The native node: its type and config. `{{item}}` is the one of the list.
            output: What it gives for one.
            concurrency: How many are under way at a time.
        """
        tried = call if call["type"] == "sub_workflow" else retried(node, call)
        config: dict[str, Any] = {
            "items": items,
            "nodes": [tried],
            "edges": [],
            "output": output,
        }
        if concurrency > 1:
            config["concurrency"] = concurrency
        if node.on_error != "stop":
            config["on_item_error"] = "continue"
        each = {"id": self.step_id(node, "each"), "type": "iteration", "profile": PROFILE}
        return {**each, "name": f"{node.title}: each item", "config": config}


def _settings(node: Node, *, is_step: bool) -> dict[str, Any]:
    """Settings of a node; a step on the way gives no items of its own for errors and emptiness."""
    found: dict[str, Any] = {}
    if node.execute_once:
        found["execute_once"] = True
    if node.always_output and not is_step:
        found["always_output"] = True
    if node.on_error != "stop":
        found["on_error"] = "continue" if is_step else node.on_error
    return found


_TRIED_AGAIN = (
    *("timeout", "rate_limit", "server", "network", "auth", "input", "output", "limit"),
    *("code", "expression", "reference", "internal"),
)
"""Kinds of failures: n8n tries again after every failure."""


def _retry(node: Node) -> dict[str, Any]:
    if node.retries is None:
        return {}
    delay = node.retries.seconds
    retry = {"max_attempts": node.retries.tries, "delay": delay, "backoff": 1.0}
    return {"retry": {**retry, "max_delay": max(delay, 1.0), "retry_on": list(_TRIED_AGAIN)}}


def retried(node: Node, native: dict[str, Any]) -> dict[str, Any]:
    """A native node that is tried as often as the node it is of."""
    return {**native, **_retry(node)}


_ROOTS = {"$vars": "vars", "$env": "env", "$secrets": "secrets"}


def _provided(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What expressions read as `$vars` and `$env`: constants of the workflow."""
    texts = list(texts_in(dict(parameters)))
    return {
        name: "{{env}}"
        for root, name in _ROOTS.items()
        if name != "secrets" and any(root in text for text in texts)
    }
