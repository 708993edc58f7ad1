"""`runfold workflows push` and `diff`: files against what is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from runfold.cli.outcome import OK, RUN_FAILED, USAGE, say
from runfold.cli.output import print_json
from runfold.cli.source import TEMPLATE, counted, print_findings, read_source
from runfold.cli.workflows import opened, refused, said_of
from runfold.client.workflow_documents import SavedWorkflow, WorkflowDiff
from runfold.client.workflows import WorkflowClient
from runfold.definitions.preconditions import revisions_of
from runfold.definitions.sources import Source, source_of
from runfold.definitions.store import Seen
from runfold.errors import InvalidInputs, InvalidWorkflow, NotFound
from runfold.graph.definition import Finding
from runfold.graph.differences import Change

_LONGEST = 60
"""Characters of a value that is shown."""


async def push(
    files: Sequence[str],
    if_match: str,
    server: str,
    data_dir: Path | None,
    *,
    draft: bool,
    as_json: bool,
) -> int:
    """Store files and publish them; what is stored as it stands makes no new version.

    Raises:
        InvalidInputs: An etag for several files.
        PreconditionFailed: The draft is not the one with the etag.
    """
    if if_match and len(files) > 1:
        raise InvalidInputs("--if-match is about one draft: push one file with it")
    seen = revisions_of(if_match or None)
    sources = [(file, _source(file)) for file in files]
    async with opened(server, data_dir) as workflows:
        if not draft and (wrong := await _wrong(workflows, sources)):
            return _refused(wrong, as_json=as_json)
        done: list[SavedWorkflow] = []
        for file, source in sources:
            try:
                saved, what = await _pushed(workflows, source, seen, draft=draft)
            except InvalidWorkflow as error:
                if not as_json:
                    say(f"{file}: cannot be stored")
                error.details = {"file": file, "stored": [one.id for one in done]}
                return refused(error, as_json=as_json)
            done.append(saved)
            if not as_json:
                print(said_of(saved, what))
                print_findings(saved.findings)
    if as_json:
        print_json({"items": done, "next_cursor": None})
    return OK


async def diff(
    what: str, from_: str, to: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Print what differs; 0 when nothing does, else 1.

    Raises:
        NotFound: The workflow or the version is unknown.
    """
    async with opened(server, data_dir) as workflows:
        try:
            if _is_file(what):
                found = await workflows.diff_text(_source(what), from_)
            else:
                found = await workflows.diff(what, from_, to)
        except InvalidWorkflow as error:
            return refused(error, as_json=as_json)
    if as_json:
        print_json(found)
    else:
        for line in _lines(found):
            print(line)
    return OK if found.same else RUN_FAILED


def _is_file(what: str) -> bool:
    """Whether it is a file that is named, and not a stored workflow."""
    return what == "-" or what.startswith(TEMPLATE) or Path(what).is_file()


def _source(file: str) -> Source:
    return source_of(read_source(file))


async def _wrong(
    workflows: WorkflowClient, sources: Sequence[tuple[str, Source]]
) -> dict[str, tuple[Finding, ...]]:
    """The files that do not pass the checks, with what is wrong with each."""
    checked = {file: await workflows.check(source) for file, source in sources}
    return {file: one.findings for file, one in checked.items() if not one.valid}


def _refused(wrong: dict[str, tuple[Finding, ...]], *, as_json: bool) -> int:
    """Say what is wrong with which file.

    Raises:
        InvalidWorkflow: All of it, where JSON is wanted.
    """
    said = {
        file: f"{file} is not a valid workflow: {counted(found)}" for file, found in wrong.items()
    }
    if as_json:
        error = InvalidWorkflow("; ".join(said.values()), tuple(chain(*wrong.values())))
        error.details = {"files": wrong}
        raise error
    for file, found in wrong.items():
        print_findings(found)
        say(f"error: {said[file]}")
    return USAGE


async def _pushed(
    workflows: WorkflowClient, source: Source, seen: Seen | None, *, draft: bool
) -> tuple[SavedWorkflow, str]:
    """Store a file, unless it is what is stored; returns what there is then, and what was done."""
    if not draft and seen is None:
        present = await _unchanged(workflows, source)
        if present is not None:
            return present, "unchanged"
    saved = await workflows.save(source, draft=draft, seen=seen)
    return saved, "stored" if draft else "published"


async def _unchanged(workflows: WorkflowClient, source: Source) -> SavedWorkflow | None:
    """What is stored, when the newest version and the draft are this text."""
    workflow_id = await workflows.id_of(source)
    try:
        newest = await workflows.version(workflow_id)
        texts = [await workflows.source(workflow_id, one) for one in ("", "draft")]
    except NotFound:
        return None
    if newest.version == "draft" or any(one.body != source.body for one in texts):
        return None
    shown = await workflows.show(workflow_id)
    return SavedWorkflow(workflow_id, newest.version, shown.etag or "")


def _lines(diff: WorkflowDiff) -> Iterator[str]:
    """What differs, a line each: + for what came, - for what went, ~ for what changed."""
    yield f"{diff.id}: {diff.from_} → {diff.to}: {'the same' if diff.same else 'differs'}"
    for node in diff.nodes.added:
        yield f"+ node {node.node} ({node.type})"
    for node in diff.nodes.removed:
        yield f"- node {node.node} ({node.type})"
    for changed in diff.nodes.changed:
        yield f"~ node {changed.node} ({changed.type})"
        for change in changed.changes:
            yield f"    {_change(change)}"
    for edge in diff.edges.added:
        yield f"+ edge {edge.source} → {edge.target} at {edge.port}"
    for edge in diff.edges.removed:
        yield f"- edge {edge.source} → {edge.target} at {edge.port}"
    for what, changes in (
        ("input", diff.inputs),
        ("setting", diff.settings),
        ("document", diff.other),
    ):
        for change in changes:
            yield f"~ {what} {_change(change)}"


def _change(change: Change) -> str:
    return f"{change.path}: {_value(change.before)} → {_value(change.after)}"


def _value(value: Any) -> str:
    if value is msgspec.UNSET:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
