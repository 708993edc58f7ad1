"""Each node of a definition: kept as it was, written anew, or not exported."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.exporters.dify.view import View
from runfold.exporters.exporter import ExportLine
from runfold.exporters.merging import patched
from runfold.exporters.writing import Writing, new_problems
from runfold.graph.definition import Node
from runfold.importers.dify.flow import PROFILE
from runfold.importers.dify.node_types import CONTAINERS

_WIDTH, _HEIGHT = 244, 90


class Nodes:
    """The nodes of one export.

    Args:
        now: The definition.
        before: The definition as it was imported.
        originals: Id → the node of the original.
        unchanged: Native nodes that are as they were imported.
    """

    def __init__(
        self,
        now: View,
        before: View | None,
        originals: dict[str, dict[str, Any]],
        unchanged: frozenset[str],
    ) -> None:
        self._now = now
        self._before = before
        self._originals = originals
        self._unchanged = unchanged
        self.lines: list[ExportLine] = []
        self.made: dict[str, dict[str, Any]] = {}
        """Id in the document → node, of those that are exported."""

    def write(self, positions: dict[str, dict[str, Any]]) -> None:
        """Write all of them. `positions`: of native nodes that have none."""
        for source, natives in self._now.groups().items():
            main = self._main(natives)
            type_ = self._now.flat.nodes[main].node.type
            why = self._why_not(source, natives)
            if why:
                self.lines.append(ExportLine(main, type_, "not_exported", "; ".join(why)))
                continue
            original = self._originals.get(source)
            if original is not None and all(map(self._is_kept, natives)):
                self.made[source] = original
                self.lines.append(ExportLine(source, type_, "kept"))
                continue
            self.made[source] = self._node(source, main, original, self._placed(main, positions))
            said = self._said(main) if original is None else []
            self.lines.append(ExportLine(source, type_, "written", "; ".join(said)))

    def _said(self, main: str) -> list[str]:
        """What is to be said of a node that is new there."""
        writing = self._now.writing(main)
        profile = self._now.flat.nodes[main].node.profile
        said = list(writing.said) if writing else []
        if profile not in ("", PROFILE):
            said.append(f"it keeps to the rules of {profile} here, and to those of Dify there")
        return list(dict.fromkeys(said))

    def _placed(
        self, native: str, positions: dict[str, dict[str, Any]]
    ) -> dict[str, dict[str, Any]]:
        """Positions for nodes that are new: others stay where they are."""
        is_known = self._before is not None and native in self._before.flat.nodes
        return {} if is_known else positions

    def _main(self, natives: list[str]) -> str:
        """Of several native nodes of one: the one whose settings are written."""
        nodes = self._now.flat.nodes
        asks = [one for one in natives if nodes[one].node.type == "extract"]
        return asks[0] if asks else min(natives, key=len)

    def _is_kept(self, native: str) -> bool:
        if self._before is None or native not in self._before.flat.nodes:
            return False
        before, now = self._before.flat.nodes[native], self._now.flat.nodes[native]
        if before.within != now.within:
            return False
        if native in self._unchanged:
            return self._before.node(native).config.get("#inputs") == self._now.node(
                native
            ).config.get("#inputs")
        is_same = self._before.node(native) == self._now.node(native)
        return is_same and before.position == now.position

    def _why_not(self, source: str, natives: list[str]) -> list[str]:
        """Why a node cannot be exported; empty: it can."""
        around = next(self._now.flat.around(natives[0]), None)
        if around is not None and self._now.side.sources.get(around.id, "") not in self.made:
            return [f"what is around it, {around.id!r}, is not exported"]
        found: list[str] = []
        for native in natives:
            if native in self._now.flat.twice:
                found.append(f"two nodes are called {native!r}: Dify has one namespace")
            if not (source in self._originals and self._is_kept(native)):
                found += self._problems(native)
        return list(dict.fromkeys(found))

    def _problems(self, native: str) -> list[str]:
        before = self._before
        known = before is not None and native in before.flat.nodes
        writing = self._now.writing(native)
        if writing is None:
            node = self._now.flat.nodes[native].node
            if before is not None and known and _only_looks(before.flat.nodes[native].node, node):
                return []
            return [f"nodes of kind {node.type!r} have no counterpart in Dify that is written"]
        earlier = before.writing(native) if before is not None and known else None
        return new_problems(writing, earlier)

    def _node(
        self,
        source: str,
        main: str,
        original: dict[str, Any] | None,
        positions: dict[str, dict[str, Any]],
    ) -> dict[str, Any]:
        now = self._written(self._now, main, positions)
        before = self._before
        if original is None or before is None or main not in before.flat.nodes:
            return self._new(source, main, now)
        then = self._written(before, main, positions)
        if then["data"].get("type") != now["data"].get("type"):
            fresh = self._new(source, main, now)
            return {**original, **{key: fresh[key] for key in ("data", "position")}}
        node: dict[str, Any] = patched(original, then, now)
        return node

    def _written(
        self, view: View, native: str, positions: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        placed = view.flat.nodes[native]
        writing: Writing | None = view.writing(native)
        kind = view.kinds.get(native)
        data: dict[str, Any] = {"title": placed.node.name or native}
        if kind is not None:
            data["type"] = kind.type
        if writing is not None:
            data |= writing.data
        made: dict[str, Any] = {"data": data}
        position = placed.position or positions.get(native)
        if position:
            made |= {"position": position, "positionAbsolute": position}
        around = next(view.flat.around(native), None)
        if around is not None:
            source = view.side.sources.get(around.id, around.id)
            made["parentId"] = source
            data |= {"isInIteration": around.type == "iteration", "isInLoop": around.type == "loop"}
            data["loop_id" if around.type == "loop" else "iteration_id"] = source
        return made

    def _new(self, source: str, main: str, written: dict[str, Any]) -> dict[str, Any]:
        is_inside = "parentId" in written
        data = {"desc": "", "selected": False, **written["data"]}
        position = written.get("position") or {"x": 0, "y": 0}
        made = {
            "id": source,
            "type": "custom",
            "position": position,
            "positionAbsolute": position,
            "sourcePosition": "right",
            "targetPosition": "left",
            "width": _WIDTH,
            "height": _HEIGHT,
            "selected": False,
            "data": data,
        }
        if is_inside:
            made |= {"parentId": written["parentId"], "zIndex": 1002}
        if self._now.flat.nodes[main].node.type in CONTAINERS:
            data["start_node_id"] = start_of(source)
            inner = len(self._now.flat.inside(main))
            made |= {"width": 150 + 300 * max(1, inner), "height": 220}
        return made


def start_of(container: str) -> str:
    """Id of the node at which the inside of a new container begins."""
    return f"{container}start"


def _only_looks(before: Node, now: Node) -> bool:
    """Whether two nodes differ in nothing but what they are called."""
    return msgspec.structs.replace(before, name=now.name) == now
