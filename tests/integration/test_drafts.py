"""Drafts, their texts and their entity tags, with real writers at once on a real server.

Beside each test that keeps a value which others have had wrong stands the report of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.client.workflows import WorkflowClient
from runfold.definitions.sources import source_of
from runfold.definitions.store import DefinitionStore, StoredDraft
from runfold.errors import BusUnavailable
from runfold.settings import Settings
from tests.integration.test_gateway_api import ECHO, is_problem
from tests.support.gateway import gateway
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "projection", "gateway")
WRITTEN = b"""\
# Who changes this: the billing team.
id: "echo"   # kept in quotes
nodes:
  - {id: say, type: template, config: {template: 'Hi'}}   # a comment

  - id: end
    type: end
    config: {outputs: {said: "{{say.output}}"}}
anchors: &none {}
"""
GOOD = WRITTEN.replace(b"anchors: &none {}\n", b"variables: &none {}\nenvironment: *none\n")
MISTAKES = b"""\
id: echo
nodes:
  - id: say
    type: nope
  - id: each
    type: iteration
    config:
      items: "{{list}}"
      nodes:
        - {id: ask, type: llm, config: {}}
edges: [{source: say, target: gone}]
settings: {max_steps: 0}
labels: {team: [a]}
"""
YAML = {"content-type": "application/yaml"}


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def source(api: httpx.AsyncClient, path: str = "/workflows/echo", **query: str) -> bytes:
    got = await api.get(path, params={"form": "source", **query})
    assert got.status_code == 200, got.text
    return got.content


async def test_what_the_author_wrote_comes_back(api: httpx.AsyncClient) -> None:
    """Comments, quotes and anchors: kestra#748 and #1469, Archon#3342, kibana#276119."""
    made = await api.post("/workflows", content=GOOD, headers=YAML)
    assert (made.status_code, made.json()["version"]) == (201, "1")
    second = GOOD.replace(b"Hi", "Grüße".encode())
    await api.put("/workflows/echo", content=second, headers=YAML)
    as_json = b'{ "nodes":[{"type":"noop","id":"n"}],\n\t"id":"echo"}'
    await api.put("/workflows/echo?draft=true", content=as_json)
    for path, query, wanted in (
        ("/workflows/echo", {}, second),
        ("/workflows/echo", {"version": "1"}, GOOD),
        ("/workflows/echo/versions/1", {}, GOOD),
        ("/workflows/echo/versions/draft", {}, as_json),
    ):
        assert await source(api, path, **query) == wanted
    one = await api.get("/workflows/echo/versions/1", params={"form": "source"})
    assert one.headers["content-type"].startswith("application/yaml")
    draft = await api.get("/workflows/echo?version=draft&form=source")
    assert draft.headers["content-type"].startswith("text/plain")
    shown = (await api.get("/workflows/echo?version=draft")).json()
    assert draft.headers["etag"] == shown["etag"]
    assert "etag" not in one.headers
    assert (await api.get("/workflows/echo")).json()["media_type"] == "application/yaml"


async def test_what_is_set_beside_a_document_leaves_its_text_alone(api: httpx.AsyncClient) -> None:
    """kibana#252676: toggling a workflow wrote its YAML anew, without comments."""
    await api.post("/workflows", content=GOOD, headers=YAML)
    await api.post("/workflows/echo/rename", json={"name": "Echo of {{it}}"})
    await api.put("/workflows/echo/labels", json={"labels": {"team": "billing"}})
    await api.post("/workflows/echo/archive")
    assert await source(api) == await source(api, version="draft") == GOOD


async def test_a_draft_with_mistakes_is_kept_byte_for_byte(api: httpx.AsyncClient) -> None:
    """kestra#1194 and #3217, akashacms#88: a save with a mistake lost the text."""
    saved = await api.post("/workflows?draft=true", content=MISTAKES, headers=YAML)
    assert saved.status_code == 201
    findings = saved.json()["findings"]
    errors = {one["code"]: one for one in findings if one["level"] == "error"}
    assert len(errors) >= 5
    assert not saved.json()["valid"]
    assert errors["node.unknown_type"]["node"] == "say"
    assert errors["config.missing"]["node"] == "each/ask"
    assert (errors["config.missing"]["line"], errors["config.missing"]["column"]) == (10, 32)
    assert all(one["line"] for one in findings)
    draft = (await api.get("/workflows/echo/versions/draft")).json()
    assert (draft["findings"], draft["definition"], draft["valid"]) == (findings, None, False)
    assert await source(api, version="draft") == MISTAKES
    problem = is_problem(await api.post("/workflows/echo/publish"), 422, "workflow.invalid")
    assert problem["errors"] == findings
    run = await api.post("/workflows/echo/run", json={"inputs": {}, "version": "draft"})
    assert is_problem(run, 422, "workflow.invalid")["errors"] == findings
    listed = (await api.get("/workflows")).json()["items"][0]
    assert (listed["version"], listed["draft_valid"]) == (None, False)


