"""Node kinds: what an editor offers, and what the form of each asks for."""

from __future__ import annotations

from litestar import get

from runfold.graph.catalog.documents import KindDocument, kind_document, kind_documents
from runfold_gateway.documents.kinds import KindList


@get("/kinds", operation_id="listKinds", tags=["kinds"], sync_to_thread=True)
def list_kinds() -> KindList:
    """All node kinds, by type, each as it is by itself."""
    return KindList(kind_documents())


@get("/kinds/{kind_type:str}", operation_id="getKind", tags=["kinds"], sync_to_thread=True)
def get_kind(kind_type: str) -> KindDocument:
    """A kind by its type or an alias: settings, ports, outputs, bodies."""
    return kind_document(kind_type)


ROUTES = (list_kinds, get_kind)
