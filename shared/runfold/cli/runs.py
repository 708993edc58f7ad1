"""`runfold runs`: lists of runs, one run or node of one, its log, and a run as it happens.

As JSON each is what the HTTP API answers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from runfold.bus.viewer import RunViewer
from runfold.cli.outcome import OK, say
from runfold.cli.output import print_json, print_table
from runfold.cli.progress import Progress, progress_for
from runfold.cli.run import code_of, print_end
from runfold.cli.run_tables import print_events, print_node, print_run
from runfold.cli.source import named
from runfold.cli.stack import Stack, open_stack, settings_for
from runfold.client.run_events import (
    EventQuery,
    Found,
    checked_query,
    event_line,
    event_pages,
    found_events,
)
from runfold.client.run_filters import WrittenFilters, asked
from runfold.client.run_lists import listed_runs
from runfold.client.runs import RunClient
from runfold.contracts.events import Recorded
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.views.documents import RunPage, run_document, run_page
from runfold.engine.views.runs import run_view
from runfold.errors import Conflict, InvalidInputs, UnknownRun
from runfold.ids import checked_token


async def listed(
    written: WrittenFilters, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Print a page of runs.

    Raises:
        InvalidRequest: A filter or the cursor cannot be.
        InvalidInputs: A label that is not `name=value`.
        BusUnavailable: No projection answers.
    """
    query = asked(replace(written, label=tuple(map(_label, written.label))))
    async with open_stack(settings_for(server, data_dir), (), asked=("projection",)) as stack:
        found = await listed_runs(stack.bus, RunClient(stack.bus), query)
    page = run_page(found.items, found.next_cursor, found.counts)
    if as_json:
        print_json(page)
    else:
        _print_page(page)
    return OK


def _label(given: str) -> str:
    """A label as the API's filters are given it."""
    name, value = named("--label", given, "name=value")
    if ":" in name:
        raise InvalidInputs(f"--label {given!r}: a label's name has no colon")
    return f"{name}:{value}"


def _print_page(page: RunPage) -> None:
    rows = [
        (
            run.run_id,
            run.workflow_id,
            run.version,
            run.status,
            datetime.fromtimestamp(run.started_at, UTC).isoformat(timespec="seconds"),
            "" if run.finished_at is None else f"{run.finished_at - run.started_at:.2f} s",
            run.error.code if run.error else "",
            " ".join(f"{name}={value}" for name, value in run.labels.items()),
        )
        for run in page.items
    ]
    print_table(
        ("RUN", "WORKFLOW", "VERSION", "STATUS", "STARTED", "TOOK", "ERROR", "LABELS"), rows
    )
    if page.counts is not None:
        counted = ", ".join(f"{count} {status}" for status, count in sorted(page.counts.items()))
        print(f"in all: {counted or 'none'}")
    if page.next_cursor is not None:
        say(f"there are more: --cursor {page.next_cursor}")


async def shown(run_id: str, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print a run with its nodes. Raises `UnknownRun`."""
    checked_token(run_id, "run id")
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        view = await RunClient(stack.bus).get(run_id)
    if view is None:
        raise UnknownRun(run_id)
    if as_json:
        print_json(run_document(view))
    else:
        print_run(view)
    return OK


async def shown_node(
    run_id: str,
    address: str,
    attempt: int | None,
    server: str,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> int:
    """Print a node with its attempts and what one of them was given.

    Raises:
        UnknownRun: No such run.
        NotFound: The run has not come to the node, or the node to the attempt.
    """
    checked_token(run_id, "run id")
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        node = await RunClient(stack.bus).node(run_id, address, attempt)
    if as_json:
        print_json(node)
    else:
        print_node(node)
    return OK


async def logged(
    run_id: str,
    query: EventQuery,
    limit: int | None,
    server: str,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> int:
    """Print a run's events that fit.

    Raises:
        UnknownRun: No such run.
        InvalidRequest: A type is none, or the node's address cannot be one.
    """
    checked_token(run_id, "run id")
    query = checked_query(query)
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        events = stack.bus.events
        if limit is None:
            pages = event_pages(events, run_id, query)
            found = Found([record async for page in pages for record in page], None)
        else:
            found = await found_events(events, run_id, query, limit)
        if not found.records and await events.first_event(run_id) is None:
            raise UnknownRun(run_id)
    if as_json:
        for record in found.records:
            print(event_line(record).decode())
    else:
        print_events(found.records)
    if found.next_after is not None:
        say(f"there are more: --after {found.next_after}")
    return OK


async def followed(run_id: str, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print what happens in a run until it ends; returns the exit code of its end.

    Raises:
        UnknownRun: No such run.
        Conflict: It has not ended, and no scheduler carries it on.
    """
    checked_token(run_id, "run id")
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        if await stack.bus.events.first_event(run_id) is None:
            raise UnknownRun(run_id)
        folder = await _watched(stack, run_id, as_json=as_json)
    if not as_json:
        print_end(run_view(folder.plan, folder.state))
    return code_of(run_view(folder.plan, folder.state))


async def _watched(stack: Stack, run_id: str, *, as_json: bool) -> Folder:
    plans = Plans()
    folder: Folder | None = None
    progress: Progress | None = None
    if stack.server is not None:
        await _check_ended(stack, run_id)
    try:
        async for message in RunViewer(stack.bus).follow(run_id):
            if as_json:
                print(event_line(message).decode(), flush=True)
            if isinstance(message, Recorded):
                if folder is None:
                    folder, _ = Folder.begin(message, plans)
                    progress = progress_for(folder.plan, as_json=as_json)
                else:
                    folder.apply(message)
                if progress is not None:
                    progress.on_event(message, folder)
            elif progress is not None:
                progress.on_chunk(message)
    finally:
        if progress is not None:
            progress.close()
    if folder is None:
        raise UnknownRun(run_id)
    return folder


async def _check_ended(stack: Stack, run_id: str) -> None:
    """On a server of our own nothing goes on: say so, and do not wait for ever."""
    view = await RunClient(stack.bus).get(run_id)
    if view is not None and view.finished_at is None:
        message = (
            f"run {run_id!r} is {view.status}, and no scheduler carries it on here: start "
            "`runfold dev` on this data directory, or name a server with --server"
        )
        raise Conflict(message, code="run.not_ended", details={"run_status": view.status})
