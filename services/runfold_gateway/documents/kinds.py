"""Node kinds as the API lists them."""

from __future__ import annotations

import msgspec

from runfold.graph.catalog.documents import KindDocument


class KindList(msgspec.Struct, frozen=True):
    """All kinds of this gateway: the built-in ones, and those of `RUNFOLD_NODE_MODULES`."""

    items: list[KindDocument]
    next_cursor: str | None = None
