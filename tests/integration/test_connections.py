"""Connections: kept encrypted, sent where they may be, renewed once, masked everywhere."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import stat
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import msgspec
import pytest
import pytest_asyncio

from runfold.bus.memory.bus import MemoryBus
from runfold.client.connections import Connections
from runfold.connections.credentials import AuthorizationCode, may_go_to, read_credentials, split
from runfold.connections.sealing import KEY_FILE, Sealer, new_key, read_keys, sealer_of
from runfold.connections.store import Code, ConnectionStore, Grant
from runfold.connections.tokens import Refused, Token, authorization_url, new_secret, read_token
from runfold.errors import (
    BusUnavailable,
    ConfigurationError,
    InvalidRequest,
    NodeFailed,
    Undecodable,
)
from runfold.executor.conformance import run_node
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import HTTPSettings, Settings
from runfold_executor_http import grants
from runfold_executor_http.grants import BUSY, Grants
from runfold_executor_http.http_request import NODE as HTTP_REQUEST
from runfold_executor_http.outside import Outside, open_outside
from runfold_executor_http.plugin import NODE as PLUGIN
from tests.support.authorization_server import CLIENT, SCOPE, SECRET, Authority
from tests.support.openapi_documents import MODELS, SHOP, changed

BACK = "http://127.0.0.1:1/api/connections/callback"
SETTINGS = Settings(connections_key=new_key(), http=HTTPSettings(allow_loopback=True))


class Echo:
    """A service that says what was sent to it, in several spellings."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.http = LoopbackServer(self.handle)

    async def handle(self, request: Request, responder: Responder) -> None:
        self.requests.append(request)
        said = request.headers.get("authorization", "") + request.headers.get("x-key", "")
        secret = said.rpartition(" ")[2] or request.target
        await responder.json(
            200,
            {
                "plain": said,
                "target": request.target,
                "base64": base64.b64encode(f"x:{secret}".encode()).decode(),
                "quoted": quote(secret, safe=""),
                "cookie": request.headers.get("cookie", ""),
            },
        )


class Here:
    """A process with the http executor's resource, and one more of the same."""

    def __init__(self, outside: Outside, store: ConnectionStore, origin: str) -> None:
        self.outside = outside
        self.store = store
        self.origin = origin

    async def put(self, connection: str, /, **fields: Any) -> None:
        hosts = fields.pop("hosts", [self.origin])
        await self.store.put(connection, read_credentials({"hosts": hosts, **fields}))

    async def get(self, connection: str, target: str = "/api/tea", **config: Any) -> Any:
        whole = {"url": self.origin + target, "connection": connection, **config}
        return await run_node(HTTP_REQUEST, whole, settings=SETTINGS, resource=self.outside)


def store_on(bus: MemoryBus, settings: Settings = SETTINGS) -> ConnectionStore:
    return ConnectionStore(bus.connections, lambda: sealer_of(settings))


@pytest_asyncio.fixture
async def echo() -> AsyncIterator[Echo]:
    made = Echo()
    async with made.http:
        yield made


@pytest_asyncio.fixture
async def here(echo: Echo) -> AsyncIterator[Here]:
    bus = MemoryBus(SETTINGS)
    async with open_outside(SETTINGS, bus) as outside:
        yield Here(outside, store_on(bus), echo.http.origin)


@pytest_asyncio.fixture
async def authority() -> AsyncIterator[Authority]:
    made = Authority()
    made.backs.append(BACK)
    async with made.http:
        yield made


@pytest.fixture(autouse=True)
def _insecure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


# --- what is kept -------------------------------------------------------------------------------


