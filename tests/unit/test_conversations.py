"""Variables of a conversation: what counts in them, and how often, on virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.memory.stores import MemoryKeyValue
from runfold.bus.run_log import RunLog
from runfold.contracts import events as e
from runfold.contracts.requests import ForkRequest, RetryRequest, RunRequest
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import bucket_key
from runfold.settings import Settings
from runfold_scheduler.requests.conversations import Conversations
from tests.support import virtual_loop
from tests.support.one_scheduler import OneScheduler, on_virtual_time


def keep(name: str, operation: str = "append") -> dict[str, Any]:
    change = {"variable": "conversation.heard", "operation": operation, "value": "{{said}}"}
    return {"id": name, "type": "assign", "config": {"assignments": [change]}}


ASK = {"id": "ask", "type": "human_review", "config": {"message": "?"}}
END = {"id": "end", "type": "end", "config": {"outputs": {"heard": "{{conversation.heard}}"}}}


def remembering(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "w",
        "inputs": {"said": {"type": "string", "required": True}},
        "conversation": {"heard": []},
        "nodes": [*nodes, END],
    }


SAY = remembering(keep("keep"))
WAIT = remembering(keep("keep"), ASK)
WORK = remembering(keep("keep"), {"id": "n", "type": "noop"}, keep("again"))


def request(document: dict[str, Any], said: str, **fields: Any) -> RunRequest:
    workflow, _ = prepare(document)
    return RunRequest(
        workflow_id=workflow.id,
        definition=msgspec.Raw(canonical_bytes(workflow)),
        inputs={"said": said},
        **{"conversation_id": "c", "run_id": said} | fields,
    )


async def say(here: OneScheduler, said: str, document: dict[str, Any] = SAY, **fields: Any) -> None:
    await here.bus.requests.send(request(document, said, **fields))
    await asyncio.sleep(1)


async def heard(here: OneScheduler, run_id: str) -> Any:
    """What a run that has ended heard."""
    (event,) = [
        record.event
        for record in await here.bus.events.read_run(run_id)
        if isinstance(record.event, e.RunSucceeded)
    ]
    return event.outputs["heard"]


async def settle(here: OneScheduler, run_id: str, *, failed: bool = False) -> None:
    """As an executor reports that the node of `WORK` is done."""
    fields: dict[str, Any] = {"run_id": run_id, "workflow_id": "w", "node_id": "n"}
    failure = e.Failure(code="c", message="m")
    await here.bus.events.append(
        e.NodeRunFailed(id=f"{run_id}:f", error=failure, **fields)
        if failed
        else e.NodeRunSucceeded(id=f"{run_id}:s", **fields)
    )
    await asyncio.sleep(1)


async def dead(here: OneScheduler) -> list[str]:
    return [letter.code for letter in await here.bus.dead.read()]


async def _asked_for_again(here: OneScheduler) -> None:
    await say(here, "a", run_id="", idempotency_key="k")
    await say(here, "b")
    await say(here, "a", run_id="", idempotency_key="k")
    await say(here, "b")
    await say(here, "c")
    assert await heard(here, "c") == ["a", "b", "c"]


test_a_run_that_is_asked_for_again_counts_once = on_virtual_time(_asked_for_again)


async def _in_another_conversation(here: OneScheduler) -> None:
    twice = [request(SAY, "a"), request(SAY, "a", conversation_id="d")]
    await asyncio.gather(*map(here.bus.requests.send, twice))
    await asyncio.sleep(1)
    begun = (await here.bus.events.read_run("a"))[0].event
    assert isinstance(begun, e.RunStarted)
    for said, conversation_id in (("b", "c"), ("x", "d")):
        await say(here, said, conversation_id=conversation_id)
        before = ["a"] if begun.conversation_id == conversation_id else []
        assert await heard(here, said) == [*before, said]


test_a_run_counts_in_the_conversation_it_began_in = on_virtual_time(_in_another_conversation)


async def _retried(here: OneScheduler) -> None:
    for first, new in (("a", "a2"), ("b", "b2")):  # the first of the conversation, and a later one
        await say(here, first, WORK)
        await settle(here, first, failed=True)
        await here.bus.requests.send(RetryRequest(run_id=first, new_run_id=new))
        await asyncio.sleep(1)
        await settle(here, new)
    assert await heard(here, "a2") == ["a", "a"]
    assert await heard(here, "b2") == ["a", "a", "b", "b"]
    await say(here, "c")
    assert await heard(here, "c") == ["a", "a", "b", "b", "c"]


test_a_retry_adds_only_what_it_does_itself = on_virtual_time(_retried)


async def _forked(here: OneScheduler) -> None:
    await say(here, "a", WORK)
    at = (await here.bus.events.read_run("a"))[-1].seq
    await here.bus.requests.send(ForkRequest(run_id="a", at=at, new_run_id="f"))
    await asyncio.sleep(1)
    await settle(here, "f", failed=True)
    await here.bus.requests.send(RetryRequest(run_id="f", new_run_id="f2"))
    await asyncio.sleep(1)
    await here.bus.requests.send(RetryRequest(run_id="f", new_run_id="f3"))
    await asyncio.sleep(1)
    await settle(here, "f3", failed=True)
    await here.bus.requests.send(RetryRequest(run_id="f3", new_run_id="f4"))
    await asyncio.sleep(1)
    for run_id in ("f2", "f4", "a"):
        await settle(here, run_id)
        assert await heard(here, run_id) == ["a", "a"]
    await say(here, "c")
    assert await heard(here, "c") == ["a", "a", "c"]


test_a_fork_only_tries_out_and_so_do_its_retries = on_virtual_time(_forked)


async def _grown(here: OneScheduler) -> None:
    """All texts together stay below the limit; each list that a run had does not."""
    await say(here, "first", WAIT)
    texts = [f"{n:03}" + "y" * 2000 for n in range(100)]
    for n, text in enumerate(texts):
        await say(here, text, run_id=f"r{n}")
    assert await heard(here, "r99") == ["first", *texts]
    assert await dead(here) == []


test_changes_kept_apart_take_the_room_of_what_was_assigned = on_virtual_time(_grown)


async def _overwritten(here: OneScheduler) -> None:
    document = remembering(keep("keep", "set"))
    await say(here, "first", remembering(keep("keep", "set"), ASK))
    for n in range(30):
        await say(here, f"{n:03}" + "y" * 50_000, document, run_id=f"r{n}")
    found = await here.bus.conversations.get(bucket_key("c"))
    assert found is not None
    assert len(found[0]) < 400_000
    assert (await heard(here, "r29")).startswith("029y")
    await say(here, "z" * 300_000, document, run_id="large")
    await say(here, "last", remembering())
    assert await heard(here, "last") == "z" * 300_000
    assert await dead(here) == []


test_what_was_overwritten_is_settled_when_it_takes_too_much_room = on_virtual_time(_overwritten)


async def _too_large(here: OneScheduler) -> None:
    await say(here, "y" * 1_200_000, run_id="large")
    await say(here, "a")
    (letter,) = await here.bus.dead.read()
    assert (letter.code, letter.run_id) == ("conversation.too_large", "a")
    assert "'c'" in letter.reason
    assert "begin another conversation" in letter.reason
    await say(here, "b", conversation_id="d")
    assert await heard(here, "b") == ["b"]


test_a_conversation_with_too_much_in_it_is_refused_at_once = on_virtual_time(_too_large)


async def _misfit(here: OneScheduler) -> None:
    """One run makes a list longer, of which another has made a text meanwhile."""
    await say(here, "a", remembering(ASK, keep("keep")))
    await say(here, "b", remembering(keep("keep", "set")))
    await here.answer("a")
    await asyncio.sleep(1)
    assert await heard(here, "a") == ["a"]
    await say(here, "c", remembering())
    assert await heard(here, "c") == "b"
    await say(here, "e", WAIT)
    assert "node_run_failed" in await here.kinds("e")


test_a_change_that_no_longer_fits_counts_in_its_own_run_alone = on_virtual_time(_misfit)


class _Slow(MemoryKeyValue):
    """Lets others in between reading and writing, as a broker does."""

    async def get(self, key: str) -> tuple[bytes, int] | None:
        found = await super().get(key)
        await asyncio.sleep(0.001)
        return found


def test_runs_that_join_at_several_schedulers_all_do_in_the_end() -> None:
    async def story() -> None:
        bus = MemoryBus(Settings(), lambda: 0.0)
        bus.conversations = _Slow()
        schedulers = [Conversations(bus, RunLog(bus)) for _ in range(4)]
        joining = (schedulers[n % 4].join("c", f"r{n}", 0.0) for n in range(40))
        assert await asyncio.gather(*joining) == [{}] * 40
        held = await bus.conversations.get(bucket_key("c"))
        assert held is not None
        joined = {run_id for run_id, _ in msgspec.json.decode(held[0])["runs"]}
        assert joined == {f"r{n}" for n in range(40)}

    virtual_loop.run(story(), 1)