@pytest.mark.parametrize(
    "text", [b"{not: [json", b"\xff\xfe\x00", b"", b"id: other\nnodes: []\n", b"[" * 5000, b"null"]
)
async def test_any_bytes_are_a_draft_where_the_path_names_the_workflow(
    api: httpx.AsyncClient, text: bytes
) -> None:
    await api.post("/workflows", json=ECHO)
    saved = await api.put("/workflows/echo?draft=true", content=text)
    assert saved.status_code == 200, saved.text
    assert saved.json()["findings"]
    assert await source(api, version="draft") == text
    is_problem(await api.post("/workflows/echo/publish"), 422, "workflow.invalid")
    # What is published stays as it was, and runs.
    run = await api.post("/workflows/echo/run?wait=10", json={"text": "x"})
    assert run.json()["outputs"] == {"said": "x!"}


async def test_a_draft_of_which_no_id_can_be_read_has_no_place(api: httpx.AsyncClient) -> None:
    for text in (b"{not: [json", b"nodes: [{id: n, type: noop}]", b"id: 'a b'\nnodes: []"):
        refused = await api.post("/workflows?draft=true", content=text)
        assert is_problem(refused, 422, "workflow.invalid")["errors"] is not None
    assert (await api.get("/workflows")).json()["items"] == []


async def test_the_second_writer_of_a_draft_is_told_what_is_there(api: httpx.AsyncClient) -> None:
    """n8n#11638, dify#3607 and #8888: the last who saved won, and others' work was gone."""
    made = await api.post("/workflows", content=GOOD, headers=YAML)
    seen = made.headers["etag"]
    assert seen == made.json()["etag"]
    assert (await api.get("/workflows/echo/versions/draft")).headers["etag"] == seen
    mine, theirs = GOOD + b"# mine\n", GOOD + b"# theirs\n"
    put = "/workflows/echo?draft=true"
    first = await api.put(put, content=mine, headers={**YAML, "if-match": seen})
    assert first.status_code == 200
    assert first.headers["etag"] != seen
    for answer in (
        await api.put(put, content=theirs, headers={**YAML, "if-match": seen}),
        await api.put("/workflows/echo", content=GOOD, headers={**YAML, "if-match": seen}),
        await api.post("/workflows/echo/publish", headers={"if-match": seen}),
        await api.delete("/workflows/echo", headers={"if-match": seen}),
    ):
        problem = is_problem(answer, 412, "workflow.draft_changed")
        assert problem["etag"] == first.headers["etag"]
        assert problem["source"] == mine.decode()
        assert problem["media_type"] == "application/yaml"
    assert await source(api, version="draft") == mine
    # With what is there now it goes on, and so it does with any.
    for tag in (problem["etag"], f'"9", {seen}, *'.removesuffix(", *"), "*"):
        answer = await api.put(put, content=theirs, headers={**YAML, "if-match": tag})
        assert answer.status_code == (412 if tag.startswith('"9"') else 200)
    newest = (await api.get("/workflows/echo")).headers["etag"]
    done = await api.post("/workflows/echo/publish", headers={"if-match": newest})
    assert (done.json()["version"], done.headers["etag"]) == ("2", newest)
    assert (await api.delete("/workflows/echo", headers={"if-match": newest})).status_code == 204


async def test_a_list_says_which_drafts_are_not_published(api: httpx.AsyncClient) -> None:
    async def listed() -> tuple[int | None, bool]:
        (one,) = (await api.get("/workflows")).json()["items"]
        return one["version"], one["has_changes"]

    await api.post("/workflows?draft=true", json=ECHO)
    assert await listed() == (None, True)
    await api.post("/workflows/echo/publish")
    assert await listed() == (1, False)
    await api.put("/workflows/echo?draft=true", json={**ECHO, "name": "Louder"})
    assert await listed() == (1, True)