async def test_what_is_stored_shows_no_secret_and_opens_only_where_it_stands() -> None:
    bus = MemoryBus(SETTINGS)
    store = store_on(bus)
    secret = "hunter2-and-more"
    await store.put(
        "one", read_credentials({"type": "bearer", "token": secret, "hosts": ["api.example.com"]})
    )
    kept = b"".join((await bus.connections.entries()).values())
    assert secret.encode() not in kept
    assert base64.b64encode(secret.encode()) not in kept
    stored = await store.get("one")
    assert store.opened(stored) == read_credentials(
        {"type": "bearer", "token": secret, "hosts": ["api.example.com"]}
    )
    moved = msgspec.structs.replace(stored, name="two")
    elsewhere = msgspec.structs.replace(stored, shown={**stored.shown, "hosts": ["evil.example"]})
    other = msgspec.structs.replace(stored, sealed=stored.sealed[:-4] + "AAA=")
    for changed_one in (moved, elsewhere, other):
        with pytest.raises(Undecodable):
            store.opened(changed_one)


async def test_another_key_opens_only_together_with_the_first() -> None:
    first, second = new_key(), new_key()
    bus = MemoryBus(SETTINGS)
    credentials = read_credentials({"type": "bearer", "token": "t0ken", "hosts": ["*"]})
    await store_on(bus, Settings(connections_key=first)).put("one", credentials)
    stranger = store_on(bus, Settings(connections_key=second))
    with pytest.raises(ConfigurationError) as caught:
        stranger.opened(await stranger.get("one"))
    assert caught.value.code == "connection.key_unknown"
    both = store_on(bus, Settings(connections_key=f"{second},{first}"))
    assert both.opened(await both.get("one")) == credentials
    await both.put("one", credentials)
    assert stranger.opened(await stranger.get("one")) == credentials, "sealed with the newest"


async def test_nothing_is_stored_without_a_key() -> None:
    bus = MemoryBus(SETTINGS)
    credentials = read_credentials({"type": "bearer", "token": "t0ken", "hosts": ["*"]})
    with pytest.raises(ConfigurationError, match="new-key") as caught:
        await store_on(bus, Settings()).put("one", credentials)
    assert caught.value.code == "connection.no_key"
    assert await bus.connections.entries() == {}


def test_an_embedded_server_makes_its_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "connections.key"
    settings = Settings(data_dir=path.parent, connections_key_file=path)
    sealed = sealer_of(settings).seal(b"x", "here")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sealer_of(settings).open(sealed, "here") == b"x"
    assert [one.name for one in path.parent.iterdir()] == ["connections.key"]
    elsewhere = Settings(data_dir=tmp_path, connections_key_file=tmp_path / "absent" / "key")
    with pytest.raises(ConfigurationError) as caught:
        sealer_of(elsewhere)
    assert caught.value.code == "connection.key"


@pytest.mark.parametrize("text", ["short", "x" * 44, "é" * 20, f"{'A' * 43}=,nope"])
def test_a_key_that_is_none_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_keys(text)
    assert text not in caught.value.message


def test_the_same_text_is_sealed_otherwise_each_time() -> None:
    sealer = Sealer(read_keys(new_key()))
    assert sealer.seal(b"x", "p") != sealer.seal(b"x", "p")
    with pytest.raises(Undecodable):
        sealer.open(sealer.seal(b"x", "p"), "q")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"type": "bearer", "token": "t"}, "hosts"),
        ({"type": "bearer", "token": "t", "hosts": []}, "at least one"),
        ({"type": "bearer", "token": "t", "hosts": ["https://a/b"]}, "not a host"),
        ({"type": "bearer", "token": "t", "hosts": ["ftp://a"]}, "not a host"),
        ({"type": "bearer", "token": "", "hosts": ["a"]}, "empty"),
        ({"type": "bearer", "token": "hunter2\nX: y", "hosts": ["a"]}, "control character"),
        ({"type": "bearer", "token": " hunter2", "hosts": ["a"]}, "white space"),
        ({"type": "bearer", "token": "hunter2é", "hosts": ["a"]}, "ASCII"),
        ({"type": "bearer", "token": "hunter2\x7f", "hosts": ["a"]}, "control character"),
        ({"type": "basic", "username": "hunter2:u", "hosts": ["a"]}, "colon"),
        ({"type": "api_key", "value": "hunter2é", "name": "X-Key", "hosts": ["a"]}, "ASCII"),
        ({"type": "magic", "hosts": ["a"]}, "magic"),
        ({"type": "api_key", "value": "hunter2", "name": "Host", "hosts": ["a"]}, "name"),
        ({"type": "basic", "username": "u", "surplus": 1, "hosts": ["a"]}, "surplus"),
        (
            {
                "type": "oauth2_client_credentials",
                "token_url": "file:///etc/passwd",
                "client_id": "c",
                "client_secret": "hunter2",
                "hosts": ["a"],
            },
            "token_url",
        ),
    ],
)
def test_credentials_that_cannot_be_used_are_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said) as caught:
        read_credentials(fields)
    assert "hunter2" not in caught.value.message
    assert caught.value.code == "connection.invalid"


