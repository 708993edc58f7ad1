"""What may be asked of a run: cancel, pause, resume, retry, fork; and telling of an event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from runfold.cli.arguments import json_or_text
from runfold.cli.outcome import OK
from runfold.cli.stack import open_stack, settings_for
from runfold.client.runs import RunClient
from runfold.contracts.requests import SignalRequest
from runfold.errors import Conflict, UnknownRun
from runfold.ids import checked_token

Asking = Callable[[RunClient], Awaitable[str]]


async def ask(
    what: str, run_id: str, asking: Asking, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Ask for something, and print which run it concerns: the same, or the new one.

    Raises:
        NotFound: No such run, node, version or event.
        Conflict: What is asked does not fit the run's state.
    """
    checked_token(run_id, "run id")
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        concerned = await asking(RunClient(stack.bus))
    if as_json:
        print(msgspec.json.encode({"run_id": concerned, "asked": what}).decode())
    elif concerned == run_id:
        print(f"{what}: asked of run {run_id}")
    else:
        print(f"{what} of run {run_id}: run {concerned}")
    return OK


def cancelling(run_id: str, reason: str) -> Asking:
    """Ask for a run to be ended, unless it has ended."""

    async def asking(runs: RunClient) -> str:
        view = await runs.get(run_id)
        if view is None:
            raise UnknownRun(run_id)
        if view.finished_at is not None:
            message = f"run {run_id!r} has ended already: it is {view.status}"
            raise Conflict(message, code="run.ended", details={"run_status": view.status})
        await runs.cancel(run_id, reason)
        return run_id

    return asking


def pausing(run_id: str, reason: str) -> Asking:
    """Ask for a run to begin nothing new."""

    async def asking(runs: RunClient) -> str:
        await runs.pause(run_id, reason)
        return run_id

    return asking


def resuming(run_id: str) -> Asking:
    """Ask for a paused run to go on."""

    async def asking(runs: RunClient) -> str:
        await runs.resume(run_id)
        return run_id

    return asking


async def signalling(
    subject: str, payload: str, id_: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Tell of an event.

    Raises:
        InvalidRequest: Its subject is none.
    """
    request = SignalRequest(subject=subject, payload=_payload(payload), id=id_)
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        await RunClient(stack.bus).signal(request)
    if as_json:
        print(msgspec.json.encode({"subject": subject, "status": "accepted"}).decode())
    else:
        print(f"signal: told of {subject}")
    return OK


def _payload(text: str) -> Any:
    return json_or_text("the payload", text) if text else None
