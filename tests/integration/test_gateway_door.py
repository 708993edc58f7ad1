"""The guard at the gateway's door, with the headers that browsers and clients send."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from runfold.bus.memory.bus import MemoryBus
from runfold.errors import ConfigurationError
from runfold.service.shell import run_services
from runfold.settings import Settings
from tests.support.gateway import Gateway, gateway

YAML = b"id: taken\nnodes: [{id: n, type: noop}]\n"
JSON = json.dumps({"id": "taken", "nodes": [{"id": "n", "type": "noop"}]}).encode()
RUN = ("POST", "/api/workflows/mine/run")
STORE = ("POST", "/api/workflows")
KEY = "0123456789abcdef-ops"
OTHER_KEY = "fedcba9876543210-ci"
APP = "https://app.example.com"

EVIL = "Origin: https://evil.example"
CROSS = "Sec-Fetch-Site: cross-site"
BROWSERS = {
    # fetch(url, {method: "POST", mode: "no-cors", body: "…"})
    "fetch no-cors": (
        *(EVIL, CROSS, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: empty"),
        *("Content-Type: text/plain;charset=UTF-8", "Accept: */*"),
        "Referer: https://evil.example/",
    ),
    # The same to a plain http address that is no loopback: no Sec-Fetch headers there.
    "fetch no-cors, untrustworthy address": (EVIL, "Content-Type: text/plain;charset=UTF-8"),
    # <form method=post enctype=text/plain>
    "form, text/plain": (
        *(EVIL, CROSS, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
        *("Sec-Fetch-User: ?1", "Content-Type: text/plain", "Upgrade-Insecure-Requests: 1"),
    ),
    "form, urlencoded, in a frame": (
        *(EVIL, CROSS, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"),
        "Content-Type: application/x-www-form-urlencoded",
    ),
    # navigator.sendBeacon
    "beacon": (EVIL, CROSS, "Sec-Fetch-Mode: no-cors", "Content-Type: text/plain;charset=UTF-8"),
    # A file:// page, a sandboxed iframe, a data: URL, a redirect between origins.
    "opaque origin": ("Origin: null", CROSS, "Sec-Fetch-Mode: no-cors", "Content-Type: text/plain"),
    "opaque origin, old browser": ("Origin: null", "Content-Type: text/plain"),
    # no-referrer hides the origin of a form from us, not the site.
    "no origin but a site": (CROSS, "Sec-Fetch-Mode: navigate", "Content-Type: text/plain"),
    # Another program's page on this machine.
    "another port of localhost": (
        *("Origin: http://localhost:3000", "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors"),
        "Content-Type: text/plain",
    ),
    "http page of the same name, https gateway": (
        *("Origin: http://localhost", "Sec-Fetch-Site: cross-site", "Content-Type: text/plain"),
    ),
}


@pytest.fixture
async def door() -> AsyncIterator[Gateway]:
    async with gateway() as made:
        stored = await made.ask(*STORE, body=YAML.replace(b"taken", b"mine"))
        assert stored.status == 201, stored
        yield made


async def test_a_page_of_another_site_stores_and_runs_nothing(door: Gateway) -> None:
    before = await door.stored()
    changing = (STORE, RUN, ("PUT", "/api/workflows/mine"), ("DELETE", "/api/dead/1"))
    others = (("POST", "/api/events"), ("POST", "/api/runs/x/cancel"), ("POST", "/nothing"))
    for headers in BROWSERS.values():
        for method, path in (*changing, *others):
            for body in (YAML, JSON, b"{}"):
                answer = await door.ask(method, path, *headers, body=body)
                assert (answer.status, answer.code) == (403, "origin.not_allowed")
    assert await door.stored() == before
    assert (await door.ask("GET", "/api/runs")).json["items"] == []
    assert door.asked_for == 0


async def test_a_page_whose_name_was_pointed_here_neither_reads_nor_writes(door: Gateway) -> None:
    """DNS rebinding: to the browser it is that page's own site, and it sends what it likes."""
    for host in ("evil.example", "evil.example:8321", ":8321", "localhost.evil.example"):
        own = (f"Origin: http://{host}", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors")
        for headers in (own, ()):
            for method, path in (STORE, RUN, ("GET", "/api/runs"), ("GET", "/"), ("GET", "/x")):
                answer = await door.ask(method, path, *headers, body=YAML, host=host)
                assert (answer.status, answer.code) == (421, "host.not_allowed")
                assert "access-control-allow-origin" not in answer.headers
        asked = (f"Origin: http://{host}", "Access-Control-Request-Method: POST")
        assert (await door.ask("OPTIONS", "/api/workflows", *asked, host=host)).status == 421
        assert "RUNFOLD_ALLOWED_HOSTS" in answer.json["detail"]


async def test_a_request_with_two_hosts_or_none_is_not_taken(door: Gateway) -> None:
    for hosts in (b"Host: localhost\r\nHost: evil.example\r\n", b""):
        answer = await door.send(b"GET /api/runs HTTP/1.1\r\n%bConnection: close\r\n\r\n" % hosts)
        assert answer.status == 400
    old = await door.send(b"GET /api/runs HTTP/1.0\r\n\r\n")
    assert (old.status, old.code) == (421, "host.not_allowed")


async def test_probes_are_answered_under_any_name(door: Gateway) -> None:
    for path in ("/health/live", "/health/ready"):
        assert (await door.ask("GET", path, host="10-0-0-7.pod.cluster.example")).status == 200
        assert (await door.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())).status == 200


