"""The importers, in the order in which they are asked whether a document is theirs."""

from __future__ import annotations

from runfold.importers.coze import IMPORTER as COZE
from runfold.importers.dify import IMPORTER as DIFY
from runfold.importers.importer import Importer
from runfold.importers.native import NATIVE
from runfold.importers.tutorial import IMPORTER as TUTORIAL

IMPORTERS: tuple[Importer, ...] = (DIFY, COZE, TUTORIAL, NATIVE)
"""The native one is last: its documents are known by their kinds alone."""
