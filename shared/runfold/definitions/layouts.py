"""A layout: where the nodes of a workflow stand on a canvas, with notes and groups.

It is a document beside the definition, which no check and no run reads: moving a node changes no
byte of the definition. Nodes are named by their addresses as findings have them: `each/call`,
`fan[web]/get`. A node that is there no longer may have a place, and need not be taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from runfold.errors import InvalidRequest, PayloadTooLarge

LARGEST = 1024 * 1024
"""Bytes of a layout as it is stored. A broker with a smaller limit for messages takes less."""

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


def layout_of(body: Any) -> bytes:
    """A layout that a client sent, as it is stored.

    Args:
        body: JSON values.

    Raises:
        InvalidRequest: `layout.invalid`, with the place of what does not fit.
        PayloadTooLarge: `layout.too_large`.
    """
    try:
        stored = msgspec.json.encode(msgspec.convert(body, Layout))
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the layout does not fit: {error}", code="layout.invalid") from error
    if len(stored) > LARGEST:
        message = f"a layout has at most {LARGEST:,} bytes, this one has {len(stored):,}"
        details = {"size": len(stored), "limit": LARGEST}
        raise PayloadTooLarge(message, code="layout.too_large", details=details)
    return stored


def read_layout(stored: bytes) -> Layout:
    """A layout that was stored."""
    return msgspec.json.decode(stored, type=Layout)


def layout_at(positions: Mapping[str, tuple[float, float]]) -> Layout:
    """The layout of a document that says itself where its nodes stand."""
    return Layout({address: NodePlace(x, y) for address, (x, y) in positions.items()})