@pytest.mark.parametrize(
    ("entry", "url", "may"),
    [
        ("api.example.com", "https://api.example.com/x", True),
        ("api.example.com", "https://API.example.com:443/x", True),
        ("api.example.com", "http://api.example.com/x", False),
        ("api.example.com", "https://api.example.com:8443/x", False),
        ("api.example.com:8443", "https://api.example.com:8443/x", True),
        ("api.example.com", "https://api.example.com.evil.example/x", False),
        ("api.example.com", "https://api.example.com@evil.example/x", False),
        ("*.example.com", "https://a.b.example.com", True),
        ("*.example.com", "https://example.com", False),
        ("*.example.com", "https://evilexample.com", False),
        ("http://127.0.0.1:80", "http://127.0.0.1/x", True),
        ("http://127.0.0.1:80", "https://127.0.0.1/x", False),
        ("*", "https://anywhere.example", True),
        ("*", "http://anywhere.example", False),
        ("[::1]", "https://[::1]/x", True),
        ("a", "not a url", False),
        ("a", "https://a:port/", False),
    ],
)
def test_where_credentials_may_be_sent(entry: str, url: str, may: bool) -> None:
    one = read_credentials({"type": "bearer", "token": "t", "hosts": [entry]})
    assert may_go_to(one, url) is may


def test_only_what_is_no_secret_is_shown() -> None:
    shown, secret = split(
        read_credentials({"type": "basic", "username": "u", "password": "p", "hosts": ["a"]})
    )
    assert shown == {"type": "basic", "hosts": ["a"]}
    assert secret == {"username": "u", "password": "p"}


# --- what is sent -------------------------------------------------------------------------------


async def test_each_sort_is_sent_as_it_should_be_and_masked(here: Here, echo: Echo) -> None:
    secret = "pa$$/w+rd=&0123"
    await here.put("key", type="api_key", value=secret, name="X-Key")
    await here.put("query", type="api_key", value=secret, name="k", **{"in": "query"})
    await here.put("cookie", type="api_key", value=secret, name="c", **{"in": "cookie"})
    await here.put("basic", type="basic", username="some-user", password=secret)
    await here.put("bearer", type="bearer", token=secret)
    for name in ("key", "query", "cookie", "basic", "bearer"):
        result = await here.get(name, "/echo?a=1", headers={"cookie": "own=1"})
        assert result.failure is None
        assert secret not in json.dumps(result.outputs), name
        assert quote(secret, safe="") not in json.dumps(result.outputs), name
        pair = base64.b64encode(f"some-user:{secret}".encode()).decode()
        assert pair not in json.dumps(result.outputs), name
        inner = base64.b64encode(f"x:{secret}".encode()).decode()
        assert inner[8:-8] not in json.dumps(result.outputs), name
        assert "***" in json.dumps(result.outputs), name
    key, query, cookie, basic, bearer = echo.requests
    assert key.headers["x-key"] == secret
    assert query.target == f"/echo?a=1&k={quote(secret, safe='')}"
    assert cookie.headers["cookie"] == f"own=1; c={quote(secret, safe='')}"
    assert basic.headers["authorization"] == f"Basic {pair}"
    assert bearer.headers["authorization"] == f"Bearer {secret}"


