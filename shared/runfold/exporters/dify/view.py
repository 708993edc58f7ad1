"""A definition as the nodes of Dify that it is: which is which, and where a run begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.kinds import FOUND, KINDS, START, TEXT
from runfold.exporters.dify.names import Names
from runfold.exporters.dify.room import Room
from runfold.exporters.exporter import Side
from runfold.exporters.writing import Writing
from runfold.graph.definition import Node
from runfold.importers.dify.node_types import ROOTS
from runfold.values.references import exact_ref

INPUTS = "#inputs"
"""Setting of a start node that stands for the definition's inputs."""


class View:
    """One side of an export.

    Args:
        side: The definition.
        types: Id in the document it came from → the type of the node there.
        before: The definition as it was imported: a node that stands for one of another type since
            then is not written.
        chats: Whether a run answers a message.
    """

    def __init__(
        self, side: Side, types: Mapping[str, str], before: Side | None, *, chats: bool
    ) -> None:
        self.side = side
        self.flat = side.flat
        self.chats = chats
        self._types = types
        self._before = before
        starts = self._starts()
        self.start = next((side.sources[one] for one in starts), "") or self._known_start()
        self.is_start_added = not starts and not self._known_start()
        if not self.start:
            self.start = _fresh("start", side.sources.values())
        self.kinds = self._kinds(starts)
        inputs = side.definition.get("inputs") or {}
        self._names = Names(
            side.flat,
            side.sources,
            self.kinds,
            self.start,
            starts,
            {name: str((one or {}).get("type", "")) for name, one in inputs.items()},
            chats=chats,
        )
        self._written: dict[str, Writing | None] = {}

    def groups(self) -> dict[str, list[str]]:
        """Id in the document → the native nodes that stand for it, in their order."""
        found: dict[str, list[str]] = {}
        for node_id in self.flat.nodes:
            if node_id in self.side.sources:
                found.setdefault(self.side.sources[node_id], []).append(node_id)
        return found

    def node(self, node_id: str) -> Node:
        """A native node; one that begins a run has the inputs among its settings."""
        node = self.flat.nodes[node_id].node
        if self.kinds.get(node_id) is not START:
            return node
        inputs = self.side.definition.get("inputs") or {}
        return msgspec.structs.replace(node, config={**node.config, INPUTS: inputs})

    def writing(self, node_id: str) -> Writing | None:
        """What a native node is written as; None: no kind writes it."""
        if node_id not in self._written:
            kind = self.kinds.get(node_id)
            if kind is None:
                self._written[node_id] = None
                return None
            node = self.node(node_id)
            writing = Writing(node, "Dify")
            kind.write(writing, self._room(node))
            writing.finish()
            self._written[node_id] = writing
        return self._written[node_id]

    def begun(self) -> dict[str, Any]:
        """What is written for a start node that the definition does not have."""
        node = Node(
            id=self.start, type="start", config={INPUTS: self.side.definition.get("inputs") or {}}
        )
        writing = Writing(node, "Dify")
        START.write(writing, self._room(node))
        return writing.data

    def _room(self, node: Node) -> Room:
        side = self.side
        return Room(
            node, self.flat, self._names.selector, side.definition, side.sources, chats=self.chats
        )

    def _known_start(self) -> str:
        return next((one for one, type_ in self._types.items() if type_ == "start"), "")

    def _starts(self) -> frozenset[str]:
        """The native nodes that stand for the start node."""
        sources = self.side.sources
        if self._types:
            return frozenset(
                one
                for one in self.flat.nodes
                if self._types.get(sources.get(one, "")) == "start"
                or self.flat.nodes[one].node.type == "start"
            )
        found = [one for one in self.flat.inside("") if self.flat.nodes[one].node.type == "start"]
        if not found:
            led = {edge.target for edge in self.flat.edges}
            roots = [one for one in self.flat.inside("") if one not in led]
            found = [one for one in roots if self._gives_inputs(self.flat.nodes[one].node)]
        return frozenset(found[:1])

    def _gives_inputs(self, node: Node) -> bool:
        """Whether a node gives the inputs of the run, and nothing else."""
        outputs = node.config.get("outputs")
        inputs = self.side.definition.get("inputs") or {}
        if node.type != "values" or not isinstance(outputs, dict) or not outputs:
            return False
        refs = {name: exact_ref(value) for name, value in outputs.items()}
        return all(
            (ref is not None and ref.root == name and name in inputs) or name in ("query", "files")
            for name, ref in refs.items()
        )

    def _kinds(self, starts: frozenset[str]) -> dict[str, WrittenKind]:
        found: dict[str, WrittenKind] = {}
        asking = {
            self.side.sources.get(one)
            for one, placed in self.flat.nodes.items()
            if placed.node.type == "extract"
        }
        for node_id, placed in self.flat.nodes.items():
            source = self.side.sources.get(node_id, "")
            kind = KINDS.get(placed.node.type)
            if node_id in starts:
                found[node_id] = START
            elif kind is not None and placed.node.type == "aggregate" and source in asking:
                found[node_id] = FOUND
            elif placed.node.type == "answer" and not self.chats and not self._types:
                found[node_id] = TEXT
            elif kind is not None and self._stands_for(node_id, kind):
                found[node_id] = kind
        return found

    def _stands_for(self, node_id: str, kind: WrittenKind) -> bool:
        """Whether a node is what its kind is written as, and no part of something else."""
        type_ = self._types.get(self.side.sources.get(node_id, ""))
        if type_ is None or type_ == kind.type:
            return True
        placed = self._before.flat.nodes.get(node_id) if self._before else None
        return (
            placed is not None
            and placed.node.type != self.flat.nodes[node_id].node.type
            and type_ not in ROOTS
        )


def _fresh(wanted: str, taken: Any) -> str:
    known, name, number = set(taken), wanted, 2
    while name in known:
        name, number = f"{wanted}_{number}", number + 1
    return name
