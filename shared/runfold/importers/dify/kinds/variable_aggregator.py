"""`variable-aggregator`: the first of several values that there is; the merge after branches."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.flow import Flow, Made, NodeKind, Path, native, single
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import (
    flag_at,
    list_at,
    object_at,
    objects_at,
    selector_of,
    text_at,
)
from runfold.importers.dify.source import SourceNode
from runfold.importers.draft import native_id

_NOTHING = None
"""A value to be gathered where there is none."""


def _grouped(node: SourceNode) -> list[dict[str, Any]]:
    settings = object_at(node.data, "advanced_settings")
    return objects_at(settings, "groups") if flag_at(settings, "group_enabled") else []


def _values(flow: Flow, node: SourceNode, written: list[Any]) -> list[str | None]:
    found = (exact(flow, selector_of(one), node) for one in written)
    return [one for one in found if one is not None]


def _make(node: SourceNode, flow: Flow) -> Made:
    groups = _grouped(node)
    if groups:
        named = {
            native_id(text_at(one, "group_name")) or f"group_{number + 1}": (
                _values(flow, node, list_at(one, "variables")) or [_NOTHING]
            )
            for number, one in enumerate(groups)
        }
        return single(native(flow, node, "aggregate", {"groups": named}))
    values = _values(flow, node, list_at(node.data, "variables"))
    made = native(flow, node, "aggregate", {"values": values or [_NOTHING]})
    return single(made) if values else single(made, "none of the values that it gathers is there")


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    """A group holds its value as `output`; here it is the value."""
    del flow
    if not _grouped(node):
        return None
    rest = way[2:] if way[1:2] == ("output",) else way[1:]
    return (native_id(way[0]) or way[0], *rest)


KIND = NodeKind(make=_make, spell=_spell)
