"""The canvas of an import with what changed of it since."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec

from runfold.exporters.added import lines_of_added
from runfold.exporters.coze.canvas import blocks_of, canvas_in, scopes_of
from runfold.exporters.coze.edges import connect, drawn_of
from runfold.exporters.coze.trials import Trials
from runfold.exporters.exporter import Exported, ExportLine, Side
from runfold.exporters.writing import NotMappable
from runfold.importers.coze.fields import obj
from runfold.importers.fingerprints import changed

_AROUND = ("settings", "workflows", "labels", "inputs", "environment", "conversation", "variables")
_ALLOWED = ("name", "config")


def write(now: Side, before: Side | None, original: Any) -> Exported:
    """The canvas of a definition, and a line for each node."""
    document = deepcopy(original)
    canvas = canvas_in(document)
    if before is None or canvas is None:
        why = "only what was imported from a canvas of Coze is written for it"
        lines = [
            ExportLine(native, placed.node.type, "not_exported", why)
            for native, placed in now.flat.nodes.items()
        ]
        return Exported({"nodes": [], "edges": []}, tuple(lines))
    blocks = blocks_of(canvas)
    now, before = _with_steps(now, before), _with_steps(before, before)
    trials = Trials(document, now, blocks)
    unchanged = frozenset(now.flat.nodes) - set(changed(now.definition))
    lines = []
    groups, earlier = _groups(now), _groups(before)
    for source, natives in groups.items():
        block = blocks.get(source)
        known = natives == earlier.get(source)
        main = min(natives, key=len)
        kind = now.flat.nodes[main].node.type
        if block is None or not known:
            why = "it came anew, or not all of what stands for it is there: add it in Coze"
            lines.append(ExportLine(source, kind, "not_exported", why))
            continue
        changing = [one for one in natives if one not in unchanged and _differs(one, before, now)]
        lines.append(_written(source, kind, block, changing, trials, before, now))
    gone = {line.node for line in lines if line.result == "not_exported" and line.node in earlier}
    gone |= {source for source in earlier if source not in groups}
    unplaced = connect(scopes_of(canvas), drawn_of(before), drawn_of(now), gone)
    lines += [
        ExportLine(one.target, "edge", "not_exported", f"the edge from {one.source!r} at "
                   f"{one.port!r}: no connection of the canvas tells what that port is there")
        for one in unplaced
    ]  # fmt: skip
    for scope in scopes_of(canvas):
        dropped = [block for block_id, block in scope.blocks() if block_id in gone]
        scope.nodes[:] = [one for one in scope.nodes if one not in dropped]
    lines += [
        ExportLine(one, "", "kept") for one in blocks if one not in groups and one not in gone
    ]
    lines += [*lines_of_added(now, before), *_around(now, before)]
    return Exported(document, tuple(lines))


def _with_steps(side: Side, before: Side) -> Side:
    """A definition in which native nodes on the way to another stand for that one's node.

    An import calls them by the id of the other, with what they do behind it.
    """
    sources = dict(side.sources)
    for native in before.helpers:
        owners = [one for one in before.sources if native.startswith(f"{one}_")]
        if owners and native in side.flat.nodes:
            sources[native] = before.sources[max(owners, key=len)]
    return Side(side.definition, side.flat, sources, side.helpers - frozenset(sources))


def _groups(side: Side) -> dict[str, list[str]]:
    """Id in the canvas → the native nodes that stand for it."""
    found: dict[str, list[str]] = {}
    for native in side.flat.nodes:
        if native in side.sources:
            found.setdefault(side.sources[native], []).append(native)
    return {source: sorted(natives) for source, natives in found.items()}


def _differs(native: str, before: Side, now: Side) -> bool:
    then, here = before.flat.nodes[native], now.flat.nodes[native]
    return then.node != here.node or then.position != here.position


def _written(
    source: str,
    kind: str,
    block: dict[str, Any],
    changing: list[str],
    trials: Trials,
    before: Side,
    now: Side,
) -> ExportLine:
    """Write what changed of one node; its line."""
    if not changing:
        return ExportLine(source, kind, "kept")
    try:
        for native in changing:
            then, here = before.flat.nodes[native], now.flat.nodes[native]
            if then.within != here.within:
                message = "it is inside of something else now: move it in Coze"
                raise NotMappable(message)  # noqa: TRY301 -- as those of the settings
            same = {name: getattr(then.node, name) for name in _ALLOWED}
            if msgspec.structs.replace(here.node, **same) != then.node:
                message = "what happens when it fails, and its kind, are changed in Coze"
                raise NotMappable(message)  # noqa: TRY301 -- as those of the settings
            trials.write(block, native, then.node.config, here.node.config)
            _look(block, here.node.name, here.position, then.node.name, then.position)
    except NotMappable as error:
        return ExportLine(source, kind, "not_exported", str(error))
    return ExportLine(source, kind, "written")


def _look(
    block: dict[str, Any], name: str, position: Any, name_before: str, position_before: Any
) -> None:
    """Write title and position."""
    data = block.get("data")
    if name != name_before and isinstance(data, dict):
        data["nodeMeta"] = {**obj(data.get("nodeMeta")), "title": name}
    if position != position_before:
        block["meta"] = {**obj(block.get("meta")), "position": position}


def _around(now: Side, before: Side) -> list[ExportLine]:
    """Lines of what changed around the nodes: a canvas has no place for it."""
    return [
        ExportLine("", key, "not_exported", f"a canvas of Coze has no place for `{key}`")
        for key in _AROUND
        if (now.definition.get(key) or None) != (before.definition.get(key) or None)
    ]
