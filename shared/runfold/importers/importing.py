"""Imports documents of any format: recognised by what is in them, read, and made fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.errors import InvalidInputs, RunfoldError
from runfold.graph.reading.document import MAX_DOCUMENT
from runfold.graph.reading.nodes import MAX_NODES
from runfold.importers.bindings import bind, say_unread
from runfold.importers.draft import MAX_ID
from runfold.importers.fingerprints import fingerprints
from runfold.importers.importer import Context, Importer
from runfold.importers.native import NATIVE
from runfold.importers.programs import say_unreadable
from runfold.importers.reading import read_value, text_of
from runfold.importers.repair import nodes_in, repair
from runfold.importers.report import Imported, status_of
from runfold.importers.table import CONTAINERS, IMPORTERS

_ROOM = 64 * 1024
"""Bytes of a definition that are left free when the original is kept in it."""


class SourceFile(msgspec.Struct, frozen=True):
    """One file to import."""

    name: str
    """What it is called, without its suffix: the id that others call its workflow by."""
    body: bytes


class Options(msgspec.Struct, frozen=True):
    """What an import is told beside the files."""

    models: Mapping[str, str] = {}
    """Model in the source → model here."""
    bindings: Mapping[str, Any] = {}
    """Name of a need → body of the node that stands for it here."""


class Refused(msgspec.Struct, frozen=True):
    """A file that is not a workflow of any format."""

    name: str
    error: RunfoldError
    file: SourceFile | None = None
    """What was given; None for a member of a zip."""


class _Document(msgspec.Struct, frozen=True):
    name: str
    importer: Importer
    value: Any
    text: str


def import_files(
    files: Sequence[SourceFile], options: Options | None = None
) -> list[Imported | Refused]:
    """Every document of the files, in their order. One that cannot be read stops no other.

    Files may call each other as sub-workflows, by their names or by the ids that they have in the
    system they come from. What the first one calls it brings along.
    """
    options = options or Options()
    found: list[_Document | Refused] = []
    for file in files:
        try:
            found += _documents(file)
        except RunfoldError as error:
            found.append(Refused(file.name, error, file))
    documents = [one for one in found if isinstance(one, _Document)]
    ids, called = _ids(documents) if _may_call(documents) else ([""], {})
    free = iter(ids)
    made = [
        one if isinstance(one, Refused) else _imported(one, options, called, next(free))
        for one in found
    ]
    _bring_along(made)
    return made


def is_foreign(body: bytes) -> bool:
    """Whether a file is a workflow of another system, and not one of runfold's own."""
    try:
        documents = _documents(SourceFile("", body))
    except RunfoldError:
        return False
    return any(isinstance(one, _Document) and one.importer is not NATIVE for one in documents)


def _documents(file: SourceFile) -> list[_Document | Refused]:
    """The documents in a file, and members of a zip that cannot be read.

    Raises:
        InvalidInputs: `import.unreadable` or `import.not_a_workflow`.
    """
    found = list(_contained(file))
    if not found:
        found = list(_recognised(file.name, read_value(file.body), text_of(file.body)))
    if not found:
        message = (
            f"{file.name or 'the document'} is not a workflow that runfold knows: neither an "
            "export of Dify, Coze or n8n nor a definition of runfold's own"
        )
        raise InvalidInputs(message, code="import.not_a_workflow")
    return found


def _contained(file: SourceFile) -> Iterator[_Document | Refused]:
    """The documents in a file that holds several; none in any other file."""
    for mark, members in CONTAINERS.items():
        if not file.body.startswith(mark):
            continue
        held = [one for found in members if (one := list(_of_members(found(file.body))))]
        if not held:
            message = (
                f"{file.name or 'the document'} is a zip without a workflow in it, or cut off: "
                "unpack it, and name the files in it"
            )
            raise InvalidInputs(message, code="import.not_a_workflow")
        yield from held[0]


def _of_members(members: Sequence[tuple[str, bytes]]) -> Iterator[_Document | Refused]:
    """What is a workflow of members by name; others are passed over, as manifests are."""
    for name, body in members:
        try:
            yield from _recognised(name, read_value(body), text_of(body))
        except RunfoldError as error:
            yield Refused(name, error)


def _recognised(name: str, value: Any, text: str) -> Iterator[_Document]:
    for importer in IMPORTERS:
        if importer.recognises(value):
            _check_size(value)
            yield _Document(name, importer, value, text)
            return
    if isinstance(value, list):
        for number, one in enumerate(value):
            inner = msgspec.json.encode(one).decode()
            yield from _recognised(f"{name}-{number + 1}" if number else name, one, inner)


def _check_size(document: Any) -> None:
    """Refuse what takes minutes to import and passes no check at the end.

    Raises:
        InvalidInputs: `import.unreadable`, for more nodes than a workflow may have.
    """
    count = sum(1 for _ in nodes_in(document))
    if count > MAX_NODES:
        message = f"the document has {count} nodes, and at most {MAX_NODES} fit into a workflow"
        raise InvalidInputs(message, code="import.unreadable")


_IDS = ("id", "workflow_id", "workflowId")


def _may_call(documents: Sequence[_Document]) -> bool:
    """Whether one may call another, or itself: by the id that it has in its system."""
    if len(documents) != 1:
        return bool(documents)
    own = _source_id(documents[0])
    return bool(own) and documents[0].text.count(own) > 1


def _source_id(one: _Document) -> str:
    """The id that a document has in its system, which YAML may take for a number."""
    found = (one.value.get(key) for key in _IDS) if isinstance(one.value, dict) else ()
    known = (value for value in found if isinstance(value, str | int) and value is not True)
    return next((str(value) for value in known if value), "")


def _ids(documents: Sequence[_Document]) -> tuple[list[str], dict[str, str]]:
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
    one: _Document, options: Options, called: Mapping[str, str], workflow_id: str
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


def _bring_along(made: Sequence[Imported | Refused]) -> None:
    """Put what the first document calls, directly or not, into it as its own workflows."""
    imported = [one for one in made if isinstance(one, Imported)]
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
