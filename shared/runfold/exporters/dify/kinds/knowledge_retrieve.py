"""`knowledge_retrieve` → knowledge-retrieval, as far as its bases are those of the original."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import Writing

OUTPUTS = {"output": ("result",)}
_BASES = "ids of knowledge bases in Dify are not known here: choose the bases there"


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    writing.put("query_variable_selector", "query", lambda: room.selector(config.get("query")))
    writing.refuse("bases", _BASES)
    settings: dict[str, Any] = {"top_k": config.get("top_k", 4)}
    if config.get("score_threshold") is not None:
        settings["score_threshold"] = config["score_threshold"]
    writing.put("multiple_retrieval_config", ("top_k", "score_threshold"), lambda: settings)
    write_errors(writing, OUTPUTS, retries=False)


KIND = WrittenKind(type="knowledge-retrieval", write=_write, outputs=OUTPUTS)