async def test_what_may_come_from_elsewhere(door: Gateway) -> None:
    """Links from other sites lead here, as after a login at another host; they change nothing."""
    link = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
    for path in ("/", "/schema", "/api/workflows"):
        answer = await door.ask("GET", path, *link)
        assert answer.status == 200
        # Nobody else's page reads it, nor loads it as a script or an image.
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_own_pages_and_clients_work_as_ever(door: Gateway) -> None:
    for headers in (
        (),
        ("Origin: http://localhost", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors"),
        ("Origin: http://localhost",),
        ("Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate"),
    ):
        assert (await door.ask(*STORE, *headers, body=YAML)).status == 201
        run = await door.ask("POST", "/api/workflows/taken/run", *headers, body=b"{}")
        assert run.status == 202


async def test_a_preflight_of_a_stranger_is_refused(door: Gateway) -> None:
    asked = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
    answer = await door.ask("OPTIONS", "/api/workflows", EVIL, *asked)
    assert (answer.status, answer.code) == (403, "origin.not_allowed")
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_pages_of_allowed_origins_use_the_api() -> None:
    async with gateway(allowed_origins=f"{APP},http://localhost:3000", api_key=KEY) as door:
        origin = f"Origin: {APP}"
        asked = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x")
        # A browser sends no key with its question.
        preflight = await door.ask("OPTIONS", "/api/workflows", origin, *asked)
        assert preflight.status == 204
        assert preflight.headers["access-control-allow-origin"] == APP
        assert "POST" in preflight.headers["access-control-allow-methods"]
        allowed = preflight.headers["access-control-allow-headers"]
        assert {"authorization", "content-type", "last-event-id"} <= set(allowed.split(", "))
        assert "access-control-allow-credentials" not in preflight.headers
        # Errors too are for the page to read: without a key, of a path that is not there.
        key = f"Authorization: Bearer {KEY}"
        for headers, path, status in (
            ((), "/api/workflows", 401),
            ((key,), "/api/nothing", 404),
            ((key,), "/api/workflows", 201),
        ):
            answer = await door.ask("POST", path, origin, CROSS, *headers, body=YAML)
            assert answer.status == status
            assert answer.headers["access-control-allow-origin"] == APP
            assert "location" in answer.headers["access-control-expose-headers"]
            assert "Origin" in answer.headers["vary"]
        # Nobody else's; and no cache takes the one answer for the other.
        other = await door.ask("GET", "/api/workflows", EVIL, key)
        assert "access-control-allow-origin" not in other.headers
        assert "Origin" in other.headers["vary"]
        stranger = await door.ask("POST", "/api/workflows", EVIL, CROSS, key, body=YAML)
        assert stranger.status == 403


async def test_any_origin_with_a_key() -> None:
    async with gateway(allowed_origins="*", api_key=KEY) as door:
        key = f"Authorization: Bearer {KEY}"
        answer = await door.ask(*STORE, EVIL, CROSS, key, body=YAML)
        assert answer.status == 201
        assert answer.headers["access-control-allow-origin"] == "*"
        assert (await door.ask(*STORE, EVIL, CROSS, body=YAML)).code == "auth.required"


async def test_further_names_by_the_setting() -> None:
    async with gateway(allowed_hosts="api.example.com, *.internal") as door:
        for host in ("api.example.com", "gateway.internal:8321", "localhost"):
            assert (await door.ask("GET", "/api/workflows", host=host)).status == 200
        assert (await door.ask("GET", "/api/workflows", host="example.com")).status == 421


async def test_a_key_is_asked_for_everywhere_but_where_things_are() -> None:
    async with gateway(api_key=KEY, api_keys=f"ci:{OTHER_KEY}") as door:
        for method, path in (
            *(STORE, RUN, ("GET", "/api/runs"), ("GET", "/api/runs/x/stream"), ("GET", "/nothing")),
            *(("GET", "//health/live"), ("GET", "/schema/../api/runs"), ("HEAD", "/api/runs")),
            *(("OPTIONS", "/api/runs"), ("GET", "/api")),
        ):
            answer = await door.ask(method, path, body=YAML if method == "POST" else b"")
            assert answer.status == 401
            assert answer.headers["www-authenticate"] == 'Bearer realm="runfold"'
            assert method == "HEAD" or answer.code == "auth.required"
        for path in ("/", "/schema", "/schema/openapi.json", "/health/live", "/health/ready"):
            assert (await door.ask("GET", path)).status == 200
        for key in (KEY, OTHER_KEY):
            for scheme in ("Bearer", "bearer", "BEARER"):
                header = f"Authorization: {scheme} {key}"
                assert (await door.ask("GET", "/api/runs", header)).status == 200


NO_KEYS = [
    ("Authorization: Bearer", "auth.required"),
    ("Authorization: Bearer ", "auth.required"),
    (f"Authorization: {KEY}", "auth.required"),
    (f"Authorization: Basic {KEY}", "auth.required"),
    (f"X-API-Key: {KEY}", "auth.required"),
    (f"Cookie: key={KEY}", "auth.required"),
    (f"Authorization: Bearer {KEY}x", "auth.invalid"),
    (f"Authorization: Bearer {KEY[:-1]}", "auth.invalid"),
    (f"Authorization: Bearer {KEY} {KEY}", "auth.invalid"),
    (f"Authorization: Bearer {KEY}\r\nAuthorization: Bearer {KEY}", "auth.invalid"),
    (f"Authorization: Bearer {KEY.upper()}", "auth.invalid"),
    ("Authorization: Bearer \xff\xfe", "auth.invalid"),
]


async def test_what_is_not_the_key_opens_nothing_and_is_not_logged() -> None:
    async with gateway(api_key=KEY) as door:
        with capture_logs() as logs:
            for header, code in NO_KEYS:
                answer = await door.ask("POST", f"/api/workflows?key={KEY}", header, body=YAML)
                assert (answer.status, answer.code) == (401, code)
                told = answer.headers["www-authenticate"]
                assert ("invalid_token" in told) == (code == "auth.invalid")
                assert KEY.encode() not in answer.body
            opened = await door.ask("GET", "/api/runs", f"Authorization: Bearer {KEY}")
        assert opened.status == 200
        assert await door.stored() == []
        refused = [entry for entry in logs if entry["event"] == "request refused"]
        assert len(refused) == len(NO_KEYS)
        assert KEY[:8] not in repr(logs)


async def test_no_other_machine_is_listened_to_without_a_key() -> None:
    settings = Settings(gateway_host="0.0.0.0", gateway_port=0)
    with pytest.raises(ConfigurationError, match="RUNFOLD_API_KEY") as caught:
        async with run_services(MemoryBus(settings), settings, ("gateway",)):
            pass
    assert caught.value.code == "gateway.api_key"
    async with gateway(gateway_host="0.0.0.0", api_key=KEY) as door:
        assert (await door.ask("GET", "/api/runs")).status == 401
        answer = await door.ask("GET", "/api/runs", f"Authorization: Bearer {KEY}")
        assert answer.status == 200


async def test_the_openapi_document_says_that_there_are_keys(door: Gateway) -> None:
    document = (await door.ask("GET", "/schema/openapi.json")).json
    scheme = document["components"]["securitySchemes"]["key"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert {"key": []} in document["security"]