async def test_only_another_draft_is_another_etag(api: httpx.AsyncClient) -> None:
    """n8n#4857: "changed by another user", though the workflow had only been switched on."""
    seen = (await api.post("/workflows", json=ECHO)).headers["etag"]
    await api.post("/workflows/echo/rename", json={"name": "Echo"})
    await api.put("/workflows/echo/labels", json={"labels": {"a": "b"}})
    await api.post("/workflows/echo/archive")
    await api.post("/workflows/echo/unarchive")
    await api.post("/workflows/echo/run?wait=10", json={"text": "x"})
    published = await api.post("/workflows/echo/publish", headers={"if-match": seen})
    assert published.headers["etag"] == seen
    saved = await api.put("/workflows/echo?draft=true", json=ECHO, headers={"if-match": seen})
    assert saved.status_code == 200
    # dify#32992 and #31922: the tag of the answer is the one to go on with.
    for _ in range(3):
        tag = {"if-match": saved.headers["etag"]}
        saved = await api.put("/workflows/echo?draft=true", json=ECHO, headers=tag)
        assert saved.status_code == 200


@pytest.mark.parametrize("tag", ['W/"{}"', '"0"', '"{}0"', '"abc"', '""', '"+{}"'])
async def test_a_tag_that_is_weak_or_not_ours_matches_nothing(
    api: httpx.AsyncClient, tag: str
) -> None:
    """nginx#1570, gravitee#16733: `If-Match` compares strongly."""
    seen = (await api.post("/workflows", json=ECHO)).headers["etag"].strip('"')
    headers = {"if-match": tag.format(seen)}
    answer = await api.put("/workflows/echo?draft=true", json=ECHO, headers=headers)
    is_problem(answer, 412, "workflow.draft_changed")


@pytest.mark.parametrize("tag", ["1", "", '"', '"1', '"1" "2"', '"1",', "*, *", 'w/"1"', "'1'"])
async def test_what_is_not_an_entity_tag_is_refused(api: httpx.AsyncClient, tag: str) -> None:
    await api.post("/workflows", json=ECHO)
    for answer in (
        await api.put("/workflows/echo", json=ECHO, headers={"if-match": tag}),
        await api.post("/workflows/echo/publish", headers={"if-match": tag}),
        await api.delete("/workflows/echo", headers={"if-match": tag}),
    ):
        is_problem(answer, 422, "request.if_match")
    unknown = await api.put("/workflows/none", json=ECHO, headers={"if-match": "*"})
    is_problem(unknown, 404, "workflow.not_found")


async def test_any_draft_is_one_that_there_is(api: httpx.AsyncClient) -> None:
    """RFC 9110, 13.1.1: `*` is false where there is nothing yet."""
    any_draft = {"if-match": "*"}
    made = await api.post("/workflows", json=ECHO, headers=any_draft)
    is_problem(made, 412, "workflow.draft_changed")
    assert (await api.get("/workflows/echo")).status_code == 404
    await api.post("/workflows", json=ECHO)
    assert (await api.post("/workflows", json=ECHO, headers=any_draft)).status_code == 201
    assert (await api.delete("/workflows/echo", headers=any_draft)).status_code == 204
    is_problem(await api.delete("/workflows/echo", headers=any_draft), 404, "workflow.not_found")


@pytest.mark.parametrize("query", ["?draft=true", ""])
async def test_of_many_writers_at_once_exactly_one_wins(
    api: httpx.AsyncClient, stack: Stack, query: str
) -> None:
    seen = (await api.post("/workflows", json=ECHO)).headers["etag"]
    async with running_gateway(stack) as other:
        for turn in range(5):
            texts = [{**ECHO, "name": f"{turn} {writer}"} for writer in range(8)]
            headers = {"if-match": seen}
            answers = await asyncio.gather(
                *(
                    (api, other)[place % 2].put(
                        f"/workflows/echo{query}", json=text, headers=headers
                    )
                    for place, text in enumerate(texts)
                )
            )
            won = [place for place, answer in enumerate(answers) if answer.status_code == 200]
            lost = [answer for answer in answers if answer.status_code != 200]
            assert len(won) == 1
            now = (await api.get("/workflows/echo?version=draft")).json()
            assert now["definition"]["name"] == texts[won[0]]["name"]
            seen = answers[won[0]].headers["etag"]
            for answer in lost:
                assert is_problem(answer, 412, "workflow.draft_changed")["etag"] == seen
    versions = (await api.get("/workflows/echo/versions")).json()["items"]
    assert len(versions) == (1 if query else 6)
    # Nothing is left of those who lost.
    texts_kept = await stack.bus.definitions.entries("echo.source.")
    assert len(texts_kept) == (2 if query else 6)


