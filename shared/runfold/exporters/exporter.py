"""What each exporter is, and what became of each node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from runfold.exporters.flat import Flat

Result = Literal["kept", "written", "not_exported"]


class ExportLine(msgspec.Struct, frozen=True):
    """What became of one node."""

    node: str
    """Its id in the document; of one that is not exported, as the definition has it."""
    type: str
    """Its kind here."""
    result: Result
    reason: str = ""
    """Why it is not exported, or what is to be said of one that was written."""


class Side(msgspec.Struct, frozen=True):
    """A definition at one time: as it was imported, or as it is now."""

    definition: dict[str, Any]
    flat: Flat
    sources: dict[str, str]
    """Native id → id in the document. Of several native nodes of one, one bears its outputs."""
    helpers: frozenset[str] = frozenset()
    """Native nodes that an import added, and that stand for no node of the document."""


class Exported(msgspec.Struct, frozen=True):
    """A document, and a line for each node."""

    document: Any
    report: tuple[ExportLine, ...]


class Exporter(msgspec.Struct, frozen=True):
    """One format."""

    format: str
    write: Callable[[Side, Side | None, Any], Exported]
    """Given the definition now, the definition as it was imported and the document it came from
    (None, both, for one that was not imported): the document of the definition now."""
