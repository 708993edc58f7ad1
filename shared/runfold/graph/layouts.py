"""A layout: where the nodes of a workflow stand on a canvas, with notes and groups.

It is a document beside the definition, which no check and no run reads: moving a node changes no
byte of the definition. Nodes are named by their addresses as findings have them: `each/call`,
`fan[web]/get`; those of a workflow's own workflows behind its name: `greeting:say`. A node that is
there no longer may have a place, and need not be taken out.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec
from msgspec import Meta

FARTHEST = 1_000_000
"""Farther out than this no canvas shows anything."""

Size = Annotated[float, Meta(ge=0)]
Address = Annotated[str, Meta(max_length=4096)]
Color = Annotated[str, Meta(max_length=64, description="A name or `#rrggbb`; empty: the default.")]


class NodePlace(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where a node stands; sizes are those of a canvas at zoom 1."""

    x: float
    y: float
    width: Size | None = None
    height: Size | None = None
    collapsed: Annotated[bool, Meta(description="Whether its body is folded away.")] = False


class Note(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A note on the canvas."""

    id: str
    text: str
    x: float
    y: float
    width: Size
    height: Size
    color: Color = ""


class Group(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A frame around nodes."""

    id: str
    title: str = ""
    nodes: Annotated[tuple[Address, ...], Meta(description="Addresses of those inside.")] = ()
    x: float | None = None
    y: float | None = None
    width: Size | None = None
    height: Size | None = None
    color: Color = ""
    collapsed: bool = False


class Viewport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of the canvas is shown."""

    x: float
    y: float
    zoom: Annotated[float, Meta(gt=0)]


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole layout."""

    nodes: Annotated[
        dict[Address, NodePlace], Meta(description="By address: `each/call`, `fan[web]/get`.")
    ] = {}
    notes: tuple[Note, ...] = ()
    groups: tuple[Group, ...] = ()
    viewport: Annotated[Viewport | None, Meta(description="Null: what shows all of it.")] = None


def coordinate(value: Any) -> float | None:
    """A number that says where something stands on a canvas; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_sound = math.isfinite(value) and abs(value) <= FARTHEST
    return value if is_sound else None
