"""Starting a run: the two forms of the body, and waiting for the end.

A body with `inputs` is the wrapped form, always: what else may stand there is listed, and anything
else is an error. Any other body is the inputs themselves. A workflow with an input that is called
`inputs` therefore needs the wrapped form.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.params import Parameter

from runfold.bus.uploads import checked_files
from runfold.contracts.callbacks import Callback
from runfold.contracts.requests import RunRequest
from runfold.conversations.limits import MAX_CONTENT, MAX_FILES, MAX_ID
from runfold.definitions.parts import calls_of, stored_parts
from runfold.engine.views.documents import RunDocument, run_document
from runfold.errors import InvalidInputs
from runfold.graph.definition import Workflow
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import workflow_from_canonical
from runfold.values.types import kind_name
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.starting import RunAccepted
from runfold_gateway.http.bodies import Req, json_of
from runfold_gateway.http.declared import FORM, LOCATION, Body, Success, declare
from runfold_gateway.http.forms import is_form
from runfold_gateway.http.leaving import left
from runfold_gateway.http.links import link_to
from runfold_gateway.routes.run_forms import RUN_FORM, run_form

MAX_WAIT = 300.0
"""Seconds a request may be held open."""
MAX_KEY = 512
"""Characters of an idempotency key."""
INVALID = InvalidInputs.code
Wait = Annotated[
    float, Parameter(ge=0, le=MAX_WAIT, description="Seconds to wait for the run's end.")
]
BEGUN = (
    Success(
        200,
        RunDocument,
        description="The run has ended within `wait` seconds",
        headers=(LOCATION,),
    ),
    Success(202, RunAccepted, headers=(LOCATION,)),
)
IDEMPOTENCY = (
    "Names the request: sent again with the same key and body it is answered with the same run, "
    "and with another body it is 422 `idempotency.reused`."
)
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]{0,200})?")


class RunBody(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """The wrapped form: the inputs, and what else a run is started with."""

    inputs: dict[str, Any]
    version: int | str = ""
    """Empty: the newest published one. Else a number, or `draft`."""
    conversation_id: Annotated[str, msgspec.Meta(max_length=512)] = ""
    """The conversation that the run is a part of; its variables live on in it."""
    query: Annotated[str, msgspec.Meta(max_length=MAX_CONTENT)] = ""
    """What a user says: `sys.query`, and a message of the conversation."""
    user_id: Annotated[str, msgspec.Meta(max_length=MAX_ID)] = ""
    """The user who says it: `sys.user_id`; a conversation of another one is 404."""
    files: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=MAX_FILES)] = []
    """File values that come with it: `sys.files`."""
    labels: dict[str, str] = {}
    """Names and values to find the run by."""
    priority: Annotated[int, msgspec.Meta(ge=-100, le=100)] = 0
    """Higher goes first where tasks wait for an executor; 0: the workflow's own."""
    callbacks: tuple[Callback, ...] = ()
    """Addresses that are told what becomes of the run, beside those of its workflow."""


_OTHER_FORM = 'what is not an input is sent beside them, as {"inputs": {…}, "version": "3"}'
WRAPPED = tuple(RunBody.__struct_fields__)


