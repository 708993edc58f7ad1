"""`runfold run`: start a run, show it happen, answer for the person, and say how it ended."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec

from runfold.background import end
from runfold.bus.uploads import checked_files
from runfold.bus.viewer import RunViewer
from runfold.cli.answering import parse_answers
from runfold.cli.arguments import parse_labels
from runfold.cli.local_files import LocalFiles
from runfold.cli.machine_events import MachineEvents, parse_events
from runfold.cli.outcome import OK, RUN_FAILED, UNREACHABLE, USAGE, say
from runfold.cli.people import Answers
from runfold.cli.progress import Progress, progress_for
from runfold.cli.shipped_documents import load_file
from runfold.cli.source import counted, parse_inputs, print_findings
from runfold.cli.stack import (
    Stack,
    open_stack,
    refuse_model_elsewhere,
    running_server,
    settings_for,
)
from runfold.client.refusals import refused
from runfold.contracts.events import NodeRunWaiting, Recorded, StateMachineStarted
from runfold.contracts.labels import check_labels
from runfold.contracts.requests import CancelRequest, RunRequest
from runfold.engine.history.fold import Plans
from runfold.engine.views.attempts import Attempts, followed
from runfold.engine.views.runs import RunView, run_view
from runfold.errors import ConfigurationError, InvalidRequest, InvalidWorkflow
from runfold.graph.inputs import bind_inputs
from runfold.graph.kinds import INLINE
from runfold.graph.kinds.extract import KIND as EXTRACT
from runfold.graph.kinds.knowledge_index import KIND as KNOWLEDGE_INDEX
from runfold.graph.kinds.knowledge_index import groups_beside
from runfold.graph.loader import canonical_bytes
from runfold.graph.plan.plan import Plan, compile_plan
from runfold.ids import address_of, uuid7
from runfold.settings import Settings

CANCELLED_WITHIN = 5.0
"""Seconds in which an interrupted run is to be seen to end, unless something is undone first."""


class Told(NamedTuple):
    """Who is told what happens in a run while it is watched."""

    progress: Progress
    answers: Answers
    machines: MachineEvents
    begun: asyncio.Future[None]
    """Done once the run has its first event."""


class RunOptions(msgspec.Struct, frozen=True):
    """The command's options."""

    file: str
    inputs: tuple[str, ...] = ()
    inputs_json: str = ""
    answers: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    as_json: bool = False
    model: str = ""
    """`demo`, `local`, or empty: the configured endpoint."""
    server: str = ""
    data_dir: Path | None = None


async def run(options: RunOptions) -> int:
    """Run a workflow to its end; returns the exit code.

    Raises:
        InvalidWorkflow: It has errors; they are printed as lines unless JSON is wanted.
    """
    settings = settings_for(options.server, options.data_dir)
    refuse_model_elsewhere(settings, options.model)
    loaded = load_file(options.file)
    errors = [finding for finding in loaded.findings if finding.level == "error"]
    if loaded.workflow is None or errors:
        message = f"{options.file} is not a valid workflow: {counted(loaded.findings)}"
        if not options.as_json:
            print_findings(loaded.findings)
        raise InvalidWorkflow(message, loaded.findings)
    workflow = loaded.workflow
    files = LocalFiles()
    given = parse_inputs(workflow, options.inputs, options.inputs_json, files)
    inputs = bind_inputs(workflow, given)
    answers, events = parse_answers(options.answers), parse_events(options.events)
    labels = parse_labels(options.labels)
    check_labels(labels)
    plan = compile_plan(workflow)
    groups = executor_groups(plan)
    elsewhere = settings.nats_url or running_server(settings.data_dir)
    if "llm" in groups and not options.model and not elsewhere:
        require_model(settings)
    services = ("scheduler", *(f"executor-{group}" for group in sorted(groups)))
    async with open_stack(settings, services, model=options.model) as stack:
        run_id = uuid7(int(time.time() * 1000), os.urandom(10))
        await files.store(stack.bus.files, settings.file_limit)
        inputs = await checked_files(stack.bus.files, inputs, "inputs")
        request = RunRequest(
            workflow_id=workflow.id,
            run_id=run_id,
            inputs=inputs,
            labels=labels,
            definition=msgspec.Raw(canonical_bytes(workflow)),
        )
        ack = await stack.bus.requests.send(request)
        progress = progress_for(plan, as_json=options.as_json)
        people = Answers(stack.bus, answers, progress)
        machines = MachineEvents(stack.bus, events, progress, people.give_up, people.cannot)
        told = Told(progress, people, machines, asyncio.get_running_loop().create_future())
        view = await _follow(stack, run_id, ack.seq, told, undoes=plan.compensates)
        code = _finish(stack, view, run_id, options)
        return USAGE if people.given_up else code


def executor_groups(plan: Plan) -> set[str]:
    """The executor groups a plan needs, those of bodies and of sub-workflows included."""
    groups: set[str] = set()
    seen: set[int] = set()
    left = [plan]
    while left:
        here = left.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        for node in here.nodes.values():
            if node.group != INLINE:
                groups.add(node.group)
            if node.type == "question" and node.config.get("extract") is not None:
                groups.add(EXTRACT.group)
            if node.type == KNOWLEDGE_INDEX.type:
                groups |= groups_beside(node.config)
            if node.type == "sub_workflow":
                called = here.library.plan(here.library.name_of(node.config))
                left += [called] if called else []
            left += node.bodies.values()
    return groups


