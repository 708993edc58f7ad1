"""The shapes in which canvases of Coze come, and the zip of the hosted product."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from runfold.importers.coze import IMPORTER, canvases_in
from runfold.importers.importer import Context
from runfold.importers.importing import PassedOver, Refused, SourceFile, import_files, is_foreign
from runfold.importers.report import Imported

CANVAS: dict[str, Any] = {
    "nodes": [
        {"id": "100001", "type": "1", "data": {"outputs": [{"name": "a", "type": "string"}]}},
        {"id": "1", "type": "31", "data": {"inputs": {"note": '[{"children": [{"text": "hi"}]}]'}}},
        {"id": "900001", "type": "2", "data": {"inputs": {"inputParameters": []}}},
    ],
    "edges": [{"sourceNodeID": "100001", "targetNodeID": "900001"}],
    "versions": {"loop": "v2"},
}


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (CANVAS, "file"),
        ({"type": "coze-workflow-clipboard-data", "json": CANVAS, "source": {}}, "file"),
        ({"type": "coze-workflow-export-data", "json": json.dumps(CANVAS)}, "file"),
        ({"name": "Cards", "schema": json.dumps(CANVAS)}, "Cards"),
        ({"data": {"workflow": {"name": "Inner", "schema_json": json.dumps(CANVAS)}}}, "Inner"),
    ],
)
def test_a_canvas_is_found_in_each_shape(document: Any, name: str) -> None:
    assert IMPORTER.recognises(document)
    imported = IMPORTER.read(document, Context(name="file"))
    assert imported.definition["name"] == name
    assert [node["type"] for node in imported.definition["nodes"]] == ["values", "end"]
    assert imported.definition["origin"]["notes"][0]["text"] == "hi"
    assert imported.report[1].reason == "kept as a note"


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"nodes": []},
        {"nodes": [{"id": "a", "type": "llm", "config": {}}], "edges": []},
        {"nodes": [{"key": "entry", "type": "Entry", "data": {}}]},
        {"nodes": [{"name": "a", "type": "n8n-nodes-base.set", "parameters": {}}]},
        {"app": {}, "workflow": {"graph": {"nodes": [{"id": "1", "data": {"type": "start"}}]}}},
    ],
)
def test_other_documents_are_left_to_others(document: Any) -> None:
    assert not IMPORTER.recognises(document)


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "/"), body)
    return made.getvalue()


def test_a_zip_of_the_hosted_product_is_opened() -> None:
    canvas = json.dumps(CANVAS, indent=1).encode()
    container = (
        b"\x00\x01head\x00MANIFEST.yml\x00type: Workflow\nmain: {a: 1}\n\x00\x02"
        b"workflow/\xe5\x8d\xa1 cards-draft.json\x00\x00\x07" + canvas + b"\x00\x00tail{"
    )
    assert [name for name, _ in canvases_in(container)] == ["卡 cards"]
    (one,) = import_files([SourceFile("cards", zipped(one=container))])
    assert isinstance(one, Imported)
    assert one.workflow_id == "卡_cards"
    inner = zipped(**{"workflow__first-draft.json": canvas, "MANIFEST.yml": b"a: 1"})
    other = zipped(**{"Workflow-x.zip": inner, "more__second.json": canvas, "x.json": b"{"})
    made = import_files([SourceFile("cards", other)])
    assert [one.workflow_id for one in made if isinstance(one, Imported)] == ["first", "second"]
    assert [one.name for one in made if isinstance(one, PassedOver)] == [
        "Workflow-x.zip/MANIFEST.yml"
    ]
    assert [one.name for one in made if isinstance(one, Refused)] == ["x.json"]
    assert is_foreign(other)


@pytest.mark.parametrize("body", [b"PK", b"{" * 5000, b'{"' * 3000, b""])
def test_bytes_with_no_canvas_give_none(body: bytes) -> None:
    assert canvases_in(body) == []
