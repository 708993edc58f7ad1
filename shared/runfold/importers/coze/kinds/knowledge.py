"""Knowledge: finds passages, writes documents, deletes them."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import fraction, obj, plain, whole
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import BEFORE, Built, Kind, Step, settings
from runfold.importers.coze.texts import native

_MODES = {0: "semantic", 1: "hybrid", 2: "full_text"}
_MOST = 100
_PASSAGES = """def main(params):
    return {
        "outputList": [
            {"documentId": one.get("document_id"), "output": one.get("content")}
            for one in params["documents"] or []
        ]
    }
"""
_HINT = "make a knowledge base of this name, with the documents of the one in Coze"


def _bases(step: Step, given: dict[str, Any]) -> list[str]:
    listed = given.get("datasetList") or given.get("datasetParam") or []
    found = [plain(one) for one in (listed if isinstance(listed, list) else [listed])]
    bases = [one for one in found if one] or ["knowledge"]
    for base in bases:
        step.need("knowledge", base, _HINT)
    return bases[:20]


def _retrieve(step: Step) -> Built:
    given = settings(step, step.block.inputs.get("datasetParam"))
    config: dict[str, Any] = {
        "query": native(step.inputs.get("Query", step.inputs.get("query", ""))),
        "bases": [native(base) for base in _bases(step, given)],
        "top_k": min(max(whole(given.get("topK")) or 5, 1), _MOST),
    }
    score = fraction(given.get("minScore"))
    if score:
        config["score_threshold"] = score
    mode = _MODES.get(whole(given.get("strategy")) or 0)
    if mode and given.get("strategy") is not None:
        config["mode"] = mode
    if given.get("useRerank") is True:
        config["rerank"] = True
    after = {
        "id": step.id,
        "type": "code",
        "config": {
            "code": _PASSAGES,
            "params": {"documents": f"{{{{{BEFORE}.documents}}}}"},
        },
    }
    return Built(
        type="knowledge_retrieve",
        config=config,
        result="approximated",
        reason=f"the documents stay in Coze: {_HINT}",
        after=[after],
        given={"outputList": ("documents",)},
    )


def _write(step: Step) -> Built:
    given = settings(step, step.block.inputs.get("datasetParam"))
    base = _bases(step, given)[0]
    strategy = obj(step.block.inputs.get("strategyParam"))
    chunks = obj(strategy.get("chunkStrategy"))
    config: dict[str, Any] = {
        "base": native(base),
        "create": True,
        "urls": native(step.inputs.get("knowledge")) or "http://",
    }
    size, overlap = whole(chunks.get("maxToken")), whole(chunks.get("overlap"))
    if plain(chunks.get("chunkType")) == "custom" and size:
        config["chunking"] = {"size": max(size, 50)} | (
            {"overlap": min(overlap, size // 2)} if overlap else {}
        )
    return Built(
        type="knowledge_index",
        config=config,
        result="approximated",
        reason=f"the document is indexed here, in a base of its own: {_HINT}",
    )


def _delete(step: Step) -> Built:
    given = settings(step, step.block.inputs.get("datasetParam"))
    document = step.inputs.get("documentID", step.inputs.get("documentId", ""))
    config = {"base": native(_bases(step, given)[0]), "ids": native(document)}
    return Built(type="knowledge_delete", config=config)


def _written(_block: Block) -> Outputs:
    return {
        "documentId": ("documents", 0, "id"),
        "fileName": ("documents", 0, "name"),
        "fileUrl": ("documents", 0, "source"),
    }


RETRIEVE = Kind("Knowledge", _retrieve)
WRITE = Kind("Knowledge write", _write, _written)
DELETE = Kind("Knowledge delete", _delete)
