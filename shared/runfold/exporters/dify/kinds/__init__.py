"""One module a kind here, in one table: what nodes of it are written as."""

from __future__ import annotations

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.kinds import (
    aggregate,
    answer,
    assign,
    branches,
    code,
    document_extract,
    end,
    extract,
    http_request,
    inner_end,
    intent,
    iteration,
    knowledge_retrieve,
    list,  # noqa: A004 -- called for its kind
    llm,
    loop,
    start,
    template,
)

START = start.KIND
"""What begins a run."""
FOUND = extract.RESULT
"""What an import puts behind an `extract` node."""
TEXT = answer.TEXT
"""What an answer is in an app that gives outputs."""
KINDS: dict[str, WrittenKind] = {
    "start": start.KIND,
    "end": end.KIND,
    "answer": answer.KIND,
    "llm": llm.KIND,
    "code": code.KIND,
    "template": template.KIND,
    "http_request": http_request.KIND,
    "selector": branches.SELECTOR,
    "condition": branches.CONDITION,
    "aggregate": aggregate.KIND,
    "iteration": iteration.KIND,
    "loop": loop.KIND,
    "break": inner_end.KIND,
    "extract": extract.KIND,
    "intent": intent.KIND,
    "list": list.KIND,
    "document_extract": document_extract.KIND,
    "knowledge_retrieve": knowledge_retrieve.KIND,
    "assign": assign.KIND,
}
"""Kind → how nodes of it are written. Others are kept as they are, or not exported."""
