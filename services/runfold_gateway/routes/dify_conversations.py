"""Conversations and messages, as clients of Dify list, rename and delete them."""

from __future__ import annotations

from typing import Any

from litestar import delete, get, post

from runfold_gateway.backend import backend_of
from runfold_gateway.dify_api.pages import (
    conversation_page,
    message_page,
    shown_conversation,
    turns_of,
)
from runfold_gateway.dify_api.requests import (
    Renaming,
    Said,
    body_of,
    conversation_of,
    invalid,
    limit_of,
    short_name,
    user_of,
)
from runfold_gateway.http.bodies import Req


@get("/messages")
async def list_messages(request: Req, workflow_id: str) -> dict[str, Any]:
    """The newest messages of a conversation, or those before the one that `first_id` names."""
    asked = request.query_params
    conversation_id = asked.get("conversation_id")
    if not conversation_id:
        raise invalid("`conversation_id` is missing: say whose messages are asked for")
    backend = backend_of(request)
    found = await conversation_of(backend, workflow_id, user_of(request), conversation_id)
    return await message_page(
        backend,
        workflow_id,
        found,
        before=asked.get("first_id") or "",
        limit=limit_of(request),
    )


@get("/conversations")
async def list_conversations(request: Req, workflow_id: str) -> dict[str, Any]:
    """A user's conversations with the workflow, the one that was used last first."""
    asked = request.query_params
    order = asked.get("sort_by") or "-updated_at"
    if order != "-updated_at":
        raise invalid(f"sort_by {order[:40]!r} is not known: conversations come by -updated_at")
    return await conversation_page(
        backend_of(request),
        workflow_id,
        user_of(request),
        after=asked.get("last_id") or "",
        limit=limit_of(request),
    )


@post("/conversations/{conversation_id:str}/name", status_code=200)
async def rename_conversation(
    request: Req, workflow_id: str, conversation_id: str
) -> dict[str, Any]:
    """Rename a conversation; `auto_generate` names it by what the user said first."""
    backend = backend_of(request)
    said = await body_of(request, Renaming)
    found = await conversation_of(backend, workflow_id, said.user, conversation_id)
    name = said.name or ""
    if said.auto_generate:
        turns = turns_of(found.messages.values())
        first = next((one.question for one in turns if one.question is not None), None)
        name = short_name(first.content) if first is not None else name
    if not name:
        raise invalid("`name` is empty: give one, or `auto_generate: true`")
    store = backend.conversations.store
    return shown_conversation(await store.update(conversation_id, said.user, name=name))


@delete("/conversations/{conversation_id:str}", status_code=204)
async def delete_conversation(request: Req, workflow_id: str, conversation_id: str) -> None:
    """Remove a conversation with its messages and variables, for good."""
    backend = backend_of(request)
    said = await body_of(request, Said)
    await conversation_of(backend, workflow_id, said.user, conversation_id)
    await backend.conversations.store.delete(conversation_id, said.user)


ROUTES = (list_messages, list_conversations, rename_conversation, delete_conversation)
