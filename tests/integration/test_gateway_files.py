"""Files over HTTP: sent as forms and as raw bytes, got back whole and in parts, used by runs."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from tests.support.gateway import Answer, Gateway, gateway

LIMIT = 400_000
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 1200
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SHA = hashlib.sha256(PDF).hexdigest()
FLOW = {
    "id": "reader",
    "inputs": {
        "report": {"type": "file", "media_types": ["application/pdf"]},
        "images": {"type": "files"},
        "topic": "string",
        "count": "integer",
    },
    "nodes": [
        {"id": "s", "type": "start"},
        {"id": "e", "type": "end", "config": {"outputs": {"name": "{{report.name}}"}}},
    ],
}


def form(*parts: tuple[str, str | None, str, bytes]) -> tuple[str, bytes]:
    """The header and the body of a form: name, file name, media type, bytes."""
    body = b""
    for name, filename, media_type, content in parts:
        head = f'--x\r\nContent-Disposition: form-data; name="{name}"'
        if filename is not None:
            head += f'; filename="{filename}"'
        head += f"\r\nContent-Type: {media_type}" if media_type else ""
        body += head.encode() + b"\r\n\r\n" + content + b"\r\n"
    return "Content-Type: multipart/form-data; boundary=x", body + b"--x--\r\n"


@pytest.fixture
async def door() -> AsyncIterator[Gateway]:
    async with gateway(file_limit=LIMIT) as made:
        stored = await made.ask("POST", "/api/workflows", body=msgspec.json.encode(FLOW))
        assert stored.status == 201, stored
        yield made


async def put(door: Gateway, body: bytes = PDF, name: str = "report.pdf") -> dict[str, Any]:
    answer = await door.ask("POST", f"/api/files?name={quote(name)}", body=body)
    assert answer.status == 201, answer
    return dict(answer.json)


async def test_a_raw_body_comes_back(door: Gateway) -> None:
    answer = await door.ask(
        "POST", "/api/files?name=../r%C3%A9port.pdf", "Content-Type: application/pdf", body=PDF
    )
    assert answer.status == 201
    assert answer.json == {
        "$file": SHA,
        "name": "réport.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
        "kind": "document",
        "sha256": SHA,
        "extension": "pdf",
    }
    assert answer.headers["location"] == f"/api/files/{SHA}"
    got = await door.ask("GET", f"/api/files/{SHA}", "Accept-Encoding: gzip")
    assert (got.status, got.body) == (200, PDF)
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-length"] == str(len(PDF))
    said = got.headers["content-disposition"]
    assert said == "attachment; filename=\"r_port.pdf\"; filename*=UTF-8''r%C3%A9port.pdf"
    named = await door.ask("GET", f"/api/files/{SHA}?name=a%22b%0d.pdf")
    assert named.headers["content-disposition"].startswith('attachment; filename="a_b.pdf"')


async def test_a_text_is_given_no_charset_that_it_may_not_have(door: Gateway) -> None:
    file = await put(door, "Größe".encode("cp1252"), "a.csv")
    got = await door.ask("GET", f"/api/files/{file['sha256']}")
    assert got.headers["content-type"] == "text/csv"


async def test_head_has_the_size_and_no_body(door: Gateway) -> None:
    await put(door)
    answer = await door.ask("HEAD", f"/api/files/{SHA}")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(PDF))


async def test_parts_of_a_file(door: Gateway) -> None:
    await put(door)
    for asked, begin, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=131000-131199", 131_000, 131_200),
        ("bytes=300000-", 300_000, len(PDF)),
        ("bytes=-7", len(PDF) - 7, len(PDF)),
        ("bytes=10-999999999", 10, len(PDF)),
    ):
        answer = await door.ask("GET", f"/api/files/{SHA}", f"Range: {asked}")
        assert (answer.status, answer.body) == (206, PDF[begin:end]), asked
        assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(PDF)}"
    for whole in ("bytes=0-", "bytes=0-1,5-9", "lines=1-2", "bytes=x"):
        answer = await door.ask("GET", f"/api/files/{SHA}", f"Range: {whole}")
        assert (answer.status, answer.body) == (200, PDF), whole
    for none in ("bytes=9999999-", "bytes=9-3", "bytes=-0"):
        answer = await door.ask("GET", f"/api/files/{SHA}", f"Range: {none}")
        assert (answer.status, answer.code) == (416, "file.range"), none


async def test_a_form_with_one_file(door: Gateway) -> None:
    header, body = form(("file", "a.pdf", "application/pdf", PDF))
    answer = await door.ask("POST", "/api/files", header, body=body)
    assert answer.status == 201
    assert answer.json["$file"] == SHA
    assert answer.json["name"] == "a.pdf"
    assert (await door.ask("GET", f"/api/files/{SHA}")).body == PDF
    header, body = form(("file", "empty.txt", "", b""))
    answer = await door.ask("POST", "/api/files", header, body=body)
    assert (answer.status, answer.json["size"]) == (201, 0)
    assert (await door.ask("GET", f"/api/files/{answer.json['$file']}")).body == b""


async def test_bad_forms(door: Gateway) -> None:
    header, body = form(("file", "a.pdf", "application/pdf", PDF))
    pieces = (
        (form(), 422, "file.one_expected"),
        (form(("a", "a", "", b"1"), ("b", "b", "", b"2")), 422, "file.one_expected"),
        ((header, body[:-100]), 422, "request.body_invalid"),
        ((header, b"nothing of a form"), 422, "request.body_invalid"),
        (("Content-Type: multipart/form-data", body), 422, "request.body_invalid"),
        ((header, b"--x\r\nX: " + b"y" * 9000), 422, "request.body_invalid"),
        ((header, body.replace(b"form-data;", b"\xff\xfe;")), 422, "request.body_invalid"),
        ((header, body.replace(b"filename=", b"filename*=nocode''")), (201, 422), None),
        (form(("file", "a.png", "image/png", PDF)), 422, "file.media_type"),
        (form(("file", "a.png", "not a type", PDF)), 422, "file.media_type"),
        (form(("file", "a.bin", "", b"x" * (LIMIT + 1))), 413, "file.too_large"),
    )
    for (said, sent), status, code in pieces:
        answer = await door.ask("POST", "/api/files", said, body=sent)
        assert answer.status in (status if isinstance(status, tuple) else (status,)), answer
        assert code is None or answer.code == code


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("filename=\"=?utf-8?B?w6k=?=\"; filename*=utf-8''r%C3%A9.pdf", "ré.pdf"),  # .NET
        ("filename*=UTF-8'en'r%C3%A9.pdf", "ré.pdf"),
        ("filename*=iso-8859-1''r%E9.pdf; filename=x.pdf", "ré.pdf"),
        ("filename=x.pdf; filename*=utf-8''%FF.pdf", "x.pdf"),
        ("filename=x.pdf; filename*=koi8-r''%FF.pdf", "x.pdf"),
        ("filename*=utf-8''%2e%2e%2fetc%2fr.pdf", "r.pdf"),
        ("filename*=utf-8''%FF", "file.pdf"),
    ],
)
async def test_names_of_files_in_forms(door: Gateway, said: str, name: str) -> None:
    body = f"--x\r\nContent-Disposition: form-data; name=report; {said}\r\n\r\n".encode()
    header = "Content-Type: multipart/form-data; boundary=x"
    body += PDF + b"\r\n--x--\r\n"
    answer = await door.ask("POST", "/api/files", header, body=body)
    assert (answer.status, answer.json["name"]) == (201, name)
    answer = await door.ask("POST", "/api/workflows/reader/run", header, body=body)
    assert answer.status == 202, answer
    assert asked_inputs(door)["report"]["name"] == name


async def test_bad_raw_bodies(door: Gateway) -> None:
    for header, body, status, code in (
        ("Content-Type: image/png", PDF, 422, "file.media_type"),
        ("Content-Type: application/pdf", b"text", 422, "file.media_type"),
        ("Content-Type: image", PNG, 422, "file.media_type"),
        ("Content-Encoding: gzip", PDF, 415, "http.415"),
        ("X: y", b"x" * (LIMIT + 1), 413, "http.413"),
    ):
        answer = await door.ask("POST", "/api/files", header, body=body)
        assert (answer.status, answer.code) == (status, code)
    assert (await door.ask("GET", f"/api/files/{SHA}")).status == 404


async def test_bytes_that_are_not_there(door: Gateway) -> None:
    for odd in ("0" * 64, SHA.upper(), "x", "..%2f", "%ff", "x" * 400):
        answer = await door.ask("GET", f"/api/files/{odd}")
        assert answer.status == 404, answer
        assert answer.code in ("file.not_found", "http.404")


# --- runs -----------------------------------------------------------------------------------------


async def start(door: Gateway, inputs: dict[str, Any]) -> Answer:
    return await door.ask("POST", "/api/workflows/reader/run", body=msgspec.json.encode(inputs))


def asked_inputs(door: Gateway) -> dict[str, Any]:
    """The inputs of the newest request for a run."""
    stored = door.bus.requests._queue._waiting[-1]
    return dict(msgspec.json.decode(stored.body)["inputs"])


async def test_a_file_as_an_input(door: Gateway) -> None:
    file = await put(door)
    answer = await start(
        door,
        {
            "report": {name: file[name] for name in ("$file", "name")}
            | {"media_type": "application/pdf", "size": len(PDF)},
            "images": [file],
        },
    )
    assert answer.status == 202, answer
    assert asked_inputs(door) == {"report": file, "images": [file]}


async def test_files_that_are_refused_at_the_start(door: Gateway) -> None:
    file = await put(door)
    image = await put(door, PNG, "a.png")
    gone = file | {"$file": "0" * 64}
    asked_before = door.asked_for
    for inputs, code, path in (
        ({"report": gone}, "file.not_found", "inputs.report"),
        ({"report": file, "images": [image, gone]}, "file.not_found", "inputs.images[1]"),
        ({"report": file | {"media_type": "image/png"}}, "file.media_type", "inputs.report"),
        ({"report": file | {"size": 1}}, "file.invalid", "inputs.report"),
        ({"report": file | {"name": "a/b"}}, "file.invalid", "inputs.report"),
        ({"report": {"$file": SHA}}, "file.invalid", "inputs.report"),
        ({"report": image}, "run.inputs_invalid", None),
        ({"report": [file]}, "run.inputs_invalid", None),
        ({"report": "report.pdf"}, "run.inputs_invalid", None),
        ({"report": file, "images": file}, "run.inputs_invalid", None),
        ({"images": [file] * 1001}, "file.too_many", "inputs"),
    ):
        answer = await start(door, inputs)
        assert (answer.status, answer.code) == (422, code), answer
        assert answer.json.get("path") == path
    assert door.asked_for == asked_before


async def test_a_run_by_a_form(door: Gateway) -> None:
    header, body = form(
        ("report", "r.pdf", "application/pdf", PDF),
        ("images", "a.png", "", PNG),
        ("inputs", None, "application/json", b'{"topic": "tea"}'),
        ("count", None, "", b"3"),
    )
    answer = await door.ask("POST", "/api/workflows/reader/run", header, body=body)
    assert answer.status == 202, answer
    inputs = asked_inputs(door)
    assert inputs["report"]["$file"] == SHA
    assert [one["media_type"] for one in inputs["images"]] == ["image/png"]
    assert (inputs["topic"], inputs["count"]) == ("tea", 3)
    # Two fields of a browser's form in which no file was chosen, and one without a name.
    empty = ("", "application/octet-stream", b"")
    header, body = form(("report", *empty), ("images", *empty), ("images", "", "", PNG))
    assert (await door.ask("POST", "/api/workflows/reader/run", header, body=body)).status == 202
    assert list(asked_inputs(door)) == ["images"]
    assert [one["name"] for one in asked_inputs(door)["images"]] == ["file.png"]
    header, body = form(("images", "a.png", "", PNG), ("images", "b.png", "", PNG))
    assert (await door.ask("POST", "/api/workflows/reader/run", header, body=body)).status == 202
    assert [one["name"] for one in asked_inputs(door)["images"]] == ["a.png", "b.png"]


async def test_bad_forms_of_a_run(door: Gateway) -> None:
    asked_before = door.asked_for
    report = ("report", "r.pdf", "application/pdf", PDF)
    for parts, status, code in (
        ((report, ("count", None, "", b"many")), 422, "run.inputs_invalid"),
        ((report, ("count", None, "", b"\xff")), 422, "run.inputs_invalid"),
        ((report, ("report", None, "", b"x")), 422, "run.inputs_invalid"),
        ((report, report), 422, "run.inputs_invalid"),
        ((report, ("inputs", None, "", b'{"report": 1}')), 422, "run.inputs_invalid"),
        ((("topic", None, "", b"a"), ("inputs", None, "", b'{"topic": "b"}')), 422, None),
        ((("other", "r.pdf", "", PDF),), 422, "run.inputs_invalid"),
        ((("inputs", None, "", b"[1]"),), 422, "run.inputs_invalid"),
        ((("inputs", None, "", b"{"),), 422, "run.inputs_invalid"),
        ((("inputs", "i.json", "", b"{}"),), 422, "run.inputs_invalid"),
        ((("version", None, "", b'"x"'),), 404, "workflow.not_found"),
        ((("report", "r.pdf", "image/png", PDF),), 422, "file.media_type"),
        ((("report", "r.png", "", PNG),), 422, "run.inputs_invalid"),
        ((("report", "r.pdf", "", b"%PDF-" + b"x" * LIMIT),), 413, "file.too_large"),
    ):
        header, body = form(*parts)
        answer = await door.ask("POST", "/api/workflows/reader/run", header, body=body)
        assert (answer.status, answer.code) == (status, code or answer.code), answer
    assert door.asked_for == asked_before


async def test_json_bodies_of_a_run_keep_their_limit(door: Gateway) -> None:
    answer = await door.ask(
        "POST",
        "/api/workflows/reader/run",
        "Content-Type: application/json",
        body=b'{"topic": "' + b"x" * 17_000_000 + b'"}',
    )
    assert (answer.status, answer.code) == (413, "http.413")


async def test_forms_with_any_byte_changed_are_answered(door: Gateway) -> None:
    header, whole = form(
        ("report", "r.pdf", "application/pdf", b"%PDF-1"), ("inputs", None, "", b'{"count": 1}')
    )
    chance = random.Random(41)
    for _ in range(150):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(body))
            match chance.randrange(3):
                case 0:
                    body[at] = chance.randrange(256)
                case 1:
                    del body[at : at + chance.randint(1, 9)]
                case _:
                    body[at:at] = chance.choice(
                        (b"\r\n", b"--x", b'"', b"\0", b"\xff", b"; ", b"*=")
                    )
        for path in ("/api/files", "/api/workflows/reader/run"):
            answer = await door.ask("POST", path, header, body=bytes(body))
            assert answer.status in (201, 202, 404, 413, 422), (answer, bytes(body))
