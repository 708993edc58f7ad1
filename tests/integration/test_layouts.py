"""Layouts over the API: beside the definition, of the draft and of versions, with entity tags.

Beside a test that keeps what others have had wrong stands the report of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from runfold.bus.memory.stores import MESSAGE
from tests.integration.test_gateway_api import ECHO, is_problem
from tests.support.gateway import Gateway, gateway

PLACED = b"""\
id: echo
nodes:
  - {id: say, type: template, position: {x: 10, y: -2.5}, config: {template: Hi}}
  - id: each
    type: iteration
    position: {x: 300, y: 0}
    config:
      items: [1, 2]
      nodes:
        - {id: call, type: noop, position: {x: 5, y: 6}}
        - {id: odd, type: noop, position: {x: left, y: 6}}
"""
MOVED = {
    "nodes": {"say": {"x": 1, "y": 2.5, "width": 240}, "gone": {"x": 0, "y": 0, "collapsed": True}},
    "notes": [{"id": "n", "text": "Öl", "x": 0, "y": 0, "width": 9, "height": 9, "color": "red"}],
    "groups": [{"id": "g", "title": "All", "nodes": ["say"]}],
    "viewport": {"x": -3, "y": 4, "zoom": 0.5},
}
EMPTY = {"nodes": {}, "notes": [], "groups": [], "viewport": None}
YAML = {"content-type": "application/yaml"}


@pytest.fixture
async def gate() -> AsyncIterator[Gateway]:
    async with gateway() as made:
        yield made


@pytest.fixture
async def api(gate: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{gate.url}/api", timeout=20) as client:
        yield client


async def layout(api: httpx.AsyncClient, path: str = "echo", version: str = "") -> Any:
    got = await api.get(f"/workflows/{path}/layout", params={"version": version} if version else {})
    assert got.status_code == 200, got.text
    return got.json()


async def test_a_moved_node_makes_no_version_and_changes_no_byte(api: httpx.AsyncClient) -> None:
    """node-red#1619 and #2515: coordinates in the flow made every move a change to it."""
    made = await api.post("/workflows", content=PLACED, headers=YAML)
    before = (await api.get("/workflows/echo")).json()
    saved = await api.put("/workflows/echo/layout", json=MOVED)
    assert (saved.status_code, saved.json()["etag"]) == (200, saved.headers["etag"])
    got = await api.get("/workflows/echo/layout")
    assert (got.json(), got.headers["etag"]) == (MOVED, saved.headers["etag"])
    after = await api.get("/workflows/echo")
    assert (after.json(), after.headers["etag"]) == (before, made.headers["etag"])
    text = await api.get("/workflows/echo", params={"form": "source", "version": "draft"})
    assert text.content == PLACED


async def test_positions_of_a_document_count_until_a_layout_is_stored(
    api: httpx.AsyncClient,
) -> None:
    await api.post("/workflows", content=PLACED, headers=YAML)
    wanted = {
        "say": {"x": 10, "y": -2.5},
        "each": {"x": 300, "y": 0},
        "each/call": {"x": 5, "y": 6},
    }
    for version in ("", "draft", "1"):
        assert await layout(api, version=version) == {**EMPTY, "nodes": wanted}
    await api.put("/workflows/echo/layout", json=EMPTY)
    assert await layout(api) == EMPTY
    assert (await layout(api, version="1"))["nodes"] == wanted


