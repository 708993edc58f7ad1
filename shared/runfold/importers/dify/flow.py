"""What a whole graph shares while it is imported, and what becomes of one of its nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runfold.importers.dify.scopes import Scoping
from runfold.importers.dify.source import SOURCE, Source, SourceNode
from runfold.importers.dify.usage import reads_of
from runfold.importers.draft import Draft, placeholder
from runfold.importers.importer import Context
from runfold.importers.report import Result

PROFILE = "dify"
_OPENS = re.compile(r"\{(?=[{%#])")
Node = dict[str, Any]
"""A native node."""
_REFERENCE = re.compile(r"\{\{#([^\s#{}]{1,400})#\}\}")
Exits = dict[str, list[tuple[str, str]]]
"""Handle of the source → where an edge at it leaves here: node and port."""
Path = tuple[str, ...]


def references_of(text: str) -> list[tuple[str, ...]]:
    """The selectors that a text refers to."""
    return [tuple(found[1].split(".")) for found in _REFERENCE.finditer(text)]


class Made(msgspec.Struct, kw_only=True):
    """What became of one node of the source."""

    nodes: list[Node]
    """Native nodes; the one that bears the source's id gives its outputs."""
    edges: list[dict[str, str]] = []
    """Edges among them."""
    entry: str
    """Where edges that lead to it go."""
    exits: Exits
    result: Result = "mapped"
    reasons: list[str] = []


def _gives_none(_node: SourceNode, _output: str) -> bool:
    """Of a type that gives no files."""
    return False


class NodeKind(msgspec.Struct, frozen=True, kw_only=True):
    """How nodes of one type of the source are imported."""

    make: Callable[[SourceNode, Flow], Made | None]
    """None: it leaves nothing behind but its line."""
    outputs: Mapping[str, Path] = {}
    """Output of the source → the way to it here, where that has another name."""
    handles: Callable[[SourceNode], tuple[str, ...]] | None = None
    """Of a type that branches: the handles that a node has."""
    spell: Callable[[SourceNode, Path, Flow], Path | None] | None = None
    """Way to an output, where a table cannot say it; None: as `outputs` says. A first step that
    begins with `=` is a name of the run, and no output of the node."""
    gives_file: Callable[[SourceNode, str], bool] = _gives_none
    """Whether an output is a file, whose attributes have other names here."""


class Flow:
    """One graph on its way to a definition."""

    def __init__(
        self,
        draft: Draft,
        context: Context,
        source: Source,
        kinds: Mapping[str, NodeKind],
        scoping: Scoping,
    ) -> None:
        self.draft = draft
        self.context = context
        self.source = source
        self.kinds = kinds
        self.scoping = scoping
        self.start = ""
        """Id here of the node that has the run's inputs."""
        self.environment: dict[str, str] = {}
        """Environment variables of the source → root here, `env` or `secrets`."""
        self.conversation: dict[str, str] = {}
        """Conversation variables of the source → their name here."""
        self.braces = ""
        """Name of the variable with braces that are text; empty while none is needed."""
        self.reads_query = False
        self.reads_files = False
        self.captured: set[str] = set()
        """Containers whose item is read in containers inside them."""
        self.owners: dict[str, str] = {}
        """Ids here of nodes that help another → the node of the source that they are for."""
        self.reads = reads_of(source.nodes.values(), references_of)
        """What the graph refers to."""
        self._aux: dict[tuple[str, str], str] = {}
        self.made: dict[str, Made | None] = {}
        """Node of the source that runs → what became of it."""

    @property
    def chats(self) -> bool:
        """Whether a run of it answers a message."""
        return self.source.mode == "advanced-chat"

    def id_of(self, node: SourceNode) -> str:
        """The id here of a node of the source."""
        return self.draft.id_of(node.id)

    def aux(self, node: SourceNode, purpose: str) -> str:
        """The id here of a node that helps one of the source: the same one for the same purpose."""
        known = self._aux.get((node.id, purpose))
        if known is None:
            known = self.draft.fresh_id(f"{self.id_of(node)}_{purpose}")
            self._aux[node.id, purpose] = known
            self.owners[known] = node.id
        return known

    def brace(self) -> str:
        """A reference to an opening brace, where it would begin a template."""
        if not self.braces:
            self.braces = self.draft.fresh_id("braces")
            variables = self.draft.definition.setdefault("variables", {})
            variables[self.braces] = {"open": "{"}
        return "{{" + self.braces + ".open}}"

    def need(self, kind: Any, name: str, node: SourceNode, hint: str = "") -> None:
        """Say that a node needs something that is not in the document."""
        self.draft.need(kind, plain(name), node.id, hint)


def native(
    flow: Flow, node: SourceNode, type_: str, config: dict[str, Any], node_id: str = ""
) -> Node:
    """A native node for one of the source, under its id unless another is given."""
    made: Node = {"id": node_id or flow.id_of(node), "type": type_}
    name = node.title.strip()
    if name:
        made["name"] = name[:200]
    position = {
        key: node.position[key]
        for key in ("x", "y")
        if isinstance(node.position.get(key), int | float)
    }
    if position:
        made["position"] = position
    return {**made, "config": config, "profile": PROFILE}


def single(made: Node, *reasons: str, result: Result = "mapped") -> Made:
    """A node that became one node with one way out."""
    node_id = made["id"]
    said = [one for one in reasons if one]
    return Made(
        nodes=[made],
        entry=node_id,
        exits={SOURCE: [(node_id, "out")]},
        result="approximated" if said and result == "mapped" else result,
        reasons=said,
    )


def absent(
    flow: Flow,
    node: SourceNode,
    of: str,
    reason: str,
    *,
    need: str = "",
    parameters: dict[str, Any] | None = None,
    handles: tuple[str, ...] = (),
    result: Result = "approximated",
) -> Made:
    """A node that cannot run here: a placeholder that fails with the reason when it is reached."""
    node_id, of, reason = flow.id_of(node), plain(of), plain(reason)
    ports = {handle: port_of(handle) for handle in handles if handle != SOURCE}
    stand_in = placeholder(
        node_id,
        of,
        reason,
        name=node.title.strip()[:200],
        need=plain(need),
        parameters=parameters,
        ports=tuple(ports.values()),
    )
    at = native(flow, node, "placeholder", {})
    if "position" in at:
        stand_in["position"] = at["position"]
    exits: Exits = {SOURCE: [(node_id, "out")]}
    exits.update({handle: [(node_id, port)] for handle, port in ports.items()})
    return Made(
        nodes=[{**stand_in, "profile": PROFILE}],
        entry=node_id,
        exits=exits,
        result=result,
        reasons=[reason],
    )


def plain(text: str) -> str:
    """Text of a document for places that take no template: its braces are set apart."""
    return _OPENS.sub("{ ", text)


MEANT_PORTS = ("error", "else", "other", "out", "timeout")
"""Ports that mean something of their own."""


def port_of(handle: str) -> str:
    """A handle as the name of a port: those that mean something of their own get another."""
    port = plain(handle)
    return f"{port}_" if port in MEANT_PORTS else port


def edge(source: str, target: str, port: str = "out") -> dict[str, str]:
    """A native edge."""
    made = {"source": source, "target": target}
    return made if port == "out" else {**made, "port": port}
