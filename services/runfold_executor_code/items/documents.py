"""What a native node read in the PDF of an item: its text, its pages, what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.step import Made, Step


def read_of(step: Step, index: int) -> Mapping[str, Any] | None:
    """What was read of an item's file: `{text, metadata, pages}`; None where nothing was."""
    results = step.results if isinstance(step.results, Mapping) else {}
    output = results.get("output")
    found = output[index] if isinstance(output, list) and index < len(output) else None
    if not isinstance(found, Mapping) or not isinstance(found.get("text"), str):
        return None
    return found


def pdf_item(read: Mapping[str, Any], index: int) -> Made:
    """The item that a PDF comes to."""
    pages = read.get("pages")
    count = len(pages) if isinstance(pages, list) else 0
    json = {"numpages": count, "info": read.get("metadata") or {}, "text": read["text"]}
    return Made(json, paired=(0, index))