@post(
    "/workflows/{workflow_id:str}/run",
    operation_id="runWorkflow",
    status_code=202,
    opt=declare(
        *BEGUN,
        body=Body(
            RunBody,
            "The wrapped form, with `inputs`; the inputs alone, by name, are taken as well. None: "
            "no inputs.",
            required=False,
            others=((FORM, RUN_FORM),),
        ),
    ),
    tags=["workflows", "runs"],
    request_max_body_size=None,
)
async def run_workflow(
    request: Req,
    workflow_id: str,
    wait: Wait = 0.0,
    idempotency_key: Annotated[
        str,
        Parameter(header="Idempotency-Key", max_length=MAX_KEY, description=IDEMPOTENCY),
    ] = "",
) -> Response[Any]:
    """Run a workflow with the body as its inputs, or with `{"inputs": {…}, "version": "3"}`.

    Beside `inputs` there may be `version`, `conversation_id`, `query`, `user_id`, `files`,
    `labels`, `priority` and `callbacks`. As a form, each file is the input of its part's name, and
    several of one name are a list; a part `inputs` has the others as JSON, and any other part is
    one input as text.

    202 and the run's id once the request is stored; with `?wait=30`, 200 and the whole run if it
    ends within 30 seconds and this gateway is not told to stop.
    """
    backend = backend_of(request)
    form = await run_form(request, backend) if is_form(request) else None
    body = await json_of(request, code=INVALID) if form is None else form.body()
    asked = _asked(body)
    version = str(asked.version)
    stored = await backend.definitions.runnable(workflow_id, version)
    workflow = workflow_from_canonical(stored.body)
    if form is not None:
        asked = msgspec.structs.replace(asked, inputs=form.inputs(workflow.inputs))
    inputs = await checked_files(backend.bus.files, asked.inputs, "inputs")
    files = await checked_files(backend.bus.files, asked.files, "files")
    asked = msgspec.structs.replace(asked, inputs=inputs, files=files)
    if asked.conversation_id:
        await backend.conversations.store.check_owner(asked.conversation_id, asked.user_id)
    _check_bare(workflow, body)
    _check_inputs(workflow, asked)
    await stored_parts(backend.definitions, calls_of(workflow))
    run_id = await backend.start(
        RunRequest(
            workflow_id=workflow_id,
            inputs=asked.inputs,
            version=stored.version,
            idempotency_key=idempotency_key,
            conversation_id=asked.conversation_id,
            query=asked.query,
            user_id=asked.user_id,
            files=tuple(files),
            labels=asked.labels,
            priority=asked.priority,
            callbacks=asked.callbacks,
            traceparent=_traceparent(request),
        ),
        asked_version=version,
    )
    return await begun_run(request, run_id, workflow_id, wait)


async def begun_run(request: Req, run_id: str, workflow_id: str, wait: float) -> Response[Any]:
    """The answer to a request for a run: the run if it ends within `wait` seconds, else its id."""
    location = {"Location": link_to("runs", run_id)}
    if wait:
        ended = await backend_of(request).ended(run_id, wait, left(request))
        if ended is not None:
            return Response(run_document(ended), status_code=200, headers=location)
    return Response(RunAccepted(run_id, workflow_id), status_code=202, headers=location)


def _traceparent(request: Req) -> str:
    """The trace a request belongs to; empty when its header is not one, as the standard says."""
    said = request.headers.get("traceparent", "").strip()
    return said if TRACEPARENT.fullmatch(said) else ""


def _asked(body: Any) -> RunBody:
    """What a body asks for, in either form.

    Raises:
        InvalidInputs: When it is neither.
    """
    if body is None:
        return RunBody(inputs={})
    if not isinstance(body, dict):
        message = f"the body is not a JSON object but {kind_name(body)}: send inputs by name"
        raise InvalidInputs(message)
    if "inputs" not in body:
        return RunBody(inputs=body)
    if unknown := sorted(body.keys() - WRAPPED):
        message = (
            f"a body with `inputs` has nothing beside it but {', '.join(WRAPPED[1:])}; it has "
            f"{', '.join(unknown)}: put inputs into `inputs`"
        )
        raise InvalidInputs(message, details={"surplus": unknown})
    try:
        return msgspec.convert(body, RunBody)
    except msgspec.ValidationError as error:
        raise InvalidInputs(f"the body does not fit: {error}") from error


def _check_bare(workflow: Workflow, body: Any) -> None:
    """Refuse inputs alone that were meant as the other form.

    A workflow that declares no inputs takes any: the run would be in no conversation, unnoticed.
    """
    name = "conversation_id"
    if isinstance(body, dict) and name in body and "inputs" not in body and not workflow.inputs:
        message = f"the workflow declares no input {name!r}; {_OTHER_FORM}"
        raise InvalidInputs(message, details={"surplus": [name]})


def _check_inputs(workflow: Workflow, asked: RunBody) -> None:
    """Bind the inputs; where a name could be meant for the other form, the error says so."""
    try:
        bind_inputs(workflow, asked.inputs)
    except InvalidInputs as error:
        surplus = set(error.details.get("surplus", ()))
        hint = ""
        if "inputs" in workflow.inputs:
            hint = 'an input called `inputs` is sent as {"inputs": {"inputs": …}}'
        elif surplus & set(WRAPPED):
            hint = _OTHER_FORM
        if not hint:
            raise
        raise InvalidInputs(f"{error.message}; {hint}", details=error.details) from error


ROUTES = (run_workflow,)
