"""What clients of Dify ask for: bodies and queries, read and checked, and runs made of them."""

from __future__ import annotations

import uuid
from typing import Any, Literal, TypeVar

import msgspec

from runfold.contracts.events import RunStarted
from runfold.contracts.requests import RunRequest
from runfold.conversations.fold import Conversation
from runfold.conversations.limits import (
    MAX_FILES,
    checked_content,
    checked_conversation_id,
    checked_user_id,
)
from runfold.conversations.reading import unknown_conversation
from runfold.definitions.parts import calls_of, stored_parts
from runfold.engine.state.runs import UNENDED
from runfold.errors import InvalidRequest, UnknownRun
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import workflow_from_canonical
from runfold.ids import is_token
from runfold.values.files import is_file
from runfold_gateway.backend import Backend
from runfold_gateway.dify_api.files import with_files
from runfold_gateway.http.bodies import Req, json_of

INVALID = "dify.invalid"
APP = "workflow_id"
"""In the metadata of a conversation: the workflow that it was begun with."""
SOURCE = "dify"
BEGUN_WITHIN = 5.0
"""Seconds for which the beginning of a run that was asked for is waited for."""
LONGEST_NAME = 60
"""Characters of what a user says first that a conversation is named by."""
MOST = 100
"""Of a page."""
T = TypeVar("T", bound=msgspec.Struct)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What every body says."""

    user: str


class Asked(Said, frozen=True, kw_only=True):
    """The members of a request for a run that mean something here; all others may be there."""

    inputs: dict[str, Any] | None = None
    response_mode: Literal["blocking", "streaming"] | None = "blocking"
    files: list[dict[str, Any]] | None = None

    @property
    def streams(self) -> bool:
        """Whether it is answered as it goes."""
        return self.response_mode == "streaming"


class ChatAsked(Asked, frozen=True, kw_only=True):
    """The same of a chat."""

    query: str
    conversation_id: str | None = ""
    auto_generate_name: bool | None = True


class Renaming(Said, frozen=True, kw_only=True):
    """A conversation's new name."""

    name: str | None = ""
    auto_generate: bool | None = False


async def body_of(request: Req, kind: type[T]) -> T:
    """A body of a kind.

    Raises:
        InvalidRequest: `dify.invalid`.
    """
    body = await json_of(request, code=INVALID)
    try:
        said = msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise invalid(f"the request does not fit: {error}") from error
    user = getattr(said, "user", "")
    if not user:
        raise invalid("`user` is empty: say who the end user is, by any name of yours")
    checked_user_id(user)
    return said


def user_of(request: Req) -> str:
    """Whom a query is for; empty when it does not say."""
    return checked_user_id(request.query_params.get("user") or "")


def limit_of(request: Req) -> int:
    """How many a page has.

    Raises:
        InvalidRequest: `dify.invalid`.
    """
    said = request.query_params.get("limit") or "20"
    limit = int(said) if said.isascii() and said.isdigit() and len(said) < len("9999") else 0
    if not 1 <= limit <= MOST:
        raise invalid(f"limit {said[:20]!r} is not a number from 1 to {MOST}")
    return limit


