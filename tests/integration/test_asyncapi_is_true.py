"""The AsyncAPI document against what the services really subscribe to, read and publish.

Every service runs as its FastStream application on one server; each one's client notes what it
asks of the server. What is not declared fails the test, and so does what is declared and not seen.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.contracts import subjects
from runfold.contracts.requests import RunRequest
from runfold.model_servers.demo.server import DemoModel
from runfold.service.app import ServiceApp
from runfold.service.apps import document
from runfold.service.catalog import NAMES
from runfold.service.channels import STREAMS
from runfold.settings import HTTPSettings, Settings

WITHIN = 30.0
FLOW = {
    "id": "truth",
    "settings": {"schedules": [{"cron": "@every 1s"}]},
    "nodes": [
        {"id": "talk", "type": "conversation_create", "config": {"name": "talk"}},
        {"id": "text", "type": "template", "config": {"template": "hi"}},
        {"id": "model", "type": "llm", "config": {"prompt": "{{text.output}}"}},
        {"id": "code", "type": "code", "config": {"code": "result = 1"}},
        {"id": "ask", "type": "human", "config": {"message": "go?", "timeout": "1h"}},
        {
            "id": "page",
            "type": "knowledge_index",
            "config": {
                "base": "pages",
                "create": True,
                "urls": "http://127.0.0.1:9/",
                "keep_failed": True,
            },
        },
        {"id": "site", "type": "http_request", "config": {"url": "http://127.0.0.1:9/"}},
    ],
}
GOT = re.compile(r"\$JS\.API\.(?:DIRECT\.GET|STREAM\.MSG\.GET)\.(\w+)\.?(.*)")
UNSEEN = {
    # Nothing is due within the test, no task is delivered twice and nothing is read that late.
    "events": {
        "receive": {
            *("executor-llm", "executor-http", "executor-code", "executor-text", "executor-data")
        }
    },
    "chunks": {
        "receive": {"gateway"},
        "send": {"executor-http", "executor-code", "executor-text", "executor-data"},
    },
    "dead": {"send": {"executor-llm", "executor-http", "executor-code", "executor-data"}},
    "tasks": {"send": {"gateway"}},
}
"""Family → direction → services of which it is not seen here."""


class Seen:
    """What one service's client asks of the server."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        """Subjects and filters; of a stream that is read whole, all of its subjects."""
        self.written: dict[str, set[str]] = {}
        """Subject → the types of what was written on it."""

    def publish(self, subject: str, payload: bytes) -> None:
        if subject.startswith("runfold."):
            kind = re.match(rb'\{"type":"(\w+)"', payload)
            self.written.setdefault(subject, set()).add(kind[1].decode() if kind else "")
        elif subject.startswith(("$JS.API.CONSUMER.CREATE.", "$JS.API.CONSUMER.DURABLE.CREATE.")):
            asked = json.loads(payload)
            config = asked["config"]
            filters = config.get("filter_subjects") or [config.get("filter_subject")]
            self._note(one or asked["stream_name"] for one in filters)
        elif found := GOT.match(subject):
            stream, last = found.groups()
            wanted = json.loads(payload) if payload else {}
            named = wanted.get("next_by_subj") or wanted.get("last_by_subj") or last or stream
            self._note([*wanted.get("multi_last", []), named])

    def subscribe(self, subject: str) -> None:
        self._note([subject])

    def all(self) -> Iterator[tuple[str, str, set[str]]]:
        """Direction, subject or stream, and types of what was written."""
        for subject in sorted(self.read):
            yield "receive", subject, set()
        for subject, types in sorted(self.written.items()):
            yield "send", subject, types

    def _note(self, found: Iterable[str]) -> None:
        """Buckets and object stores are streams too, of no concern here."""
        self.read |= {one for one in found if one.startswith("runfold.") or one in subjects.STREAMS}


