"""`document_extract`: documents in processes apart, what one may take, and which node fails."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from runfold.document_settings import DocumentSettings
from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.graph import extras
from runfold.graph.kinds.document_extract import DocumentExtractConfig
from runfold.graph.loader import load_workflow
from runfold.settings import Settings
from runfold_executor_data.documents import document_extract
from runfold_executor_data.documents.extraction import Extraction, open_extraction
from tests.support import documents as made
from tests.support.documents import changed, saved
from tests.support.node_contexts import RecordingContext, attempted
from tests.support.stack import running

SERVICES = ("scheduler", "executor-text", "executor-data", "projection", "gateway")


@pytest_asyncio.fixture
async def extraction() -> AsyncIterator[Extraction]:
    async with open_extraction(DocumentSettings()) as opened:
        yield opened


async def code_of(extraction: Extraction, body: bytes, name: str, **more: Any) -> tuple[str, str]:
    with pytest.raises(NodeFailed) as failed:
        await extraction.read(body, name, **more)
    assert not failed.value.retryable
    assert failed.value.message.startswith(f"{name}: ")
    return failed.value.code, failed.value.message


async def run(ctx: RecordingContext, file: Any, **config: Any) -> Outcome:
    wanted = msgspec.convert({"file": file, **config}, DocumentExtractConfig)
    return await attempted(document_extract.NODE, ctx, wanted)


async def stored(ctx: RecordingContext, body: bytes, name: str) -> dict[str, Any]:
    return await ctx.files.write(body, name=name, media_type="application/octet-stream")


# --- the node -----------------------------------------------------------------------------------


async def test_a_document_gives_its_text_pages_metadata_kind_and_warnings() -> None:
    ctx = RecordingContext()
    file = await stored(ctx, made.pdf("One", "", title="T"), "report.pdf")
    outcome = await run(ctx, file)
    assert outcome.outputs == {
        "output": "One",
        "text": "One",
        "pages": [{"number": 1, "text": "One", "name": ""}, {"number": 2, "text": "", "name": ""}],
        "metadata": {"title": "T"},
        "kind": "pdf",
        "warnings": ["pages without text: 2"],
        "failed": [],
    }


async def test_a_list_gives_lists_and_one_that_fails_does_not_stop_the_others() -> None:
    ctx = RecordingContext()
    files = [
        await stored(ctx, b"a,b\n1,2\n", "t.csv"),
        await stored(ctx, b"%PDF-1.7 broken", "bad.pdf"),
        await stored(ctx, b"text", "t.txt"),
    ]
    outputs = (await run(ctx, files, on_item_error="continue")).outputs
    assert outputs["text"] == ["| a | b |\n| --- | --- |\n| 1 | 2 |", None, "text"]
    assert outputs["output"] == outputs["text"]
    assert outputs["kind"] == ["csv", None, "text"]
    assert outputs["pages"] == [[], None, []]
    (failed,) = outputs["failed"]
    assert (failed["index"], failed["code"], failed["type"]) == (1, "document.malformed", "input")
    assert failed["message"].startswith("file[1] (bad.pdf): ")
    with pytest.raises(NodeFailed, match=r"^file\[1\] \(bad\.pdf\): ") as stopped:
        await run(ctx, files)
    assert stopped.value.code == "document.malformed"
    empty = (await run(ctx, [])).outputs
    assert all(value == [] for value in empty.values())


async def test_what_is_no_file_or_too_large_is_refused_with_its_place() -> None:
    ctx = RecordingContext(
        Settings(documents=DocumentSettings(max_file_bytes=100, max_text_bytes=50))
    )
    file = await stored(ctx, b"x" * 30, "a.txt")
    with pytest.raises(NodeFailed, match=r"^file\[1\]: not a file") as wrong:
        await run(ctx, [file, "report.pdf"])
    assert wrong.value.code == "file.invalid"
    with pytest.raises(NodeFailed) as large:
        await run(ctx, await stored(ctx, b"x" * 101, "b.txt"))
    assert large.value.code == "file.too_large"
    # The documents of one node share how long their text may be.
    with pytest.raises(NodeFailed, match=r"file\[1\] \(a\.txt\): its text") as long:
        await run(ctx, [file, file])
    assert long.value.code == "document.limit"
    with pytest.raises(NodeFailed) as many:
        await run(ctx, [file] * 51)
    assert many.value.code == "document.too_many"
    gone = file | {"$file": "0" * 64}
    with pytest.raises(NodeFailed) as lost:
        await run(ctx, gone)
    assert lost.value.code == "file.not_found"


async def test_a_charset_may_be_said() -> None:
    ctx = RecordingContext()
    file = await stored(ctx, "Grüße".encode("cp437"), "t.txt")
    assert (await run(ctx, file, charset="IBM437")).outputs["text"] == "Grüße"
    with pytest.raises(NodeFailed) as unknown:
        await run(ctx, file, charset="idna")
    assert unknown.value.code == "document.charset"


def test_the_check_refuses_what_the_node_would(monkeypatch: pytest.MonkeyPatch) -> None:
    def findings(config: dict[str, Any]) -> list[tuple[str, str, str]]:
        node = {"id": "read", "type": "document_extract", "config": {"file": "{{f}}", **config}}
        document = {"id": "flow", "inputs": {"f": "file"}, "nodes": [node]}
        return [(one.level, one.code, one.path) for one in load_workflow(document).findings]

    assert findings({}) == []
    assert findings({"charset": "gb18030"}) == []
    at = "nodes[0].config"
    assert findings({"charset": "klingon"}) == [("error", "config.wrong_value", f"{at}.charset")]
    assert findings({"on_item_error": "drop"})[0][1] == "config.wrong_type"
    monkeypatch.setattr(extras, "missing", lambda name: ("lxml",) if name == "documents" else ())
    monkeypatch.setattr(
        "runfold.graph.checks.config.missing", lambda name: ("lxml",) if name else ()
    )
    assert findings({}) == [("warning", "extra.missing", "nodes[0].type")]


async def test_without_the_extra_the_node_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runfold.executor.extras.missing", lambda _name: ("lxml",))
    ctx = RecordingContext()
    file = await stored(ctx, b"x", "t.txt")
    with pytest.raises(NodeFailed, match=r"pip install 'runfold\[documents\]'") as failed:
        await run(ctx, file)
    assert failed.value.code == "extra.missing"


# --- what hostile documents come to -------------------------------------------------------------

ENTITIES = (
    '<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
OUTSIDE = '<!DOCTYPE z [<!ENTITY i SYSTEM "file:///etc/passwd">]>'


def word_of(xml: str, declared: str = "") -> bytes:
    document = f"{declared}<w:document {made.W}><w:body>{xml}</w:body></w:document>"
    return changed(saved(made.word("x")), {"word/document.xml": document})


def sheet_of(cell: str, declared: str = "") -> bytes:
    xml = (
        f'{declared}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{cell}</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    return changed(saved(made.workbook([["x"]])), {"xl/worksheets/sheet1.xml": xml})


@pytest.mark.parametrize("declared", [ENTITIES, OUTSIDE], ids=["amplified", "outside"])
async def test_entities_are_neither_followed_nor_passed_over(
    extraction: Extraction, declared: str
) -> None:
    text = "<w:p><w:r><w:t>&i;</w:t></w:r></w:p>"
    for name, body in (
        ("t.docx", word_of(text, declared)),
        ("t.xlsx", sheet_of("&i;", declared)),
        (
            "t.epub",
            changed(
                made.book({"a.xhtml": "x"}), {"OPS/book.opf": f"{declared}<package>&i;</package>"}
            ),
        ),
    ):
        code, message = await code_of(extraction, body, name)
        assert code == "document.malformed"
        assert "root:" not in message


def said_to_have(body: bytes, name: str, size: int) -> bytes:
    """An archive whose directory says another size of an entry."""
    changed_body = bytearray(body)
    head = body.rfind(b"PK\x01\x02", 0, body.rfind(name.encode()))
    changed_body[head + 24 : head + 28] = struct.pack("<I", size)
    return bytes(changed_body)


async def test_archives_are_measured_before_they_are_unpacked(extraction: Extraction) -> None:
    name = "word/document.xml"
    large = said_to_have(word_of("<w:p/>"), name, 210_000_000)
    assert (await code_of(extraction, large, "a.docx"))[0] == "document.limit"
    times = made.zipped({name: b"\0" * 20_000_000})
    code, message = await code_of(extraction, times, "a.docx")
    assert (code, "times its size" in message) == ("document.limit", True)
    many = made.zipped({str(at): b"" for at in range(10_001)})
    assert (await code_of(extraction, many, "a.docx"))[0] == "document.limit"


async def test_a_size_that_lies_gives_no_more_than_it_says(extraction: Extraction) -> None:
    true = word_of("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 50_000)
    code, message = await code_of(
        extraction, said_to_have(true, "word/document.xml", 100), "a.docx"
    )
    assert (code, "damaged" in message) == ("document.malformed", True)


async def test_an_encrypted_entry_is_said_to_be_encrypted(extraction: Extraction) -> None:
    body = bytearray(saved(made.word("x")))
    name = body.rfind(b"word/document.xml")
    head = body.rfind(b"PK\x01\x02", 0, name)
    body[head + 8] |= 1
    assert (await code_of(extraction, bytes(body), "a.docx"))[0] == "document.encrypted"


async def test_deep_documents_are_refused(extraction: Extraction) -> None:
    inside = "<w:sdt><w:sdtContent>" * 400 + "</w:sdtContent></w:sdt>" * 400
    assert (await code_of(extraction, word_of(inside), "a.docx"))[0] == "document.limit"
    begin = b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
    parts = b"".join(b"--b\n\npart\n" for _ in range(1001))
    assert (await code_of(extraction, begin + parts, "a.eml"))[0] == "document.limit"
    nested = b"Subject: x\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(100)
    )
    assert (await extraction.read(nested + b"\ninside", "a.eml")).text.endswith("inside")
    # Deep in a page is only slow; what is said of it is said all the same.
    page = b"<ul><li>" * 500 + b"deep"
    assert (await extraction.read(page, "a.html")).text.endswith("deep")


async def test_text_has_a_limit_wherever_it_comes_from(extraction: Extraction) -> None:
    row = ["x" * 100] * 10
    cases = {
        "a.txt": b"x" * 20_000,
        "a.html": b"<p>" + b"x" * 20_000,
        "a.csv": b",".join([b"x" * 10] * 100) + b"\n" + b"x\n" * 20_000,
        "a.docx": saved(made.word(*["x" * 1000] * 20)),
        "a.xlsx": saved(made.workbook([row] * 20)),
        "a.pptx": saved(made.slides(*[("t", "x" * 4000)] * 4)),
        "a.pdf": made.pdf(*["x" * 100] * 150),
        "a.epub": made.book({f"{at}.xhtml": "x" * 9000 for at in range(2)}),
        "a.eml": b"Subject: x\n\n" + b"x" * 20_000,
    }
    for name, body in cases.items():
        code, message = await code_of(extraction, body, name, most=10_000)
        assert (code, "10000 bytes" in message) == ("document.limit", True), name
    wide = b",".join([b"x"] * 2000)
    assert (await code_of(extraction, wide, "a.csv"))[0] == "document.limit"


async def test_cells_far_apart_take_no_room(extraction: Extraction) -> None:
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="30000"><c r="XFD30000"><v>2</v></c></row></sheetData></worksheet>'
    )
    body = changed(saved(made.workbook([["x"]])), {"xl/worksheets/sheet1.xml": xml})
    assert (await extraction.read(body, "a.xlsx")).text.endswith(
        "| 1 |  |\n| --- | --- |\n|  | 2 |"
    )


async def test_what_needs_too_much_memory_is_a_limit_and_not_a_broken_file() -> None:
    """Libxml2 calls a document malformed when it gets no memory for it."""
    small = DocumentSettings(memory_bytes=64 * 1024 * 1024)
    xml = "".join(f"<w:p><w:r><w:t>{at * 7919}</w:t></w:r></w:p>" for at in range(300_000))
    async with open_extraction(small) as extraction:
        body = word_of(xml)
        code, message = await code_of(extraction, body, "a.docx")
        assert (code, "memory" in message) == ("document.limit", True)
        assert (await extraction.read(b"fine", "a.txt")).text == "fine"


async def test_what_takes_too_long_ends_with_its_process_and_nothing_else() -> None:
    quick = DocumentSettings(seconds=1.0, processes=2)
    slow = b"<div>" * 200_000
    async with open_extraction(quick) as extraction:
        beside = asyncio.create_task(code_of(extraction, slow, "slow.html"))
        assert (await extraction.read(b"quick", "a.txt")).text == "quick"
        code, message = await beside
        assert (code, "over 1 s" in message) == ("document.limit", True)
        assert (await extraction.read(b"after", "a.txt")).text == "after"


async def test_an_attempt_that_is_given_up_takes_its_process_with_it() -> None:
    async with open_extraction(DocumentSettings(processes=1)) as extraction:
        await extraction.read(b"first", "a.txt")
        (before,) = extraction.processes()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await extraction.read(b"<div>" * 200_000, "slow.html")
        assert (await extraction.read(b"next", "a.txt")).text == "next"
        assert extraction.processes() != [before]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGSEGV, "document.malformed"), (signal.SIGKILL, "document.limit")]
)
async def test_a_parser_that_crashes_fails_its_document_alone(
    extraction: Extraction, number: signal.Signals, code: str
) -> None:
    await extraction.read(b"first", "a.txt")
    (process,) = extraction.processes()
    reading = asyncio.create_task(code_of(extraction, b"<div>" * 200_000, "slow.html"))
    await asyncio.sleep(0)  # it has its turn, and the process
    os.kill(process, number)
    found, message = await reading
    assert (found, number.name in message) == (code, True)
    assert (await extraction.read(b"after", "a.txt")).text == "after"


def shown_of(process: int, name: str) -> bytes:
    return Path(f"/proc/{process}/{name}").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_the_process_apart_has_no_secrets_and_has_limits(
    extraction: Extraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_KEY", "s3cret")
    await extraction.read(b"x", "a.txt")
    (process,) = extraction.processes()
    assert b"s3cret" not in shown_of(process, "environ")
    limits = shown_of(process, "limits")
    assert re.search(rb"Max file size +0 ", limits)
    assert re.search(rb"Max address space +\d", limits)
    assert re.search(rb"Max cpu time +\d", limits)


def test_the_process_apart_opens_no_connection_and_starts_nothing() -> None:
    program = """
