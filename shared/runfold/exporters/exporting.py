"""A definition as a document of another system: as it came, or with what changed since."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from runfold.errors import InvalidInputs
from runfold.exporters.exporter import ExportLine, Side
from runfold.exporters.flat import flat
from runfold.exporters.reviewing import imported_side, reviewed
from runfold.exporters.table import EXPORTERS
from runfold.graph.loader import prepare
from runfold.graph.reading.yaml_writing import yaml_of
from runfold.importers.fingerprints import changed
from runfold.importers.reading import read_value


class Export(msgspec.Struct, frozen=True):
    """A document, and what became of each node."""

    document: str
    """Its text."""
    report: tuple[ExportLine, ...]


def export_of(definition: dict[str, Any], wanted: str, *, partial: bool = False) -> Export:
    """The document of a definition.

    Args:
        definition: With its `origin`, when it was imported.
        wanted: The format.
        partial: Whether what cannot be written is left out.

    Raises:
        InvalidInputs: `export.no_original`, `export.unknown_format`, or `export.not_mappable`,
            which names what cannot be written and why.
        InvalidWorkflow: The definition is not sound.
    """
    origin = definition.get("origin")
    origin = origin if isinstance(origin, dict) else {}
    text = origin.get("document") if origin.get("format") == wanted else None
    if isinstance(text, str) and not changed(definition):
        kept = flat(definition).nodes.values()
        known = _known(origin)
        lines = [
            ExportLine(known.get(one.node.id, one.node.id), one.node.type, "kept") for one in kept
        ]
        return Export(text, tuple(lines))
    exporter = EXPORTERS.get(wanted)
    if exporter is None:
        message = f"no definition is written as {wanted}: only an unchanged import is given back"
        raise InvalidInputs(message, code="export.unknown_format")
    if origin.get("format") == wanted and not isinstance(text, str):
        message = "its original was too large to be kept, so what it had beside is not known"
        raise InvalidInputs(message, code="export.no_original")
    plain = {key: one for key, one in definition.items() if key != "origin"}
    prepare(plain)
    before = imported_side(definition, text, wanted) if isinstance(text, str) else None
    original = read_value(text.encode()) if before and isinstance(text, str) else None
    sources, helpers = _sources(definition, before)
    now = Side(definition, flat(definition), sources, helpers)
    exported = exporter.write(now, before, original)
    missing = [one for one in exported.report if one.result == "not_exported"]
    if missing and not partial:
        raise _refused(missing)
    written = _text(exported.document, text)
    report = exported.report
    if before is not None:
        report = reviewed(report, now, imported_side(definition, written, wanted))
    return Export(written, report)


def _known(origin: dict[str, Any]) -> dict[str, str]:
    """Native id → id in the source, as an import keeps it."""
    nodes = origin.get("nodes")
    return (
        {str(one): str(source) for one, source in nodes.items()} if isinstance(nodes, dict) else {}
    )


def _sources(
    definition: dict[str, Any], before: Side | None
) -> tuple[dict[str, str], frozenset[str]]:
    """Native id → id in the document. A new node has its own, unless it is taken there."""
    known = before.sources if before else {}
    helpers = before.helpers if before else frozenset()
    found: dict[str, str] = {}
    taken = set(known.values())
    for node_id in flat(definition).nodes:
        if node_id in helpers:
            continue
        source = known.get(node_id)
        if source is None:
            source, number = node_id, 2
            while source in taken:
                source, number = f"{node_id}_{number}", number + 1
            taken.add(source)
        found[node_id] = source
    return found, helpers


def _refused(missing: list[ExportLine]) -> InvalidInputs:
    named = "; ".join(f"{one.node or one.type}: {one.reason}" for one in missing[:10])
    more = f" (and {len(missing) - 10} more)" if len(missing) > 10 else ""  # noqa: PLR2004
    message = f"not all of it can be written: {named}{more}. Leave that out with --partial"
    return InvalidInputs(
        message,
        code="export.not_mappable",
        details={"nodes": [msgspec.to_builtins(one) for one in missing]},
    )


def _text(document: Any, original: str | None) -> str:
    """A document as text, in the language of the original."""
    if original is not None and original.lstrip().startswith(("{", "[")):
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return yaml_of(document)
