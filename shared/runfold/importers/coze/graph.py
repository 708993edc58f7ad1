"""Nodes and edges of each scope of a canvas as those of a native graph."""

from __future__ import annotations

import itertools
from typing import Any

from runfold.graph.definition import OUT
from runfold.importers.coze.batch_mode import in_batches, is_in_batches
from runfold.importers.coze.canvas import (
    BRANCH,
    COMMENT,
    ERROR_PORT,
    START,
    Block,
    Canvas,
    Edge,
)
from runfold.importers.coze.errors import error_settings
from runfold.importers.coze.kinds import kind_of_block
from runfold.importers.coze.names import Names
from runfold.importers.coze.step import BEFORE, PROFILE, Built, Kind, Step
from runfold.importers.draft import Draft
from runfold.importers.importer import Context
from runfold.importers.report import Line

_BRANCHING = ("selector", "intent", "question")
"""Kinds without a port `out`."""
_NO_PORT = "never runs, in Coze either: what leads to it leaves a port that is not there"
_DEFAULT = ("", "default", OUT, "loop-output", "batch-output")


class Assembly:
    """Makes the native graph of a canvas, scope by scope."""

    def __init__(self, canvas: Canvas, draft: Draft, context: Context) -> None:
        self._canvas = canvas
        self._draft = draft
        self._context = context
        self._running = frozenset(running_in(canvas))
        self._names = Names(canvas, draft, _outputs_of, self._running)
        self._built: dict[str, tuple[Built, list[dict[str, Any]]]] = {}

    def scope(self, parent: str = "") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The nodes and edges of the canvas, or of the body of a loop or batch."""
        chains = {
            block.id: self._chain(block)
            for block in self._canvas.inside(parent)
            if self._is_made(block)
        }
        nodes = [node for chain in chains.values() for node in chain]
        for block_id in chains:
            nodes += self._built[block_id][0].beside.values()
        edges = [
            {"source": one["id"], "target": other["id"]}
            for chain in chains.values()
            for one, other in itertools.pairwise(chain)
        ]
        edges += [
            {"source": self._built[block_id][1][0]["id"], "target": node["id"], "port": port}
            for block_id in chains
            for port, node in self._built[block_id][0].beside.items()
        ]
        told: set[tuple[str, str, str]] = set()
        for edge in _without_circles(self._canvas.edges.get(parent, []), chains):
            target = chains[edge.target][0]["id"]
            for source, port in self._leaving(edge, chains[edge.source]):
                if (source, target, port) not in told:
                    told.add((source, target, port))
                    made = {"source": source, "target": target}
                    edges.append(made | ({"port": port} if port != OUT else {}))
        return self._reached(parent, chains, nodes, edges)

    def _reached(
        self,
        parent: str,
        chains: dict[str, list[dict[str, Any]]],
        nodes: list[dict[str, Any]],
        edges: list[dict[str, Any]],
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Without the nodes that nothing leads to any more, since a port is not there."""
        begun = entered(self._canvas, parent)
        targets: dict[str, list[str]] = {}
        for edge in edges:
            targets.setdefault(edge["source"], []).append(edge["target"])
        frontier = [chains[one][0]["id"] for one in begun if one in chains]
        found = set(frontier)
        while frontier:
            fresh = [one for one in targets.get(frontier.pop(), ()) if one not in found]
            found.update(fresh)
            frontier += fresh
        for block_id, chain in chains.items():
            if chain[0]["id"] not in found:
                self._say_never(block_id)
        kept = [node for node in nodes if node["id"] in found]
        return kept, [edge for edge in edges if edge["source"] in found]

    def _is_made(self, block: Block) -> bool:
        """Say what becomes of a node that does not run, and whether it is one that does."""
        if block.type == COMMENT:
            self._draft.line(block.id, block.type, "mapped", "kept as a note")
            return False
        if block.id in self._running:
            return True
        reason = "never runs, in Coze either: nothing leads to it; it is kept in the original"
        self._draft.line(block.id, block.type, "mapped", reason)
        return False

    def _chain(self, block: Block) -> list[dict[str, Any]]:
        """The native nodes of one node, one after the other."""
        kind = kind_of_block(block)
        step = Step(
            block, self._canvas, self._names, self._draft, self._context, self.scope,
            called=self._draft.fresh_id(f"{self._draft.id_of(block.id)}_inner")
            if is_in_batches(block) else "",
        )  # fmt: skip
        if is_in_batches(block):
            return self._in_batches(step, kind)
        built = kind.build(step)
        main = self._main(step, kind, built, step.id)
        last = [*built.after]
        if last:
            main["id"] = self._draft.fresh_id(f"{step.id}_call")
            renamed = main["id"]
            last = [_renamed(node, renamed) for node in last]
        chain = [*step.before(), *built.before, main, *last]
        self._built[block.id] = (built, [main])
        self._say(step, built)
        return chain

    def _in_batches(self, step: Step, kind: Kind) -> list[dict[str, Any]]:
        built = kind.build(step)
        inner = self._main(step, kind, built, step.id)
        last = [_renamed(node, step.id) for node in built.after]
        outer_id = self._draft.id_of(step.block.id)
        if last:
            last[-1]["id"] = self._draft.fresh_id(f"{outer_id}_made")
        chain = [*step.before(), *built.before, inner, *last]
        before, around = in_batches(step, kind.outputs(step.block), chain, outer_id)
        around |= {"position": step.block.position} if step.block.position else {}
        self._built[step.block.id] = (Built(type="batch", config={}), [around])
        self._say(step, built)
        return [*before, around]

    def _main(self, step: Step, kind: Kind, built: Built, node_id: str) -> dict[str, Any]:
        node: dict[str, Any] = {"id": node_id, "type": built.type}
        if step.block.title:
            node["name"] = step.block.title
        node |= {"config": built.config, "profile": PROFILE}
        if step.block.position:
            node["position"] = step.block.position
        outputs = built.given if built.after else kind.outputs(step.block)
        return node | built.settings | error_settings(step, built, outputs)

    def _say(self, step: Step, built: Built) -> None:
        reasons = [built.reason, *step.notes]
        result = built.result
        if result == "mapped" and step.notes:
            result = "approximated"
        reason = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
        self._draft.line(step.block.id, step.block.type, result, reason)

    def _say_never(self, block_id: str) -> None:
        lines = self._draft.lines
        for at, line in enumerate(lines):
            if line.node == block_id:
                lines[at] = Line(line.node, line.type, "mapped", _NO_PORT)

    def _leaving(self, edge: Edge, chain: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """The native nodes and ports that an edge leaves; none, when its port is not there."""
        built, mains = self._built[edge.source]
        main = mains[0]["id"]
        if edge.port == ERROR_PORT:
            has_branch = self._canvas.on_failure(self._canvas.blocks[edge.source]) == BRANCH
            return [(main, "error")] if has_branch else []
        port = built.ports.get(edge.port)
        if port is None and built.ports and built.type in _BRANCHING:
            return []
        if port is None or (edge.port in _DEFAULT and edge.port not in built.ports):
            return [(chain[-1]["id"], OUT)]
        beside = built.beside.get(port)
        if beside is not None:
            return [(beside["id"], "other")]
        alike = [(node["id"], port) for node in built.beside.values()]
        return [(main, port), *alike]


def _outputs_of(block: Block) -> Any:
    if is_in_batches(block):
        names = [one.get("name") for one in block.outputs]
        return {name: ("output",) for name in names if isinstance(name, str)}
    return kind_of_block(block).outputs(block)


def _renamed(node: dict[str, Any], root: str) -> dict[str, Any]:
    """A node that follows, with its references to what it follows."""
    return node | {"config": _followed(node["config"], root)}


def _followed(value: Any, root: str) -> Any:
    if isinstance(value, str):
        name = root if root.isidentifier() else f"_['{root}']"
        return value.replace(f"{{{{{BEFORE}.", f"{{{{{name}.")
    if isinstance(value, dict):
        return {key: _followed(one, root) for key, one in value.items()}
    return [_followed(one, root) for one in value] if isinstance(value, list) else value


def entered(canvas: Canvas, parent: str) -> list[str]:
    """Where a scope begins: its start, what its loop leads to, or what no edge leads to."""
    edges = canvas.edges.get(parent, [])
    inside = {block.id: block for block in canvas.inside(parent) if block.type != COMMENT}
    starts = [one for one, block in inside.items() if block.type == START]
    if not starts and parent:
        starts = [edge.target for edge in edges if edge.source == parent and edge.target in inside]
    led_to = {edge.target for edge in edges if edge.source in inside}
    return starts or [one for one in inside if one not in led_to] or list(inside)[:1]


def running_in(canvas: Canvas) -> set[str]:
    """Ids of the nodes that can run: those that something leads to from where a scope begins."""
    found: set[str] = set()
    for parent, edges in canvas.edges.items():
        inside = {block.id for block in canvas.inside(parent) if block.type != COMMENT}
        targets: dict[str, list[str]] = {}
        for edge in edges:
            targets.setdefault(edge.source, []).append(edge.target)
        frontier = entered(canvas, parent)
        while frontier:
            one = frontier.pop()
            if one in inside and one not in found:
                found.add(one)
                frontier += targets.get(one, ())
    # What is inside of what does not run does not run either.
    return {
        one for one in found if not canvas.blocks[one].parent or canvas.blocks[one].parent in found
    }


def _without_circles(edges: list[Edge], chains: dict[str, Any]) -> list[Edge]:
    """The edges between nodes that are made, without those that close a circle."""
    known = [edge for edge in edges if edge.source in chains and edge.target in chains]
    leaving: dict[str, list[Edge]] = {}
    for edge in known:
        leaving.setdefault(edge.source, []).append(edge)
    led_to = {edge.target for edge in known}
    closing: set[Edge] = set()
    done: set[str] = set()
    for root in [one for one in chains if one not in led_to] + list(chains):
        if root in done:
            continue
        around, walked = {root}, [(root, iter(leaving.get(root, ())))]
        while walked:
            here, rest = walked[-1]
            following = next(rest, None)
            if following is None:
                walked.pop()
                around.discard(here)
                done.add(here)
            elif following.target in around:
                closing.add(following)
            elif following.target not in done:
                around.add(following.target)
                walked.append((following.target, iter(leaving.get(following.target, ()))))
    return [edge for edge in known if edge not in closing]
