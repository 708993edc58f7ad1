"""Webhooks: who may begin a run, with what, and what is answered."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from runfold.values.signatures import sign_standard
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "projection", "gateway")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def stack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stack]:
    monkeypatch.setenv("RUNFOLD_SECRET_SHOP", SECRET)
    monkeypatch.setenv("RUNFOLD_SECRET_PLAIN", "open sesame")
    async with running(SERVICES) as made:
        yield made


@pytest.fixture
async def outside(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=stack.gateway, timeout=20) as client:
        yield client


def workflow(name: str, *nodes: dict[str, Any], **webhook: Any) -> dict[str, Any]:
    return {
        "id": name,
        "nodes": list(nodes),
        "settings": {"webhooks": [{"path": f"in/{name}", **webhook}]},
    }


async def published(outside: httpx.AsyncClient, document: dict[str, Any]) -> None:
    answer = await outside.post("/api/workflows", json=document)
    assert answer.status_code == 201, answer.text


def signed(body: bytes, message_id: str = "m1", at: float | None = None) -> dict[str, str]:
    headers = sign_standard(SECRET, message_id, int(at or time.time()), body)
    return {**headers, "content-type": "application/json"}


def code(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["code"])


async def begun(outside: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """The runs of a webhook, once a projection has folded any."""
    for _ in range(200):
        answer = await outside.get("/api/runs", params={"label": f"webhook:{path}"})
        if listed := answer.json()["items"]:
            return list(listed)
        await asyncio.sleep(0.02)
    return []


END = {"id": "end", "type": "end", "config": {"outputs": {"got": "{{order}}"}}}


async def test_a_signed_request_begins_one_run(outside: httpx.AsyncClient) -> None:
    document = workflow(
        "shop",
        END,
        auth={"type": "standard", "secret": "SHOP"},
        answer="result",
        inputs={"order": "{{body.order}}", "from": "{{headers.x-from}} {{query.q}} {{method}}"},
    )
    await published(outside, document)
    body = b'{"order": {"id": 7}}'
    headers = {**signed(body), "X-From": "me"}
    first = await outside.post("/hooks/in/shop?q=1", content=body, headers=headers)
    assert (first.status_code, first.json()) == (200, {"got": {"id": 7}})

    again = await outside.post("/hooks/in/shop?q=1", content=body, headers=headers)
    assert again.json() == first.json()
    listed = await begun(outside, "in/shop")
    assert len(listed) == 1
    run = (await outside.get(f"/api/runs/{listed[0]['run_id']}")).json()
    assert run["inputs"]["from"] == "me 1 POST"
    assert SECRET not in str(run)

    tampered = await outside.post("/hooks/in/shop", content=body + b" ", headers=headers)
    assert (tampered.status_code, code(tampered)) == (403, "webhook.signature")
    old = signed(body, "m2", time.time() - 3600)
    replayed = await outside.post("/hooks/in/shop", content=body, headers=old)
    assert (replayed.status_code, code(replayed)) == (403, "webhook.stale")


async def test_a_run_answers_by_its_reply_node(outside: httpx.AsyncClient) -> None:
    reply = {
        "id": "say",
        "type": "webhook_reply",
        "config": {
            "status": "{{wanted}}",
            "headers": {"X-Order": "{{order}}", "Content-Type": "text/html"},
            "body": "<b>{{order}}</b>",
        },
    }
    later = {"id": "later", "type": "template", "config": {"template": "after"}}
    await published(outside, workflow("page", reply, later, auth="none", answer="reply"))
    answer = await outside.post("/hooks/in/page", json={"order": "ü 5", "wanted": 200})
    assert (answer.status_code, code(answer)) == (424, "webhook.run_failed"), "no header is ü"
    answer = await outside.post("/hooks/in/page", json={"order": "5", "wanted": 201})
    assert (answer.status_code, answer.text) == (201, "<b>5</b>")
    assert answer.headers["x-order"] == "5"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "sandbox" in answer.headers["content-security-policy"]
    for wanted in (99, 600, "soon", None, 204.5):
        answer = await outside.post("/hooks/in/page", json={"order": "5", "wanted": wanted})
        assert (answer.status_code, code(answer)) == (424, "webhook.run_failed"), wanted


async def test_a_reply_may_be_a_file(outside: httpx.AsyncClient) -> None:
    stored = await outside.post("/api/files?name=a.bin", content=b"\x00\x01" * 70_000)
    reply = {"id": "say", "type": "webhook_reply", "config": {"body": "{{doc}}"}}
    await published(outside, workflow("file", reply, auth="none", answer="reply"))
    answer = await outside.post("/hooks/in/file", json={"doc": stored.json()})
    assert (answer.status_code, answer.content) == (200, b"\x00\x01" * 70_000)
    assert answer.headers["content-type"] == stored.json()["media_type"]


async def test_who_brings_no_secret_is_refused(outside: httpx.AsyncClient) -> None:
    await published(
        outside, workflow("bearer", END, auth={"type": "bearer", "secret": ["NEW", "PLAIN"]})
    )
    await published(
        outside,
        workflow("head", END, auth={"type": "header", "secret": "PLAIN", "header": "X-Key"}),
    )
    await published(outside, workflow("unset", END, auth={"type": "bearer", "secret": "UNSET"}))
    right = {"Authorization": "Bearer open sesame"}
    order = {"order": 1}
    answer = await outside.post("/hooks/in/bearer", json=order, headers=right)
    assert answer.status_code == 202
    run_id = answer.json()["run_id"]
    answer = await outside.post("/hooks/in/head", json=order, headers={"X-Key": "open sesame"})
    assert answer.status_code == 202
    for path, headers in [
        ("bearer", {}),
        ("bearer", {"Authorization": "Basic open sesame"}),
        ("bearer", {"Authorization": "Bearer"}),
        ("head", {"X-Key": "open"}),
        ("head", right),
    ]:
        answer = await outside.post(f"/hooks/in/{path}", json=order, headers=headers)
        assert (answer.status_code, code(answer)) == (403, "webhook.unauthorized"), (path, headers)
    answer = await outside.post("/hooks/in/unset", json=order, headers=right)
    assert (answer.status_code, code(answer)) == (503, "webhook.secret_missing")
    stored = await outside.get(f"/api/runs/{run_id}")
    assert "open sesame" not in stored.text


async def test_what_cannot_be_taken_is_refused(outside: httpx.AsyncClient) -> None:
    schema = {"type": "object", "required": ["order"], "properties": {"order": {"type": "integer"}}}
    document = workflow("strict", END, auth="none", schema=schema, methods=["POST", "PUT"])
    await published(outside, {**document, "inputs": {"order": {"type": "integer"}}})
    url = "/hooks/in/strict"
    json_type = {"content-type": "application/json"}
    for content, headers, status, wanted in [
        (b"{", json_type, 422, "webhook.body"),
        (b"\xff", {"content-type": "text/plain"}, 422, "webhook.body"),
        (b'{"order": NaN}', json_type, 422, "webhook.body"),
        (b'{"order": "x"}', json_type, 422, "webhook.body"),
        (b"[1]", json_type, 422, "webhook.body"),
        (b"", json_type, 422, "webhook.body"),
        (b"a=%ff", {"content-type": "application/x-www-form-urlencoded"}, 422, "webhook.body"),
        (b"x", {"content-type": "image/png"}, 415, "http.415"),
        (b"x", {"content-type": "text/plain; charset=cp037"}, 415, "http.415"),
        (b"x", {"content-encoding": "gzip"}, 415, "http.415"),
    ]:
        answer = await outside.post(url, content=content, headers=headers)
        assert (answer.status_code, code(answer)) == (status, wanted), content
    surplus = await outside.put(url, json={"order": 1, "more": 2})
    assert (surplus.status_code, code(surplus)) == (422, "run.inputs_invalid")
    wrong = await outside.get(url)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST, PUT")
    for path in ("/hooks/", "/hooks/in", "/hooks/%00", "/hooks/..%2fapi"):
        assert (await outside.post(path, json={})).status_code == 404, path
    assert (await outside.put(url, json={"order": 1})).status_code == 202


async def test_forms_and_queries_are_inputs(outside: httpx.AsyncClient) -> None:
    end = {"id": "end", "type": "end", "config": {"output": "{{a}}"}}
    document = workflow("form", end, auth="none", answer="result", methods=["GET", "POST"])
    await published(outside, document)
    answer = await outside.post("/hooks/in/form", data={"a": ["1", "2"], "b": ""})
    assert answer.json() == {"output": ["1", "2"]}
    answer = await outside.get("/hooks/in/form", params={"a": "x", "limit": "5"})
    assert answer.json() == {"output": "x"}
    looked = await outside.head("/hooks/in/form", params={"a": "x"})
    assert looked.status_code == 405, "a preview begins no run"


async def test_a_run_that_takes_long_is_left_to_itself(outside: httpx.AsyncClient) -> None:
    wait = {"id": "wait", "type": "human_review", "config": {"message": "?"}}
    document = workflow("slow", wait, auth="none", answer="result", timeout=0.2)
    await published(outside, document)
    answer = await outside.post("/hooks/in/slow", json={})
    assert answer.status_code == 202
    assert answer.json()["workflow_id"] == "slow"


async def test_two_workflows_at_one_path_are_told(outside: httpx.AsyncClient) -> None:
    for name in ("one", "two"):
        document = {
            "id": name,
            "nodes": [{"id": "end", "type": "end"}],
            "settings": {"webhooks": [{"path": "same", "auth": "none"}]},
        }
        checked = (await outside.post("/api/workflows/validate", json=document)).json()
        stored = (await outside.post("/api/workflows", json=document)).json()
        again = (await outside.post(f"/api/workflows/{name}/publish")).json()
        for answer in (checked, stored, again):
            found = [one for one in answer["findings"] if one["code"] == "webhook.taken"]
            assert len(found) == (name == "two"), answer
        assert checked["valid"]
    assert found[0]["level"] == "warning"
    assert "'one'" in found[0]["message"]
    listed = (await outside.get("/api/webhooks")).json()["items"]
    assert [(one["workflow_id"], one["conflict"]) for one in listed] == [
        ("one", True),
        ("two", True),
    ]
    answer = await outside.post("/hooks/same", json={})
    assert (answer.status_code, code(answer)) == (409, "webhook.ambiguous")


async def test_senders_need_no_key_of_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_SHOP", SECRET)
    key = {"Authorization": "Bearer " + "k" * 40}
    async with (
        running(SERVICES, api_key="k" * 40) as stack,
        httpx.AsyncClient(base_url=stack.gateway, timeout=20) as client,
    ):
        document = workflow("open", END, auth={"type": "hmac", "secret": "SHOP"})
        stored = await client.post("/api/workflows", json=document, headers=key)
        assert stored.status_code == 201
        body = b'{"order": 1}'
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        answer = await client.post("/hooks/in/open", content=body, headers={"X-Signature": digest})
        assert answer.status_code == 202
        assert (await client.get("/api/runs")).status_code == 401
        assert (await client.get("/hooks/../api/runs")).status_code in (401, 404)
        several = await asyncio.gather(
            *(client.post(f"/hooks/none/{n}", json={}) for n in range(20))
        )
        assert {one.status_code for one in several} == {404}


async def test_a_delivery_that_is_signed_anew_is_the_same(outside: httpx.AsyncClient) -> None:
    auth = {"type": "stripe", "secret": "PLAIN"}
    inputs = {"file": ""}
    document = workflow("paid", auth=auth, answer="result", inputs=inputs)
    reply = {
        "id": "reply",
        "type": "webhook_reply",
        "config": {
            "body": {"$file": "{{file}}", "name": "a.html", "media_type": "text/html", "size": 3},
            "headers": {"Content-Type": "text/html; charset=iso-8859-1"},
        },
    }
    document["settings"]["webhooks"].append({"path": "in/f", "auth": "none", "answer": "reply"})
    document["inputs"] = {"file": "string"}
    document["nodes"].append(reply)
    await published(outside, document)
    body = b'{"id": "evt_1"}'
    for at in (int(time.time()), int(time.time()) - 20):
        digest = hmac.new(b"open sesame", f"{at}.".encode() + body, "sha256").hexdigest()
        headers = {"stripe-signature": f"t={at},v1={digest}"}
        answer = await outside.post("/hooks/in/paid", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
    listed = await begun(outside, "in/paid")
    assert len(listed) == 1

    # The value of a file says a size that is not the file's.
    stored = (await outside.post("/api/files", content=b"<b>well</b>")).json()
    plain = {"Accept-Encoding": "identity"}
    answer = await outside.post("/hooks/in/f", json={"file": stored["$file"]}, headers=plain)
    assert (answer.text, answer.headers["content-length"]) == ("<b>well</b>", "11")
    assert answer.headers["content-type"] == "text/html; charset=iso-8859-1"
