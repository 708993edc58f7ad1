"""The library of ready workflows: one YAML document each, beside this module.

Every one has defaults for all its inputs, so it runs as it is; copy one, or lay changes over it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import msgspec

from runfold.errors import NotFound
from runfold.graph.definition import Input
from runfold.graph.findings import Findings
from runfold.graph.loader import prepare
from runfold.graph.reading.document import read_document

SUFFIX = ".yaml"


class Summary(msgspec.Struct, frozen=True):
    """What a list says of a ready workflow."""

    id: str
    name: str
    description: str
    inputs: dict[str, Input]


class Template(Summary, frozen=True):
    """A ready workflow."""

    source: str
    """The document as it was written, comments and all."""


def list_templates() -> list[Template]:
    """All templates, by id."""
    return [_read(template_id) for template_id in _ids()]


def summary_of(template: Template) -> Summary:
    """The template without its document."""
    return Summary(template.id, template.name, template.description, template.inputs)


def get_template(template_id: str) -> Template:
    """One template.

    Raises:
        NotFound: When there is none of that id; the message names those there are.
    """
    if template_id not in _ids():
        message = f"no template {template_id!r}: there are {', '.join(_ids())}"
        raise NotFound(message, code="template.not_found")
    return _read(template_id)


def customised(template: Template, changes: dict[str, Any]) -> dict[str, Any]:
    """The template's document with changes laid over it.

    Args:
        template: Where it begins.
        changes: A JSON merge patch (RFC 7396): objects are merged key by key, null takes a key
            away, and anything else, lists too, replaces what is there.
    """
    document: dict[str, Any] = _merged(read_document(template.source, Findings()), changes)
    return document


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged


@cache
def _ids() -> tuple[str, ...]:
    """The ids of all templates: what their files are called."""
    names = (file.name for file in resources.files(__name__).iterdir())
    return tuple(sorted(name[: -len(SUFFIX)] for name in names if name.endswith(SUFFIX)))


@cache
def _read(template_id: str) -> Template:
    file = resources.files(__name__) / f"{template_id}{SUFFIX}"
    source = file.read_text(encoding="utf-8")
    workflow, _ = prepare(source)
    return Template(
        id=workflow.id,
        name=workflow.name,
        description=workflow.description,
        inputs=workflow.inputs,
        source=source,
    )
