"""The importers, in the order in which they are asked whether a document is theirs."""

from __future__ import annotations

from collections.abc import Callable

from runfold.importers.coze import IMPORTER as COZE
from runfold.importers.coze import canvases_in
from runfold.importers.coze_plus import IMPORTER as COZE_PLUS
from runfold.importers.dify import IMPORTER as DIFY
from runfold.importers.importer import Importer
from runfold.importers.n8n import IMPORTER as N8N
from runfold.importers.native import NATIVE
from runfold.importers.tutorial import IMPORTER as TUTORIAL

IMPORTERS: tuple[Importer, ...] = (DIFY, COZE, COZE_PLUS, N8N, TUTORIAL, NATIVE)
"""The native one is last: its documents are known by their kinds alone."""

EMBEDDED: Callable[[bytes], list[tuple[str, bytes]]] = canvases_in
"""Finds documents that lie in bytes of another kind, each with its name."""
