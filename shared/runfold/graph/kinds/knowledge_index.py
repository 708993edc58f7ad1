"""`knowledge_index`: puts documents into a knowledge base, so that they are found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.contracts.chunking import Chunking, wrong_with
from runfold.errors import InvalidRequest
from runfold.graph.forms import has_computed
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.references import is_computed

GIVEN = ("text", "documents", "files", "urls")
"""Where documents come from."""
_CHUNKING = frozenset(field.name for field in msgspec.structs.fields(Chunking))


class KnowledgeIndexConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `knowledge_index` node.

    It indexes all that `text`, `documents`, `files` and `urls` give.
    """

    base: str
    """The base's name."""
    create: bool = False
    """Whether the base is made when there is none."""
    embedding_model: str = ""
    """`name`, or `provider/name`: the model of the base. With `create`, what it is made with;
    without one it is for full text alone. A base that has another is refused."""
    text: Any = ""
    """The text of one document."""
    id: Any = ""
    """The id of that document; else its source, its name, or its hash. A document that is indexed
    again under an id replaces the earlier one."""
    name: Any = ""
    """The name of that document."""
    source: Any = ""
    """Where it is from, such as a URL."""
    documents: Any = None
    """Texts, or objects with `text`, `file` or `url`, and perhaps `id`, `name`, `source` and
    `metadata`."""
    files: Any = None
    """A file, or a list of files: their text is extracted."""
    urls: Any = None
    """A URL, or a list of URLs, got by the http executors."""
    metadata: dict[str, Any] = {}
    """What documents are filtered by: of all of them, and under their own."""
    chunking: Any = None
    """How texts are cut: an object with `mode`, `size`, `overlap`, `separator`, `parent_size`."""
    keep_failed: bool = False
    """Whether documents that cannot be indexed are told in `failed`, and the node succeeds. Else it
    fails, after it has indexed the others."""
    FORM: ClassVar[Forms] = {
        "base": Form("text", ("handbook",)),
        "create": Form("boolean"),
        "embedding_model": Form("model", ("text-embedding-3-small", "local/bge-m3")),
        "text": Form("template", ("{{page.body}}",)),
        "id": Form("template", ("{{page.url}}",), group="document"),
        "name": Form("template", ("{{title}}",), group="document"),
        "source": Form("template", ("{{page.url}}",), group="document"),
        "documents": Form("value", ("{{pages.output}}", [{"name": "Tea", "text": "Tea is …"}])),
        "files": Form("reference", ("{{report}}", ["{{report}}", "{{terms}}"])),
        "urls": Form("value", ("https://example.com/", "{{links}}")),
        "metadata": Form("key_values", ({"year": 2026},), group="document"),
        "chunking": Form("object", ({"mode": "headings", "size": 800},), group="more"),
        "keep_failed": Form("boolean", group="errors"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    if not has_computed(config.get("chunking")):
        try:
            read_chunking(config.get("chunking"))
        except InvalidRequest as error:
            yield Problem("chunking", error.message, error.code)
    if all(config.get(name) in (None, "", []) for name in GIVEN):
        message = "say what to index: `text`, `documents`, `files` or `urls`"
        yield Problem("text", message, "config.missing")
    for name in ("id", "name", "source"):
        if config.get(name) and not config.get("text"):
            yield Problem(
                name, f"{name} is of the document that `text` is: `documents` have theirs"
            )


def read_chunking(value: Any) -> Chunking:
    """How texts are cut, as it is written; the default for nothing.

    Raises:
        InvalidRequest: `knowledge.chunking_invalid`.
    """
    if value in (None, {}):
        return Chunking()
    wrong: list[str] = []
    if isinstance(value, dict):
        wrong += [f"it has no {name!r}" for name in value if name not in _CHUNKING]
    try:
        chunking = msgspec.convert(value, Chunking, strict=False)
    except msgspec.ValidationError as error:
        wrong.append(str(error))
    else:
        wrong += wrong_with(chunking)
        if not wrong:
            return chunking
    raise InvalidRequest(f"chunking: {'; '.join(wrong)}", code="knowledge.chunking_invalid")


def groups_beside(config: dict[str, Any]) -> frozenset[str]:
    """Groups of executors that a configuration may need beside its own."""
    documents = config.get("documents")
    listed = documents if isinstance(documents, list) else [documents]
    # What is computed may have a URL in it.
    may_fetch = config.get("urls") is not None or any(
        (isinstance(one, dict) and "url" in one) or is_computed(one) for one in listed
    )
    return frozenset(("http",)) if may_fetch else frozenset()


KIND = register(
    Kind(
        type="knowledge_index",
        group="data",
        extra="knowledge",
        config=KnowledgeIndexConfig,
        summary="Put documents into a knowledge base",
        outputs=(
            *("output", "documents", "count", "indexed", "unchanged", "failed", "chunks"),
            *("base", "usage"),
        ),
        streams=True,
        rules=_rules,
        hints=Hints(
            category="data",
            output_types={
                "output": "array",
                "documents": "array",
                "count": "integer",
                "indexed": "integer",
                "unchanged": "integer",
                "failed": "array",
                "chunks": "integer",
                "base": "string",
                "usage": "object",
            },
            may_need=("http",),
        ),
    )
)
