"""Idempotency keys: one key is one run, and another request under it is told so."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.contracts.events import RunStarted
from runfold.contracts.requests import RunRequest
from runfold.errors import InvalidRequest
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import run_id_for_key
from runfold.settings import Settings
from runfold_gateway.idempotency import IdempotencyKeys

RUN = run_id_for_key("w", "k")
TEXT = {"text": {"type": "string"}}
WORKFLOW, _ = prepare({"id": "w", "inputs": TEXT, "nodes": [{"id": "n", "type": "noop"}]})


def request(version: str = "1", text: str = "x") -> RunRequest:
    return RunRequest(workflow_id="w", inputs={"text": text}, version=version, idempotency_key="k")


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus(Settings())


async def run_it(bus: MemoryBus, version: str = "1") -> None:
    """The run of the key, as a scheduler begins it."""
    definition = msgspec.Raw(canonical_bytes(WORKFLOW))
    about: dict[str, Any] = {"run_id": RUN, "workflow_id": "w", "inputs": {"text": "x"}}
    await bus.events.start_run(RunStarted(id="s", definition=definition, version=version, **about))


def is_told_which_run_has_the_key(error: InvalidRequest) -> None:
    assert (error.code, error.details["run_id"]) == ("idempotency.reused", RUN)
    assert RUN in str(error)
    assert "another version" in str(error)


@pytest.mark.parametrize(("before", "after"), [("1", "2"), ("", "1"), ("1", ""), ("1", "draft")])
async def test_a_key_in_use_is_refused_for_another_version(
    bus: MemoryBus, before: str, after: str
) -> None:
    keys = IdempotencyKeys(bus)
    await keys.claim(request(before or "1"), before)
    await keys.claim(request(before or "1"), before)
    with pytest.raises(InvalidRequest) as caught:
        await keys.claim(request(after or "1"), after)
    is_told_which_run_has_the_key(caught.value)


async def test_a_key_in_use_is_refused_for_other_inputs(bus: MemoryBus) -> None:
    keys = IdempotencyKeys(bus)
    await keys.claim(request(), "1")
    with pytest.raises(InvalidRequest) as caught:
        await keys.claim(request(text="y"), "1")
    is_told_which_run_has_the_key(caught.value)


async def test_a_key_stays_with_its_request_when_a_version_is_published(bus: MemoryBus) -> None:
    keys = IdempotencyKeys(bus)
    await keys.claim(request("1"), "")
    await keys.claim(request("2"), "")


async def test_a_key_of_which_nothing_is_noted_is_refused_for_another_version(
    bus: MemoryBus,
) -> None:
    await run_it(bus, version="1")
    with pytest.raises(InvalidRequest) as caught:
        await IdempotencyKeys(bus).claim(request("2"), "2")
    is_told_which_run_has_the_key(caught.value)
    await IdempotencyKeys(bus).claim(request("1"), "1")
    await IdempotencyKeys(bus).claim(request("1"), "1")


async def test_a_key_asked_for_without_a_version_stays_with_its_run(bus: MemoryBus) -> None:
    await run_it(bus, version="1")
    await IdempotencyKeys(bus).claim(request("2"), "")


async def test_of_two_that_claim_a_key_at_once_the_second_is_compared_with_the_first(
    bus: MemoryBus,
) -> None:
    create = bus.idempotency.create

    async def late(key: str, value: bytes) -> int:
        bus.idempotency.create = create  # type: ignore[method-assign]
        await IdempotencyKeys(bus).claim(request("1"), "1")
        return await create(key, value)

    bus.idempotency.create = late  # type: ignore[method-assign]
    with pytest.raises(InvalidRequest) as caught:
        await IdempotencyKeys(bus).claim(request("2"), "2")
    is_told_which_run_has_the_key(caught.value)