async def test_credentials_go_nowhere_else(here: Here, echo: Echo) -> None:
    await here.put("far", type="bearer", token="hunter2-and-more", hosts=["api.example.com"])
    failure = (await here.get("far")).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("connection.host", False)
    assert "'far'" in failure.message
    failure = (await here.get("nobody")).failure
    assert failure is not None
    assert failure.code == "connection.not_found"
    await here.put("near", type="bearer", token="hunter2-and-more")
    failure = (await here.get("near", headers={"Authorization": "own"})).failure
    assert failure is not None
    assert failure.code == "http.invalid"
    assert echo.requests == []


async def test_a_plugin_takes_the_scheme_of_its_document(here: Here, echo: Echo) -> None:
    async def call(document: Any, operation: str, connection: Any, **parameters: Any) -> Any:
        config = {
            "document": document,
            "operation": operation,
            "connection": connection,
            "parameters": parameters,
            "server": here.origin,
        }
        return await run_node(PLUGIN, config, settings=SETTINGS, resource=here.outside)

    await here.put("key", type="api_key", value="hunter2-and-more")
    await here.put("basic", type="basic", username="hunter2-and-more")
    result = await call(MODELS, "translate", "key", text=["a"])
    assert result.failure is None
    assert echo.requests[-1].headers["authorization"] == "hunter2-and-more"
    result = await call(SHOP, "GetCharges", "basic")
    assert echo.requests[-1].headers["authorization"].startswith("Basic ")
    failure = (await call(SHOP, "GetCharges", "key")).failure
    assert failure is not None
    assert failure.code == "connection.unfit"
    assert "basicAuth: basic, or bearerAuth: bearer" in failure.message
    both = changed(SHOP, "security", to=[{"basicAuth": [], "appId": []}])
    both["components"]["securitySchemes"]["appId"] = {
        "type": "apiKey",
        "in": "query",
        "name": "app",
    }
    failure = (await call(both, "GetCharges", "basic")).failure
    assert failure is not None
    assert failure.code == "connection.unfit"
    result = await call(both, "GetCharges", {"basicAuth": "basic", "appId": "key"})
    assert result.failure is None
    assert echo.requests[-1].headers["authorization"].startswith("Basic ")
    assert echo.requests[-1].target == "/v1/charges?app=hunter2-and-more"


# --- OAuth2: client credentials -----------------------------------------------------------------


def client_fields(authority: Authority, **more: Any) -> dict[str, Any]:
    return {
        "token_url": f"{authority.http.origin}/token",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "scope": SCOPE,
        "hosts": [authority.http.origin],
        **more,
    }


@pytest.mark.parametrize("how", ["client_secret_basic", "client_secret_post"])
async def test_ten_calls_at_once_ask_for_one_token(
    here: Here, authority: Authority, how: str
) -> None:
    here.origin = authority.http.origin
    fields = client_fields(authority, client_auth=how)
    await here.put("tea", type="oauth2_client_credentials", **fields)
    results = await asyncio.gather(*(here.get("tea") for _ in range(10)))
    assert [one.failure for one in results] == [None] * 10
    assert authority.issued == 1
    said = json.dumps([one.outputs for one in results])
    assert "access-token" not in said
    authority.end_access()
    results = await asyncio.gather(*(here.get("tea") for _ in range(5)))
    assert [one.failure for one in results] == [None] * 5
    assert authority.issued == 1, "those refused at once have one new token"


def test_a_token_is_renewed_before_it_ends() -> None:
    hour, minute = Token("t", 1000.0, 3600.0), Token("t", 1000.0, 60.0)
    assert hour.is_fresh(1000 + 3569)
    assert not hour.is_fresh(1000 + 3571), "30 s before"
    assert minute.is_fresh(1000 + 53)
    assert not minute.is_fresh(1000 + 55), "a tenth of its life"
    assert Token("t", 1000.0).is_fresh(10**9), "until it is refused"


@pytest.mark.parametrize(
    ("status", "answer", "wanted"),
    [
        (200, {"access_token": "t", "token_type": "bearer", "expires_in": "3600"}, 3600.0),
        (200, {"access_token": "t", "expires_in": 3600}, 3600.0),
        (200, {"access_token": "t", "token_type": "Bearer"}, None),
        (200, {"access_token": "t", "expires_in": "soon"}, None),
        (201, {"access_token": "t", "expires_in": -1}, None),
    ],
)
def test_answers_with_a_token(status: int, answer: Any, wanted: float | None) -> None:
    token = read_token(status, answer, 5.0, "old")
    assert (token.access_token, token.expires_in) == ("t", wanted)
    assert token.refresh_token == "old", "kept where none is given"


