"""The plugin node against a server of our own, over real sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
import pytest_asyncio

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.memory.stores import MemoryKeyValue
from runfold.errors import InvalidRequest, NodeFailed
from runfold.graph.kinds.plugin import PluginConfig
from runfold.graph.loader import canonical_bytes, load_workflow, prepare
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.plugins.pinning import plugins_of, with_plugins
from runfold.plugins.store import PluginStore
from runfold.settings import HTTPSettings, Settings
from runfold_executor_http.outside import open_outside
from runfold_executor_http.plugin import NODE
from tests.support.node_contexts import RecordingContext
from tests.support.openapi_documents import FORGE, MODELS, SHOP, changed

ISSUE = {"id": 1, "title": "t"}


class Service:
    """Answers as the documents say, or nearly; remembers what came."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer: Any = [ISSUE]
        self.http = LoopbackServer(self.handle)

    async def handle(self, request: Request, responder: Responder) -> None:
        self.requests.append(request)
        if request.path.endswith("/missing"):
            await responder.json(404, {"message": "no such repository"})
        elif request.path.endswith("/mislabelled.png"):
            await responder.body(200, {"content-type": "image/png"}, b"%PDF-1.7 \0\xff")
        elif request.path.endswith("/logo.png"):
            await responder.body(200, {"content-type": "image/png"}, b"\x89PNG\r\n\x1a\n\0\xff")
        else:
            await responder.json(200, self.answer)


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    async with made.http:
        yield made


class Here:
    """A context with a bus of its own."""

    def __init__(self, ctx: RecordingContext, bus: MemoryBus, service: Service) -> None:
        self.ctx = ctx
        self.plugins = PluginStore(bus.plugins)
        self.service = service

    async def __call__(self, document: dict[str, Any] | None = None, **config: Any) -> Any:
        given = {"server": self.service.http.origin, "document": document, **config}
        outcome = await NODE.run(self.ctx, msgspec.convert(given, PluginConfig), {})
        return outcome.outputs


@pytest_asyncio.fixture
async def here(service: Service) -> AsyncIterator[Here]:
    ctx = RecordingContext(Settings(http=HTTPSettings(allow_loopback=True)))
    bus = MemoryBus(ctx.settings)
    async with open_outside(ctx.settings, bus) as ctx.resource:
        yield Here(ctx, bus, service)


async def test_an_operation_is_called_and_its_answer_checked(here: Here) -> None:
    listed = {"owner": "o", "repo": "r", "labels": ["a", "b"], "X-Version": "2"}
    outputs = await here(FORGE, operation="issues/list-for-repo", parameters=listed)
    (request,) = here.service.requests
    assert request.method == "GET"
    assert request.target == "/repos/o/r/issues?labels=a,b"
    assert request.headers["x-version"] == "2"
    assert request.headers["accept"] == "application/json, */*;q=0.1"
    assert outputs["output"] == [ISSUE]
    assert outputs["status_code"] == 200
    assert outputs["warnings"] == []
    here.service.answer = [{"id": "one", "title": "t"}]
    outputs = await here(FORGE, operation="issues/list-for-repo", parameters=listed)
    assert outputs["output"] == [{"id": "one", "title": "t"}], "of use all the same"
    assert outputs["warnings"][0].startswith("$[0].id: ")


async def test_forms_and_multipart_reach_the_other_side(here: Here) -> None:
    charge = {"amount": 5, "metadata": {"a": "b c"}}
    await here(SHOP, operation="PostCharges", parameters=charge)
    (request,) = here.service.requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert unquote(request.body.decode()) == "amount=5&metadata[a]=b c"
    file = await here.ctx.files.write(
        b"%PDF-1.7 \0bytes", name='re"port.pdf', media_type="application/pdf"
    )
    sent = {"file": file, "purpose": "batch", "expires": {"seconds": 1}}
    await here(MODELS, operation="createFile", parameters=sent)
    kind, _, boundary = here.service.requests[-1].headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    parts = here.service.requests[-1].body.split(b"--" + boundary.encode())
    assert parts[1] == (
        b'\r\nContent-Disposition: form-data; name="file"; filename="re%22port.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%PDF-1.7 \0bytes\r\n"
    )
    assert parts[2].endswith(b'name="purpose"\r\n\r\nbatch\r\n')
    assert b"Content-Type: application/json\r\n\r\n{" in parts[3]
    assert parts[4] == b"--\r\n"


