"""Plugins and connections over the API: stored, listed, pinned by runs, allowed by a person."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from runfold.connections.sealing import new_key
from runfold.model_servers.demo.server import DemoModel
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from tests.support.authorization_server import CLIENT, SCOPE, SECRET, Authority
from tests.support.gateway import gateway
from tests.support.openapi_documents import FORGE, MODELS, changed
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-http", "executor-text", "projection", "gateway")
TOKEN = "hunter2-and-more"
BEARER = {"type": "bearer", "token": TOKEN, "hosts": ["api.example.com"]}


@pytest.fixture(autouse=True)
def _insecure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES, connections_key=new_key()) as made:
        yield made


@pytest_asyncio.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=30) as client:
        yield client


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_plugins_are_stored_listed_and_deleted(api: httpx.AsyncClient) -> None:
    added = await api.post("/plugins?name=forge", json=FORGE)
    assert added.status_code == 201, added.text
    assert added.headers["location"] == "/api/plugins/forge"
    (version,) = added.json()["versions"]
    assert version["title"] == "Forge"
    assert version["operations"] == 3
    again = await api.post("/plugins?name=forge", json=FORGE)
    assert again.json() == added.json()
    second = changed(FORGE, "info", "title", to="Forge 2")
    yaml = {"content-type": "application/yaml"}
    await api.post("/plugins?name=forge", content=json.dumps(second), headers=yaml)
    listed = (await api.get("/plugins")).json()["items"]
    assert [one["title"] for one in listed[0]["versions"]] == ["Forge 2", "Forge"]
    document = await api.get("/plugins/forge/document")
    assert document.json()["document"] == second
    old = await api.get(f"/plugins/forge/document?version={version['sha256'][:10]}")
    assert old.json() == {"reference": version["reference"], "document": FORGE}
    wrong = await api.get("/plugins/forge/document?version=newest")
    assert code(wrong) == (422, "plugin.reference")
    assert (await api.delete(f"/plugins/forge?version={version['sha256']}")).status_code == 204
    assert len((await api.get("/plugins/forge")).json()["versions"]) == 1
    assert (await api.delete("/plugins/forge")).status_code == 204
    assert code(await api.get("/plugins/forge")) == (404, "plugin.not_found")
    assert code(await api.delete("/plugins/forge")) == (404, "plugin.not_found")


async def test_documents_that_cannot_be_used_are_refused(api: httpx.AsyncClient) -> None:
    remote = changed(
        FORGE, "components", "schemas", "issue", to={"$ref": "https://evil.example/s.json"}
    )
    refused = await api.post("/plugins?name=forge", json=remote)
    assert code(refused) == (422, "openapi.remote_reference")
    (finding, *_) = refused.json()["findings"]
    assert finding["place"] == "#/components/schemas/issue"
    assert code(await api.post("/plugins?name=a/b", json=FORGE)) == (422, "id.invalid")
    untitled = changed(FORGE, "info", "title", to="!")
    assert code(await api.post("/plugins", json=untitled)) == (422, "id.invalid")
    assert (await api.get("/plugins")).json() == {"items": []}
    named = await api.post("/plugins", json=changed(FORGE, "info", "title", to="Forge 2.0"))
    assert named.json()["name"] == "forge_2_0"


async def test_a_run_calls_the_document_it_began_with(stack: Stack, api: httpx.AsyncClient) -> None:
    async def answer(request: Request, responder: Responder) -> None:
        await responder.json(200, {"path": request.target})

    async with LoopbackServer(answer) as service:
        document = changed(MODELS, "servers", to=[{"url": service.origin}])
        await api.post("/plugins?name=models", json=document)
        call = {"plugin": "models", "operation": "putTree", "parameters": {"name": "{{name}}"}}
        workflow = {
            "id": "calls",
            "inputs": {"name": {"type": "string"}},
            "nodes": [
                {"id": "wait", "type": "human_review", "config": {"message": "Now?"}},
                {
                    "id": "each",
                    "type": "iteration",
                    "config": {
                        "items": ["a", "b"],
                        "nodes": [{"id": "tree", "type": "plugin", "config": call}],
                        "output": "{{tree.output.path}}",
                    },
                },
                {"id": "end", "type": "end", "config": {"outputs": {"paths": "{{each.output}}"}}},
            ],
            "edges": [
                {"source": "wait", "target": "each", "port": "approved"},
                {"source": "each", "target": "end"},
            ],
        }
        created = await api.post("/workflows", json=workflow)
        assert created.status_code == 201, created.text
        began = (await api.post("/workflows/calls/run", json={"name": "x"})).json()["run_id"]
        review = await waiting(api, began)
        moved = changed(document, "paths", to={"/moved": document["paths"]["/tree"]})
        await api.post("/plugins?name=models", json=moved)
        await api.post(f"/reviews/{review}/approve")
        assert await paths(api, began) == ["/tree", "/tree"], "the document it began with"
        after = (await api.post("/workflows/calls/run", json={"name": "x"})).json()["run_id"]
        await api.post(f"/reviews/{await waiting(api, after)}/approve")
        assert await paths(api, after) == ["/moved", "/moved"]
        await api.delete("/plugins/models")
        gone = await api.post("/workflows/calls/run?wait=20", json={"name": "x"})
        assert gone.status_code in (202, 422)
        if gone.status_code == 422:
            assert "nodes[1].config.nodes[0].config.plugin" in gone.json()["detail"]


async def test_an_agent_calls_operations_with_a_connection() -> None:
    seen: list[Request] = []

    async def answer(request: Request, responder: Responder) -> None:
        seen.append(request)
        await responder.json(200, {"name": "root", "secret": request.headers["authorization"]})

    async with LoopbackServer(answer) as service, DemoModel(interval=0) as model:
        services = (*SERVICES, "executor-llm")
        async with running(services, connections_key=new_key(), model_url=model.base_url) as stack:
            url = f"{stack.gateway}/api"
            async with httpx.AsyncClient(base_url=url, timeout=30) as api:
                document = changed(MODELS, "servers", to=[{"url": service.origin}])
                await api.post("/plugins?name=models", json=document)
                connection = {"type": "api_key", "value": TOKEN, "hosts": [service.origin]}
                await api.put("/connections/models", json=connection)
                call = {"name": "putTree", "arguments": {"name": "root"}}
                workflow = {
                    "id": "asks",
                    "nodes": [
                        {
                            "id": "ask",
                            "type": "agent",
                            "config": {
                                "prompt": "Plant a tree.",
                                "extra": {"runfold_demo": {"calls": [[call], []]}},
                                "tools": [
                                    {
                                        "type": "plugin",
                                        "config": {
                                            "plugin": "models",
                                            "connection": "models",
                                            "preset": {"children": []},
                                        },
                                        "allow": ["putTree"],
                                    }
                                ],
                            },
                        },
                        {"id": "end", "type": "end", "config": {"answer": "{{ask.output}}"}},
                    ],
                }
                created = await api.post("/workflows", json=workflow)
                assert created.status_code == 201, created.text
                run = (await api.post("/workflows/asks/run?wait=25", json={})).json()
                assert run["status"] == "succeeded", run
                events = (await api.get(f"/runs/{run['run_id']}/events")).text
    (request,) = seen
    assert request.method == "PUT"
    assert request.json() == {"name": "root", "children": []}
    assert request.headers["authorization"] == TOKEN
    assert TOKEN not in events
    assert "putTree" in events
    assert '"models@' in events, "the version is in the run"


async def waiting(api: httpx.AsyncClient, run_id: str) -> str:
    """The review that a run waits for, once it does."""
    async with api.stream(
        "GET", f"/runs/{run_id}/stream", headers={"accept": "application/x-ndjson"}
    ) as stream:
        async for line in stream.aiter_lines():
            found = json.loads(line) if line else {}
            event = found.get("event", found)
            if event.get("type") == "node_run_waiting":
                return str(event["token"])
    pytest.fail("it ended")


async def paths(api: httpx.AsyncClient, run_id: str) -> Any:
    async with api.stream(
        "GET", f"/runs/{run_id}/stream", headers={"accept": "application/x-ndjson"}
    ) as stream:
        async for _ in stream.aiter_lines():
            pass
    run = (await api.get(f"/runs/{run_id}")).json()
    assert run["status"] == "succeeded", run
    return run["outputs"]["paths"]


async def test_connections_are_never_read_back(stack: Stack, api: httpx.AsyncClient) -> None:
    stored = await api.put("/connections/search", json=BEARER)
    assert stored.status_code == 200, stored.text
    assert stored.json()["status"] == "ready"
    for answer in (
        stored,
        await api.get("/connections"),
        await api.get("/connections/search"),
    ):
        assert TOKEN not in answer.text
        assert "api.example.com" in answer.text
    for body in (await stack.bus.connections.entries()).values():
        assert TOKEN.encode() not in body
    assert (await api.delete("/connections/search")).status_code == 204
    assert code(await api.get("/connections/search")) == (404, "connection.not_found")
    assert code(await api.delete("/connections/search")) == (404, "connection.not_found")
    for wrong in ({}, [], None, {**BEARER, "hosts": []}, {**BEARER, "surplus": TOKEN}):
        refused = await api.put("/connections/search", json=wrong)
        assert code(refused) == (422, "connection.invalid")
        assert TOKEN not in refused.text
    assert code(await api.put("/connections/a%2Fb", json=BEARER))[0] in (404, 422)


async def test_a_person_allows_a_connection_in_a_browser(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    authority = Authority()
    async with authority.http:
        origin = authority.http.origin
        connection = {
            "type": "oauth2_authorization_code",
            "authorization_url": f"{origin}/authorize",
            "token_url": f"{origin}/token",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": SCOPE,
            "hosts": [origin],
        }
        stored = await api.put("/connections/tea", json=connection)
        assert stored.json()["status"] == "not_authorized"
        asked = (await api.post("/connections/tea/authorize")).json()
        authority.backs.append(asked["redirect_uri"])
        assert asked["redirect_uri"] == f"{stack.gateway}/api/oauth/callback"
        async with httpx.AsyncClient(follow_redirects=True, timeout=30) as browser:
            page = await browser.get(asked["url"])
            assert page.status_code == 200, page.text
            assert "tea" in page.text
            again = await browser.get(page.url)
        assert code(again) == (422, "connection.unknown_state"), "a state counts once"
        shown = (await api.get("/connections/tea")).json()
        assert shown["status"] == "ready"
        assert shown["expires_at"] is not None
        assert "token-" not in json.dumps(shown)
        workflow = {
            "id": "tea",
            "nodes": [
                {
                    "id": "get",
                    "type": "http_request",
                    "config": {"url": f"{origin}/api/tea", "connection": "tea"},
                },
                {"id": "end", "type": "end", "config": {"outputs": {"said": "{{get.body}}"}}},
            ],
        }
        await api.post("/workflows", json=workflow)
        run = (await api.post("/workflows/tea/run?wait=20", json={})).json()
        assert run["status"] == "succeeded", run
        assert run["outputs"]["said"]["sent"] == "Bearer ***"
        events = (await api.get(f"/runs/{run['run_id']}/events")).text
        assert "access-token" not in events
        authority.revoke()
        run = (await api.post("/workflows/tea/run?wait=20", json={})).json()
        assert run["status"] == "failed"
        assert run["error"]["code"] == "connection.expired"
        assert "'tea'" in run["error"]["message"]
        assert (await api.get("/connections/tea")).json()["status"] == "expired"
        asked = (await api.post("/connections/tea/authorize")).json()
        state = httpx.URL(asked["url"]).params["state"]
        denied = await api.get(f"/oauth/callback?state={state}&error=access_denied&iss=x")
        assert code(denied) == (422, "connection.refused")
        wrong = await api.put("/connections/search", json=BEARER)
        assert wrong.status_code == 200
        assert code(await api.post("/connections/search/authorize")) == (
            409,
            "connection.not_asked_for",
        )


async def test_without_a_key_nothing_is_stored_and_the_callback_needs_none() -> None:
    async with gateway(api_key="the-gateways-key") as here:
        own = "Authorization: Bearer the-gateways-key"
        body = json.dumps(BEARER).encode()
        answer = await here.ask("PUT", "/api/connections/search", body=body)
        assert answer.status == 401
        answer = await here.ask("PUT", "/api/connections/search", own, body=body)
        assert (answer.status, answer.code) == (409, "connection.no_key")
        assert "new-key" in answer.json["detail"]
        assert await here.bus.connections.entries() == {}
        answer = await here.ask("GET", "/api/oauth/callback?state=x&code=y&session_state=z")
        assert (answer.status, answer.code) == (422, "connection.unknown_state")