async def test_a_draft_that_cannot_be_read_has_an_empty_layout(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    await api.put("/workflows/echo?draft=true", content=b"{not: [json")
    assert await layout(api) == EMPTY
    is_problem(await api.get("/workflows/none/layout"), 404, "workflow.not_found")
    is_problem(await api.put("/workflows/none/layout", json={}), 404, "workflow.not_found")
    wrong = await api.get("/workflows/echo/layout", params={"version": "7"})
    is_problem(wrong, 404, "workflow.not_found")


async def test_a_version_keeps_the_layout_it_was_published_with(
    api: httpx.AsyncClient, gate: Gateway
) -> None:
    await api.post("/workflows?draft=true", json=ECHO)
    first = {**EMPTY, "nodes": {"say": {"x": 1, "y": 1}}}
    await api.put("/workflows/echo/layout", json=first)
    await api.post("/workflows/echo/publish")
    for _ in range(2):
        await api.put("/workflows/echo/layout", json=MOVED)
    await api.put("/workflows/echo", json={**ECHO, "name": "Second"})
    assert [await layout(api, version=one) for one in ("1", "2", "draft")] == [first, MOVED, MOVED]
    copied = await api.post("/workflows/echo/duplicate", json={"id": "copy", "version": "1"})
    assert copied.status_code == 201
    assert await layout(api, "copy") == first
    # One is kept for each that is shown, and none of a workflow that was deleted.
    assert sum(".layout." in key for key in await gate.stored()) == 3
    await api.delete("/workflows/echo")
    assert [key for key in await gate.stored() if key.startswith("echo.")] == []
    await api.post("/workflows", json=ECHO)
    assert await layout(api) == EMPTY


async def test_a_version_that_is_restored_has_its_comments_and_its_layout(
    api: httpx.AsyncClient, gate: Gateway
) -> None:
    """payload#14658: restoring a version as a draft wrote over what was published."""
    first = b"# Who changes this: billing.\nid: echo\nnodes: [{id: n, type: noop}]  # short\n"
    await api.post("/workflows?draft=true", content=first, headers=YAML)
    await api.put("/workflows/echo/layout", json=MOVED)
    await api.post("/workflows/echo/publish")
    await api.put("/workflows/echo", json=ECHO)
    moved = await api.put("/workflows/echo/layout", json={"nodes": {}})
    draft = await api.put("/workflows/echo?draft=true", content=b"half a thought")
    restore = "/workflows/echo/restore"
    late = {"if-match": (await api.get("/workflows/echo?version=2")).headers["etag"]}
    stale = await api.post(restore, json={"version": 1}, headers={"if-match": '"1"'})
    assert is_problem(stale, 412, "workflow.draft_changed")["source"] == "half a thought"
    done = await api.post(restore, json={"version": 1}, headers=late)
    assert (done.status_code, done.json()["valid"]) == (200, True)
    assert done.headers["etag"] not in (draft.headers["etag"], late["if-match"])
    text = await api.get("/workflows/echo", params={"form": "source", "version": "draft"})
    assert (text.content, text.headers["etag"]) == (first, done.headers["etag"])
    got = await api.get("/workflows/echo/layout")
    assert got.json() == MOVED
    assert got.headers["etag"] != moved.headers["etag"]
    # Nothing was published, the versions are as they were, and the draft is one of its own.
    assert (await api.get("/workflows/echo")).json()["version"] == "2"
    await api.put("/workflows/echo/layout", json=EMPTY)
    await api.put("/workflows/echo?draft=true", json=ECHO)
    assert await layout(api, version="1") == MOVED
    assert (await api.get("/workflows/echo/versions/1?form=source")).content == first
    assert sum(".layout." in key for key in await gate.stored()) == 2
    for version, status in ((9, 404), (0, 422), ("1", 422), (None, 422)):
        wrong = await api.post(restore, json={"version": version})
        assert wrong.status_code == status, wrong.text
    is_problem(
        await api.post("/workflows/no/restore", json={"version": 1}), 404, "workflow.not_found"
    )


async def test_the_second_who_moves_is_told_what_is_there(api: httpx.AsyncClient) -> None:
    """dify#38994: of two tabs the one that saved last won, and the other's work was gone."""
    await api.post("/workflows", json=ECHO)
    none_yet = (await api.get("/workflows/echo/layout")).headers["etag"]
    put = "/workflows/echo/layout"
    any_stored = await api.put(put, json=MOVED, headers={"if-match": "*"})
    assert is_problem(any_stored, 412, "workflow.layout_changed")["layout"] is None
    answers = await asyncio.gather(
        *(
            api.put(put, json={"nodes": {"say": {"x": at, "y": 0}}}, headers={"if-match": none_yet})
            for at in range(5)
        )
    )
    won = [at for at, one in enumerate(answers) if one.status_code == 200]
    assert len(won) == 1
    for at, one in enumerate(answers):
        if at not in won:
            problem = is_problem(one, 412, "workflow.layout_changed")
            assert problem["etag"] == answers[won[0]].headers["etag"]
            assert problem["layout"]["nodes"]["say"]["x"] == won[0]
    again = await api.put(put, json=MOVED, headers={"if-match": problem["etag"]})
    assert again.status_code == 200
    bad = await api.put(put, json=MOVED, headers={"if-match": "12"})
    is_problem(bad, 422, "request.if_match")


async def test_what_is_not_a_layout_is_refused(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    wrong: list[tuple[Any, str]] = [
        ({"nodes": {"say": {"x": 1}}}, "nodes"),
        ({"nodes": {"say": {"x": "1", "y": 2}}}, "nodes"),
        ({"nodes": {"say": {"x": 1, "y": 2, "z": 3}}}, "z"),
        ({"viewport": {"x": 0, "y": 0, "zoom": 0}}, "zoom"),
        ({"arrows": []}, "arrows"),
        ([], "object"),
    ]
    for body, place in wrong:
        refused = await api.put("/workflows/echo/layout", json=body)
        assert place in is_problem(refused, 422, "layout.invalid")["detail"]
    for text in (b'{"nodes": {"say": {"x": NaN, "y": 1}}}', b'{"nodes"', b"\xff"):
        broken = await api.put("/workflows/echo/layout", content=text)
        is_problem(broken, 422, "layout.invalid")
    assert await layout(api) == EMPTY


async def test_a_layout_has_at_most_a_mebibyte(api: httpx.AsyncClient, gate: Gateway) -> None:
    await api.post("/workflows", json=ECHO)
    before = await gate.stored()
    note = MOVED["notes"][0]  # type: ignore[index]
    for size, code in ((MESSAGE, "layout.too_large"), (MESSAGE - 200, "payload.too_large")):
        body = {"notes": [{**note, "text": "x" * size}]}
        refused = await api.put("/workflows/echo/layout", json=body)
        is_problem(refused, 413, code)
    assert await gate.stored() == before
    large = {"notes": [{**note, "text": "x" * (MESSAGE - 1000)}]}
    assert (await api.put("/workflows/echo/layout", json=large)).status_code == 200