async def test_an_answer_of_bytes_is_a_file(here: Here) -> None:
    logo = {"owner": "o", "repo": "r", "path": "logo.png"}
    outputs = await here(FORGE, operation="get_repos_owner_repo_contents_path", parameters=logo)
    assert outputs["output"]["name"] == "logo.png"
    assert outputs["files"] == [outputs["output"]]
    assert (await here.ctx.files.read(outputs["output"])).endswith(b"\0\xff")
    outputs = await here(
        FORGE,
        operation="get_repos_owner_repo_contents_path",
        parameters={**logo, "path": "mislabelled.png"},
    )
    assert outputs["output"]["media_type"] == "application/pdf", "what the bytes are"


async def test_operations_are_listed_for_models(here: Here) -> None:
    outputs = await here(FORGE, list_tools=True, parameters={"owner": "o"})
    assert [one["name"] for one in outputs["tools"]] == [
        "issues_list-for-repo",
        "issues_create",
        "get_repos_owner_repo_contents_path",
    ]
    assert all("owner" not in one["parameters"]["properties"] for one in outputs["tools"])
    assert [one["repeatable"] for one in outputs["tools"]] == [True, False, True]
    (only,) = (await here(FORGE, list_tools=True, operations=["issues_create"]))["tools"]
    assert only["name"] == "issues_create"
    assert here.service.requests == []


async def test_what_the_author_fills_in_is_sent_and_not_shown(here: Here) -> None:
    preset = {"owner": "me", "no_such": 1}
    outputs = await here(FORGE, list_tools=True, preset=preset)
    assert all("owner" not in one["parameters"]["properties"] for one in outputs["tools"])
    told = {"owner": "you", "repo": "r"}
    await here(FORGE, operation="issues_list-for-repo", parameters=told, preset=preset)
    assert here.service.requests[-1].target == "/repos/me/r/issues"


def test_tools_of_an_agent_and_nodes_in_bodies_are_pinned() -> None:
    workflow, _ = prepare(
        {
            "id": "w",
            "nodes": [
                {
                    "id": "ask",
                    "type": "agent",
                    "config": {
                        "prompt": "x",
                        "tools": [{"type": "plugin", "config": {"plugin": "forge"}}],
                    },
                },
                {
                    "id": "each",
                    "type": "iteration",
                    "config": {
                        "items": [1],
                        "nodes": [
                            {
                                "id": "call",
                                "type": "plugin",
                                "config": {"plugin": "shop", "operation": "GetCharges"},
                            }
                        ],
                    },
                },
            ],
        }
    )
    assert plugins_of(workflow) == ("forge", "shop")
    pinned = with_plugins(workflow, {"forge": "forge@12345678", "shop": "shop@12345678"})
    assert plugins_of(pinned) == ()
    assert canonical_bytes(pinned).count(b'"plugin":"forge@12345678"') == 2
    assert canonical_bytes(pinned).count(b'"plugin":"shop@12345678"') == 1


async def failed(here: Here, document: Any = None, **config: Any) -> NodeFailed:
    with pytest.raises(NodeFailed) as caught:
        await here(document, **config)
    return caught.value


