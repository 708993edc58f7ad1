"""The order of the guide and the one among the examples, run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from runfold.cli.machine_events import parse_events
from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.errors import InvalidInputs
from runfold.graph.loader import canonical_bytes, prepare
from tests.e2e.test_cli import environment, runfold
from tests.integration.test_state_machines import SERVICES, until
from tests.support.stack import Stack, running

__all__ = ["environment"]
ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "state-machines.md"
EXAMPLE = ROOT / "examples" / "order.yaml"


def printed() -> str:
    (block,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return str(block)


async def sent(stack: Stack, *events: tuple[str, dict[str, object]]) -> list[tuple[str, str]]:
    """What the example's order went through by some events."""
    workflow, _ = prepare(EXAMPLE.read_bytes())
    run_id = await stack.runs.start(
        RunRequest(
            workflow_id=workflow.id,
            definition=msgspec.Raw(canonical_bytes(workflow)),
            inputs={"order_id": "A7"},
        )
    )
    token = (await until(stack, run_id, e.StateMachineStarted)).token
    for count, (name, values) in enumerate(events, start=1):
        await stack.runs.answer(AnswerRequest(token=token, action=name, values=values))
        await until(stack, run_id, e.InputReceived, count)
    view = await stack.runs.wait(run_id, 10)
    assert view is not None
    assert view.status == "succeeded"
    machine = next(node for node in view.nodes if node.address == "order")
    return [(one["event"], one["to"]) for one in machine.outputs["history"]]


async def test_the_examples_order_is_delivered_and_refunded_or_cancelled() -> None:
    pay = ("pay", {"amount": 25, "verified": True})
    unverified = ("pay", {"amount": 25, "verified": False})
    async with running(SERVICES[:2]) as stack:
        ship = ("ship", {"tracking_number": "SF1"})
        way = await sent(stack, pay, ("process", {}), ship, ("deliver", {}), ("refund", {}))
        assert [to for _, to in way] == ["paid", "processing", "shipped", "delivered", "refunded"]
        # Unverified payments are not processed, and can be cancelled.
        way = await sent(stack, unverified, ("process", {}), ("cancel", {}))
        assert way == [("pay", "paid"), ("cancel", "cancelled")]


@pytest.mark.slow
async def test_a_machine_that_nobody_sends_more_events_ends_the_command(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "order.yaml"
    # Without a time in its first state, nothing happens by itself.
    file.write_text(printed().replace("timeout: {after: 3d, target: cancelled}", ""))
    order = ("run", str(file), "--input", "order_id=A7")
    pay = ("--event", 'order=pay:{"amount": 25}')
    code, out, err = await runfold(environment, *order, *pay, "--event", "order=ship")
    assert code == 0, err
    assert "created → paid by pay" in out
    assert "A7: 25 received" in out
    code, _, err = await runfold(environment, *order, *pay)
    assert code == 2
    assert "of: cancel, ship" in err
    code, _, err = await runfold(environment, *order, *pay, *pay)
    assert code == 2
    assert "it takes: cancel, ship" in err


def test_events_are_written_as_json_objects() -> None:
    given = ["a=go", 'a=stop:{"n": 1}', "b=x"]
    assert parse_events(given) == {"a": [("go", {}), ("stop", {"n": 1})], "b": [("x", {})]}
    for text in ("go", "a=", "a=go:1", "a=go:{"):
        with pytest.raises(InvalidInputs, match="--event"):
            parse_events([text])
