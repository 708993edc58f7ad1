"""`/v1`: published workflows as models of the OpenAI-compatible API, and embeddings.

Errors here are of the shape that clients of that API read.
"""

from __future__ import annotations

import base64
import struct
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Request, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.response import Stream

from runfold.contracts.requests import RunRequest
from runfold.conversations.answer_text import answer_text
from runfold.definitions.models import WorkflowModel
from runfold.definitions.parts import calls_of, stored_parts
from runfold.engine.views.runs import RunView
from runfold.errors import BusUnavailable, InvalidRequest, NotFound, RunfoldError
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import canonical_bytes, prepare, workflow_from_canonical
from runfold_gateway.backend import Backend, backend_of
from runfold_gateway.http.bodies import Req, json_of
from runfold_gateway.http.leaving import left
from runfold_gateway.openai_api import answers
from runfold_gateway.openai_api.answers import DONE, STILL_HERE, Completion, Spoken
from runfold_gateway.openai_api.requests import ChatRequest, chat_request, run_request
from runfold_gateway.problems import RETRY_AFTER, status_of

log = structlog.get_logger("gateway")

WITHIN = 600.0
"""Seconds for which an answer is waited for; the run goes on after that."""
EMBEDDINGS = "runfold-embeddings"
"""The workflow of the runs that make vectors. It is stored nowhere: each brings it along."""
RUN = "Runfold-Run-Id"
NOT_ENDED = "chat.not_ended"
STREAMED = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


@get("/models")
async def list_models(request: Req) -> dict[str, Any]:
    """The workflows that are models."""
    models = await backend_of(request).models.all()
    return {"object": "list", "data": [_model(one) for one in models]}


@get("/models/{model:path}")
async def get_model(request: Req) -> dict[str, Any]:
    """One of them."""
    name = request.scope["path"].partition("/v1/models/")[2]
    return _model(await backend_of(request).models.named(name))


@post("/chat/completions", status_code=200, request_max_body_size=None)
async def chat(request: Req) -> Response[Any]:
    """Run a workflow with what a user says, and answer with what it says."""
    backend = backend_of(request)
    body = await json_of(request, code="chat.invalid")
    asked = chat_request(body)
    model = await backend.models.named(asked.model)
    run_id = await _begun(backend, model, asked, body)
    completion = Completion(run_id, asked.model)
    headers = {RUN: run_id}
    if asked.stream:
        pieces = _streamed(backend, completion, asked)
        return Stream(pieces, media_type="text/event-stream", headers={**headers, **STREAMED})
    spoken = Spoken(whole=True)

    async def to_the_end() -> RunView | None:
        async for deltas in answers.told(backend.viewer, backend.plans, run_id):
            for delta in deltas:
                spoken.more(delta)
        return await backend.runs.get(run_id)

    run = await backend.seen(run_id, to_the_end(), WITHIN, left(request))
    if run is None:
        raise _not_ended(run_id)
    return Response(completion.whole(run, spoken.text), headers=headers)


@post("/embeddings", status_code=200, request_max_body_size=None)
async def embeddings(request: Req) -> Response[Any]:
    """Vectors of texts, by a model of the deployment."""
    backend = backend_of(request)
    body = await json_of(request, code="embeddings.invalid")
    asked = _embeddings_asked(body)
    run_id = await backend.successor(lambda runs: runs.start(_embedding_run(asked)))
    run = await backend.ended(run_id, WITHIN, left(request))
    if run is None:
        raise _not_ended(run_id)
    answers.check_ended(run)
    vectors = run.outputs["vectors"]
    encoded = [_base64(one) for one in vectors] if asked.encoding_format == "base64" else vectors
    used = run.usage
    return Response(
        {
            "object": "list",
            "model": asked.model,
            "data": [
                {"object": "embedding", "index": place, "embedding": one}
                for place, one in enumerate(encoded)
            ],
            "usage": {"prompt_tokens": used.prompt_tokens, "total_tokens": used.total_tokens},
        },
        headers={RUN: run_id},
    )


async def _begun(
    backend: Backend, model: WorkflowModel, asked: ChatRequest, body: dict[str, Any]
) -> str:
    stored = await backend.definitions.runnable(model.workflow_id)
    workflow = workflow_from_canonical(stored.body)
    limit = backend.settings.file_limit
    wanted = await run_request(asked, body, stored, workflow, backend.bus.files, limit)
    if wanted.conversation_id:
        await backend.conversations.store.check_owner(wanted.conversation_id, wanted.user_id)
    bind_inputs(workflow, wanted.inputs)
    await stored_parts(backend.definitions, calls_of(workflow))
    return await backend.successor(lambda runs: runs.start(wanted))


