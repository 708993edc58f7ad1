"""Requests that schemathesis makes of the OpenAPI document: fitting ones, and ones that do not fit.

Against the whole system on a real nats-server: no error of the gateway's own, no status, media
type, header or body that the document does not have, and an answer in time.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.test_gateway_api import ECHO
from tests.support.documented import ApiShape
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "executor-data", "projection", "gateway")
CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
]
WITHIN = 10.0
"""Seconds after which an answer hangs; the runs that are asked about have ended, or end at once."""
STREAM = "text/event-stream"


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES, body_timeout=5.0) as made:
        yield made


async def prepared(stack: Stack) -> dict[str, str]:
    """Things to ask about: path parameter → an id that there is."""
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        assert (await client.post("/workflows", json=ECHO)).status_code == 201
        ended = await client.post("/workflows/echo/run?wait=10", json={"text": "x"})
        assert ended.json()["status"] == "succeeded"
        assert (await client.post("/knowledge", json={"name": "house"})).status_code == 201
    return {
        "base": "house",
        "workflow_id": "echo",
        "run_id": ended.json()["run_id"],
        "template_id": "pipeline_summary",
        "kind_type": "llm",
        "version": "1",
        "address": "say",
    }


class Asking:
    """Asks every operation of a gateway, as often as is wanted.

    Args:
        url: The gateway.
        ids: Path parameter → an id that there is.
        examples: Requests of each sort to each operation.
    """

    def __init__(self, url: str, ids: dict[str, str], examples: int) -> None:
        self._url = url
        self._ids = ids
        self._examples = examples
        schema = schemathesis.openapi.from_url(f"{url}/schema/openapi.json")
        found = [one.ok() for one in schema.get_all_operations()]
        # The stream of changes has no end.
        self._operations: list[Any] = [one for one in found if one.path != "/api/changes"]
        self._shape = ApiShape(schema.raw_schema)
        self.wrong: list[str] = []
        self.asked = 0

    def run(self, seconds: float) -> None:
        """Ask each operation; those that there is no time for are wrong, too."""
        ends = time.monotonic() + seconds
        for operation in self._operations:
            if time.monotonic() > ends:
                self.wrong.append(f"{operation.label}: no time was left for it")
                continue
            names = {one.name for one in operation.path_parameters}
            known = {name: self._ids[name] for name in sorted(names & self._ids.keys())}
            self._ask(operation, GenerationMode.POSITIVE, known or None)
            self._ask(operation, GenerationMode.POSITIVE, None)
            self._ask(operation, GenerationMode.NEGATIVE, None)

    def _ask(self, operation: Any, mode: GenerationMode, known: dict[str, str] | None) -> None:
        strategy = operation.as_strategy(generation_mode=mode, path_parameters=known)

        @settings(
            max_examples=self._examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def ask(case: Any) -> None:
            if case.query:
                case.query.pop("wait", None)
            answer = case.call(base_url=self._url, timeout=WITHIN)
            self.asked += 1
            self._check(case, answer)

        try:
            ask()
        except Unsatisfiable:
            pass  # every request to it fits
        except BaseException as error:  # noqa: BLE001 -- each one is reported
            self.wrong.append(f"{operation.label}, {mode.value}: {error}")

    def _check(self, case: Any, answer: Any) -> None:
        if not answer.headers.get("content-type", [""])[0].startswith(STREAM):
            case.validate_response(answer, checks=[*CHECKS, response_schema_conformance])
            return
        # What the document has is the schema of one event's data.
        case.validate_response(answer, checks=CHECKS)
        lines = answer.content.decode().splitlines()
        events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
        frames = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        assert events == [frame["type"] for frame in frames]
        for frame in frames:
            misfit = self._shape.misfits({"$ref": "#/components/schemas/StreamEvent"}, frame)
            assert not misfit, misfit


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_what_schemathesis_asks(stack: Stack) -> None:
    asking = await asyncio.to_thread(Asking, stack.gateway, await prepared(stack), 24)
    await asyncio.to_thread(asking.run, 800.0)
    assert asking.wrong == []