import socket, subprocess, sys
from runfold_executor_data.documents.worker import refuse
sys.addaudithook(refuse)
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo("localhost", 9),
    lambda: subprocess.run(["true"]),
):
    try:
        attempt()
    except PermissionError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert (
        done.stdout.splitlines()
        == ["this process opens no connections and starts no processes"] * 3
    )


# --- a whole run --------------------------------------------------------------------------------

FLOW = {
    "id": "papers",
    "inputs": {"papers": {"type": "files", "required": True}},
    "nodes": [
        {
            "id": "pick",
            "type": "list",
            "config": {
                "input": "{{papers}}",
                "filter": {"field": "extension", "operator": "in", "value": ["docx", "pdf"]},
                "order": [{"field": "size"}],
            },
        },
        {
            "id": "read",
            "type": "document_extract",
            "config": {"file": "{{pick.output}}", "on_item_error": "continue"},
        },
        {
            "id": "broken",
            "type": "document_extract",
            "config": {"file": "{{pick.first_record}}"},
            "on_error": {"strategy": "default_value", "value": "unread"},
        },
        {
            "id": "end",
            "type": "end",
            "config": {
                "outputs": {
                    "texts": "{{read.text}}",
                    "failed": "{{read.failed[0].code}}",
                    "broken": "{{broken.output}}",
                    "why": "{{broken.error.code}}",
                }
            },
        },
    ],
}


async def test_documents_go_through_a_run_and_a_damaged_one_fails_its_node_alone() -> None:
    word = saved(made.word("Kept whole"))
    files = [
        ("papers", ("skipped.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image/png")),
        ("papers", ("whole.docx", word)),
        ("papers", ("half.pdf", made.pdf("x")[:120], "application/pdf")),
    ]
    async with (
        running(SERVICES) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=30) as api,
    ):
        made_flow = await api.post("/workflows", json=FLOW)
        assert made_flow.status_code == 201, made_flow.text
        ended = await api.post("/workflows/papers/run?wait=30", files=files)
        run_view = ended.json()
        assert run_view["status"] == "partial_succeeded", run_view
        assert run_view["outputs"] == {
            "texts": [None, "Kept whole"],
            "failed": "document.malformed",
            "broken": "unread",
            "why": "document.malformed",
        }
