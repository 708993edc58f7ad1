"""`document_extract`: the text of documents, with their tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.charsets import codec_of
from runfold.values.template_scan import is_template


class DocumentExtractConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `document_extract` node."""

    file: Any
    """A document as a file value, or a list of them."""
    charset: str = ""
    """Of documents that are text, as `gb18030` or `windows-1252`; empty: it is found out."""
    on_item_error: Literal["terminate", "continue"] = "terminate"
    """With a list: a document that cannot be read fails the node, or is null in each output and
    stands in `failed`."""
    FORM: ClassVar[Forms] = {
        "file": Form("reference", ("{{report}}",)),
        "charset": Form("text", ("gb18030", "windows-1252"), group="more"),
        "on_item_error": Form("choice", group="errors"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    charset: Any = config.get("charset")
    is_written = isinstance(charset, str) and charset != "" and not is_template(charset)
    if is_written and codec_of(charset) is None:
        yield Problem("charset", f"{charset!r} is not a charset that is known")


KIND = register(
    Kind(
        type="document_extract",
        group="data",
        extra="documents",
        config=DocumentExtractConfig,
        summary="Read the text of documents: PDF, Word, slides, sheets, pages, books, mail",
        aliases=("document_extractor",),
        outputs=("output", "text", "pages", "metadata", "kind", "warnings", "failed"),
        rules=_rules,
        hints=Hints(
            category="data",
            output_types={
                "output": "any",
                "text": "any",
                "pages": "array",
                "metadata": "any",
                "kind": "any",
                "warnings": "array",
                "failed": "array",
            },
        ),
    )
)
