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
from runfold.importers.zip_files import texts_in

IMPORTERS: tuple[Importer, ...] = (DIFY, COZE, COZE_PLUS, N8N, TUTORIAL, NATIVE)
"""The native one is last: its documents are known by their kinds alone."""

Members = Callable[[bytes], list[tuple[str, bytes]]]
CONTAINERS: dict[bytes, tuple[Members, ...]] = {b"PK\x03\x04": (canvases_in, texts_in)}
"""What bytes begin with that hold several documents, and what gives each with its name: the first
that finds a workflow."""