def running_gateway(stack: Stack) -> httpx.AsyncClient:
    """Another connection, as of another editor."""
    return httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20)


async def test_what_makes_a_workflow_keeps_to_what_was_seen(api: httpx.AsyncClient) -> None:
    made = await api.post("/workflows?draft=true", json=ECHO)
    seen = made.headers["etag"]
    changed = await api.post("/workflows", json=ECHO, headers={"if-match": seen})
    assert changed.status_code == 201
    late = await api.post("/workflows", json=ECHO, headers={"if-match": seen})
    problem = is_problem(late, 412, "workflow.draft_changed")
    assert problem["etag"] == changed.headers["etag"]
    path, document = "/workflows/from-template/data_report", {"id": "echo"}
    of_template = await api.post(path, json=document, headers={"if-match": seen})
    is_problem(of_template, 412, "workflow.draft_changed")
    new = {**ECHO, "id": "new"}
    gone = is_problem(
        await api.post("/workflows", json=new, headers={"if-match": seen}),
        412,
        "workflow.draft_changed",
    )
    assert (gone["etag"], gone["source"]) == (None, None)
    assert (await api.get("/workflows/new")).status_code == 404


async def test_a_delete_and_a_save_at_once_do_not_both_win(api: httpx.AsyncClient) -> None:
    for turn in range(10):
        name = f"w{turn}"
        document = {**ECHO, "id": name}
        headers = {"if-match": (await api.post("/workflows", json=document)).headers["etag"]}
        deleted, saved = await asyncio.gather(
            api.delete(f"/workflows/{name}", headers=headers),
            api.put(f"/workflows/{name}?draft=true", json=document, headers=headers),
        )
        assert (deleted.status_code, saved.status_code) in ((204, 404), (412, 200))
        there = await api.get(f"/workflows/{name}")
        assert there.status_code == (404 if deleted.status_code == 204 else 200)


async def test_a_writer_that_died_halfway_has_changed_nothing() -> None:
    bus = MemoryBus(Settings())
    workflows = WorkflowClient(DefinitionStore(bus.definitions))
    text = b"id: w\nnodes: [{id: n, type: noop}]\n"
    first = await workflows.save(source_of(text), draft=False)
    update = bus.definitions.update

    async def dies(*_: object) -> int:
        raise BusUnavailable("died")

    bus.definitions.update = dies  # type: ignore[method-assign]
    for draft in (True, False):
        with pytest.raises(BusUnavailable):
            await workflows.save(source_of(text + b"# more\n"), draft=draft)
    with pytest.raises(BusUnavailable):
        await workflows.publish("w")
    bus.definitions.update = update  # type: ignore[method-assign]
    assert (await workflows.show("w")).etag == first.etag
    assert (await workflows.source("w", "draft")).body == text
    assert len((await workflows.versions("w")).items) == 1
    assert (await workflows.save(source_of(text), draft=False)).version == "2"


async def test_a_draft_that_is_shown_has_its_own_etag() -> None:
    bus = MemoryBus(Settings())
    store = DefinitionStore(bus.definitions)
    workflows = WorkflowClient(store)
    text = b"id: w\nnodes: [{id: n, type: noop}]\n"
    first = await workflows.save(source_of(text), draft=True)
    read = store.draft

    async def overtaken(workflow_id: str) -> StoredDraft:
        found = await read(workflow_id)
        await workflows.save(source_of(text + b"name: other\n"), draft=True)
        return found

    store.draft = overtaken  # type: ignore[method-assign]
    shown = await workflows.show("w", "draft")
    assert shown.etag == first.etag
    assert shown.definition is not None
    assert not shown.definition.get("name")


async def test_a_text_as_large_as_a_message_is_kept_and_a_larger_one_is_refused_whole() -> None:
    head = b"id: big\nnodes: [{id: n, type: noop}]\n"
    line = b"# " + b"x" * 97 + b"\n"
    async with gateway() as made:
        for lines, status in ((10_000, 201), (11_000, 413)):
            text = head.replace(b"big", b"big%d" % lines) + line * lines
            for query in ("", "?draft=true"):
                answer = await made.ask("POST", f"/api/workflows{query}", body=text)
                assert answer.status == status, answer
            if status == 413:
                assert answer.code == "payload.too_large"
                assert not [key for key in await made.stored() if key.startswith(f"big{lines}")]
            else:
                path = f"/api/workflows/big{lines}?form=source&version="
                for version in ("1", "draft"):
                    assert (await made.ask("GET", path + version)).body == text
