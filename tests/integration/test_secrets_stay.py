"""No spelling of a secret comes into a stream, a bucket, a database, an event or a log."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from tests.support.openai_server import OpenAIServer
from tests.support.stack import running

TOKEN = 'tok-SECRET/VALUE "q" 12345'
KEY = "sk-model-key-0123456789"
PATH = "/hooks/T0001234567/abcDEF7654321"
DIGITS = "9081726354"


async def echo(request: Request, responder: Responder) -> None:
    headers = request.headers.get("authorization", "")
    if request.path.startswith("/long"):
        await responder.body(500, {"content-type": "text/plain"}, b"x " * 243 + TOKEN.encode())
    elif request.path.startswith("/hooks"):
        await responder.json(404, {"no": request.target})
    else:
        said = {"basic": headers, "url": quote(TOKEN), "hex": TOKEN.encode().hex()}
        await responder.json(200, {**said, TOKEN: int(DIGITS)})


def forms() -> list[bytes]:
    pair = base64.b64encode(f"u:{TOKEN}".encode()).decode()
    found = [TOKEN, TOKEN[:12], json.dumps(TOKEN)[1:-1], quote(TOKEN), TOKEN.encode().hex()]
    found += [pair, pair[6:26], KEY, KEY[:12], PATH, "abcDEF7654321", "q7w8e9r0t1", DIGITS]
    return [one.encode() for one in found]


@pytest.mark.timeout(60)
async def test_nothing_that_is_stored_or_said_shows_a_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with OpenAIServer() as model, LoopbackServer(echo) as site:
        base_url = f"http://127.0.0.1:{site.port}"
        hook = f"{base_url}{PATH}?token=q7w8e9r0t1"
        for name, value in {"TOKEN": TOKEN, "HOOK": hook, "DIGITS": DIGITS}.items():
            monkeypatch.setenv(f"RUNFOLD_SECRET_{name}", value)
        said = f"Your key is {KEY} and {TOKEN}."
        model.reply([said[at : at + 3] for at in range(0, len(said), 3)], when="answer")
        model.fail(400, "x " * 240 + KEY, when="refuse")
        auth = {"type": "basic", "username": "u", "password": "{{secrets.TOKEN}}"}
        header = {"x-t": "{{secrets.DIGITS}}"}
        calls: dict[str, Any] = {
            "basic": {"url": f"{base_url}/echo", "auth": auth, "headers": header},
            "long": {"url": f"{base_url}/long", "auth": auth},
            "hook": {"url": "{{secrets.HOOK}}"},
        }
        nodes = {name: {"type": "http_request", "config": call} for name, call in calls.items()}
        for word in ("answer", "refuse"):
            config = {"model": "m", "prompt": f"{word} {{{{secrets.TOKEN}}}}"}
            nodes[word] = {"type": "llm", "config": config}
        with capture_logs() as lines:
            async with running(
                ("scheduler", "executor-http", "executor-llm", "projection"),
                model_url=model.base_url,
                model_key=KEY,
                hooks="payload_log",
            ) as stack:
                told = [
                    await stack.run({"id": name, "nodes": [{"id": name, **node}], "edges": []})
                    for name, node in nodes.items()
                ]
                statuses = {view.workflow_id: view.status for view, _ in told}
                data = Path(stack.settings.data_dir)
                stored = await asyncio.to_thread(
                    lambda: b"\n".join(one.read_bytes() for one in data.rglob("*") if one.is_file())
                )
    assert statuses == {
        "basic": "succeeded",
        "answer": "succeeded",
        "long": "failed",
        "hook": "failed",
        "refuse": "failed",
    }
    assert b"***" in stored
    shown = repr(told).encode() + repr(lines).encode()
    for form in forms():
        assert form not in stored
        assert form not in shown