async def start_run(backend: Backend, workflow_id: str, asked: Asked, version: str = "") -> str:
    """Ask for the run of a request; returns its id on the broker's ack.

    Raises:
        NotFound: No such workflow or version, upload or conversation of this user.
        InvalidRequest: Something of it cannot be.
        InvalidInputs: The inputs do not fit the workflow.
        InvalidFile: A file that is not one.
    """
    stored = await backend.definitions.runnable(workflow_id, version)
    workflow = workflow_from_canonical(stored.body)
    inputs = await with_files(backend.bus.files, asked.inputs or {}, "inputs")
    files = await with_files(backend.bus.files, asked.files or [], "files")
    if not all(is_file(one) for one in files):
        raise invalid("`files` are uploads: {type, transfer_method: local_file, upload_file_id}")
    if len(files) > MAX_FILES:
        raise invalid(f"{len(files)} files, and {MAX_FILES} are taken at most")
    wanted = RunRequest(
        workflow_id=workflow_id,
        version=stored.version,
        inputs=inputs,
        user_id=asked.user,
        files=tuple(files),
        source=SOURCE,
    )
    if isinstance(asked, ChatAsked):
        if not asked.query:
            raise invalid("`query` is empty: it is what the user says")
        if "query" in workflow.inputs:
            inputs = {"query": asked.query, **inputs}
        query = checked_content(asked.query)
        wanted = msgspec.structs.replace(wanted, inputs=inputs, query=query)
    bind_inputs(workflow, inputs)
    await stored_parts(backend.definitions, calls_of(workflow))
    if isinstance(asked, ChatAsked):
        conversation_id = await _conversation_for(backend, workflow_id, asked)
        wanted = msgspec.structs.replace(wanted, conversation_id=conversation_id)
    return await backend.successor(lambda runs: runs.start(wanted))


async def _conversation_for(backend: Backend, workflow_id: str, asked: ChatAsked) -> str:
    """The conversation of a chat request: the user's, or a new one."""
    if asked.conversation_id:
        await conversation_of(backend, workflow_id, asked.user, asked.conversation_id)
        return asked.conversation_id
    conversation_id = str(uuid.uuid4())
    name = short_name(asked.query) if asked.auto_generate_name is not False else ""
    await backend.conversations.store.begin(
        conversation_id, asked.user, name=name, metadata={APP: workflow_id}
    )
    return conversation_id


async def conversation_of(
    backend: Backend, workflow_id: str, user: str, conversation_id: str
) -> Conversation:
    """A user's conversation with a workflow.

    Raises:
        NotFound: There is none, or it is another user's or workflow's.
    """
    reading = backend.conversations.store.reading
    found = await reading.of(checked_conversation_id(conversation_id), user)
    if found.head is None or found.head.metadata.get(APP, workflow_id) != workflow_id:
        raise unknown_conversation(conversation_id)
    return found


def short_name(query: str) -> str:
    """A name for a conversation, by what the user says first."""
    words = " ".join(query.replace("\0", " ").split())
    return words if len(words) <= LONGEST_NAME else words[: LONGEST_NAME - 1].rstrip() + "…"


async def run_of(
    backend: Backend, workflow_id: str, run_id: str, user: str | None = None
) -> RunStarted:
    """How a run of a workflow began.

    Args:
        backend: Where it is.
        workflow_id: The workflow.
        run_id: The run; it need not have begun.
        user: Whose it is; None: it may be of any user.

    Raises:
        UnknownRun: There is none such of this workflow and user.
        NotFound: The request for it was refused.
    """
    if not is_token(run_id):
        raise UnknownRun(run_id[:80])
    records = await backend.bus.events.read_run(run_id, limit=1)
    if not records:
        await backend.run(run_id)  # NotFound, unless it was asked for here
        await backend.begun(run_id, BEGUN_WITHIN)
        records = await backend.bus.events.read_run(run_id, limit=1)
    started = records[0].event if records else None
    if not isinstance(started, RunStarted) or started.workflow_id != workflow_id:
        raise UnknownRun(run_id)
    if user is not None and (started.turn is None or started.turn.user_id != user):
        raise UnknownRun(run_id)
    return started


async def stop_run(backend: Backend, workflow_id: str, run_id: str, user: str) -> None:
    """Ask for a user's run to be ended; one that has ended stays as it is.

    Raises:
        UnknownRun: The user has none such of this workflow.
    """
    await run_of(backend, workflow_id, run_id, user)
    view = await backend.run(run_id)
    if view is None or view.status in UNENDED:
        await backend.runs.cancel(run_id, "stopped by its user")


def invalid(message: str) -> InvalidRequest:
    """What a request is refused with."""
    return InvalidRequest(message, code=INVALID)
