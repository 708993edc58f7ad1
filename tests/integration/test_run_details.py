"""Inside a run: its events by filters, its nodes' attempts, and what each attempt was given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import msgspec
import pytest
import pytest_asyncio

from runfold.bus.ports.bus import Bus
from runfold.contracts.requests import RunRequest
from runfold.engine.views.attempts import AttemptView
from runfold.engine.views.documents import NodeDocument
from runfold.graph.loader import canonical_bytes, prepare
from runfold.service.shell import run_services
from tests.support.given_inputs import GIVEN
from tests.support.stack import EVERYTHING, Stack, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODE = """
def main(params):
    n = params["n"]
    if n < 2:
        raise ValueError("too soon")
    return {"got": n}
"""
SAY = {"id": "say", "type": "template", "config": {"template": "{{item}}:{{sum}}"}}
ALSO = {"id": "also", "type": "template", "config": {"template": "{{say.output}}!"}}
FLOW: dict[str, Any] = {
    "id": "details",
    "inputs": {"topic": {"type": "string"}, "items": {"type": "array"}},
    "variables": {"sum": 1},
    "environment": {"REGION": "north", "limits": {"most": "y"}},
    "nodes": [
        {"id": "greet", "type": "template", "config": {"template": "Hello {{topic}}"}},
        {
            "id": "flaky",
            "type": "code",
            "config": {"code": CODE, "params": {"n": "{{sum}}"}},
            "retry": {"max_attempts": 3, "delay": 1.0, "jitter": 0, "retry_on": ["code"]},
        },
        {"id": "pause", "type": "wait", "config": {"duration": 0.2}},
        {
            "id": "add",
            "type": "assign",
            "config": {"assignments": [{"variable": "sum", "operation": "+=", "value": 41}]},
        },
        {"id": "each", "type": "iteration", "config": {"items": "{{items}}", "nodes": [SAY, ALSO]}},
        {
            "id": "ask",
            "type": "text",
            "config": {
                "operation": "replace",
                "input": "{{env.REGION}} {{secrets.TOKEN}}",
                "search": "x",
                "replacement": "{{env.limits.most}}",
            },
        },
        {"id": "end", "type": "end", "config": {"outputs": {"said": "{{each.output}}"}}},
    ],
    "edges": [
        {"source": source, "target": target}
        for source, target in (
            *(("greet", "flaky"), ("greet", "pause"), ("pause", "add")),
            *(("flaky", "each"), ("add", "each"), ("each", "ask"), ("ask", "end")),
        )
    ],
}
ITEMS = ["a", "ü", {"b": [1]}]


class Served(NamedTuple):
    """A system, and a run in it that has ended."""

    stack: Stack
    api: httpx.AsyncClient
    run_id: str

    @property
    def bus(self) -> Bus:
        return self.stack.bus

    async def events(self, **query: Any) -> tuple[list[dict[str, Any]], str | None]:
        """Events as they come, and where the next ones begin."""
        answer = await self.api.get(f"/runs/{self.run_id}/events", params=query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/x-ndjson"
        lines = [json.loads(line) for line in answer.text.splitlines()]
        return lines, answer.headers.get("runfold-next-after")

    async def node(self, address: str, **query: Any) -> NodeDocument:
        path = f"/runs/{self.run_id}/nodes/{quote(address, safe='')}"
        answer = await self.api.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=NodeDocument)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    hooks = "tests.support.given_inputs:NOTING"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNFOLD_SECRET_TOKEN", "s3cr3t-of-the-house")
        async with running(EVERYTHING, hooks=hooks, retention=0.0) as stack:
            url = f"{stack.gateway}/api"
            async with httpx.AsyncClient(base_url=url, timeout=20) as api:
                yield Served(stack, api, await started(stack))


async def started(stack: Stack) -> str:
    workflow, _ = prepare(FLOW)
    run_id = await stack.runs.start(
        RunRequest(
            workflow_id=workflow.id,
            inputs={"topic": "tea", "items": ITEMS},
            definition=msgspec.Raw(canonical_bytes(workflow)),
            labels={"team": "a"},
        )
    )
    view = await stack.runs.wait(run_id, 30)
    assert view is not None
    assert view.status == "succeeded", view.error
    return run_id


async def test_each_attempt_was_given_what_its_executor_noted(served: Served) -> None:
    noted = {key[1:]: given for key, given in GIVEN.items() if key[0] == served.run_id}
    assert {("greet", 1), ("flaky", 1), ("flaky", 2), ("each[2]/also", 1)} <= noted.keys()
    for (address, attempt), given in noted.items():
        inputs = (await served.node(address, attempt=attempt)).inputs
        assert inputs is not None
        assert (inputs.attempt, inputs.unresolved) == (attempt, {})
        if address != "ask":
            assert inputs.config == {name: given[name] for name in inputs.config}


async def test_the_inputs_of_a_retried_attempt_are_its_own(served: Served) -> None:
    # Netflix/conductor#2452, #1747: a retry shows the failed attempt's outputs, or its inputs
    first, second = [await served.node("flaky", attempt=number) for number in (1, 2)]
    assert first.inputs is not None
    assert second.inputs is not None
    assert first.inputs.config["params"] == {"n": 1}
    assert second.inputs.config["params"] == {"n": 42}
    assert first.inputs.seq < second.inputs.seq
    assert (await served.node("flaky")).inputs == second.inputs


async def test_all_attempts_stay_to_be_seen(served: Served) -> None:
    # argoproj/argo-workflows#13839: what failed before a retry can no longer be looked at
    node = await served.node("flaky")
    failed, succeeded = node.attempts
    assert (failed.attempt, failed.status, failed.delay) == (1, "failed", 0.0)
    assert failed.error is not None
    assert "too soon" in failed.error.message
    assert (succeeded.attempt, succeeded.status, succeeded.error) == (2, "succeeded", None)
    events, _ = await served.events(node="flaky")
    (retry,) = [one for one in events if one["type"] == "node_run_retry"]
    assert succeeded.delay == retry["delay"] > 0
    begun = [one for one in events if one["type"] == "node_run_started"]
    assert [one.started_at for one in node.attempts] == [one["time"] for one in begun]
    assert [one.executor for one in node.attempts] == [one["executor"] for one in begun]
    (fired,) = [one for one in events if one["type"] == "timer_fired"]
    assert (succeeded.ready_seq, succeeded.ready_at) == (fired["seq"], fired["time"])
    assert failed.finished_at < retry["time"] + 1e-6 < succeeded.ready_at <= succeeded.started_at
    run = (await served.api.get(f"/runs/{served.run_id}")).json()
    shown = next(one for one in run["nodes"] if one["address"] == "flaky")
    assert msgspec.convert(shown["attempts"], tuple[AttemptView, ...]) == node.attempts
    assert (shown["ready_at"], shown["ready_seq"]) == (failed.ready_at, failed.ready_seq)


async def test_a_node_is_ready_when_what_it_waits_for_has_ended(served: Served) -> None:
    for before, after in (("greet", "flaky"), ("each[1]/say", "each[1]/also")):
        first, then = await served.node(before), await served.node(after)
        assert then.ready_at == first.finished_at
        assert then.ready_seq is not None
        assert then.ready_seq > (first.ready_seq or 0)


async def test_secrets_and_env_stay_names(served: Served) -> None:
    node = await served.node("ask")
    assert node.inputs is not None
    assert node.inputs.config["input"] == "{{env.REGION}} {{secrets.TOKEN}}"
    assert node.inputs.config["replacement"] == "{{env.limits.most}}"
    assert node.inputs.values == {}
    answer = await served.api.get(f"/runs/{served.run_id}/nodes/ask")
    assert "s3cr3t" not in answer.text
    assert GIVEN[served.run_id, "ask", 1]["input"] == "north s3cr3t-of-the-house"


async def test_what_a_composite_and_an_inline_node_were_given(served: Served) -> None:
    each = await served.node("each")
    assert each.inputs is not None
    assert each.inputs.config["items"] == ITEMS
    assert each.inputs.config["nodes"][0]["config"]["template"] == "{{item}}:{{sum}}"
    end = await served.node("end")
    assert end.inputs is not None
    assert end.inputs.config["outputs"] == {"said": ["a:42!", "ü:42!", '{"b":[1]}:42!']}
    item = await served.node("each[2]/say")
    assert item.inputs is not None
    assert item.inputs.values == {"item": {"b": [1]}, "sum": 42}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("runs/RUN/nodes/nowhere", 404, "node.not_found"),
        ("runs/RUN/nodes/each%5B9%5D%2Fsay", 404, "node.not_found"),
        ("runs/RUN/nodes/%2E%2E%2Fflaky", 404, "node.not_found"),
        ("runs/RUN/nodes/flaky?attempt=3", 404, "attempt.not_found"),
        ("runs/none/nodes/flaky", 404, "run.not_found"),
        ("runs/a%20b/nodes/flaky", 404, "run.not_found"),
        ("runs/RUN/nodes/a%00%FF", 404, "node.not_found"),
        ("runs/RUN/events?types=node_run_gone", 422, "filter.invalid"),
        ("runs/RUN/events?node=%0A", 422, "filter.invalid"),
        ("runs/none/events?after=3", 404, "run.not_found"),
    ],
)
async def test_what_is_not_there_is_said(served: Served, path: str, status: int, code: str) -> None:
    answer = await served.api.get(f"/{path.replace('RUN', served.run_id)}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "query",
    [
        *("after=-1", "after=x", "before=1.5", "limit=0", "limit=100000"),
        *(f"after={2**64}", f"before={10**400}", "after=%F0"),
    ],
)
async def test_absurd_places_are_refused(served: Served, query: str) -> None:
    for path in ("events", "nodes/flaky?attempt=0"):
        mark = "" if "?" in path else f"?{query}"
        answer = await served.api.get(f"/runs/{served.run_id}/{path}{mark}")
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_events_between_places_of_types_and_of_a_node(served: Served) -> None:
    log = await served.bus.events.read_run(served.run_id)
    seqs = [record.seq for record in log]
    everything, more = await served.events()
    assert ([one["seq"] for one in everything], more) == (seqs, None)
    between, _ = await served.events(after=seqs[2], before=seqs[6])
    assert [one["seq"] for one in between] == seqs[3:6]
    for nothing in ({"after": seqs[-1]}, {"after": 2**53}, {"before": 0}, {"before": seqs[0]}):
        assert await served.events(**nothing) == ([], None)
    assert await served.events(after=seqs[5], before=seqs[5]) == ([], None)
    wanted = ["node_run_started", "node_run_failed"]
    for types in (wanted, ",".join(wanted)):
        some, _ = await served.events(types=types)
        assert some == [one for one in everything if one["type"] in wanted]
    of_item, _ = await served.events(node="each[1]/say")
    assert of_item == [
        one for one in everything if (one.get("scope"), one.get("node_id")) == ("each[1]", "say")
    ]
    of_all, _ = await served.events(node="say")
    assert len(of_all) == 3 * len(of_item)


@pytest.mark.parametrize("query", [{}, {"node": "say"}, {"types": "node_run_succeeded"}])
@pytest.mark.parametrize("limit", [1, 4, 100])
async def test_pages_of_events_put_together_are_all_of_them(
    served: Served, query: dict[str, Any], limit: int
) -> None:
    everything, _ = await served.events(**query)
    found: list[dict[str, Any]] = []
    after: str | None = "0"
    while after is not None:
        page, after = await served.events(after=after, limit=limit, **query)
        assert len(page) == limit or after is None
        found += page
    assert found == everything


async def test_a_fork_is_at_the_newest_event_up_to_a_sequence(served: Served) -> None:
    log = await served.bus.events.read_run(served.run_id)
    for at in (log[4].seq, log[-1].seq + 1, 2**53):
        newest = max(record.seq for record in log if record.seq <= at)
        answer = await served.api.post(f"/runs/{served.run_id}/fork", json={"at": at})
        assert answer.status_code == 202, answer.text
        view = await served.stack.runs.wait(answer.json()["run_id"], 30)
        assert view is not None
        assert view.origin is not None
        assert view.origin.at == newest
    answer = await served.api.post(f"/runs/{served.run_id}/fork", json={"at": log[0].seq - 1})
    assert (answer.status_code, answer.json()["code"]) == (422, "fork.no_such_event")
    assert answer.json()["first"] == log[0].seq


async def test_an_archived_run_is_read_the_same(served: Served) -> None:
    before = {
        "node": await served.node("flaky", attempt=1),
        "events": await served.events(node="say", limit=2),
        "all": await served.events(),
    }
    async with run_services(served.bus, served.stack.settings, ("archiver",)):
        async with asyncio.timeout(30):
            while True:
                if not await served.bus.raw.has_run(served.run_id):
                    break
                await asyncio.sleep(0.05)
    assert {
        "node": await served.node("flaky", attempt=1),
        "events": await served.events(node="say", limit=2),
        "all": await served.events(),
    } == before
