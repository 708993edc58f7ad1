"""Imports documents of any format: recognised by what is in them, read, and made fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.errors import RunfoldError
from runfold.graph.reading.document import MAX_DOCUMENT
from runfold.importers.bindings import bind, say_unread
from runfold.importers.documents import Document, PassedOver, Refused, SourceFile, documents_in
from runfold.importers.draft import MAX_ID
from runfold.importers.fingerprints import fingerprints
from runfold.importers.importer import Context
from runfold.importers.native import NATIVE
from runfold.importers.places import placed
from runfold.importers.programs import say_unreadable
from runfold.importers.repair import nodes_in, repair
from runfold.importers.report import Imported, status_of

__all__ = [
    "Options",
    "PassedOver",
    "Refused",
    "SourceFile",
    "finished",
    "import_files",
    "is_foreign",
]

_ROOM = 64 * 1024
"""Bytes of a definition that are left free when the original is kept in it."""


class Options(msgspec.Struct, frozen=True):
    """What an import is told beside the files."""

    models: Mapping[str, str] = {}
    """Model in the source → model here."""
    bindings: Mapping[str, Any] = {}
    """Name of a need → body of the node that stands for it here."""


def import_files(
    files: Sequence[SourceFile], options: Options | None = None
) -> list[Imported | Refused | PassedOver]:
    """Every document of the files, in their order. One that cannot be read stops no other.

    Files may call each other as sub-workflows, by their names or by the ids that they have in the
    system they come from. What the first one calls it brings along. What else is in a zip is named
    where it stands.
    """
    options = options or Options()
    found: list[Document | Refused | PassedOver] = []
    for file in files:
        try:
            found += documents_in(file)
        except RunfoldError as error:
            found.append(Refused(file.name, error, file=file))
    documents = [one for one in found if isinstance(one, Document)]
    ids, called = _ids(documents) if _may_call(documents) else ([""], {})
    free = iter(ids)
    made = [
        _imported(one, options, called, next(free)) if isinstance(one, Document) else one
        for one in found
    ]
    _bring_along([one for one in made if isinstance(one, Imported)])
    return [placed(one) if isinstance(one, Imported) else one for one in made]


def is_foreign(body: bytes) -> bool:
    """Whether a file is a workflow of another system, and not one of runfold's own."""
    try:
        documents = documents_in(SourceFile("", body))
    except RunfoldError:
        return False
    return any(isinstance(one, Document) and one.importer is not NATIVE for one in documents)


_IDS = ("id", "workflow_id", "workflowId")


def _may_call(documents: Sequence[Document]) -> bool:
    """Whether one may call another, or itself: by the id that it has in its system."""
    if len(documents) != 1:
        return bool(documents)
    own = _source_id(documents[0])
    return bool(own) and documents[0].text.count(own) > 1


def _source_id(one: Document) -> str:
    """The id that a document has in its system, which YAML may take for a number."""
    found = (one.value.get(key) for key in _IDS) if isinstance(one.value, dict) else ()
    known = (value for value in found if isinstance(value, str | int) and value is not True)
    return next((str(value) for value in known if value), "")


def _ids(documents: Sequence[Document]) -> tuple[list[str], dict[str, str]]:
    """The id that each document has here, no two the same, and what others call it by → that id."""
    ids: dict[str, None] = {}
    called: dict[str, str] = {}
    for one in documents:
        wanted = one.importer.read(one.value, Context(name=one.name)).workflow_id
        free, number = wanted, 2
        while free in ids:
            free, number = f"{wanted[: MAX_ID - 6]}_{number}", number + 1
        ids[free] = None
        called.setdefault(one.name, free)
        if source_id := _source_id(one):
            called.setdefault(source_id, free)
    return list(ids), called


def _imported(
    one: Document, options: Options, called: Mapping[str, str], workflow_id: str
) -> Imported:
    context = Context(
        name=one.name, models=options.models, bindings=options.bindings, callable=called
    )
    imported = one.importer.read(one.value, context)
    if workflow_id and workflow_id != imported.workflow_id:
        imported.definition["id"] = workflow_id
        imported = replace(imported, workflow_id=workflow_id)
    if options.models and imported.format != "native":
        imported.definition.setdefault("origin", {})["models"] = dict(options.models)
    return finished(imported, one.text, options.bindings, called.values())


def finished(
    imported: Imported,
    text: str,
    bindings: Mapping[str, Any] | None = None,
    beside: Collection[str] = (),
) -> Imported:
    """An import with its bindings in place, fit to be stored, and with its original.

    Args:
        imported: What an importer made.
        text: The document as it was written.
        bindings: Name of a need → body of the node that stands for it here.
        beside: Ids of the workflows that are imported with it.
    """
    definition, lines, needs = imported.definition, list(imported.report), list(imported.needs)
    if imported.format == "native":
        return imported
    origin = {"format": imported.format, **definition.pop("origin", {})}
    definition["origin"] = origin
    is_bound = bind(definition, bindings or {}, lines, needs)
    known = {*beside, *definition.get("workflows", ()), definition["id"]}
    for config in _calls_in(definition):
        if config.get("workflow") not in known:
            # There, what is missing is missed when it is called.
            config["if_missing"] = "fail"
    repair(definition, lines)
    say_unreadable(definition, lines)
    if is_bound:
        say_unread(definition, lines)
    size = len(msgspec.json.encode(definition)) + len(text.encode())
    if size < MAX_DOCUMENT - _ROOM:
        origin["document"] = text
    origin["hashes"] = fingerprints(definition)
    report = tuple(lines)
    return replace(imported, status=status_of(report), report=report, needs=tuple(needs))


def _bring_along(imported: Sequence[Imported]) -> None:
    """Put what the first document calls, directly or not, into it as its own workflows."""
    if len(imported) < 2:  # noqa: PLR2004 -- one document calls no other
        return
    by_id = {one.workflow_id: one.definition for one in imported}
    first = imported[0].definition
    wanted, library = list(_called_by(first)), dict(first.get("workflows", {}))
    while wanted:
        name = wanted.pop()
        if name in by_id and name not in library and name != first["id"]:
            library[name] = {key: one for key, one in by_id[name].items() if key != "origin"}
            wanted += _called_by(library[name])
    if library:
        first["workflows"] = library


def _called_by(definition: dict[str, Any]) -> Iterator[str]:
    """The workflows that nodes call, and tools of agents."""
    for config in _calls_in(definition):
        yield str(config.get("workflow", ""))


def _calls_in(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Configurations of the nodes that call workflows, and of tools that do."""
    for node in nodes_in(definition):
        config = node.get("config")
        tools = config.get("tools") if isinstance(config, dict) else None
        for one in (node, *(tools if isinstance(tools, list) else ())):
            inner = one.get("config") if isinstance(one, dict) else None
            if isinstance(inner, dict) and one.get("type") == "sub_workflow":
                yield inner