@pytest.mark.parametrize(
    ("status", "answer", "final"),
    [
        (200, {"error": "bad_verification_code", "error_description": "no"}, True),
        (400, {"error": "invalid_grant"}, True),
        (400, {"error": "temporarily_unavailable"}, False),
        (503, {"error": "server_error"}, False),
        (503, None, False),
        (429, "busy", False),
        (404, None, True),
        (200, {"access_token": "t", "token_type": "mac"}, True),
        (200, {"access_token": 7}, False),
        (200, [], False),
    ],
)
def test_answers_without_one(status: int, answer: Any, final: bool) -> None:
    with pytest.raises(Refused) as caught:
        read_token(status, answer, 5.0)
    assert caught.value.final is final


async def test_a_server_that_gives_no_token_says_why(here: Here, authority: Authority) -> None:
    here.origin = authority.http.origin
    fields = client_fields(authority, client_secret="wrong-secret")
    await here.put("tea", type="oauth2_client_credentials", **fields)
    failure = (await here.get("tea")).failure
    assert failure is not None
    assert (failure.code, failure.kind, failure.retryable) == ("connection.refused", "auth", False)
    assert "invalid_client" in failure.message
    assert "wrong-secret" not in failure.message
    authority.down = 1
    await here.put("tea", type="oauth2_client_credentials", **client_fields(authority))
    failure = (await here.get("tea")).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("connection.refused", True)
    assert (await here.get("tea")).failure is None


async def test_token_requests_pass_the_guard(authority: Authority, echo: Echo) -> None:
    del echo
    settings = Settings(connections_key=SETTINGS.connections_key)
    bus = MemoryBus(settings)
    fields = client_fields(authority, hosts=["*"])
    await store_on(bus).put(
        "tea", read_credentials({"type": "oauth2_client_credentials", **fields})
    )
    async with open_outside(settings, bus) as outside:
        config = {"url": "https://203.0.113.7/x", "connection": "tea"}
        result = await run_node(HTTP_REQUEST, config, settings=settings, resource=outside)
    assert result.failure is not None
    assert result.failure.code == "http.blocked"
    assert authority.asked == []


# --- OAuth2: authorization code -----------------------------------------------------------------


async def allowed(here: Here, authority: Authority, name: str) -> None:
    """A person says yes in a browser, and an executor fetches the token."""
    client = here.store.opened(await here.store.get(name))
    state, verifier = new_secret(), new_secret()
    url = authorization_url(client, state, verifier, BACK)  # type: ignore[arg-type]
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(url)
    assert answer.status_code == 302, answer.text
    came = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert came["state"] == state
    code = Code(came["code"], verifier, BACK)
    found = await here.store.grant(name)
    grant = Grant("code", here.store.sealed(name, code))
    written = await until_granted(here, name, lambda one: one.status != "code", grant, found)
    assert written.status == "ready", written.error


async def until_granted(
    here: Here,
    name: str,
    holds: Callable[[Grant], bool],
    grant: Grant,
    found: tuple[Grant, int] | None,
) -> Grant:
    changed_one = asyncio.Event()
    stop = await here.store.watch_grants(lambda _: changed_one.set())
    try:
        assert await here.store.write_grant(name, grant, found[1] if found else 0)
        async with asyncio.timeout(20):
            while True:
                await changed_one.wait()
                changed_one.clear()
                now = await here.store.grant(name)
                if now is not None and holds(now[0]):
                    return now[0]
    finally:
        await stop()


async def connected(here: Here, authority: Authority) -> None:
    here.origin = authority.http.origin
    fields = client_fields(authority, authorization_url=f"{authority.http.origin}/authorize")
    await here.put("tea", type="oauth2_authorization_code", **fields)


