"""`runfold knowledge index` and `reindex`: the run that indexes, watched to its end."""

from __future__ import annotations

import asyncio
import fnmatch
from pathlib import Path
from typing import Any

import msgspec

from runfold.background import end
from runfold.bus.viewer import RunViewer
from runfold.cli.arguments import json_object, json_of
from runfold.cli.knowledge import Where, opened
from runfold.cli.local_files import LocalFiles
from runfold.cli.outcome import OK, RUN_FAILED, UNREACHABLE, say
from runfold.cli.output import print_json
from runfold.cli.run import print_end
from runfold.cli.stack import Stack, settings_for
from runfold.client.knowledge import Knowledge
from runfold.client.knowledge_job import NODE, job_request
from runfold.client.refusals import refused
from runfold.client.runs import RunClient
from runfold.contracts.events import NodeRunSucceeded, Recorded
from runfold.contracts.requests import CancelRequest, RunRequest
from runfold.contracts.whole_text import whole_text
from runfold.engine.views.runs import RunView
from runfold.errors import ConfigurationError, InvalidRequest

SERVICES = ("scheduler", "executor-data", "executor-http")


class IndexOptions(msgspec.Struct, frozen=True):
    """What the command is given beside where it works."""

    base: str
    given: tuple[str, ...]
    """Files, folders and URLs."""
    only: tuple[str, ...] = ()
    """Patterns that files in folders fit; none: all files."""
    create: bool = False
    embedding_model: str = ""
    metadata: str = ""
    """JSON."""
    chunking: str = ""
    """JSON."""
    detach: bool = False


async def index(where: Where, options: IndexOptions) -> int:
    """Index files, folders and URLs; returns the exit code.

    Raises:
        ConfigurationError: A file cannot be read, or there is none.
        NotFound: There is no such base.
    """
    files = LocalFiles()
    documents = [one for given in options.given for one in _documents(given, options.only, files)]
    if not documents:
        message = f"no file in {', '.join(options.given)} fits {', '.join(options.only) or '*'}"
        raise ConfigurationError(message, code="file.unreadable")
    request = job_request(
        options.base,
        documents,
        create=options.create,
        embedding_model=options.embedding_model,
        metadata=_object(options.metadata, "--metadata"),
        chunking=_object(options.chunking, "--chunking"),
    )
    limit = settings_for(where.server, where.data_dir).file_limit
    async with opened(where, SERVICES) as stack:
        if not options.create:
            await Knowledge(stack.bus).base(options.base)
        await files.store(stack.bus.files, limit)
        return await _run(where, stack, request, detach=options.detach)


async def reindex(
    where: Where,
    base: str,
    *,
    into: str,
    embedding_model: str,
    chunking: str,
    conditions: str,
    detach: bool,
) -> int:
    """Index a base's documents again; returns the exit code.

    Raises:
        NotFound: There is no such base, or a file is not kept any more.
        InvalidRequest: There is no document that can be.
    """
    async with opened(where, SERVICES) as stack:
        request, left = await Knowledge(stack.bus).reindexing(
            base,
            into=into,
            embedding_model=embedding_model,
            chunking=_object(chunking, "--chunking"),
            filter=json_of("--filter", conditions) if conditions else None,
        )
        for one in left:
            say(f"left as it is: {one}: its text is kept nowhere else")
        return await _run(where, stack, request, detach=detach)


def _documents(given: str, only: tuple[str, ...], files: LocalFiles) -> list[dict[str, Any]]:
    """What one argument stands for: a URL, a file, or the files in a folder."""
    if given.startswith(("http://", "https://")):
        return [{"url": given}]
    path = Path(given)
    if not path.is_dir():
        return [{"file": files.value(given), "id": whole_text(path.name)}]
    found = sorted(
        one
        for one in path.rglob("*")
        if one.is_file()
        and not any(part.startswith(".") for part in one.relative_to(path).parts)
        and (not only or any(fnmatch.fnmatch(one.name, pattern) for pattern in only))
    )
    return [
        {"file": files.value(str(one)), "id": name, "name": name}
        for one in found
        # A name need not be text: what is none of it is shown as such.
        if (name := whole_text(one.relative_to(path).as_posix()))
    ]


def _object(text: str, option: str) -> dict[str, Any]:
    return json_object(option, text) if text else {}


async def _run(where: Where, stack: Stack, request: RunRequest, *, detach: bool) -> int:
    asked = await RunClient(stack.bus).ask(request)
    if detach:
        if stack.server is not None:
            say("--detach: nothing goes on here once this command ends; `runfold dev` goes on")
        print_json({"run_id": asked.run_id}) if where.as_json else print(asked.run_id)
        return OK
    watching = asyncio.create_task(_watch(stack, asked.run_id, as_json=where.as_json))
    refusing = asyncio.create_task(refused(stack.bus, asked.run_id, seq=asked.seq))
    try:
        await asyncio.wait((watching, refusing), return_when=asyncio.FIRST_COMPLETED)
        if not watching.done():
            raise InvalidRequest(refusing.result().reason, code="request.refused")
        view = watching.result()
    except asyncio.CancelledError:
        say("interrupted: cancelling the run; the next one goes on where it stopped")
        await stack.bus.requests.send(CancelRequest(run_id=asked.run_id, reason="interrupted"))
        raise
    finally:
        await end(watching, refusing)
    return _told(where, view)


async def _watch(stack: Stack, run_id: str, *, as_json: bool) -> RunView | None:
    async for message in RunViewer(stack.bus).follow(run_id):
        if not isinstance(message, Recorded) or as_json:
            continue
        event = message.event
        if isinstance(event, NodeRunSucceeded) and event.node_id == NODE:
            for one in event.outputs["documents"]:
                why = f": {one['error']['message']}" if "error" in one else ""
                print(f"{one['status']:9} {one['id']} ({one['chunks']} chunks){why}", flush=True)
    return await RunClient(stack.bus).get(run_id)


def _told(where: Where, view: RunView | None) -> int:
    """Print what came of the run."""
    if view is None:
        return UNREACHABLE
    outputs = view.outputs if isinstance(view.outputs, dict) else {}
    failed = outputs.get("failed_count", 0)
    if where.as_json:
        about = {"run_id": view.run_id, "status": view.status, "outputs": view.outputs}
        print_json({**about, "error": view.error})
    elif view.error is not None:
        print_end(view)
        say(f"what is indexed stays so; go on with it: runfold retry {view.run_id}")
    else:
        print(f"{outputs.get('base')}: {outputs.get('documents')} documents, {failed} not indexed")
    return OK if view.status == "succeeded" else RUN_FAILED
