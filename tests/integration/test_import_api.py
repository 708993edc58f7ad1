"""Importing over HTTP: one document, several in a form, and what is not a workflow."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from runfold.definitions.store import DefinitionStore
from runfold.importers.importing import SourceFile, import_files
from runfold.importers.report import Imported
from tests.support import n8n_documents as n
from tests.support.gateway import Gateway, gateway
from tests.support.stack import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

FLOW = b"id: kept\nnodes: [{id: t, type: template, config: {template: hi}}]\n"
SAMPLES = Path(__file__).parents[1] / "samples" / "import"
JSON = "Content-Type: application/json"
ONE = "--b\r\nContent-Disposition: form-data; name={}\r\n\r\n{}\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door() -> AsyncIterator[Gateway]:
    async with gateway() as made:
        yield made


async def test_a_document_is_imported_and_stored_when_that_is_asked(door: Gateway) -> None:
    head = "Content-Type: application/yaml"
    answer = await door.ask("POST", "/api/import", head, body=FLOW)
    assert answer.status == 200
    assert answer.json["workflow_id"] == "kept"
    assert answer.json["status"] == "complete"
    assert answer.json["report"] == [
        {"node": "t", "type": "template", "result": "mapped", "reason": ""}
    ]
    assert (await door.ask("GET", "/api/workflows/kept")).status == 404
    stored = await door.ask("POST", "/api/import?store=publish", head, body=FLOW)
    assert stored.status == 200
    assert (await door.ask("GET", "/api/workflows/kept")).json["version"] == "1"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"PK\x03\x04zip"])
async def test_what_is_not_a_workflow_is_refused(door: Gateway, body: bytes) -> None:
    answer = await door.ask("POST", "/api/import", JSON, body=body)
    assert answer.status in (400, 422)
    assert answer.code.startswith("import.")


async def test_of_several_documents_in_a_body_the_others_are_named(door: Gateway) -> None:
    native = b"id: {}\nnodes: [{id: t, type: template, config: {template: hi}}]\n"
    body = b"---\n".join(native.replace(b"{}", name, 1) for name in (b"one", b"two"))
    answer = await door.ask("POST", "/api/import", "Content-Type: application/yaml", body=body)
    assert (answer.status, answer.json["workflow_id"]) == (200, "one")
    assert answer.json["status"] == "complete"
    assert answer.json["others"] == ["two"]


async def test_a_file_of_a_form_that_is_not_a_workflow_stops_no_other(door: Gateway) -> None:
    form = (
        ONE.format('"file"; filename="a.yml"', FLOW.decode())
        + ONE.format('"file"; filename="b.json"', "{}")
        + ONE.format('"models"', '{"gpt-4o": "mine"}')
        + "--b--\r\n"
    )
    head = "Content-Type: multipart/form-data; boundary=b"
    answer = await door.ask("POST", "/api/import/files", head, body=form.encode())
    assert answer.status == 200
    assert [one["workflow_id"] for one in answer.json["items"]] == ["kept"]
    assert [(one["name"], one["code"]) for one in answer.json["refused"]] == [
        ("b", "import.not_a_workflow")
    ]


async def test_what_cannot_be_stored_stops_no_other(door: Gateway) -> None:
    odd = FLOW.decode().replace("kept", "../odd")
    form = (
        ONE.format('"file"; filename="a.yml"', odd)
        + ONE.format('"file"; filename="b.yml"', FLOW.decode().replace("kept", "beside"))
        + "--b--\r\n"
    )
    head = "Content-Type: multipart/form-data; boundary=b"
    answer = await door.ask("POST", "/api/import/files?store=publish", head, body=form.encode())
    assert answer.status == 200
    assert [one["status"] for one in answer.json["items"]] == ["incomplete", "complete"]
    assert [one["code"] for one in answer.json["refused"]] == ["workflow.invalid"]
    assert (await door.ask("GET", "/api/workflows/beside")).json["version"] == "1"


async def test_what_a_zip_holds_is_told_file_by_file(door: Gateway) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("README.md", "# Read")
        archive.writestr("b/broken.json", "[")
        archive.writestr("one.yml", FLOW.decode().replace("kept", "one"))
        archive.writestr("two.yml", FLOW.decode().replace("kept", "two"))
    head = "Content-Type: application/octet-stream"
    answer = await door.ask("POST", "/api/import?name=all", head, body=made.getvalue())
    assert (answer.status, answer.json["workflow_id"], answer.json["others"]) == (
        200,
        "one",
        ["two"],
    )
    passed_over = [
        {"name": "README.md", "within": "all", "reason": "no document: its name ends in .md"}
    ]
    assert answer.json["passed_over"] == passed_over
    (refused,) = answer.json["refused"]
    assert {key: refused[key] for key in ("name", "within", "code")} == {
        "name": "b/broken.json",
        "within": "all",
        "code": "import.unreadable",
    }
    disposition = 'Content-Disposition: form-data; name="file"; filename="all.zip"'
    form = f"--b\r\n{disposition}\r\n\r\n".encode() + made.getvalue() + b"\r\n--b--\r\n"
    head = "Content-Type: multipart/form-data; boundary=b"
    answer = await door.ask("POST", "/api/import/files", head, body=form)
    assert [one["workflow_id"] for one in answer.json["items"]] == ["one", "two"]
    assert answer.json["refused"] == [refused]
    assert answer.json["passed_over"] == passed_over


@pytest.mark.parametrize(("store", "version"), [("publish", "1"), ("draft", "draft")])
async def test_the_layout_of_an_import_is_stored_with_it(
    door: Gateway, store: str, version: str
) -> None:
    note = n.node("Note", "stickyNote", position=[-40, -40], parameters={"content": "Read this"})
    nodes = [
        n.node("Go", "manualTrigger", position=[0, 0]),
        n.node("On", "noOp", position=[220, 90]),
    ]
    flow = n.flow(*nodes, note, links="Go > On", name=f"Placed {store}")
    answer = await door.ask(
        "POST", f"/api/import?store={store}", JSON, body=json.dumps(flow).encode()
    )
    layout = answer.json["layout"]
    assert set(layout["nodes"]) == {"begin", "Go", "On", "last", "result"}
    assert [one["text"] for one in layout["notes"]] == ["Read this"]
    path = f"/api/workflows/{answer.json['workflow_id']}/layout"
    stored = await door.ask("GET", f"{path}?version={version}")
    assert stored.json == layout
    assert (await door.ask("GET", path)).json == layout


async def test_the_command_publishes_a_layout_with_the_workflow(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    nodes = [
        n.node("Go", "manualTrigger", position=[0, 0]),
        n.node("On", "noOp", position=[220, 90]),
    ]
    file.write_text(json.dumps(n.flow(*nodes, links="Go > On", name="Placed")))
    async with running(("scheduler",)) as there:
        url = there.settings.nats_url
        command = ("-m", "runfold", "import", str(file), "--publish", "--server", url)
        process = await asyncio.create_subprocess_exec(sys.executable, *command)
        assert await process.wait() == 0
        store = DefinitionStore(there.bus.definitions)
        layout, _ = await store.layout("Placed", "1")
    (made,) = import_files([SourceFile("a", file.read_bytes())])
    assert isinstance(made, Imported)
    assert layout == made.layout


async def test_models_of_a_form_are_named_by_texts(door: Gateway) -> None:
    form = (
        ONE.format('"file"; filename="a.yml"', FLOW.decode())
        + ONE.format('"models"', '{"gpt-4o": 1}')
        + "--b--\r\n"
    )
    head = "Content-Type: multipart/form-data; boundary=b"
    answer = await door.ask("POST", "/api/import/files", head, body=form.encode())
    assert (answer.status, answer.code) == (422, "run.inputs_invalid")


async def test_a_form_without_a_file_is_refused(door: Gateway) -> None:
    form = ONE.format('"models"', "{}") + "--b--\r\n"
    head = "Content-Type: multipart/form-data; boundary=b"
    answer = await door.ask("POST", "/api/import/files", head, body=form.encode())
    assert (answer.status, answer.code) == (422, "import.no_file")


async def test_a_workflow_is_exported_as_far_as_the_other_system_has_it(door: Gateway) -> None:
    head = "Content-Type: application/yaml"
    sample = (SAMPLES / "dify" / "order_total.yml").read_bytes()
    stored = await door.ask("POST", "/api/import?store=publish", head, body=sample)
    path = f"/api/workflows/{stored.json['workflow_id']}/export?format="
    back = await door.ask("GET", f"{path}dify")
    assert back.json["document"].encode() == sample
    assert {line["result"] for line in back.json["report"]} == {"kept"}
    assert (await door.ask("GET", f"{path}zapier")).status == 422
    assert (await door.ask("GET", "/api/workflows/nothing/export?format=dify")).status == 404
    asking = b"id: asks\nnodes: [{id: q, type: question, config: {question: Really?}}]\n"
    assert (await door.ask("POST", "/api/workflows", head, body=asking)).status == 201
    refused = await door.ask("GET", "/api/workflows/asks/export?format=dify")
    assert (refused.status, refused.code) == (422, "export.not_mappable")
    partial = await door.ask("GET", "/api/workflows/asks/export?format=dify&partial=true")
    assert [line["result"] for line in partial.json["report"]] == ["not_exported"]
    assert "kind: app" in partial.json["document"]