async def _streamed(
    backend: Backend, completion: Completion, asked: ChatRequest
) -> AsyncIterator[bytes]:
    """A completion piece by piece. What fails is told in the stream, and ends it."""
    yield completion.chunk({"role": "assistant", "content": ""})
    spoken = Spoken()
    try:
        telling = answers.told(backend.viewer, backend.plans, completion.run_id)
        silence = backend.settings.sse_heartbeat
        watched = backend.watched(completion.run_id, telling, silence=silence)
        async with aclosing(watched):
            async for deltas in watched:
                if deltas is None:
                    yield STILL_HERE
                for delta in deltas or ():
                    if more := spoken.more(delta):
                        yield completion.chunk(more)
        run = await backend.runs.get(completion.run_id)
        if run is None:
            raise _not_ended(completion.run_id)
        answers.check_ended(run)
    except RunfoldError as error:
        log.info("chat not answered", run_id=completion.run_id, reason=error.message)
        yield answers.error_frame(error)
        return
    if not spoken.text and (text := answer_text(run.outputs)):
        yield completion.chunk({"content": text})
    calls = answers.tool_calls(run.outputs)
    if calls:
        indexed = [{"index": place, **call} for place, call in enumerate(calls)]
        yield completion.chunk({"tool_calls": indexed})
    yield completion.chunk({}, answers.finish_reason(run.outputs))
    if asked.stream_options is not None and asked.stream_options.include_usage:
        yield completion.used(run)
    yield DONE


# --- embeddings ---------------------------------------------------------------------------------


class EmbeddingsRequest(msgspec.Struct, frozen=True):
    """The members of a request for vectors that mean something here."""

    model: str
    input: str | list[str]
    dimensions: Annotated[int, msgspec.Meta(ge=1)] | None = None
    encoding_format: str | None = None


def _embeddings_asked(body: Any) -> EmbeddingsRequest:
    try:
        asked = msgspec.convert(body, EmbeddingsRequest)
    except msgspec.ValidationError as error:
        message = f"the request for embeddings does not fit: {error}; `input` is a text or a list"
        raise InvalidRequest(message, code="embeddings.invalid") from error
    if asked.encoding_format not in (None, "float", "base64"):
        message = f"encoding_format {asked.encoding_format!r:.80} is float or base64"
        raise InvalidRequest(message, code="embeddings.invalid")
    if not asked.input:
        raise InvalidRequest("`input` is empty", code="embeddings.invalid")
    return asked


def _embedding_run(asked: EmbeddingsRequest) -> RunRequest:
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    config: dict[str, Any] = {"input": "{{texts}}", "model": "{{model}}", "normalize": False}
    if asked.dimensions is not None:
        config["dimensions"] = asked.dimensions
    workflow, _ = prepare(
        {
            "id": EMBEDDINGS,
            "inputs": {"texts": "array", "model": "string"},
            "nodes": [
                {"id": "embed", "type": "embed", "config": config},
                {
                    "id": "end",
                    "type": "end",
                    "config": {"outputs": {"vectors": "{{embed.output}}"}},
                },
            ],
        }
    )
    return RunRequest(
        workflow_id=EMBEDDINGS,
        definition=msgspec.Raw(canonical_bytes(workflow)),
        inputs={"texts": texts, "model": asked.model},
        source="embeddings",
    )


def _base64(vector: list[float]) -> str:
    """A vector as 32-bit numbers, little end first, as clients of the API ask for."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


# --- models and errors ----------------------------------------------------------------------------


def _model(model: WorkflowModel) -> dict[str, Any]:
    created = int(model.created_at) or int(time.time())
    return {"id": model.name, "object": "model", "created": created, "owned_by": "runfold"}


def _not_ended(run_id: str) -> BusUnavailable:
    message = f"run {run_id!r} has not ended in time; it goes on"
    return BusUnavailable(message, code=NOT_ENDED, details={"run_id": run_id})


def _failed(_request: Request[Any, Any, Any], error: RunfoldError) -> Response[Any]:
    status, _ = status_of(error)
    if error.code in ("chat.invalid", "embeddings.invalid"):
        status = 400
    headers = {"Retry-After": RETRY_AFTER} if status == 503 else {}  # noqa: PLR2004 -- HTTP's own
    if error.code == NOT_ENDED:
        # The official clients would ask again by themselves, and each time begin another run.
        headers = {"X-Should-Retry": "false"}
    return Response(answers.error_body(error, status), status_code=status, headers=headers)


def _refused(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    told = NotFound(error.detail, code=f"http.{error.status_code}")
    body = answers.error_body(told, error.status_code)
    return Response(body, status_code=error.status_code, headers=error.headers)


ROUTER = Router(
    path="/v1",
    route_handlers=[list_models, get_model, chat, embeddings],
    include_in_schema=False,
    exception_handlers={RunfoldError: _failed, HTTPException: _refused},
)
