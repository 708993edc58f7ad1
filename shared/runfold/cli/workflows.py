"""`runfold workflows`: stored workflows, looked at and changed."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from runfold.cli.outcome import OK, USAGE, say
from runfold.cli.output import print_json, print_table
from runfold.cli.source import counted, named, print_findings
from runfold.cli.stack import open_stack, settings_for
from runfold.client.workflow_documents import SavedWorkflow, WorkflowSummary
from runfold.client.workflows import WorkflowClient
from runfold.definitions.preconditions import revisions_of
from runfold.definitions.store import DefinitionStore
from runfold.errors import InvalidInputs, InvalidWorkflow


@asynccontextmanager
async def opened(server: str, data_dir: Path | None) -> AsyncIterator[WorkflowClient]:
    """The stored workflows."""
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        yield WorkflowClient(DefinitionStore(stack.bus.definitions))


async def listed(
    labels: Sequence[str], server: str, data_dir: Path | None, *, archived: bool, as_json: bool
) -> int:
    """Print workflows by id.

    Raises:
        InvalidInputs: A label that is not `name=value`.
    """
    wanted = [named("--label", one, "name=value") for one in labels]
    async with opened(server, data_dir) as workflows:
        found = await workflows.list(archived=archived, labels=wanted, limit=sys.maxsize)
    if as_json:
        print_json(found)
    else:
        titles = ("ID", "VERSION", "DRAFT", "LABELS", "UPDATED", "NAME")
        print_table(titles, [_row(one) for one in found.items])
    return OK


async def shown(
    workflow_id: str, version: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Print what a workflow is. Raises `NotFound`."""
    async with opened(server, data_dir) as workflows:
        found = await workflows.show(workflow_id, version)
    if as_json:
        print_json(found)
        return OK
    archived = ", archived" if found.archived else ""
    print(f"{found.id}: {found.name or 'no name'}, version {found.version}{archived}")
    if found.labels:
        print(f"labels: {_labels(found.labels)}")
    print(f"draft: etag {found.etag}")
    print(f"changed: {_when(found.updated_at)}")
    if found.definition is None:
        say(f"not valid: {counted(found.findings)}")
        print_findings(found.findings)
        return OK
    print()
    nodes = [(one["id"], one["type"], one.get("name")) for one in found.definition["nodes"]]
    print_table(("NODE", "TYPE", "NAME"), nodes)
    return OK


async def text(workflow_id: str, version: str, server: str, data_dir: Path | None) -> int:
    """Print a version's text, byte for byte. Raises `NotFound`."""
    async with opened(server, data_dir) as workflows:
        source = await workflows.source(workflow_id, version)
    sys.stdout.buffer.write(source.body)
    sys.stdout.buffer.flush()
    return OK


async def versions(workflow_id: str, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print the published versions, oldest first. Raises `NotFound`."""
    async with opened(server, data_dir) as workflows:
        found = await workflows.versions(workflow_id)
    if as_json:
        print_json(found)
    else:
        rows = [(one.version, _when(one.published_at), one.note) for one in found.items]
        print_table(("VERSION", "PUBLISHED", "NOTE"), rows)
    return OK


async def publish(
    workflow_id: str, note: str, if_match: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Make the draft the next version.

    Raises:
        NotFound: The workflow is unknown.
        PreconditionFailed: The draft is not the one with the etag.
    """
    seen = revisions_of(if_match or None)
    async with opened(server, data_dir) as workflows:
        try:
            saved = await workflows.publish(workflow_id, note=note, seen=seen)
        except InvalidWorkflow as error:
            return refused(error, as_json=as_json)
    return print_saved(saved, "published", as_json=as_json)


async def delete(
    workflow_id: str, if_match: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Delete a workflow.

    Raises:
        NotFound: The workflow is unknown.
        PreconditionFailed: The draft is not the one with the etag.
    """
    seen = revisions_of(if_match or None)
    async with opened(server, data_dir) as workflows:
        await workflows.delete(workflow_id, seen=seen)
    if as_json:
        print_json({"id": workflow_id, "status": "deleted"})
    else:
        print(f"{workflow_id}: deleted")
    return OK


async def label(
    workflow_id: str, pairs: Sequence[str], server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Set a workflow's labels.

    Raises:
        NotFound: The workflow is unknown.
        InvalidInputs: A label that is not `name=value`.
    """
    labels = dict(named("label", one, "name=value") for one in pairs)
    if len(labels) < len(pairs):
        raise InvalidInputs("a label is given twice: a name has one value")
    return await changed(
        lambda one: one.label(workflow_id, labels), server, data_dir, as_json=as_json
    )


async def duplicate(
    workflow_id: str,
    new_id: str,
    version: str,
    name: str,
    server: str,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> int:
    """Make a new workflow of another's text.

    Raises:
        NotFound: The workflow or the version is unknown.
        Conflict: There is a workflow of the new id already.
    """
    async with opened(server, data_dir) as workflows:
        try:
            saved = await workflows.duplicate(workflow_id, new_id, version=version, name=name)
        except InvalidWorkflow as error:
            return refused(error, as_json=as_json)
    return print_saved(saved, "stored", as_json=as_json)


async def restore(
    workflow_id: str,
    version: int,
    if_match: str,
    server: str,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> int:
    """Make a version the draft again.

    Raises:
        NotFound: The workflow or the version is unknown.
        PreconditionFailed: Another draft is there than the etag names.
    """
    seen = revisions_of(if_match or None)
    async with opened(server, data_dir) as workflows:
        saved = await workflows.restore(workflow_id, str(version), seen=seen)
    return print_saved(saved, "restored", as_json=as_json)


async def changed(
    work: Callable[[WorkflowClient], Awaitable[WorkflowSummary]],
    server: str,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> int:
    """Change a workflow, and print what it is then. Raises `NotFound`."""
    async with opened(server, data_dir) as workflows:
        found = await work(workflows)
    if as_json:
        print_json(found)
        return OK
    labels = f", labels {_labels(found.labels)}" if found.labels else ""
    state = "archived" if found.archived else "not archived"
    print(f"{found.id}: {found.name or 'no name'}, {state}{labels}")
    return OK


def print_saved(saved: SavedWorkflow, done: str, *, as_json: bool) -> int:
    """Print what was stored."""
    if as_json:
        print_json(saved)
    else:
        print(said_of(saved, done))
        print_findings(saved.findings)
    return OK


def said_of(saved: SavedWorkflow, done: str) -> str:
    """One line about what was stored."""
    what = saved.version if saved.version == "draft" else f"version {saved.version}"
    wrong = "" if saved.valid else f", not valid: {counted(saved.findings)}"
    return f"{saved.id}: {done}, {what}, etag {saved.etag}{wrong}"


def refused(error: InvalidWorkflow, *, as_json: bool) -> int:
    """Print why a workflow is not fit to be stored or published.

    Raises:
        InvalidWorkflow: The same, where JSON is wanted: it is printed as one line.
    """
    if as_json:
        raise error
    print_findings(error.findings)
    say(f"error: {error}")
    return USAGE


def _row(one: WorkflowSummary) -> tuple[object, ...]:
    draft = "valid" if one.draft_valid else "not valid" if one.has_draft else None
    return one.id, one.version, draft, _labels(one.labels), _when(one.updated_at), one.name


def _labels(labels: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in labels.items())


def _when(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")
