"""Importing over HTTP: one document, several in a form, and what is not a workflow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.gateway import Gateway, gateway

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


async def test_of_several_documents_in_a_body_the_first_says_so(door: Gateway) -> None:
    native = b"id: {}\nnodes: [{id: t, type: template, config: {template: hi}}]\n"
    body = b"---\n".join(native.replace(b"{}", name, 1) for name in (b"one", b"two"))
    answer = await door.ask("POST", "/api/import", "Content-Type: application/yaml", body=body)
    assert (answer.status, answer.json["workflow_id"]) == (200, "one")
    assert answer.json["status"] == "approximated"
    assert "not with it are two" in answer.json["report"][-1]["reason"]


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
