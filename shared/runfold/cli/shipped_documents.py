"""OpenAPI documents that are files beside a workflow's file: `document: {file: petstore.yaml}`.

They become a part of the workflow as the command reads it: a run has all of it from the start.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from runfold.cli.foreign_documents import imported_from, may_be_foreign
from runfold.cli.source import TEMPLATE, read_source
from runfold.errors import ConfigurationError
from runfold.graph.findings import Findings
from runfold.graph.kinds.plugin import KIND
from runfold.graph.loader import Loaded, load_workflow
from runfold.graph.reading.document import MAX_DOCUMENT, read_document

_TYPES = (KIND.type, *KIND.aliases)


def load_file(file: str) -> Loaded:
    """A workflow from a file, standard input or a template, with the documents beside it.

    Raises:
        ConfigurationError: A file cannot be read, or is not beside the workflow's.
        NotFound: There is no such template.
    """
    source = read_source(file)
    loaded = _load(source, file)
    if not may_be_foreign(source, loaded):
        return loaded
    imported = imported_from(source, file)
    if imported is None:
        return loaded

    from runfold.cli.importing import print_report

    print_report(imported, to=sys.stderr)
    return load_workflow(imported.definition)


def _load(source: bytes, file: str) -> Loaded:
    if b"file" not in source or file == "-" or file.startswith(TEMPLATE):
        return load_workflow(source)
    found = Findings()
    document = read_document(source, found)
    if document is None:
        return load_workflow(source)
    changed = _shipped(document, Path(file).resolve().parent)
    return load_workflow(document if changed is None else changed, found.places)


def _shipped(value: Any, folder: Path) -> Any:
    """The value with the files in it that plugin nodes name; None when there are none."""
    if isinstance(value, list):
        inner = [_shipped(one, folder) for one in value]
        if all(one is None for one in inner):
            return None
        return [old if new is None else new for old, new in zip(value, inner, strict=True)]
    if not isinstance(value, dict):
        return None
    config = value.get("config")
    if value.get("type") in _TYPES and isinstance(config, dict) and _names_file(config):
        document = _read(config["document"]["file"], folder)
        return {**value, "config": {**config, "document": document}}
    found = {name: new for name, old in value.items() if (new := _shipped(old, folder)) is not None}
    return {**value, **found} if found else None


def _names_file(config: dict[str, Any]) -> bool:
    document = config.get("document")
    return isinstance(document, dict) and set(document) == {"file"}


def _read(name: Any, folder: Path) -> Any:
    path = (folder / name).resolve() if isinstance(name, str) and name else folder
    if not path.is_relative_to(folder) or path == folder:
        message = f"document {str(name)[:200]!r}: name a file in the workflow's own folder"
        raise ConfigurationError(message, code="plugin.file")
    try:
        body = path.read_bytes()
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise ConfigurationError(message, code="file.unreadable") from error
    if len(body) > MAX_DOCUMENT:
        message = (
            f"{path} has {len(body)} bytes, and a workflow holds {MAX_DOCUMENT}: store it with "
            "`runfold plugins add`, and name it in `plugin`"
        )
        raise ConfigurationError(message, code="plugin.file")
    found = Findings()
    document = read_document(body, found)
    if document is None:
        said = "; ".join(one.message for one in found.in_order())
        message = f"{path} is not an OpenAPI document: {said}"
        raise ConfigurationError(message, code="plugin.file")
    return document
