"""The list of files over HTTP, on a real object store: pages, odd names, wrong questions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from runfold.values.files import LONGEST_NAME, read_file
from tests.support.gateway import gateway
from tests.support.stack import Stack, running

NAMES = {
    "<script>document.title = 'taken'</script>.txt": "script>.txt",
    "invoice\u202egpj.exe": "invoicegpj.exe",
    "\u2066a\u2069\u200b.txt": "a.txt",
    "line\nbreak\x00\x1b[31m.txt": "linebreak[31m.txt",
    "../../etc/passwd": "passwd",
    "C:\\secret\\报告 №1.pdf": "报告 №1.pdf",
    "": "file.txt",
    "...": "file.txt",
    "=HYPERLINK(1).csv": "=HYPERLINK(1).csv",
    "🍵" * 500 + ".txt": "🍵" * (LONGEST_NAME - 4) + ".txt",
}
"""As they are sent, and as they are listed: without paths, control characters and marks."""


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(("scheduler", "executor-text", "gateway")) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def put(api: httpx.AsyncClient, body: bytes, name: str) -> dict[str, Any]:
    answer = await api.post("/files", params={"name": name}, content=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(api: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await api.get("/files", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_file_of_the_list_is_what_was_uploaded(api: httpx.AsyncClient) -> None:
    assert await listed(api) == {"items": [], "next_cursor": None}
    stored = await put(api, b"tea", "tea.txt")
    (one,) = (await listed(api))["items"]
    stored_at, touched_at = one.pop("stored_at"), one.pop("touched_at")
    assert one == stored
    assert abs(touched_at - stored_at) < 5
    assert (await api.get(f"/files/{one['sha256']}")).content == b"tea"
    again = await put(api, b"tea", "green.txt")
    (one,) = (await listed(api))["items"]
    assert (one["name"], one["sha256"]) == ("green.txt", again["sha256"])
    assert one["stored_at"] >= stored_at


async def test_pages_have_each_file_once_the_newest_first(api: httpx.AsyncClient) -> None:
    for number in range(23):
        await put(api, b"%d" % number * (1 + 200_000 * (number % 7 == 0)), f"{number}.txt")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await listed(api, limit=5, cursor=cursor)
        seen += [one["name"] for one in page["items"]]
        assert len(page["items"]) == 5 or page["next_cursor"] is None
        cursor = page["next_cursor"]
        if len(seen) == 10:
            await put(api, b"new", "new.txt")  # stands before what was read already
    assert seen == [f"{number}.txt" for number in reversed(range(23))]
    assert (await listed(api, limit=1))["items"][0]["name"] == "new.txt"
    exact = await listed(api, limit=24)
    assert (len(exact["items"]), exact["next_cursor"]) == (24, None)


async def test_names_of_all_sorts_are_harmless_and_lead_to_their_bytes(
    api: httpx.AsyncClient,
) -> None:
    for number, name in enumerate(NAMES):
        await put(api, b"text %d" % number, name)
    items = (await listed(api))["items"]
    assert [one["name"] for one in reversed(items)] == list(NAMES.values())
    for number, one in enumerate(reversed(items)):
        read_file(one)  # it can be put into inputs as it is
        got = await api.get(f"/files/{one['$file']}", params={"name": one["name"]})
        assert got.content == b"text %d" % number
        assert got.headers["content-disposition"].startswith("attachment; ")


async def test_half_a_surrogate_pair_and_a_megabyte_in_a_name(api: httpx.AsyncClient) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="'
    for name in (b"a\xed\xa0\x80b.txt", b"n" * 1_000_000 + b".txt", b"\xff\xfe.txt"):
        body = head + name + b'"\r\n\r\n' + name[:20] + b"\r\n--x--\r\n"
        said = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await api.post("/files", content=body, headers=said)
        assert answer.status_code in (201, 422), answer.text
    listing = await api.get("/files")
    assert listing.status_code == 200
    names = [one["name"] for one in listing.json()["items"]]
    assert all(0 < len(name) <= LONGEST_NAME for name in names)
    json.dumps(names).encode()


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("cursor=%00", 400, "cursor.invalid"),
        ("cursor=-1", 400, "cursor.invalid"),
        ("cursor=1.5", 400, "cursor.invalid"),
        ("cursor=%C2%B2", 400, "cursor.invalid"),
        ("cursor=" + "9" * 19, 400, "cursor.invalid"),
        ("cursor=" + "9" * 6000, 400, "cursor.invalid"),
        ("cursor=%ED%A0%80", 400, "cursor.invalid"),
        ("limit=0", 422, "request.parameter_invalid"),
        ("limit=201", 422, "request.parameter_invalid"),
        ("limit=ten", 422, "request.parameter_invalid"),
        ("limit=1&limit=2", 422, "request.parameter_repeated"),
        ("name=report", 422, "request.parameter_unknown"),
        ("page=2", 422, "request.parameter_unknown"),
    ],
)
async def test_wrong_questions_are_refused(query: str, status: int, code: str) -> None:
    async with gateway() as door:
        answer = await door.ask("GET", f"/api/files?{query}")
        assert (answer.status, answer.code) == (status, code)
        for empty in ("cursor=", "cursor=0", "cursor=" + "9" * 18):
            answer = await door.ask("GET", f"/api/files?{empty}")
            assert (answer.status, answer.json["items"]) == (200, [])


async def test_a_gateway_with_a_key_lists_nothing_without_it() -> None:
    async with gateway(api_key="k" * 40) as door:
        assert (await door.ask("GET", "/api/files")).code == "auth.required"
        said = f"Authorization: Bearer {'k' * 40}"
        assert (await door.ask("GET", "/api/files", said)).status == 200


async def test_what_others_put_into_the_store_harms_no_list(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    bus = stack.bus
    await put(api, b"first", "first.txt")
    store = await bus.nc.jetstream().object_store("runfold_files")
    await store.put("by hand.txt", b"from nats object put")
    meta = bus.files.objects.meta
    odd = "d" * 64
    for name, body in {
        "a" * 64: b"{",
        "b" * 64: b'{"name": 5}',
        "c" * 64: b'{"name":"%b","size":1}' % (b"e" * 64),
        odd: b'{"name":"%b","size":3,"headers":{"name":["%%ED%%A0%%80%%E2%%80%%AE<b>"],'
        b'"media_type":["no type\\r\\nX: y"],"stored":["NaN"],"shown":[]}}' % odd.encode(),
    }.items():
        await bus.nc.jetstream().publish(meta(name), body)
    await put(api, b"last", "last.txt")
    items = (await listed(api))["items"]
    assert [one["name"] for one in items] == ["last.txt", "\ufffd\ufffd\ufffd<b>", "first.txt"]
    assert (items[1]["media_type"], items[1]["stored_at"]) == ("application/octet-stream", None)
    assert (await listed(api, limit=2))["next_cursor"] is not None


async def test_a_file_that_is_being_removed_is_not_listed(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    kept = await put(api, b"kept", "kept.txt")
    gone = await put(api, b"gone", "gone.txt")
    objects = stack.bus.files.objects
    found = await objects.find(gone["sha256"])
    assert found is not None
    # What a removal leaves that is broken off after its first step.
    await objects._say(replace(found.info, deleted=True), found.seq)
    assert [one["sha256"] for one in (await listed(api))["items"]] == [kept["sha256"]]
