"""Conversations of users, and their messages."""

from __future__ import annotations

import uuid
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import Parameter

from runfold.contracts.queries import MAX_LIMIT
from runfold.conversations.limits import MAX_ID, MAX_NAME
from runfold.conversations.lists import ConversationPage
from runfold.conversations.messages import MAX_LIMIT as MOST_MESSAGES
from runfold.conversations.views import ConversationView, MessagePage, MessageView
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.conversations import (
    ConversationChange,
    HistoryDocument,
    HistoryMessage,
    MessageChange,
    NewConversation,
    NewMessage,
)
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.declared import LOCATION, Success, declare
from runfold_gateway.http.links import link_to

UserId = Annotated[
    str, Parameter(max_length=MAX_ID, description="Whose conversations; those of others are 404.")
]


@post(
    "/conversations",
    operation_id="createConversation",
    opt=declare(
        Success(200, ConversationView, description="It was there", headers=(LOCATION,)),
        Success(201, ConversationView, headers=(LOCATION,)),
        problems=(404, 409),
    ),
    tags=["conversations"],
)
async def create_conversation(request: Req, data: NewConversation) -> Response[ConversationView]:
    """Begin a conversation; 200 with the one that is there when the user has it already."""
    talk = backend_of(request).conversations
    begun = await talk.store.begin(
        data.conversation_id or uuid.uuid4().hex,
        data.user_id,
        name=data.name,
        metadata=data.metadata,
    )
    found = await talk.store.get(begun.head.body.conversation_id, data.user_id)
    location = {"Location": link_to("conversations", found.conversation_id)}
    return Response(found, status_code=200 if begun.existed else 201, headers=location)


@get("/conversations", operation_id="listConversations", tags=["conversations"])
async def list_conversations(
    request: Req,
    user_id: UserId = "",
    name: Annotated[
        str, Parameter(max_length=MAX_NAME, description="Only those of this name.")
    ] = "",
    limit: Annotated[int, Parameter(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str = "",
) -> ConversationPage:
    """A page of a user's conversations, the one that was used last first."""
    lists = backend_of(request).conversations.lists
    return await lists.page(user_id, cursor=cursor, limit=limit, name=name)


@get(
    "/conversations/{conversation_id:str}",
    operation_id="getConversation",
    tags=["conversations"],
)
async def get_conversation(
    request: Req, conversation_id: str, user_id: UserId = ""
) -> ConversationView:
    """A conversation without its messages."""
    return await backend_of(request).conversations.store.get(conversation_id, user_id)


@put(
    "/conversations/{conversation_id:str}",
    operation_id="updateConversation",
    tags=["conversations"],
)
async def update_conversation(
    request: Req, conversation_id: str, data: ConversationChange, user_id: UserId = ""
) -> ConversationView:
    """Rename a conversation, or note something else beside it; what is left out stays."""
    return await backend_of(request).conversations.store.update(
        conversation_id, user_id, name=data.name, metadata=data.metadata
    )


@delete(
    "/conversations/{conversation_id:str}",
    operation_id="deleteConversation",
    status_code=204,
    tags=["conversations"],
)
async def delete_conversation(request: Req, conversation_id: str, user_id: UserId = "") -> None:
    """Remove a conversation with its messages and variables, for good."""
    await backend_of(request).conversations.store.delete(conversation_id, user_id)


@post(
    "/conversations/{conversation_id:str}/clear",
    operation_id="clearConversation",
    status_code=200,
    tags=["conversations"],
)
async def clear_conversation(
    request: Req, conversation_id: str, user_id: UserId = ""
) -> ConversationView:
    """Remove all that was said, for good; the conversation and its variables stay."""
    return await backend_of(request).conversations.store.clear(conversation_id, user_id)


@get(
    "/conversations/{conversation_id:str}/history",
    operation_id="getConversationHistory",
    tags=["conversations"],
)
async def get_history(request: Req, conversation_id: str, user_id: UserId = "") -> HistoryDocument:
    """What a model is shown of a conversation: whole turns, at most 100 messages and 256 KiB."""
    messages = backend_of(request).conversations.messages
    told = await messages.history(conversation_id, user_id)
    return HistoryDocument([msgspec.convert(one, HistoryMessage) for one in told])


@get(
    "/conversations/{conversation_id:str}/messages",
    operation_id="listMessages",
    tags=["conversations"],
)
async def list_messages(
    request: Req,
    conversation_id: str,
    user_id: UserId = "",
    limit: Annotated[int, Parameter(ge=1, le=MOST_MESSAGES)] = 20,
    before: Annotated[
        str, Parameter(description="Id of a message: the newest of those before it.")
    ] = "",
    after: Annotated[
        str, Parameter(description="Id of a message: the oldest of those after it.")
    ] = "",
) -> MessagePage:
    """A page of messages, oldest first; without `before` and `after` the newest of all."""
    messages = backend_of(request).conversations.messages
    return await messages.page(conversation_id, user_id, limit=limit, before=before, after=after)


@post(
    "/conversations/{conversation_id:str}/messages",
    operation_id="addMessage",
    status_code=200,
    tags=["conversations"],
)
async def add_message(
    request: Req, conversation_id: str, data: NewMessage, user_id: UserId = ""
) -> MessageView:
    """Say something, without a run; of one `message_id` the first counts."""
    return await backend_of(request).conversations.messages.add(
        conversation_id,
        user_id,
        data.role,
        data.content,
        message_id=data.message_id or uuid.uuid4().hex,
        files=tuple(data.files),
        metadata=data.metadata,
    )


@put(
    "/conversations/{conversation_id:str}/messages/{message_id:str}",
    operation_id="editMessage",
    tags=["conversations"],
)
async def edit_message(
    request: Req,
    conversation_id: str,
    message_id: str,
    data: MessageChange,
    user_id: UserId = "",
) -> MessageView:
    """Let a message say something else."""
    messages = backend_of(request).conversations.messages
    return await messages.edit(conversation_id, user_id, message_id, data.content)


@delete(
    "/conversations/{conversation_id:str}/messages/{message_id:str}",
    operation_id="deleteMessage",
    status_code=204,
    tags=["conversations"],
)
async def delete_message(
    request: Req, conversation_id: str, message_id: str, user_id: UserId = ""
) -> None:
    """Remove a message for good."""
    messages = backend_of(request).conversations.messages
    await messages.delete(conversation_id, user_id, message_id)


ROUTES = (
    create_conversation,
    list_conversations,
    get_conversation,
    update_conversation,
    delete_conversation,
    clear_conversation,
    get_history,
    list_messages,
    add_message,
    edit_message,
    delete_message,
)
