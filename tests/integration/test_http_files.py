"""Files in http_request nodes: sent as bytes and in forms, and what comes back as one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from multipart import MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]

from runfold.errors import NodeFailed
from runfold.graph.kinds.http_request import KIND, HTTPRequestConfig
from runfold.graph.loader import load_workflow
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import HTTPSettings, Settings
from runfold.values.files import read_file
from runfold_executor_http.http_request import NODE
from tests.support.node_contexts import RecordingContext, attempted

PDF = b"%PDF-1.7\n" + os.urandom(500_000)
PNG = b"\x89PNG\r\n\x1a\n" + os.urandom(300)


class Site:
    """Takes bodies; answers with bytes, or moves the client on."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer: tuple[dict[str, str], bytes] = {}, b""
        self.http = LoopbackServer(self.handle)

    async def handle(self, request: Request, responder: Responder) -> None:
        self.requests.append(request)
        match request.path.strip("/").split("/"):
            case ["to", code, *path]:
                await responder.body(int(code), {"location": f"/{'/'.join(path)}"}, b"")
            case ["status", code]:
                await responder.body(int(code), *self.answer)
            case _:
                await responder.body(200, *self.answer)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    served = Site()
    async with served.http:
        yield served


class Caller:
    """Makes requests with files of its own."""

    def __init__(self, site: Site, **settings: Any) -> None:
        http = HTTPSettings(allow_loopback=True)
        self.site = site
        self.ctx = RecordingContext(Settings(http=http, **settings))

    async def file(self, body: bytes, name: str) -> dict[str, Any]:
        return await self.ctx.files.write(body, name=name)

    async def call(self, path: str = "/", **config: Any) -> dict[str, Any]:
        wanted = {"url": f"{self.site.http.origin}{path}", **config}
        converted = msgspec.convert(wanted, HTTPRequestConfig)
        return (await attempted(NODE, self.ctx, converted)).outputs


def parts(request: Request) -> list[tuple[str, str | None, str | None, bytes]]:
    """The parts of a form that came: name, file name, media type, bytes."""
    boundary = request.headers["content-type"].partition("boundary=")[2]
    found: list[Any] = []
    with PushMultipartParser(boundary, strict=True) as parser:
        for event in parser.parse(request.body):
            if isinstance(event, MultipartSegment):
                found.append([event.name, event.filename, event.content_type, b""])
            elif event is not None:
                found[-1][3] += bytes(event)
    return [tuple(one) for one in found]


@pytest.mark.parametrize("body_type", ["auto", "file"])
async def test_a_file_is_sent_as_its_bytes(site: Site, body_type: str) -> None:
    caller = Caller(site)
    file = await caller.file(PDF, "a.pdf")
    await caller.call(method="PUT", body=file, body_type=body_type)
    (seen,) = site.requests
    assert seen.body == PDF
    assert seen.headers["content-type"] == "application/pdf"
    assert seen.headers["content-length"] == str(len(PDF))
    assert "transfer-encoding" not in seen.headers


async def test_a_form_has_fields_and_files(site: Site) -> None:
    caller = Caller(site)
    pdf, png = await caller.file(PDF, 'a "b"é.pdf'), await caller.file(PNG, "b.png")
    body = {
        "purpose": "ocr",
        "n": 3,
        "file": pdf,
        "images[]": [png, png],
        'q"\r\nX: y': 1,
        "no": None,
    }
    await caller.call(method="POST", body=body, body_type="multipart")
    assert parts(site.requests[0]) == [
        ("purpose", None, None, b"ocr"),
        ("n", None, None, b"3"),
        ("file", 'a "b"é.pdf', "application/pdf", PDF),
        ("images[]", "b.png", "image/png", PNG),
        ("images[]", "b.png", "image/png", PNG),
        ('q"\r\nX: y', None, None, b"1"),
    ]


@pytest.mark.parametrize("said", ["multipart/form-data", "Multipart/Form-Data; boundary=mine"])
async def test_a_form_has_its_own_boundary(site: Site, said: str) -> None:
    headers = {"Content-Type": said, "X-One": "1"}
    await Caller(site).call(method="POST", body={"a": 1}, body_type="multipart", headers=headers)
    assert parts(site.requests[0]) == [("a", None, None, b"1")]
    assert site.requests[0].headers["x-one"] == "1"


async def test_a_redirect_is_sent_the_bytes_again_or_none(site: Site) -> None:
    caller = Caller(site)
    file = await caller.file(PDF, "a.pdf")
    await caller.call("/to/307/to/308/end", method="POST", body={"f": file}, body_type="multipart")
    assert [parts(one)[0][3] for one in site.requests] == [PDF] * 3
    site.requests.clear()
    await caller.call("/to/303/to/307/end", method="POST", body=file)
    assert [(one.method, len(one.body)) for one in site.requests] == [
        ("POST", len(PDF)),
        ("GET", 0),
        ("GET", 0),
    ]
    assert "content-type" not in site.requests[2].headers


