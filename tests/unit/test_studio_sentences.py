"""What built-in kinds and ready workflows say of themselves is in the studio in Chinese, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runfold.graph.catalog.documents import kind_documents
from runfold.templates import list_templates

SOURCES = Path(__file__).parents[2] / "services/runfold_studio/web/src"
CODE = re.compile(r"`([^`]*)`")


def settings(schema: Any) -> Iterator[dict[str, Any]]:
    """Each setting of a schema, and of the objects in it."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from (one for one in properties.values() if isinstance(one, dict))
        for inner in schema.values():
            yield from settings(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from settings(inner)


def sentences() -> set[str]:
    """What the palette, the forms and the list of ready workflows show of them."""
    kinds = [kind for kind in kind_documents() if kind.built_in]
    said = {kind.summary for kind in kinds}
    for kind in kinds:
        said |= {one.get("description", "") for one in settings(kind.config_schema)}
    for template in list_templates():
        said |= {template.name, template.description}
    return said - {""}


def chinese() -> dict[str, str]:
    found: dict[str, str] = json.loads((SOURCES / "i18n/kinds.zh.json").read_text("utf-8"))
    return found


def test_every_sentence_is_there_and_no_other() -> None:
    assert set(chinese()) == sentences()


def test_names_and_values_are_the_same_in_both() -> None:
    different = {
        text: said
        for text, said in chinese().items()
        if set(CODE.findall(text)) != set(CODE.findall(said))
    }
    assert different == {}


def test_every_group_of_settings_has_a_title_in_both_languages() -> None:
    texts = (SOURCES / "forms/texts.ts").read_text("utf-8")
    groups = {
        one["x-group"]
        for kind in kind_documents()
        for one in settings(kind.config_schema)
        if "x-group" in one
    } - {"main"}
    assert {group: texts.count(f"groups_{group}:") for group in groups} == dict.fromkeys(groups, 2)
