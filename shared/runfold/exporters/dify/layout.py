"""Where nodes stand that have no position: in columns, each behind what leads to it."""

from __future__ import annotations

from typing import Any

from runfold.exporters.flat import Flat

_COLUMN, _ROW = 304, 160
_LEFT, _TOP = 80, 240
_INNER_LEFT, _INNER_TOP = 128, 68
_ROUNDS = 200
"""Columns that are told apart: a circle ends there."""


def layout(flat: Flat) -> dict[str, dict[str, Any]]:
    """A position for each native node."""
    column: dict[str, int] = dict.fromkeys(flat.nodes, 0)
    for _ in range(_ROUNDS):
        moved = False
        for edge in flat.edges:
            ends = edge.source in column and edge.target in column
            if ends and column[edge.target] <= column[edge.source] < _ROUNDS:
                column[edge.target] = column[edge.source] + 1
                moved = True
        if not moved:
            break
    rows: dict[tuple[str, int], int] = {}
    found: dict[str, dict[str, Any]] = {}
    for node_id, placed in flat.nodes.items():
        place = (placed.within, column[node_id])
        row = rows.get(place, 0)
        rows[place] = row + 1
        left, top = (_INNER_LEFT, _INNER_TOP) if placed.within else (_LEFT + _COLUMN, _TOP)
        found[node_id] = {"x": left + _COLUMN * place[1], "y": top + _ROW * row}
    return found