async def test_a_person_allows_it_and_it_is_renewed(here: Here, authority: Authority) -> None:
    await connected(here, authority)
    failure = (await here.get("tea")).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("connection.not_authorized", False)
    assert "'tea'" in failure.message
    await allowed(here, authority, "tea")
    assert (await here.get("tea")).failure is None
    asked = len(authority.asked)
    authority.end_access()
    results = await asyncio.gather(*(here.get("tea") for _ in range(10)))
    assert [one.failure for one in results] == [None] * 10
    assert len(authority.asked) == asked + 1, "one at a time"
    assert "refresh_token" in authority.asked[-1].body.decode()
    assert "token-" not in json.dumps([one.outputs for one in results])


async def test_two_executors_renew_it_once(here: Here, authority: Authority) -> None:
    await connected(here, authority)
    authority.server.expires_in = 1
    await allowed(here, authority, "tea")
    authority.server.expires_in = 3600
    asked = len(authority.asked)
    grant, revision = await here.store.grant("tea") or pytest.fail("no grant")
    token = here.store.token("tea", grant)
    old = msgspec.structs.replace(token, obtained_at=token.obtained_at - 10)
    sealed = msgspec.structs.replace(grant, sealed=here.store.sealed("tea", old))
    assert await here.store.write_grant("tea", sealed, revision)
    bus = MemoryBus(SETTINGS)
    bus.connections = here.store._bucket  # type: ignore[assignment]
    async with open_outside(SETTINGS, bus) as second:
        other = Here(second, here.store, here.origin)
        results = await asyncio.gather(*(one.get("tea") for one in (here, other) for _ in range(5)))
    assert [one.failure for one in results] == [None] * 10
    assert len(authority.asked) == asked + 1


async def test_a_revoked_refresh_token_is_a_failure_that_names_the_connection(
    here: Here, authority: Authority
) -> None:
    await connected(here, authority)
    await allowed(here, authority, "tea")
    authority.revoke()
    for _ in range(2):
        failure = (await here.get("tea")).failure
        assert failure is not None
        assert (failure.code, failure.kind, failure.retryable) == (
            "connection.expired",
            "auth",
            False,
        )
        assert "'tea'" in failure.message
        assert "invalid_grant" in failure.message
        assert "token-" not in failure.message
    refreshed = [one for one in authority.asked if b"refresh_token" in one.body]
    assert len(refreshed) == 1, "a token that is of no use is not sent again"
    await allowed(here, authority, "tea")
    assert (await here.get("tea")).failure is None, "allowed again"


async def test_a_server_that_is_away_ends_nothing(here: Here, authority: Authority) -> None:
    await connected(here, authority)
    await allowed(here, authority, "tea")
    authority.end_access()
    authority.down = 1
    failure = (await here.get("tea")).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("connection.refused", True)
    assert (await here.get("tea")).failure is None


async def test_a_code_with_another_verifier_gives_no_token(
    here: Here, authority: Authority
) -> None:
    await connected(here, authority)
    client = here.store.opened(await here.store.get("tea"))
    url = authorization_url(client, new_secret(), new_secret(), BACK)  # type: ignore[arg-type]
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(url)
    came = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    code = Code(came["code"], new_secret(), BACK)
    grant = Grant("code", here.store.sealed("tea", code))
    ended = await until_granted(here, "tea", lambda one: one.status == "failed", grant, None)
    assert "invalid_grant" in ended.error
    failure = (await here.get("tea")).failure
    assert failure is not None
    assert failure.code == "connection.expired"


async def test_a_cut_off_call_does_not_lose_the_new_token(here: Here, authority: Authority) -> None:
    await connected(here, authority)
    await allowed(here, authority, "tea")
    authority.end_access()
    seen = len(authority.asked)
    authority.reached.clear()
    call = asyncio.create_task(here.get("tea"))
    async with asyncio.timeout(20):
        await authority.reached.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert (await here.get("tea")).failure is None
    assert len(authority.asked) == seen + 1


class Ended(BaseException):
    """What a process does that is killed: nothing any more."""


