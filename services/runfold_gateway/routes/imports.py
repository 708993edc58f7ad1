"""Imports and exports: documents of other systems, with a report for each node."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from runfold.definitions.sources import source_of
from runfold.errors import InvalidInputs, InvalidWorkflow
from runfold.exporters.exporting import Export
from runfold.graph.findings import Findings
from runfold.graph.reading.document import read_document
from runfold.graph.reading.yaml_writing import yaml_of
from runfold.importers.importing import Options, SourceFile
from runfold.importers.places import stored_layout
from runfold.importers.reading import MAX_BYTES
from runfold.importers.report import Imported
from runfold.isolated.exports import export_apart
from runfold.isolated.imports import Done, ImportedFile, RefusedFile, import_apart, import_one
from runfold_gateway.backend import Backend, backend_of
from runfold_gateway.http.bodies import MAX_BODY, Req, document_of, read
from runfold_gateway.http.declared import BYTES, FORM, JSON, YAML, Body, declare
from runfold_gateway.http.forms import form_parts

OCTETS = "application/octet-stream"
"""What a zip of canvases is declared as; `application/zip` is taken as well."""
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "models": {"type": "string", "description": "JSON: model of the source: model here."},
        "bind": {"type": "string", "description": "JSON: name of a need: node in its place."},
        "file": {"type": "array", "items": BYTES},
    },
}
_DOCUMENT = Body(
    dict[str, Any],
    "An export of Dify, Coze or n8n, as it is.",
    (JSON, YAML),
    others=((OCTETS, BYTES),),
)
_FILES = Body(
    dict[str, Any],
    "Parts `file`, each with the name that others call its workflow by.",
    (),
    others=((FORM, _SCHEMA),),
)
Store = Annotated[
    Literal["no", "draft", "publish"],
    Parameter(description="Whether what is imported is stored, and published."),
]


@post(
    "/import",
    operation_id="importWorkflow",
    opt=declare(body=_DOCUMENT, problems=(409,)),
    status_code=200,
    tags=["workflows"],
)
async def import_workflow(
    request: Req,
    name: Annotated[str, Parameter(description="For a document without a name.")] = "imported",
    store: Store = "no",
) -> ImportedFile:
    """Import one document: a native definition, what became of each node, and what it needs.

    Of a zip it is the first; what else is in the zip is named.
    """
    body = await document_of(request)
    imported = await import_one(name, body, Options())
    await _store(backend_of(request), imported, store)
    return imported


@post(
    "/import/files",
    operation_id="importFiles",
    opt=declare(body=_FILES, problems=(409,)),
    status_code=200,
    tags=["workflows"],
)
async def import_several(request: Req, store: Store = "no") -> Done:
    """Import files that may call each other; one that is not a workflow stops no other.

    What cannot be stored as it is stands among the refused as well, by its id.
    """
    files, fields = await _form(request)
    if not files:
        message = "the form has no file: send a part `file` with a file name"
        raise InvalidInputs(message, code="import.no_file")
    models = _object(fields, "models")
    if not all(isinstance(one, str) for one in models.values()):
        raise InvalidInputs("the part `models`: each model is named by a text")
    options = Options(models=models, bindings=_object(fields, "bind"))
    done = await import_apart(files, options)
    refused = list(done.refused)
    for one in done.items:
        try:
            await _store(backend_of(request), one, store)
        except InvalidWorkflow as error:
            refused.append(RefusedFile(one.workflow_id, error.code, error.message))
    return Done(done.items, refused, done.passed_over)


async def _form(request: Req) -> tuple[list[SourceFile], dict[str, bytes]]:
    """The files of a form, and its other parts. Raises what `form_parts` raises."""
    files: list[SourceFile] = []
    fields: dict[str, bytes] = {}
    left = MAX_BODY
    async for part in form_parts(request, MAX_BYTES):
        body = bytearray()
        async for piece in part.body:
            body += piece
            left -= len(piece)
            if left < 0:
                raise HTTPException(f"the form is larger than {MAX_BODY} bytes", status_code=413)
        if part.filename is None:
            fields[part.name] = bytes(body)
        elif part.filename or body:
            stem = part.filename.replace("\\", "/").rpartition("/")[2].rpartition(".")
            files.append(SourceFile(stem[0] or stem[2] or "imported", bytes(body)))
    return files, fields


def _object(fields: dict[str, bytes], name: str) -> dict[str, Any]:
    value = read(fields[name], code=InvalidInputs.code) if name in fields else None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInputs(f"the part `{name}` is not a JSON object")
    return value


async def _store(backend: Backend, imported: Imported, store: str) -> None:
    if store == "no":
        return
    source = source_of(yaml_of(imported.definition).encode(), YAML)
    layout = stored_layout(imported)
    await backend.workflows.save(source, draft=store == "draft", layout=layout)


Format = Annotated[
    Literal["dify", "coze", "n8n"] | None,
    Parameter(description="The system that it is written for."),
]
Partial = Annotated[
    bool, Parameter(description="Leave out what cannot be written; else that is an error.")
]


@get("/workflows/{workflow_id:str}/export", operation_id="exportWorkflow", tags=["workflows"])
async def export_workflow(
    request: Req,
    workflow_id: str,
    format: Format = None,  # noqa: A002 -- a query parameter
    partial: Partial = False,  # noqa: FBT002 -- a query parameter
    version: Annotated[str, Parameter(description="`draft`, or a number.")] = "",
) -> Export:
    """A workflow as a document of another system: `document`, its text, and a `report`.

    An import that nothing was changed of is given back byte for byte. Else every node is kept as
    it was, written anew, or, with `partial`, left out.
    """
    source = await backend_of(request).workflows.source(workflow_id, version)
    found = Findings()
    document = read_document(source.body, found)
    if document is None:
        raise InvalidInputs(found.in_order()[0].message)
    return await export_apart(document, format or _own_format(document), partial=partial)


def _own_format(document: dict[str, Any]) -> str:
    """The format that a workflow came from; of one of runfold's own, the one that it can go to."""
    origin = document.get("origin")
    came_from = origin.get("format") if isinstance(origin, dict) else None
    return came_from if came_from in ("coze", "n8n") else "dify"


ROUTES = (import_workflow, import_several, export_workflow)
