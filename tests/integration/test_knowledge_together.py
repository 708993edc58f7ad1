"""Knowledge with all around it: the API, jobs as runs, URLs, a model that answers, agents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from runfold.client.knowledge import Knowledge
from runfold.client.knowledge_job import job_request
from runfold.contracts.events import Recorded, RetrieverResource
from runfold.contracts.requests import RunRequest
from runfold.engine.views.runs import RunView
from runfold.errors import BusUnavailable, InvalidRequest
from runfold.model_servers.demo.server import DemoModel
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from tests.support.embedder import Embedder
from tests.support.stack import Stack, running

pytest.importorskip(
    "semantic_text_splitter", reason="cutting texts: pip install 'runfold[knowledge]'"
)

ROOT = Path(__file__).parents[2]
SERVICES = ("scheduler", "executor-data", "executor-http", "executor-llm", "projection", "gateway")
HOURS = "# Opening hours\n\nWe are open from nine to five.\n\n# Parking\n\nPark behind the house."


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[Stack]:
    async with DemoModel(interval=0) as model, running(SERVICES, model_url=model.base_url) as here:
        yield here


@pytest_asyncio.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=30) as client:
        yield client


async def ended(stack: Stack, run_id: str) -> RunView:
    view = await stack.runs.wait(run_id, 30)
    assert view is not None
    return view


async def test_a_base_over_the_api_from_its_making_to_its_end(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    made = await api.post("/knowledge", json={"name": "house", "description": "What guests ask"})
    assert made.status_code == 201
    assert (await api.post("/knowledge", json={"name": "house"})).status_code == 409
    assert (await api.get(made.headers["location"].removeprefix("/api"))).json()["documents"] == 0
    given = {
        "documents": [
            {"id": "hours", "text": HOURS, "metadata": {"year": 2026}},
            "Tea at four.",
            {"text": "Soup of the day.", "source": "https://house.example/menu"},
        ],
        "metadata": {"kind": "guest"},
    }
    accepted = await api.post("/knowledge/house/documents?wait=30", json=given)
    assert accepted.status_code == 202
    assert accepted.json()["documents"] == 3
    assert accepted.json()["status"] == "succeeded"
    view = await ended(stack, accepted.json()["run_id"])
    assert view.outputs == {"base": "house", "documents": 3, "failed": [], "failed_count": 0}
    form = {"a": ("terms.md", b"# Terms\n\nPay by card.", "text/markdown")}
    uploaded = await api.post("/knowledge/house/files", files=form)
    await ended(stack, uploaded.json()["run_id"])
    raw = await api.post(
        "/knowledge/house/files?name=page.html",
        content=b"<h1>Bikes</h1><p>Bikes are for hire.</p>",
        headers={"content-type": "text/html"},
    )
    for unnamed in (b"Dinner is at eight.", b"Lunch is at one."):
        nameless = await api.post("/knowledge/house/files", content=unnamed)
        await ended(stack, nameless.json()["run_id"])
    page = await ended(stack, raw.json()["run_id"])
    assert page.status == "succeeded", page.outputs

    base = (await api.get("/knowledge/house")).json()
    assert (base["documents"], base["chunks"]) == (7, 8)
    listed = (await api.get("/knowledge/house/documents?limit=2")).json()
    rest = (
        await api.get(f"/knowledge/house/documents?limit=9&cursor={listed['next_cursor']}")
    ).json()
    origins = {one["id"]: one["origin"] for one in (*listed["items"], *rest["items"])}
    texts = {name for name, origin in origins.items() if origin == "text"}
    assert {"hours", "https://house.example/menu"} < texts
    assert len(texts) == 3
    assert {"page.html", "terms.md"} < origins.keys() - texts
    chunks = (await api.get("/knowledge/house/chunks?document=hours")).json()
    assert [one["headings"] for one in chunks["items"]] == [["Opening hours"], ["Parking"]]

    found = (await api.post("/knowledge/house/search", json={"query": "when are you open?"})).json()
    assert "nine to five" in found["items"][0]["content"]
    bikes = (await api.post("/knowledge/house/search", json={"query": "bikes for hire"})).json()
    assert bikes["items"][0]["metadata"]["document"] == "page.html"
    narrow = {"query": "open card", "filter": {"field": "kind", "operator": "is", "value": "guest"}}
    only = (await api.post("/knowledge/house/search", json=narrow)).json()["items"]
    assert {one["metadata"]["document"] for one in only} == {"hours"}

    again = await api.post("/knowledge/house/reindex", json={"chunking": {"mode": "whole"}})
    assert set(again.json()["left"]) == texts
    assert (await ended(stack, again.json()["run_id"])).status == "succeeded"
    removed = await api.post("/knowledge/house/delete", json={"ids": ["hours", "nowhere"]})
    assert removed.json() == {"count": 1}
    assert (await api.delete("/knowledge/house")).status_code == 204
    assert (await api.get("/knowledge/house")).json()["code"] == "knowledge.base_not_found"
    await said_of_what_is_wrong(api)


WRONG: list[tuple[str, str, Any, int, str]] = [
    ("get", "/nowhere", None, 404, "knowledge.base_not_found"),
    ("delete", "/nowhere", None, 404, "knowledge.base_not_found"),
    ("get", "/nowhere/documents", None, 404, "knowledge.base_not_found"),
    ("get", "/there/chunks?document=x", None, 404, "knowledge.document_not_found"),
    ("post", "/nowhere/search", {"query": "x"}, 404, "knowledge.base_not_found"),
    ("post", "/nowhere/documents", {"documents": ["x"]}, 404, "knowledge.base_not_found"),
    ("post", "/there/documents", {}, 422, "knowledge.input_invalid"),
    ("post", "/there/documents", {"documents": [7]}, 422, "knowledge.input_invalid"),
    ("post", "/there/documents", {"urls": ["file:///etc"]}, 422, "knowledge.input_invalid"),
    ("post", "/there/documents", {"documents": ["x"], "chunking": {"size": 1}}, 422, ""),
    ("post", "/there/delete", {}, 422, "knowledge.filter_invalid"),
    ("post", "/there/reindex", {}, 422, "knowledge.input_invalid"),
    ("post", "/there/reindex", {"embedding_model": "x"}, 422, "knowledge.model_mismatch"),
    ("post", "/there/search", {"query": "x", "mode": "semantic"}, 422, "knowledge.no_vectors"),
    ("post", "/there/search", {"query": "x", "top_k": 0}, 422, "request.body_invalid"),
    ("post", "/there/search", {"query": "x" * 300_000}, 422, "knowledge.query_invalid"),
    ("post", "/there/search", {"query": "x", "score_threshold": 7}, 422, ""),
    ("post", "/there/search", {"query": "x", "filter": {"field": 1}}, 422, ""),
    ("post", "", {"name": "a b/c"}, 422, "knowledge.base_invalid"),
]


async def said_of_what_is_wrong(api: httpx.AsyncClient) -> None:
    """What a client gets wrong is said, and is never a 5xx."""
    assert (await api.post("/knowledge", json={"name": "there"})).status_code == 201
    for method, path, body, status, code in WRONG:
        answer = await api.request(method, f"/knowledge{path}", json=body)
        assert answer.status_code == status, (path, answer.text)
        assert answer.json()["code"].startswith(code or "knowledge."), (path, answer.text)
        if code == "knowledge.base_not_found":
            assert "'nowhere'" in answer.json()["detail"]


async def test_the_example_answers_with_citations_and_the_log_has_the_sources(
    stack: Stack,
) -> None:
    pages = sorted((ROOT / "docs" / "reference").glob("*.md"))
    documents = [{"id": page.name, "text": page.read_text()} for page in pages]
    job = job_request("runfold_docs", documents, create=True)
    view = await ended(stack, await stack.runs.start(job))
    assert view.outputs["documents"] == len(pages)
    view, told = await stack.run((ROOT / "examples" / "rag.yaml").read_bytes())
    assert view.status == "succeeded"
    assert "up to 5 seconds" in view.outputs["answer"]
    (cited,) = view.outputs["cited"]
    assert cited["metadata"]["document"] == "failures.md"
    events = [message.event for message in told if isinstance(message, Recorded)]
    at = next(at for at, event in enumerate(events) if isinstance(event, RetrieverResource))
    resource = events[at]
    assert isinstance(resource, RetrieverResource)
    assert resource.query == "What happens when a scheduler is killed?"
    assert resource.resources == view.outputs["sources"]
    assert resource.resources[cited["number"] - 1]["document"] == "failures.md"
    after = events[at + 1]
    assert (type(after).__name__, after.node_id) == ("NodeRunSucceeded", "find")


async def test_urls_go_through_the_guard_and_an_agent_searches_by_itself(stack: Stack) -> None:
    async def serve(request: Request, responder: Responder) -> None:
        if request.path != "/page":
            await responder.json(404, {})
            return
        headers = {"content-type": "text/html; charset=utf-8"}
        await responder.body(200, headers, b"<title>Page</title><h1>Tea</h1><p>Tea is hot.</p>")

    site = LoopbackServer(serve)
    async with site:
        urls = [f"{site.origin}/page", f"{site.origin}/gone", "http://10.1.2.3/private"]
        job = job_request("web", [{"url": url} for url in urls], create=True)
        view = await ended(stack, await stack.runs.start(job))
    assert view.status == "partial_succeeded"
    failed = {one["code"] for one in view.outputs["failed"]}
    assert failed == {"knowledge.documents_failed"}
    said = " ".join(one["message"] for one in view.outputs["failed"])
    assert "404" in said
    assert "10.1.2.3" in said
    found = await Knowledge(stack.bus).search(["web"], "hot tea")
    assert [one["url"] for one in found] == [urls[0]]
    await searched_by_an_agent(stack)


async def searched_by_an_agent(stack: Stack) -> None:
    await ended(
        stack,
        await stack.runs.start(job_request("house", [{"id": "hours", "text": HOURS}], create=True)),
    )
    tool = {"type": "knowledge", "config": {"bases": "house", "top_k": 1}}
    flow = {
        "id": "desk",
        "nodes": [
            {
                "id": "desk",
                "type": "agent",
                "config": {
                    "prompt": 'call house {"query": "opening hours"}',
                    "tools": [tool],
                    "extra": {"runfold_demo": {"calls": [[CALL]]}},
                },
            }
        ],
    }
    view, told = await stack.run(flow)
    assert view.status == "succeeded", view.error
    begun = next(
        message.event
        for message in told
        if isinstance(message, Recorded) and type(message.event).__name__ == "AgentStarted"
    )
    (spec,) = begun.tools
    assert spec.name == "house"
    assert spec.parameters["required"] == ["query"]
    assert "knowledge base house" in spec.description
    (call,) = next(one for one in view.nodes if one.address == "desk").outputs["tool_calls"]
    assert call["arguments"] == {"query": "opening hours"}
    assert "nine to five" in json.dumps(call["output"])
    assert any(isinstance(getattr(one, "event", None), RetrieverResource) for one in told)


CALL = {"name": "house", "arguments": {"query": "opening hours"}}


async def test_a_job_whose_model_is_down_goes_on_where_it_stopped() -> None:
    embedder = Embedder()
    text = "\n\n".join(f"# Part {number}\n\nTea number {number}." for number in range(120))
    services = ("scheduler", "executor-data")
    async with embedder.http, running(services, model_url=embedder.base_url) as stack:
        knowledge = Knowledge(stack.bus)
        await knowledge.create("tea", embedding_model="two")
        first = job_request("tea", [{"id": "long", "text": text}])
        embedder.fail_after = 1
        workflow = json.loads(bytes(first.definition))
        body = workflow["nodes"][0]["config"]["nodes"][0]
        body["retry"] = {**body["retry"], "max_attempts": 1}
        run_id = await stack.runs.start(
            RunRequest(
                workflow_id="knowledge_index",
                inputs=first.inputs,
                definition=type(first.definition)(json.dumps(workflow).encode()),
            )
        )
        stopped = await ended(stack, run_id)
        assert stopped.status == "failed"
        assert stopped.error is not None
        assert stopped.error.code == "llm.server"
        assert (await knowledge.base("tea")).chunks == 0
        embedder.fail_after = None
        done = await ended(stack, await stack.runs.retry(run_id))
        assert done.status == "succeeded"
        assert (await knowledge.base("tea")).chunks == 120
        assert len(embedder.texts) == len(set(embedder.texts)) == 120
        embedder.refused = "Forbidden"
        with pytest.raises(InvalidRequest) as refused:  # the query's fault, and not the server's
            await knowledge.search(["tea"], "Forbidden words")
        assert refused.value.code == "llm.refused"


async def test_a_job_that_is_cancelled_leaves_nothing_found_and_the_next_goes_on() -> None:
    embedder = Embedder()
    embedder.fail_after, embedder.gate = 1, asyncio.Event()
    text = "\n\n".join(f"# Part {number}\n\nTea number {number}." for number in range(120))
    services = ("scheduler", "executor-data")
    async with embedder.http, running(services, model_url=embedder.base_url) as stack:
        knowledge = Knowledge(stack.bus)
        await knowledge.create("tea", embedding_model="two")
        job = job_request("tea", [{"id": "long", "text": text}])
        run_id = await stack.runs.start(job)
        await embedder.reached.wait()
        await stack.runs.cancel(run_id)
        assert (await ended(stack, run_id)).status == "cancelled"
        assert (await knowledge.base("tea")).documents == 0
        embedder.fail_after = None
        embedder.gate.set()
        assert (await ended(stack, await stack.runs.start(job))).status == "succeeded"
        assert (await knowledge.base("tea")).chunks == 120
        assert len(embedder.texts) == len(set(embedder.texts)) == 120


async def test_what_a_client_is_told_when_nothing_answers() -> None:
    async with running(("scheduler",)) as stack:
        with pytest.raises(BusUnavailable, match="runfold serve executor-data") as refused:
            await Knowledge(stack.bus).base("b")
        assert refused.value.code == "knowledge.unavailable"