class EndsAt:
    """A store of a process that ends before, or after, its nth write of a grant."""

    def __init__(self, store: ConnectionStore, write: int, when: str) -> None:
        self._store = store
        self._left = write
        self._when = when

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def write_grant(self, name: str, grant: Grant, revision: int) -> int | None:
        self._left -= 1
        if self._left == 0 and self._when == "before":
            raise Ended
        written = await self._store.write_grant(name, grant, revision)
        if self._left == 0:
            raise Ended
        return written


@pytest.mark.parametrize(
    ("write", "when", "is_lost"),
    [(1, "before", False), (1, "after", False), (2, "before", True), (2, "after", False)],
)
async def test_an_executor_that_ends_while_it_renews_a_token(
    here: Here, authority: Authority, write: int, when: str, is_lost: bool
) -> None:
    """Only between the answer and its write a rotated token is lost; then that is said."""
    await connected(here, authority)
    await allowed(here, authority, "tea")
    authority.end_access()
    stored = await here.store.get("tea")
    client = here.store.opened(stored)
    assert isinstance(client, AuthorizationCode)
    grant, _ = await here.store.grant("tea") or pytest.fail("no grant")
    refused = here.store.token("tea", grant).access_token
    dying = Grants(EndsAt(here.store, write, when), here.outside.egress)  # type: ignore[arg-type]
    with pytest.raises(Ended):
        await dying.get(stored, client, refused)
    here.store.clock = lambda: time.time() + BUSY
    later = ConnectionStore(here.store._bucket, lambda: here.store.sealer, here.store.clock)
    other = Grants(later, here.outside.egress)
    if not is_lost:
        token = await other.get(stored, client, refused)
        assert token != refused
        assert await other.get(stored, client, refused) == token
        return
    with pytest.raises(NodeFailed) as raised:
        await other.get(stored, client, refused)
    assert (raised.value.code, raised.value.retryable) == ("connection.expired", False)
    assert "an executor ended while it renewed the token" in raised.value.message
    await allowed(here, authority, "tea")
    assert (await here.get("tea")).failure is None


