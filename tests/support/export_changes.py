"""Changes of imported definitions, one node at a time, and what exporting each comes to."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from runfold.exporters.exporting import Export, export_of
from runfold.importers.importing import SourceFile, import_files
from runfold.importers.reading import read_value
from runfold.importers.repair import nodes_in
from runfold.importers.report import Imported

Definition = dict[str, Any]


def imported(text: str) -> Definition:
    """The definition that an import makes of a document."""
    made = import_files([SourceFile("sample", text.encode())])[0]
    assert isinstance(made, Imported)
    return made.definition


def plain(definition: Definition) -> Definition:
    """A definition without where it came from."""
    return {key: one for key, one in definition.items() if key != "origin"}


def nodes_of(definition: Definition) -> list[Any]:
    """Its own nodes, those of bodies included."""
    rest = {key: one for key, one in definition.items() if key not in ("origin", "workflows")}
    return list(nodes_in(rest))


def changed_each(
    definition: Definition, change: Callable[[Any], bool]
) -> Iterator[tuple[str, Definition]]:
    """Copies of a definition, in each of which one node is changed; with the node's id."""
    for at in range(len(nodes_of(definition))):
        copied = copy.deepcopy(definition)
        node = nodes_of(copied)[at]
        if change(node):
            yield str(node["id"]), copied


def comes_back(definition: Definition, wanted: str) -> Export:
    """Export a definition, and see that an import of that is the same definition."""
    made = export_of(definition, wanted)
    again = imported(made.document)
    assert plain(again) == plain(definition)
    return made


def values_in(text: str) -> Any:
    """A document as a value, read as the importers read it."""
    return read_value(text.encode())


def differing(before: Any, now: Any, way: str = "") -> list[str]:
    """The places at which two documents differ."""
    if type(before) is type(now) and isinstance(before, dict):
        keys = dict.fromkeys((*before, *now))
        return [
            place
            for key in keys
            for place in differing(before.get(key), now.get(key), f"{way}/{key}")
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = zip(before, now, strict=True)
        return [p for at, pair in enumerate(pairs) for p in differing(*pair, f"{way}/{at}")]
    return [] if json.dumps(before) == json.dumps(now) else [way]
