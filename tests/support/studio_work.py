"""Workflows and runs that the studio is shown, by the gateway's API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

SLOWLY = {"tokens": 100, "interval": 0.03}
"""How the demo model writes what somebody is to watch: for three seconds."""


class Gateway:
    """What a test stores, starts and reads beside the page."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.url = str(http.base_url)

    async def draft(self, source: str | dict[str, Any], *, of: str = "") -> None:
        """Store a draft, mistakes and all.

        Args:
            source: YAML text, or a document.
            of: The workflow that has it, where there is one: text that cannot be read names none.
        """
        text = source if isinstance(source, str) else json.dumps(source)
        kind = "application/yaml" if isinstance(source, str) else "application/json"
        answer = await self._http.request(
            "PUT" if of else "POST",
            f"/api/workflows/{of}" if of else "/api/workflows",
            params={"draft": True},
            content=text,
            headers={"Content-Type": kind},
        )
        assert answer.is_success, answer.text

    async def source(self, name: str) -> str:
        """The draft's text."""
        answer = await self._http.get(f"/api/workflows/{name}/versions/draft?form=source")
        assert answer.is_success, answer.text
        return answer.text

    async def run(self, definition: dict[str, Any], wait: int = 0, **inputs: Any) -> str:
        """Publish a workflow and begin a run of it.

        Args:
            definition: The workflow, with its id.
            wait: Seconds within which the run has to end; 0: it is only begun.
            inputs: The run's.
        """
        stored = await self._http.post("/api/workflows", json=definition)
        assert stored.is_success, stored.text
        path = f"/api/workflows/{definition['id']}/run"
        query = {"wait": wait} if wait else {}
        answer = await self._http.post(path, params=query, json={"inputs": inputs})
        assert answer.status_code == (200 if wait else 202), answer.text
        return str(answer.json()["run_id"])

    async def upload(self, name: str, body: bytes) -> dict[str, Any]:
        """Store a file; the value that stands for it."""
        answer = await self._http.post("/api/files", params={"name": name}, content=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def read(self, path: str, **query: Any) -> Any:
        """A document of the API."""
        answer = await self._http.get(f"/api/{path}", params=query)
        assert answer.is_success, answer.text
        return answer.json()

    async def until_waiting(self, workflow_id: str, count: int) -> list[dict[str, Any]]:
        """Reviews of a workflow, once there are so many."""
        query = {"types": "review", "last_event_id": ""}
        async with self._http.stream("GET", "/api/changes", params=query) as changes:
            lines = changes.aiter_lines()
            while len(found := await self._reviews(workflow_id)) < count:
                await anext(lines)
        return found

    async def _reviews(self, workflow_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.read("reviews", workflow_id=workflow_id))["items"]
        return found

    async def log(self, run_id: str) -> list[dict[str, Any]]:
        """The run's events."""
        answer = await self._http.get(f"/api/runs/{run_id}/events")
        assert answer.is_success, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]


@asynccontextmanager
async def gateway_at(url: str) -> AsyncIterator[Gateway]:
    """The API of a gateway."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        yield Gateway(http)


def chain(workflow_id: str, nodes: list[dict[str, Any]], **others: Any) -> dict[str, Any]:
    """A workflow of nodes one behind the other."""
    return {"id": workflow_id, **others, "nodes": nodes}


def writer(name: str, prompt: str = "Write a note about tea.", **pace: Any) -> dict[str, Any]:
    """A node that writes with the demo model."""
    config = {"prompt": prompt, "extra": {"runfold_demo": pace or SLOWLY}}
    return {"id": name, "type": "llm", "config": config}