async def watched(app: ServiceApp) -> Seen:
    """The application, connected, with notes taken of all that its client does."""
    seen = Seen()
    client: Any = await app.brokers[0].connect()
    publish, post, subscribe = client.publish, client.post, client.subscribe

    async def noted_publish(subject: str, payload: bytes = b"", *more: Any, **named: Any) -> None:
        seen.publish(subject, payload)
        await publish(subject, payload, *more, **named)

    def noted_post(subject: str, body: bytes, *more: Any) -> None:
        seen.publish(subject, body)
        post(subject, body, *more)

    async def noted_subscribe(subject: str, *more: Any, **named: Any) -> Any:
        seen.subscribe(subject)
        return await subscribe(subject, *more, **named)

    client.publish, client.post, client.subscribe = noted_publish, noted_post, noted_subscribe
    return seen


@pytest_asyncio.fixture
async def system(tmp_path: Path) -> AsyncIterator[tuple[dict[str, Seen], Any, str]]:
    """What each service is seen to do, a client of the server, and the gateway's URL."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(EmbeddedNats(tmp_path))
        model = await stack.enter_async_context(DemoModel(interval=0))
        settings = Settings(
            nats_url=server.url,
            data_dir=tmp_path,
            gateway_port=0,
            openai_base_url=model.base_url,
            openai_api_key="demo",  # type: ignore[arg-type]
            retention=0.5,
            http=HTTPSettings(allow_loopback=True),
        )
        seen: dict[str, Seen] = {}
        apps: dict[str, ServiceApp] = {}
        for name in NAMES:
            apps[name] = ServiceApp(name, settings)
            seen[name] = await watched(apps[name])
            await apps[name].start()
            stack.push_async_callback(apps[name].stop)
        gateway: Any = apps["gateway"]._service
        bus = await connect(settings)
        stack.push_async_callback(bus.close)
        yield seen, bus, gateway.url


async def test_what_services_do_is_what_is_declared(
    system: tuple[dict[str, Seen], Any, str],
) -> None:
    seen, bus, url = system
    async with httpx.AsyncClient(base_url=f"{url}/api", timeout=WITHIN) as api:
        async with asyncio.timeout(WITHIN):
            await use_everything(api, bus, seen)
    page = document()
    wrong = [
        f"{service} {direction}s {subject} {types}: not declared"
        for service, does in seen.items()
        for direction, subject, types in does.all()
        if not declared(page, service, direction, subject, types)
    ]
    assert not wrong, "\n".join(wrong)
    missing = [
        key
        for key, operation in page["operations"].items()
        if not is_seen(page, key, operation, seen[key.partition(".")[0]])
    ]
    assert not missing, "\n".join(missing)


async def use_everything(api: httpx.AsyncClient, bus: Any, seen: dict[str, Seen]) -> None:
    """One of each request, a whole run with its stream, dead letters and a moved run."""
    await asked(api, "POST", "/workflows", FLOW)
    await asked(api, "GET", "/knowledge")
    await asked(api, "POST", "/workflows/truth/publish", {})
    for subject in (subjects.request("run"), subjects.task("text", "template")):
        await bus.nc.jetstream().publish(subject, b"not JSON")
    await bus.requests.send(RunRequest(workflow_id="nowhere", run_id="refused"))
    await until(lambda: has(seen["scheduler"].written, subjects.refused("refused")))
    assert (await api.get("/runs/refused")).json()["code"] == "request.refused"
    first, second = [
        (await asked(api, "POST", "/workflows/truth/run", {}))["run_id"] for _ in range(2)
    ]
    await until(lambda: waits(api, first))
    await asked(api, "POST", f"/runs/{first}/pause")
    await until(lambda: is_paused(api, first))
    await asked(api, "POST", f"/runs/{first}/resume")
    await asked(api, "POST", "/events", {"subject": "orders.paid"})
    await asked(api, "POST", f"/runs/{first}/answer", {"node": "ask", "action": "approved"})
    followed = await api.get(f"/runs/{first}/stream")
    assert "run_failed" in followed.text
    await until(lambda: waits(api, second))
    log = (await api.get(f"/runs/{second}/events")).text.splitlines()
    await asked(api, "POST", f"/runs/{second}/fork", {"at": json.loads(log[-1])["seq"]})
    await asked(api, "POST", f"/runs/{second}/cancel")
    await asked(api, "GET", "/runs")
    await asked(api, "GET", "/reviews")
    await asked(api, "GET", "/runs/failures")
    await asked(api, "GET", f"/runs/{second}/family")
    letters = (await asked(api, "GET", "/dead"))["items"]
    assert {letter["source"] for letter in letters} >= {"runfold.requests.run"}
    said = {"inputs": {}, "query": "hi", "conversation_id": "c"}
    await asked(api, "POST", "/workflows/truth/run", said)
    await until(lambda: has(seen["scheduler"].written, "runfold.messages."))
    await asked(api, "GET", "/conversations/c")
    await asked(api, "PUT", "/conversations/c", {"name": "truth"})
    await asked(api, "GET", "/conversations")
    await until(lambda: archived(seen["archiver"].written, first))
    # What a retry goes on from is in the archive now.
    await asked(api, "POST", f"/runs/{first}/retry", {})
    await until(lambda: has_read(seen["scheduler"].read, "runfold.archive."))
    await until(lambda: has(seen["scheduler"].written, "runfold.requests.run"))
    assert (await api.get(f"/runs/{first}/events")).text


async def asked(api: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await api.request(method, path, json=body)
    assert answer.status_code < 400, f"{method} {path}: {answer.text}"
    return answer.json()


async def waits(api: httpx.AsyncClient, run_id: str) -> bool:
    nodes = (await asked(api, "GET", f"/runs/{run_id}"))["nodes"]
    return any(node["status"] == "waiting" for node in nodes)


async def is_paused(api: httpx.AsyncClient, run_id: str) -> bool:
    return bool((await asked(api, "GET", f"/runs/{run_id}"))["status"] == "paused")


async def has(written: dict[str, set[str]], prefix: str) -> bool:
    return any(subject.startswith(prefix) for subject in written)


async def archived(written: dict[str, set[str]], run_id: str) -> bool:
    return any(one.startswith("runfold.archive.") and run_id in one for one in written)


async def has_read(read: set[str], prefix: str) -> bool:
    return any(one.startswith(prefix) or one == subjects.ARCHIVE for one in read)


async def until(holds: Any) -> None:
    while not await holds():  # noqa: ASYNC110 -- bounded by the test's own time
        await asyncio.sleep(0.05)


def declared(
    page: dict[str, Any], service: str, direction: str, subject: str, types: set[str]
) -> bool:
    """Whether an operation of a service covers a subject, a filter or a stream, and the types."""
    covering = [
        operation
        for key, operation in page["operations"].items()
        if key.startswith(f"{service}.{direction}.") and covers(page, operation, subject)
    ]
    names = {name_of(page, ref["$ref"]) for one in covering for ref in one["messages"]}
    return bool(covering) and (direction == "receive" or (types - {""}) <= names)


def is_seen(page: dict[str, Any], key: str, operation: dict[str, Any], does: Seen) -> bool:
    service, direction, family = key.split(".")[:3]
    if service in UNSEEN.get(family, {}).get(direction, set()):
        return True
    subjects_seen = does.read if direction == "receive" else does.written
    return any(covers(page, operation, subject) for subject in subjects_seen)


def covers(page: dict[str, Any], operation: dict[str, Any], subject: str) -> bool:
    channel = page["channels"][operation["channel"]["$ref"].rpartition("/")[2]]
    if subject in STREAMS.values():
        return channel.get("x-stream") == subject
    wanted = re.sub(r"\{\w+\}", "*", channel["address"]).split(".")
    given = subject.split(".")
    if given[-1] == ">":
        given[-1:] = ["*"] * (len(wanted) - len(given) + 1)
    return len(wanted) == len(given) and all(
        one == other or "*" in (one, other) for one, other in zip(wanted, given, strict=True)
    )


def name_of(page: dict[str, Any], ref: str) -> str:
    return str(page["components"]["messages"][ref.rpartition("/")[2]]["name"])
