"""The order of keys from a document to the task that an executor gets."""

from __future__ import annotations

import asyncio
import json

from tests.support.one_scheduler import OneScheduler, on_virtual_time

VALUE = {"zebra": 1, "apple": {"mango": 1, "berry": [{"y": 1, "b": 2}]}, "10": 1, "9": 2}


@on_virtual_time
async def test_a_task_has_the_keys_as_they_are_written(here: OneScheduler) -> None:
    config = {"input": VALUE, "sort_keys": False}
    node = {"id": "n", "type": "json_stringify", "config": config}
    inputs = {"x": {"type": "any"}}
    await here.run({"id": "keys", "inputs": inputs, "nodes": [node]}, "r", x=VALUE)
    await asyncio.sleep(1)
    tasks = here.bus.tasks.consume("text", slots=1)
    task = (await anext(aiter(tasks))).task
    assert json.dumps(task.config) == json.dumps(config)
    begun = (await here.bus.events.read_run("r"))[0].event
    assert json.dumps(begun.inputs) == json.dumps({"x": VALUE})  # type: ignore[union-attr]
