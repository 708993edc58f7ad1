"""`knowledge_delete`: removes documents of a knowledge base."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.knowledge_retrieve import filter_problems
from runfold.graph.kinds.registry import Kind, Problem, register


class KnowledgeDeleteConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `knowledge_delete` node.

    Which documents is said by `ids`, by `filter`, by both together, or by `all`. What is written
    and comes to nothing fails the node: it would remove more than was meant.
    """

    base: str
    """The base's name."""
    ids: Any = msgspec.UNSET
    """Id of a document, or a list of ids. Those that are not there are passed over."""
    filter: Any = msgspec.UNSET
    """Conditions on the metadata of documents: `{field, operator, value}`, in `and` and `or`."""
    all: bool = False
    """Whether every document of the base is removed; the base stays."""
    FORM: ClassVar[Forms] = {
        "base": Form("text", ("handbook",)),
        "ids": Form("value", ("{{old.id}}", ["guide.md"])),
        "filter": Form("value", ({"field": "year", "operator": "<", "value": 2020},)),
        "all": Form("boolean", group="more"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from filter_problems(config)
    some = config.get("ids") is not None or config.get("filter") not in (None, {}, [])
    if not some and config.get("all", False) is False:
        message = "say which documents: `ids`, `filter`, or `all: true` for every one"
        yield Problem("ids", message, "config.missing")
    if some and config.get("all") is True:
        yield Problem("all", "`all` removes every document: leave `ids` and `filter` out")


KIND = register(
    Kind(
        type="knowledge_delete",
        group="data",
        extra="knowledge",
        config=KnowledgeDeleteConfig,
        summary="Remove documents of a knowledge base",
        outputs=("output", "count"),
        rules=_rules,
        hints=Hints(category="data", output_types={"output": "integer", "count": "integer"}),
    )
)