async def test_failures_say_what_and_where(here: Here) -> None:
    error = await failed(here, FORGE, operation="issues/delete")
    assert error.code == "plugin.unknown_operation"
    assert "issues/create" in error.message
    error = await failed(here, FORGE, operation="issues/create", parameters={"owner": "o"})
    assert error.code == "plugin.parameters"
    assert "'repo' is missing" in error.message
    where = {"owner": "o", "repo": "r", "path": "missing"}
    error = await failed(
        here, FORGE, operation="get_repos_owner_repo_contents_path", parameters=where
    )
    assert (error.code, error.kind, error.retryable) == ("http.status", "input", False)
    assert "no such repository" in error.message
    remote = changed(
        FORGE, "components", "schemas", "issue", to={"$ref": "https://evil.example/s.json"}
    )
    error = await failed(here, remote, list_tools=True)
    assert error.code == "openapi.remote_reference"
    assert error.details["place"].startswith("#/")
    many = changed(FORGE, "paths", to={f"/{n}": {"get": {"responses": {}}} for n in range(200)})
    assert (await failed(here, many, list_tools=True)).code == "plugin.too_many_operations"
    assert here.service.requests[1:] == []


async def test_no_operation_reaches_closed_addresses(service: Service) -> None:
    ctx = RecordingContext(Settings())
    async with open_outside(ctx.settings, MemoryBus(ctx.settings)) as ctx.resource:
        config = {"document": MODELS, "operation": "putTree", "server": service.http.origin}
        with pytest.raises(NodeFailed) as caught:
            await NODE.run(ctx, msgspec.convert(config, PluginConfig), {})
    assert caught.value.code == "http.blocked"
    assert service.requests == []


async def test_a_stored_document_is_a_version_by_its_hash(here: Here) -> None:
    first, is_new = await here.plugins.add("forge", json.dumps(FORGE).encode())
    assert is_new
    again, is_new = await here.plugins.add("forge", json.dumps(FORGE, indent=2).encode())
    assert not is_new
    assert again == first
    call = {"operation": "issues/list-for-repo", "parameters": {"owner": "o", "repo": "r"}}
    assert (await here(plugin="forge", **call))["warnings"] == []
    renamed = changed(FORGE, "info", "title", to="Forge 2")
    del renamed["paths"]["/repos/{owner}/{repo}/issues"]["get"]
    second, _ = await here.plugins.add("forge", json.dumps(renamed).encode())
    assert len(second.versions) == 2
    error = await failed(here, plugin="forge", **call)
    assert error.code == "plugin.unknown_operation"
    pinned = f"forge@{first.newest.sha256}"
    assert (await here(plugin=pinned, **call))["output"] == [ISSUE]
    await here.plugins.delete("forge", first.newest.sha256)
    assert (await failed(here, plugin=pinned, **call)).code == "plugin.not_found"
    await here.plugins.delete("forge")
    assert (await failed(here, plugin="forge", **call)).code == "plugin.not_found"
    assert await here.plugins.list() == []