@pytest.mark.parametrize(
    ("headers", "body", "path", "name", "media_type"),
    [
        ({"content-type": "image/png"}, PNG, "/a/b%20c.png?token=x", "b c.png", "image/png"),
        ({"content-type": "application/pdf"}, PDF, "/", "file.pdf", "application/pdf"),
        ({"content-type": "application/octet-stream"}, PDF, "/x", "x", "application/pdf"),
        ({"content-type": "image/jpeg"}, PNG, "/x.jpg", "x.jpg", "image/png"),
        (
            {
                "content-type": "application/zip",
                "content-disposition": "attachment; filename=\"x\"; filename*=UTF-8''r%C3%A9.zip",
            },
            b"PK\x03\x04\xff\0",
            "/",
            "ré.zip",
            "application/zip",
        ),
        (
            {"content-type": "x/y", "content-disposition": 'attachment; filename="../../e\\"t"'},
            b"\xff\0",
            "/",
            'e"t',
            "x/y",
        ),
    ],
)
async def test_what_is_no_text_is_kept_as_a_file(
    site: Site, headers: dict[str, str], body: bytes, path: str, name: str, media_type: str
) -> None:
    caller = Caller(site)
    site.answer = headers, body
    outputs = await caller.call(path)
    file = read_file(outputs["file"])
    assert (file.name, file.media_type) == (name, media_type)
    assert file.sha256 == hashlib.sha256(body).hexdigest()
    assert outputs["body"] == outputs["file"]
    assert outputs["body_encoding"] == "file"
    assert await caller.ctx.files.read(outputs["file"]) == body


async def test_a_setting_decides(site: Site) -> None:
    caller = Caller(site)
    site.answer = {"content-type": "application/json"}, b'{"a": 1}'
    assert (await caller.call())["file"] is None
    outputs = await caller.call("/data.json", response_type="file")
    assert outputs["file"]["name"] == "data.json"
    assert outputs["file"]["media_type"] == "application/json"
    site.answer = {"content-type": "image/png"}, PNG
    outputs = await caller.call(response_type="base64")
    assert (outputs["file"], outputs["body_encoding"]) == (None, "base64")
    failed = await caller.call("/status/500", fail_on_status=False)
    assert failed["file"]["media_type"] == "image/png"


async def test_what_cannot_be_sent(site: Site) -> None:
    caller = Caller(site)
    file = await caller.file(PDF, "a.pdf")
    gone = file | {"$file": "0" * 64}
    for body, body_type, code in (
        (gone, "auto", "file.not_found"),
        ({"f": [file, gone]}, "multipart", "file.not_found"),
        (file | {"size": 5}, "auto", "file.invalid"),
        (file | {"media_type": "image/png"}, "auto", "file.media_type"),
        ("text", "file", "file.invalid"),
        (None, "file", "file.invalid"),
        (file, "multipart", "http.invalid"),
        ("text", "multipart", "http.invalid"),
        (None, "multipart", "http.invalid"),
    ):
        with pytest.raises(NodeFailed) as failed:
            await caller.call(method="POST", body=body, body_type=body_type)
        assert (failed.value.code, failed.value.retryable) == (code, False)
    assert site.requests == []
    tight = Caller(site, file_limit=100)
    site.answer = {"content-type": "image/png"}, PNG
    with pytest.raises(NodeFailed) as failed:
        await tight.call()
    assert failed.value.code == "file.too_large"


def test_a_form_without_fields_is_found_by_the_check() -> None:
    config = {"url": "https://a.example", "body": [1], "body_type": "multipart"}
    node = {"id": "n", "type": "http_request", "config": config}
    (found,) = load_workflow({"id": "w", "nodes": [node]}).findings
    assert (found.code, found.path) == ("config.wrong_value", "nodes[0].config.body")


@pytest.mark.parametrize(
    ("body_type", "body", "is_wrong"),
    [
        ("multipart", {"a": "{{x}}"}, False),
        ("multipart", "{{x}}", False),
        ("multipart", "a=1", True),
        ("multipart", [1], True),
        ("form", "a=1", True),
        ("form", None, False),
        ("file", "{{doc}}", False),
        ("file", {"ref": "doc"}, False),
        ("file", "/tmp/a.pdf", True),
        ("file", None, True),
    ],
)
def test_bodies_that_cannot_be_are_told_before(body_type: str, body: Any, is_wrong: bool) -> None:
    found = list(KIND.rules({"url": "http://x", "body_type": body_type, "body": body}))
    assert [one.field for one in found] == (["body"] if is_wrong else [])