def require_model(settings: Settings) -> None:
    """Say what to set when the workflow needs a model and none is configured.

    Raises:
        ConfigurationError: When neither an endpoint, a key nor a provider is set.
    """
    has_key = settings.openai_api_key.get_secret_value()
    if has_key or settings.openai_base_url or settings.llm.providers:
        return
    message = (
        "this workflow asks a language model and none is configured: set OPENAI_API_KEY "
        "(and OPENAI_BASE_URL for another OpenAI-compatible endpoint), or try it with "
        "--demo-model (canned text) or --local-model (a small real model on this CPU)"
    )
    raise ConfigurationError(message, code="llm.not_configured")


async def _follow(
    stack: Stack, run_id: str, seq: int, told: Told, *, undoes: bool
) -> RunView | None:
    """Watch the run to its end; None when NATS went away under it.

    Raises:
        InvalidRequest: The request at `seq` was refused: there will be no run.
    """
    async with AsyncExitStack() as closing:
        closing.callback(told.progress.close)
        closing.push_async_callback(told.answers.close)
        closing.push_async_callback(told.machines.close)
        watching = asyncio.create_task(_watch(stack, run_id, told))
        refusing = asyncio.create_task(refused(stack.bus, run_id, seq=seq))
        told.begun.add_done_callback(lambda _: refusing.cancel())
        closing.callback(refusing.cancel)
        wanted = {watching, asyncio.create_task(told.answers.impossible())}
        if stack.server is not None:
            wanted.add(asyncio.create_task(stack.server.died()))
        try:
            await asyncio.wait((refusing, *wanted), return_when=asyncio.FIRST_COMPLETED)
            if refusing.done() and not refusing.cancelled():
                await end(*wanted)
                raise InvalidRequest(refusing.result().reason, code="request.refused")
            done, _ = await asyncio.wait(wanted, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            say("interrupted: cancelling the run")
            await asyncio.shield(_cancel(stack, run_id, "interrupted"))
            if undoes:
                say("what it had completed is undone; interrupt again to leave it at that")
            await _see_end(watching, None if undoes else CANCELLED_WITHIN)
            raise
        for task in wanted - done - {watching}:
            task.cancel()
        if watching in done:
            return watching.result()
        say(f"error: {next(iter(done)).result()}")
        if told.answers.given_up:
            await _cancel(stack, run_id, "no answer could be given")
            return await watching
        watching.cancel()
        return None


async def _see_end(watching: asyncio.Task[RunView | None], within: float | None) -> None:
    """Show what becomes of a run that was cancelled, so that the last picture is a true one."""
    done, _ = await asyncio.wait((watching,), timeout=within)
    if not done:
        watching.cancel()
        say("no scheduler has carried that out yet: the request is kept")
        return
    view = watching.result()
    if view is not None:
        say(f"run {view.run_id} {view.status}")


async def _watch(stack: Stack, run_id: str, told: Told) -> RunView | None:
    """Show the run until it has ended; returns what it came to."""
    folder, attempts = None, Attempts()
    begun: dict[str, None] = {}
    async for message in RunViewer(stack.bus).follow(run_id):
        if isinstance(message, Recorded):
            if folder is None:
                folder, attempts = followed((message,), Plans())
                told.begun.set_result(None)
            else:
                attempts.apply(message, folder)
            told.progress.on_event(message, folder)
            if isinstance(message.event, NodeRunWaiting):
                told.answers.on_waiting(message.event, folder)
            if isinstance(message.event, StateMachineStarted):
                begun[address_of(message.event.scope, message.event.node_id)] = None
            for address in begun:
                told.machines.on_event(address, folder)
            told.answers.on_state(folder)
        else:
            told.progress.on_chunk(message)
    return run_view(folder.plan, folder.state, attempts) if folder else None


async def _cancel(stack: Stack, run_id: str, reason: str) -> None:
    await stack.bus.requests.send(CancelRequest(run_id=run_id, reason=reason))


def _finish(stack: Stack, view: RunView | None, run_id: str, options: RunOptions) -> int:
    if view is None:
        return UNREACHABLE
    if options.as_json:
        document = {
            "run_id": view.run_id,
            "status": view.status,
            "outputs": view.outputs,
            "error": view.error,
            "compensation": view.compensation,
            "usage": view.usage,
            "nodes": view.nodes,
        }
        print(msgspec.json.encode(document).decode())
    else:
        print_end(view)
        if stack.keeps_data:
            say(f"audit it: runfold replay {run_id}")
    return code_of(view)


def code_of(view: RunView) -> int:
    """The exit code that a run's end stands for."""
    return OK if view.status in ("succeeded", "partial_succeeded") else RUN_FAILED


def print_end(view: RunView) -> None:
    """Print how a run ended: its status, what it took, its error and its outputs."""
    took = (view.finished_at or view.started_at) - view.started_at
    tokens = f", {view.usage.total_tokens} tokens" if view.usage.total_tokens else ""
    cost = f", {view.usage.cost:.4f} {view.usage.currency}" if view.usage.cost else ""
    print(f"\nrun {view.run_id} {view.status} in {took:.2f} s{tokens}{cost}")
    if view.error is not None:
        print(f"{view.error_node or 'run'}: {view.error.code}: {view.error.message}")
    for undone in view.compensation:
        why = f": {undone.error.message}" if undone.status == "failed" and undone.error else ""
        said = "undone" if undone.status == "compensated" else "not undone"
        print(f"{undone.address}: {said} by {undone.by}{why}")
    outputs = view.outputs
    if isinstance(outputs, dict):
        for name, value in outputs.items():
            text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            print(f"{name}: {text}")
    elif outputs is not None:
        print(msgspec.json.encode(outputs).decode())
