"""Templates as the API lists and shows them."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.definition import Input
from runfold.templates import Template, customised


class TemplateSummary(msgspec.Struct, frozen=True):
    """What the list says of a ready workflow."""

    id: str
    name: str
    description: str
    inputs: dict[str, Input]


class TemplateDocument(TemplateSummary, frozen=True):
    """A ready workflow."""

    source: str
    """The YAML as it was written, with its comments."""
    definition: dict[str, Any]


class Templates(msgspec.Struct, frozen=True):
    """All ready workflows, by id."""

    items: list[TemplateSummary]


def summary(template: Template) -> TemplateSummary:
    """A template without its document."""
    return TemplateSummary(template.id, template.name, template.description, template.inputs)


def document(template: Template) -> TemplateDocument:
    """A template with its document."""
    fields = msgspec.structs.asdict(template)
    return TemplateDocument(**fields, definition=customised(template, {}))
