"""MCP servers that name a stored connection: its credentials are on the requests of sessions."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import pytest_asyncio

from runfold.bus.memory.bus import MemoryBus
from runfold.connections.credentials import AuthorizationCode, read_credentials
from runfold.connections.sealing import new_key, sealer_of
from runfold.connections.store import Code, ConnectionStore, Grant
from runfold.connections.tokens import authorization_url, new_secret
from runfold.executor.conformance import Result
from runfold.settings import HTTPSettings, MCPServer, MCPSettings, Settings
from runfold_executor_http.mcp_client.survey import survey
from tests.support.authorization_server import CLIENT, SCOPE, SECRET, Authority
from tests.support.mcp_servers import HTTPServer, Node, http_server, node

pytestmark = pytest.mark.slow

BACK = "http://127.0.0.1:1/api/connections/callback"
KEY = new_key()


def code(result: Result) -> str:
    return result.failure.code if result.failure else ""


@pytest.fixture(autouse=True)
def _insecure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


class Here:
    """An MCP server behind the check of an authorization server, and where connections are."""

    def __init__(self, authority: Authority, web: HTTPServer) -> None:
        self.authority = authority
        self.web = web
        self.bus = MemoryBus(Settings(connections_key=KEY))
        self.store = ConnectionStore(
            self.bus.connections, lambda: sealer_of(Settings(connections_key=KEY))
        )

    def server(self, connection: str = "tea", **more: Any) -> MCPServer:
        return MCPServer(url=self.web.url, connection=connection, **more)

    def nodes(self, **servers: MCPServer) -> Any:
        return node(servers or {"web": self.server()}, bus=self.bus, key=KEY)

    async def put(self, name: str = "tea", /, **fields: Any) -> None:
        origin = self.authority.http.origin
        defaults: dict[str, Any] = {"hosts": [f"http://127.0.0.1:{self.web.port}"]}
        if fields.get("type", "").startswith("oauth2"):
            defaults |= {"token_url": f"{origin}/token", "client_id": CLIENT, "scope": SCOPE}
            defaults |= {"client_secret": SECRET, "resource": self.web.url}
        if fields.get("type") == "oauth2_authorization_code":
            defaults["authorization_url"] = f"{origin}/authorize"
        await self.store.put(name, read_credentials(defaults | fields))

    async def allow(self, name: str = "tea") -> None:
        """A person says yes in a browser; the code is there for an executor to fetch."""
        client = self.store.opened(await self.store.get(name))
        assert isinstance(client, AuthorizationCode)
        state, verifier = new_secret(), new_secret()
        async with httpx.AsyncClient() as browser:
            page = authorization_url(client, state, verifier, BACK)
            assert ("resource", self.web.url) in parse_qsl(urlsplit(page).query)
            answer = await browser.get(page)
        came = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        found = await self.store.grant(name)
        grant = Grant("code", self.store.sealed(name, Code(came["code"], verifier, BACK)))
        assert await self.store.write_grant(name, grant, found[1] if found else 0)

    def journaled(self, what: str) -> int:
        journal = self.web.journal
        return journal.read_text().splitlines().count(what) if journal.exists() else 0


@pytest_asyncio.fixture
async def authority() -> AsyncIterator[Authority]:
    made = Authority()
    made.backs.append(BACK)
    async with made.http:
        yield made


@pytest.fixture(params=["newest", "legacy"])
def here(request: pytest.FixtureRequest, authority: Authority, tmp_path: Path) -> Iterator[Here]:
    options = ("--legacy",) if request.param == "legacy" else ()
    check = f"{authority.http.origin}/api/check"
    with http_server(tmp_path / "journal", *options, check=check) as web:
        yield Here(authority, web)


@pytest.fixture
def open_web(authority: Authority, tmp_path: Path) -> Iterator[Here]:
    """A server that takes any credentials, and tells them."""
    with http_server(tmp_path / "journal") as web:
        yield Here(authority, web)


def sessions_of(nodes: Node) -> list[Any]:
    return [one.session for one in nodes.sessions._by_key.values()]


async def test_a_person_allows_it_and_it_is_renewed_in_the_middle_of_a_session(here: Here) -> None:
    await here.put(type="oauth2_authorization_code")
    async with here.nodes() as nodes:
        for _ in range(2):
            failure = (await nodes.call("web", "echo", text="x")).failure
            assert failure is not None
            assert (failure.code, failure.retryable) == ("connection.not_authorized", False)
            assert "runfold connections authorize tea" in failure.message
        await here.allow()
        assert (await nodes.call("web", "echo", text="x")).outputs["output"] == "x"
        (session,) = [one for one in sessions_of(nodes) if one.is_usable]
        asked = len(here.authority.asked)
        refreshed = here.authority.server.by_refresh.copy()
        # A tool that may not be repeated, with a token that the server no longer takes.
        here.authority.end_access()
        calls = await asyncio.gather(
            *(nodes.call("web", "slow", seconds=0.01, steps=1) for _ in range(5))
        )
        assert [one.outputs.get("output") for one in calls] == ["done"] * 5
        assert here.journaled("slow") == 5, "none twice"
        assert len(here.authority.asked) == asked + 1, "renewed once for all"
        assert [one for one in sessions_of(nodes) if one.is_usable] == [session]
        # The refresh token was another one each time: the next renewal uses the newest.
        here.authority.end_access()
        assert (await nodes.call("web", "echo", text="y")).outputs["output"] == "y"
        assert all(one.revoked for one in refreshed.values())
        for one in here.authority.asked:
            assert ("resource", here.web.url) in parse_qsl(one.body.decode())
        told = await nodes.call("web", "caller")
        assert told.outputs["output"].startswith("Bearer ***"), told
        assert "token-" not in json.dumps(told.outputs) + told.text("variable")
        # Somebody revokes all of it: the failure says who has to do what.
        here.authority.revoke()
        failure = (await nodes.call("web", "echo", text="z")).failure
        assert failure is not None
        assert (failure.code, failure.retryable) == ("connection.expired", False)
        assert "runfold connections authorize tea" in failure.message
        assert "token-" not in str(failure)
        await here.allow()
        assert (await nodes.call("web", "echo", text="z")).outputs["output"] == "z"


async def test_a_server_that_takes_no_token_is_asked_twice_and_called_never(here: Here) -> None:
    await here.put(type="oauth2_client_credentials")
    servers = {"one": here.server(), "two": here.server()}
    async with here.nodes(**servers) as nodes:
        for name in servers:
            assert (await nodes.call(name, "echo", text=name)).outputs["output"] == name
        assert here.authority.issued == 1, "two servers with one connection have one token"
        here.authority.server.expires_in = -1  # what is given from now on is refused at once
        here.authority.end_access()
        before, asked = here.journaled("refused"), len(here.authority.asked)
        result = await nodes.call("one", "slow", seconds=0.01, steps=1)
        assert result.failure is not None
        assert (result.failure.code, result.failure.retryable) == ("mcp.auth", False)
        assert "'tea'" in result.failure.message
        assert result.failure.details["connection"] == "tea"
        assert here.journaled("slow") == 0
        assert len(here.authority.asked) == asked + 1
        assert here.journaled("refused") == before + 2
        # The authorization server is busy: the call was not begun with, another attempt can help.
        here.authority.server.expires_in = 3600
        here.authority.down = 100
        here.authority.end_access()
        busy = (await nodes.call("two", "slow", seconds=0.01, steps=1)).failure
        assert busy is not None
        assert (busy.code, busy.retryable) == ("connection.refused", True)
        here.authority.down = 0
        assert (await nodes.call("two", "echo", text="on")).outputs["output"] == "on"
        assert here.journaled("slow") == 0


@pytest.mark.parametrize(
    ("fields", "sent", "secret"),
    [
        ({"type": "bearer", "token": "the-token-0123"}, "Bearer ***;", "the-token-0123"),
        ({"type": "api_key", "value": "the-key-01234", "name": "X-Key"}, "; ***;", "the-key-01234"),
        (
            {"type": "api_key", "value": "the-key-01234", "name": "k", "in": "query"},
            " k=***",
            "the-key-01234",
        ),
        (
            {"type": "api_key", "value": "the-key-01234", "name": "k", "in": "cookie"},
            "a=b; k=***",
            "the-key-01234",
        ),
        (
            {"type": "basic", "username": "ada-lovelace", "password": "the-password"},
            "Basic ***;",
            base64.b64encode(b"ada-lovelace:the-password").decode(),
        ),
    ],
)
async def test_credentials_of_each_sort_are_sent_and_masked(
    open_web: Here, fields: dict[str, Any], sent: str, secret: str
) -> None:
    await open_web.put(**fields)
    async with open_web.nodes(web=open_web.server(headers={"cookie": "a=b"})) as nodes:
        told = await nodes.call("web", "caller")
        assert sent in told.outputs["output"]
        assert "***" in told.text("variable")
        assert secret not in json.dumps(told.outputs) + told.text("variable")


async def test_another_connection_opens_another_session(open_web: Here) -> None:
    here = open_web
    await here.put(type="bearer", token="first-token-0123")
    async with here.nodes() as nodes:
        await nodes.call("web", "echo", text="x")
        (first,) = sessions_of(nodes)
        await nodes.call("web", "echo", text="x")
        assert sessions_of(nodes) == [first]
        await here.put(type="bearer", token="second-token-0123")
        await nodes.call("web", "echo", text="x")
        assert len(sessions_of(nodes)) == 2
        await here.put(type="bearer", token="third-token-0123", hosts=["tickets.example.com"])
        elsewhere = await nodes.call("web", "echo", text="x")
        assert elsewhere.failure is not None
        assert elsewhere.failure.code == "connection.host"
        assert "tickets.example.com" in elsewhere.failure.message
        await here.store.delete("tea")
        gone = await nodes.call("web", "echo", text="x")
        assert code(gone) == "connection.not_found"
    await here.put(type="bearer", token="fourth-token-0123")
    declared = here.server(headers={"Authorization": "Bearer {{secrets.NOT_ASKED}}"})
    async with here.nodes(web=declared) as nodes:
        assert code(await nodes.call("web", "echo", text="x")) == "secret.missing"
    async with here.nodes(web=here.server(headers={"Authorization": "Bearer mine-012"})) as nodes:
        twice = (await nodes.call("web", "echo", text="x")).failure
        assert twice is not None
        assert (twice.code, twice.retryable) == ("mcp.invalid", False)
        assert "'tea'" in twice.message
        assert "mine-012" not in twice.message
    async with node({"web": here.server()}, bus=here.bus, key=new_key()) as nodes:
        unreadable = (await nodes.call("web", "echo", text="x")).failure
        assert unreadable is not None
        assert (unreadable.code, unreadable.retryable) == ("connection.key_unknown", False)


async def test_a_survey_says_what_is_wrong_with_a_connection(here: Here) -> None:
    settings = Settings(
        mcp=MCPSettings(servers={"web": here.server()}),
        http=HTTPSettings(allow_loopback=True),
        connections_key=KEY,
    )
    assert "NATS" in (await survey(settings, ["web"]))["web"].problem
    assert "no connection 'tea'" in (await survey(settings, ["web"], here.bus))["web"].problem
    await here.put(type="oauth2_authorization_code")
    problem = (await survey(settings, ["web"], here.bus))["web"].problem
    assert "runfold connections authorize tea" in problem
    await here.allow()
    found = (await survey(settings, ["web"], here.bus))["web"]
    assert found.problem == ""
    assert "echo" in {tool["name"] for tool in found.tools}
