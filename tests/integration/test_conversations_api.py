"""Conversations over HTTP: turns, pages, users, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.conversations import heard
from tests.support.openai_server import OpenAIServer
from tests.support.stack import CORE, Stack, running

CHAT: dict[str, Any] = {
    "id": "chat",
    "nodes": [
        {
            "id": "reply",
            "type": "llm",
            "config": {
                "system_prompt": "Brief.",
                "history": "{{sys.history}}",
                "history_window": 2,
                "prompt": "{{sys.query}}",
            },
        },
        {"id": "say", "type": "answer", "config": {"answer": "{{reply.output}}"}},
    ],
}
SERVICES = (*CORE, "executor-llm", "projection", "gateway")


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def ok(api: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:
    answer = await api.request(method, path, **more)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def refused(api: httpx.AsyncClient, method: str, path: str, **more: Any) -> tuple[int, str]:
    answer = await api.request(method, path, **more)
    return answer.status_code, answer.json()["code"]


async def test_a_users_conversations_and_their_messages(api: httpx.AsyncClient) -> None:
    ann = {"user_id": "ann"}
    first = await api.post("/conversations", json={**ann, "name": "Trip", "metadata": {"a": 1}})
    assert first.status_code == 201
    place = first.json()["conversation_id"]
    assert first.headers["location"].endswith(f"/conversations/{place}")
    again = await api.post("/conversations", json={**ann, "conversation_id": place})
    assert (again.status_code, again.json()["name"]) == (200, "Trip")
    for number in range(5):
        said = {"content": f"m{number}", "message_id": f"m{number}"}
        await ok(api, "POST", f"/conversations/{place}/messages", params=ann, json=said)
        await ok(api, "POST", f"/conversations/{place}/messages", params=ann, json=said)
    page = await ok(api, "GET", f"/conversations/{place}/messages", params={**ann, "limit": 2})
    assert [one["content"] for one in page["items"]] == ["m3", "m4"]
    assert page["has_more"]
    before = {**ann, "before": page["first_id"], "limit": 100}
    page = await ok(api, "GET", f"/conversations/{place}/messages", params=before)
    assert [one["content"] for one in page["items"]] == ["m0", "m1", "m2"]
    assert not page["has_more"]
    after = {**ann, "after": "m1", "limit": 2}
    page = await ok(api, "GET", f"/conversations/{place}/messages", params=after)
    assert [one["content"] for one in page["items"]] == ["m2", "m3"]
    assert page["has_more"]
    edit = f"/conversations/{place}/messages/m2"
    await ok(api, "PUT", edit, params=ann, json={"content": "文字"})
    await ok(api, "DELETE", f"/conversations/{place}/messages/m3", params=ann)
    history = await ok(api, "GET", f"/conversations/{place}/history", params=ann)
    assert [one["content"] for one in history["messages"]] == ["m0", "m1", "文字", "m4"]
    for number in range(3):
        await ok(api, "POST", "/conversations", json={**ann, "conversation_id": f"会话 {number}"})
    await ok(api, "POST", "/conversations", json={"conversation_id": "bobs", "user_id": "bob"})
    found, cursor = [], ""
    while not found or cursor:
        listed = await ok(
            api, "GET", "/conversations", params={**ann, "limit": 2, "cursor": cursor}
        )
        found += [one["conversation_id"] for one in listed["items"]]
        cursor = listed["next_cursor"]
    assert found == ["会话 2", "会话 1", "会话 0", place]
    renamed = await ok(api, "PUT", "/conversations/会话 1", params=ann, json={"name": "x"})
    assert renamed["name"] == "x"
    named = await ok(api, "GET", "/conversations", params={**ann, "name": "x"})
    assert [one["conversation_id"] for one in named["items"]] == ["会话 1"]
    await ok(api, "POST", f"/conversations/{place}/clear", params=ann)
    page = await ok(api, "GET", f"/conversations/{place}/messages", params=ann)
    assert page["items"] == []
    await ok(api, "DELETE", f"/conversations/{place}", params=ann)
    assert (await refused(api, "GET", f"/conversations/{place}", params=ann))[0] == 404


async def test_what_cannot_be_is_refused_and_nothing_is_written(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    await ok(api, "POST", "/conversations", json={"conversation_id": "c", "user_id": "ann"})
    await ok(api, "POST", "/workflows", json=CHAT)
    before = await stack.bus.messages.last_seq()
    not_found = (404, "conversation.not_found")
    bob, said = {"user_id": "bob"}, {"content": "hi"}
    for method, path, more in (
        ("GET", "/conversations/c", {}),
        ("GET", "/conversations/nowhere", {"params": {"user_id": "ann"}}),
        ("PUT", "/conversations/c", {"json": {"name": "mine"}}),
        ("DELETE", "/conversations/c", {}),
        ("POST", "/conversations/c/clear", {}),
        ("GET", "/conversations/c/history", {}),
        ("GET", "/conversations/c/messages", {}),
        ("POST", "/conversations/c/messages", {"json": said}),
        ("PUT", "/conversations/c/messages/m", {"json": said}),
        ("DELETE", "/conversations/c/messages/m", {}),
        ("POST", "/conversations", {"json": {"conversation_id": "c", **bob}}),
    ):
        asked = more if path == "/conversations" else {"params": bob, **more}
        assert await refused(api, method, path, **asked) == not_found, path
    run = {"inputs": {}, "query": "hi", "conversation_id": "c", **bob}
    assert await refused(api, "POST", "/workflows/chat/run", json=run) == not_found
    del run["inputs"]
    bare = await refused(api, "POST", "/workflows/chat/run", json=run)
    assert bare == (422, "run.inputs_invalid")
    ann = {"params": {"user_id": "ann"}}
    missing = (404, "conversation.message_not_found")
    place = "/conversations/c/messages"
    assert await refused(api, "DELETE", f"{place}/m", **ann) == missing
    assert await refused(api, "PUT", f"{place}/m", json=said, **ann) == missing
    paged = {"params": {"user_id": "ann", "before": "m"}}
    assert await refused(api, "GET", place, **paged) == missing
    for body in ({"content": 7}, {"role": "robot"}, {"content": "x", "more": 1}):
        assert (await api.post(place, json=body, **ann)).status_code == 422
    unknown = {"content": "x", "files": [{"$file": f"sha256:{'0' * 64}", "name": "a", "size": 1}]}
    assert (await api.post(place, json=unknown, **ann)).status_code in (404, 422)
    both = {"params": {"user_id": "ann", "before": "a", "after": "b"}}
    assert await refused(api, "GET", place, **both) == (422, "conversation.invalid")
    large = {"content": "é" * 1024 * 600}
    assert await refused(api, "POST", place, json=large, **ann) == (422, "conversation.invalid")
    noted = {"content": "x", "metadata": {"a": "x" * 20_000}}
    assert await refused(api, "POST", place, json=noted, **ann) == (422, "conversation.invalid")
    named = {"conversation_id": "a\0b"}
    assert await refused(api, "POST", "/conversations", json=named) == (422, "conversation.invalid")
    cursor = {"params": {"cursor": "x"}}
    assert (await refused(api, "GET", "/conversations", **cursor))[1] == "cursor.invalid"
    assert await stack.bus.messages.last_seq() == before


async def test_a_chat_of_three_turns_remembers() -> None:
    async with OpenAIServer() as model:
        model.reply("Lisbon.")
        async with running(SERVICES, model_url=model.base_url) as stack:
            await talk_to(stack)
        assert model.requests[-1]["messages"] == [
            {"role": "system", "content": "Brief."},
            {"role": "user", "content": "Sure?"},
            {"role": "assistant", "content": "Lisbon."},
            {"role": "user", "content": "Why?"},
        ]


async def talk_to(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api:
        await ok(api, "POST", "/workflows", json=CHAT)
        for query in ("Capital?", "Sure?", "Why?"):
            turn = {"inputs": {}, "query": query, "conversation_id": "c", "user_id": "ann"}
            run = await ok(api, "POST", "/workflows/chat/run", json=turn, params={"wait": 20})
            # The next is asked for as soon as the end is seen.
            assert run["outputs"] == {"answer": "Lisbon."}
        assert len(await heard(stack.bus, 6)) == 6
        found = await ok(api, "GET", "/conversations/c", params={"user_id": "ann"})
        assert found["turns"] == 3
