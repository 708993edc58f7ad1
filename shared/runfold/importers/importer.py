"""What each importer is: which documents it knows, and how it reads one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runfold.importers.report import Format, Imported


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What an import is told beside the document."""

    name: str = "imported"
    """Name of the file, for a document that has none itself."""
    models: Mapping[str, str] = {}
    """Model in the source → model here. Others are left to the default model."""
    bindings: Mapping[str, Any] = {}
    """Name of a need → body of the node that stands for it here."""
    callable: Mapping[str, str] = {}
    """Id of a workflow in the source → id here of one that is imported beside it."""


class Importer(msgspec.Struct, frozen=True):
    """One format."""

    format: Format
    recognises: Callable[[Any], bool]
    """Whether a document, a plain JSON value, is of this format; it may be any value at all."""
    read: Callable[[Any, Context], Imported]
    """A document as a definition, with a report. Never raises for what the document says."""