async def test_a_document_that_cannot_be_used_is_not_stored(here: Here) -> None:
    remote = changed(
        FORGE, "components", "schemas", "issue", to={"$ref": "https://evil.example/s.json"}
    )
    for body, code in [
        (json.dumps(remote).encode(), "openapi.remote_reference"),
        (b"openapi: 3.1.0\npaths: {}\n", "openapi.invalid"),
        (b"{", "openapi.invalid"),
        (b"\xff\xfe", "openapi.invalid"),
        (b"- " * 100_000, "openapi.invalid"),
        (b'{"openapi": "3.1.0", "paths": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, ""),
    ]:
        with pytest.raises(InvalidRequest) as caught:
            await here.plugins.add("bad", body)
        assert caught.value.code == (code or caught.value.code)
        assert caught.value.code.startswith("openapi.")
        assert caught.value.details["findings"]
    assert await here.plugins.list() == []


async def test_yaml_reads_as_json_does(here: Here) -> None:
    text = b"""
openapi: 3.0.3
info: {title: Tea, version: 2026-01-01}
servers: [{url: https://tea.example}]
paths:
  /teas:
    get:
      responses:
        200: {description: No quotes around the status.}
"""
    plugin, _ = await here.plugins.add("tea", text)
    assert plugin.newest.title == "Tea"
    outputs = await here(plugin="tea", operation="get_teas")
    assert outputs["warnings"] == []


def findings(**config: Any) -> dict[str, str]:
    loaded = load_workflow({"id": "w", "nodes": [{"id": "n", "type": "plugin", "config": config}]})
    return {one.code: one.message for one in loaded.findings if one.level == "error"}


def test_the_check_knows_what_can_be_known() -> None:
    assert findings(plugin="forge", operation="issues/create") == {}
    assert findings(plugin="{{which}}", operation="x").keys() <= {"reference.unknown"}
    assert "config.missing" in findings(operation="x")
    assert "config.missing" in findings(plugin="forge")
    assert "plugin.reference" in findings(plugin="forge@newest", operation="x")
    assert "config.wrong_value" in findings(plugin="forge", document=FORGE, operation="x")
    assert "plugin.file" in findings(document={"file": "x.yaml"}, operation="x")
    assert "plugin.unknown_operation" in findings(document=FORGE, operation="x")
    right = {"owner": "o", "repo": "{{r}}"}
    told = findings(document=FORGE, operation="issues/list-for-repo", parameters=right)
    assert "plugin.parameters" not in told
    told = findings(document=FORGE, operation="issues/list-for-repo", parameters={"owner": "o"})
    assert "'repo' is missing" in told["plugin.parameters"]
    remote = changed(FORGE, "components", "schemas", "issue", to={"$ref": "other.json"})
    assert "openapi.remote_reference" in findings(document=remote, operation="issues/create")


@pytest.mark.parametrize(
    ("place", "to", "code"),
    [
        (("components", "schemas", "issue"), 7, "openapi.invalid"),
        (("components", "securitySchemes"), {}, "openapi.unknown_reference"),
        (("servers",), [{"url": "/v1"}], "openapi.server"),
    ],
)
def test_the_check_knows_what_no_request_can_be_made_of(
    place: tuple[str, ...], to: Any, code: str
) -> None:
    call = {"operation": "issues/create", "parameters": {"owner": "o", "repo": "r", "title": "t"}}
    document = changed(FORGE, *place, to=to)
    if place[-1] == "securitySchemes":
        document["security"] = [{"there-is-none": []}]
    if place[-1] == "issue":
        body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/issue"}}}}
        document["paths"]["/repos/{owner}/{repo}/issues"]["post"]["requestBody"] = body
        call["parameters"] = "{{whatever}}"  # type: ignore[assignment]
    assert code in findings(document=document, **call)
    given = {"server": "https://example.com", "server_variables": {"region": "{{r}}"}}
    assert (code in findings(document=document, **call, **given)) == (code != "openapi.server")


class Between(MemoryKeyValue):
    """A bucket in which something happens before a key is dropped, or written."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, Callable[[], Awaitable[Any]]] = {}

    async def _now(self, what: str) -> None:
        if (happens := self.before.pop(what, None)) is not None:
            await happens()

    async def drop(self, key: str) -> None:
        await self._now("drop")
        await super().drop(key)

    async def create(self, key: str, value: bytes) -> int:
        await self._now("create")
        return await super().create(key, value)

    async def delete(self, key: str) -> None:
        await self._now("delete")
        await super().delete(key)


@pytest.mark.parametrize("what", ["drop", "create", "delete"])
async def test_a_document_that_is_added_while_it_is_deleted_is_there(what: str) -> None:
    bucket = Between()
    store, body = PluginStore(bucket), json.dumps(FORGE).encode()
    await store.add("one", body)
    added = "one" if what == "delete" else "two"
    if what == "create":  # the other has written its document, and not yet that it has it
        bucket.before["create"] = lambda: store.delete("one")
        await store.add(added, body)
    else:
        bucket.before[what] = lambda: store.add(added, body)
        await store.delete("one")
    if what in bucket.before:
        return  # it is not done in this way at all
    _, version = await store.find(added)
    assert await store.document(version)


def test_what_looks_like_a_template_in_a_document_is_its_text() -> None:
    described = changed(FORGE, "info", "description", to="Write {{name}}, or {% raw %}")
    described["components"]["schemas"]["issue"]["properties"]["condition"] = {"type": "string"}
    given = {"owner": "o", "repo": "r"}
    assert findings(document=described, operation="issues/list-for-repo", parameters=given) == {}