async def test_a_token_outlives_a_bucket_that_is_away(
    here: Here, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connected(here, authority)
    await allowed(here, authority, "tea")
    monkeypatch.setattr(grants, "KEPT_AGAIN", 0.01)
    write, away = ConnectionStore.write_grant, iter([False, True, True])

    async def sometimes(self: ConnectionStore, name: str, grant: Grant, revision: int) -> Any:
        if next(away, False):
            await write(self, name, grant, revision)  # its ack is lost
            raise BusUnavailable("no leader")
        return await write(self, name, grant, revision)

    monkeypatch.setattr(ConnectionStore, "write_grant", sometimes)
    authority.end_access()
    assert (await here.get("tea")).failure is None
    asked = len(authority.asked)
    assert (await here.get("tea")).failure is None
    assert len(authority.asked) == asked


async def test_a_newer_token_is_kept_over_what_was_refused_meanwhile(
    here: Here, authority: Authority
) -> None:
    """One who was taken for gone has the token that the other could not have."""
    await connected(here, authority)
    await allowed(here, authority, "tea")
    stored = await here.store.get("tea")
    grant, revision = await here.store.grant("tea") or pytest.fail("no grant")
    old = here.store.token("tea", grant)
    made = here.outside.connections.grants
    mine = await here.store.write_grant("tea", grant, revision) or pytest.fail("not written")
    await made._fail("tea", grant, "invalid_grant", mine)
    new = msgspec.structs.replace(old, access_token="token-new")
    await made._keep("tea", new, grant, revision)
    client = here.store.opened(stored)
    assert isinstance(client, AuthorizationCode)
    assert await made.get(stored, client) == "token-new"


async def test_a_process_that_ends_waits_for_the_token_it_asked_for(
    echo: Echo, authority: Authority
) -> None:
    bus = MemoryBus(SETTINGS)
    async with open_outside(SETTINGS, bus) as outside:
        here = Here(outside, store_on(bus), echo.http.origin)
        await connected(here, authority)
        await allowed(here, authority, "tea")
        authority.end_access()
        seen = len(authority.asked)
        authority.reached.clear()
        call = asyncio.create_task(here.get("tea"))
        async with asyncio.timeout(20):
            await authority.reached.wait()
        call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert not [one for one in asyncio.all_tasks() if one.get_name() == "connections ask"]
    async with open_outside(SETTINGS, bus) as outside:
        assert (await Here(outside, here.store, here.origin).get("tea")).failure is None
    assert len(authority.asked) == seen + 1


async def test_what_a_server_repeats_of_a_secret_is_not_kept(
    here: Here, authority: Authority
) -> None:
    """A refusal is kept, shown by the API and logged, outside of any attempt."""
    sent: list[str] = []

    async def repeats(request: Request, responder: Responder) -> None:
        sent.append(request.body.decode())
        fields = dict(parse_qsl(request.body.decode()))
        said = f"{'x' * 240}{fields.get('code', '')} {SECRET} {request.body.decode()}"
        await responder.json(400, {"error": "invalid_grant", "error_description": said})

    async with LoopbackServer(repeats) as server:
        fields = client_fields(authority, authorization_url=f"{authority.http.origin}/authorize")
        fields["token_url"] = f"{server.origin}/token"
        await here.put("tea", type="oauth2_authorization_code", **fields)
        code = Code("a-code-that-is-secret", "a-verifier-that-is-secret", BACK)
        grant = Grant("code", here.store.sealed("tea", code))
        ended = await until_granted(here, "tea", lambda one: one.status == "failed", grant, None)
    assert len(sent) == 1
    assert ended.error.startswith("invalid_grant: xxx")
    for secret in ("a-code", "a-verif", SECRET[:6]):
        assert secret not in ended.error


async def test_a_code_that_cannot_be_read_here_is_left_to_others(
    here: Here, authority: Authority
) -> None:
    await connected(here, authority)
    grant = Grant("code", here.store.sealed("tea", Code("x", "y", BACK)))
    stranger = store_on(MemoryBus(SETTINGS), Settings(connections_key=new_key()))
    stranger._bucket = here.store._bucket
    bucket = MemoryBus(SETTINGS).connections
    lone = ConnectionStore(bucket, lambda: here.store.sealer)
    await lone.put("tea", here.store.opened(await here.store.get("tea")))
    revision = await lone.write_grant("tea", grant, 0)
    stranger._bucket = bucket
    with pytest.raises(ConfigurationError):
        await Grants(stranger, here.outside.egress)._fetch_one("tea")
    found = await lone.grant("tea")
    assert found is not None
    assert (found[0].busy_until, found[1]) == (0.0, revision)


def test_a_key_file_is_made_though_another_died_while_it_made_one(tmp_path: Path) -> None:
    (tmp_path / f"{KEY_FILE}.{os.getpid()}").write_text("half")
    settings = Settings(data_dir=tmp_path, connections_key_file=tmp_path / KEY_FILE)
    sealer = sealer_of(settings)
    assert sealer.sealing == sealer_of(settings).sealing
    assert len(list(tmp_path.iterdir())) == 2


async def test_an_answer_is_only_for_the_connection_that_was_asked_for(
    here: Here, authority: Authority
) -> None:
    """A code and its verifier go to no other server, though the connection now names one."""
    await connected(here, authority)
    asked = Connections(here.store)
    url = httpx.URL((await asked.authorize("tea", "http://127.0.0.1:1")).url)
    await connected(here, authority)
    with pytest.raises(InvalidRequest) as raised:
        await asked.come_back(url.params["state"], "a-code", "")
    assert raised.value.code == "connection.unknown_state"
    assert await here.store.grant("tea") is None


async def test_a_grant_that_cannot_be_read_hides_no_connection(
    here: Here, authority: Authority
) -> None:
    await connected(here, authority)
    await here.store._bucket.put("token.tea", b"{")
    (shown,) = (await Connections(here.store).list()).items
    assert (shown.name, shown.status) == ("tea", "expired")
    assert "cannot be read" in shown.error
