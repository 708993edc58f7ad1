"""Messages and conversations as Dify lists them: a question and its answer are one message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from runfold.contracts.cursors import run_cursor
from runfold.conversations.answer_text import answer_text
from runfold.conversations.fold import Conversation, Message
from runfold.conversations.messages import PAGE_BYTES
from runfold.conversations.views import ConversationView
from runfold.engine.state.runs import UNENDED
from runfold.errors import NotFound
from runfold.values.files import read_file
from runfold_gateway.backend import Backend
from runfold_gateway.dify_api.endings import STOPPED, SUCCEEDED
from runfold_gateway.dify_api.files import files_of, shown_file
from runfold_gateway.dify_api.requests import APP, MOST, conversation_of

QUESTION = ":query"
"""Ends the id of what a user said to a run, behind the run's."""
MOST_PAGES = 20
"""Pages of a user's conversations that are looked through for those of one workflow."""


class Turn(NamedTuple):
    """What was said, and what was answered; one of them where nothing else belongs to it."""

    question: Message | None
    answer: Message | None

    @property
    def id(self) -> str:
        """The id under which clients know it: the run's, where a run was asked."""
        one = self.question or self.answer
        return one.message_id.removesuffix(QUESTION) if one is not None else ""

    @property
    def size(self) -> int:
        """Bytes of its texts."""
        return sum(len(one.content.encode()) for one in self if one is not None)


def turns_of(messages: Iterable[Message]) -> list[Turn]:
    """The turns of a conversation, oldest first."""
    told = list(messages)
    known = {one.message_id for one in told}
    answers = {one.reply_to: one for one in told if one.reply_to in known}
    turns = []
    for one in told:
        if one.reply_to in known or one.role == "system":
            continue  # shown with its question, or meant for models alone
        is_question = one.role == "user"
        answer = answers.get(one.message_id) if is_question else one
        turns.append(Turn(one if is_question else None, answer))
    return turns


async def message_page(
    backend: Backend, app: str, conversation: Conversation, *, before: str, limit: int
) -> dict[str, Any]:
    """The newest messages, or those before one; oldest first.

    Raises:
        NotFound: The conversation has no message `before`.
    """
    turns = turns_of(conversation.messages.values())
    if before:
        place = next((at for at, one in enumerate(turns) if one.id == before), None)
        if place is None:
            message = f"the conversation has no message {before[:80]!r}"
            raise NotFound(message, code="conversation.message_not_found")
        turns = turns[:place]
    kept: list[Turn] = []
    left = PAGE_BYTES
    for turn in reversed(turns[-limit:]):
        left -= turn.size
        if kept and left < 0:
            break
        kept.insert(0, turn)
    head = conversation.head
    conversation_id = head.conversation_id if head is not None else ""
    shown = [await _shown_turn(backend, app, conversation_id, one) for one in kept]
    return {"limit": limit, "has_more": len(kept) < len(turns), "data": shown}


async def _shown_turn(
    backend: Backend, app: str, conversation_id: str, turn: Turn
) -> dict[str, Any]:
    question, answer = turn
    said = question or answer
    files = [(one, role) for one, role in ((question, "user"), (answer, "assistant")) if one]
    shown: dict[str, Any] = {
        "id": turn.id,
        "conversation_id": conversation_id,
        "parent_message_id": None,
        "inputs": {},
        "query": question.content if question else "",
        "answer": answer.content if answer else "",
        "message_files": [
            {**shown_file(read_file(file), app), "belongs_to": role}
            for one, role in files
            for file in one.files
        ],
        "feedback": None,
        "retriever_resources": [],
        "agent_thoughts": [],
        "status": "normal",
        "error": None,
        "created_at": int(said.created_at) if said else 0,
    }
    if question is not None and answer is None and question.run_id:
        shown.update(await _unanswered(backend, app, question.run_id))
    return shown


async def _unanswered(backend: Backend, app: str, run_id: str) -> dict[str, Any]:
    """What became of a run whose answer is not in the conversation.

    An answer is written behind the run's end; who has seen the end reads it all the same.
    """
    try:
        run = await backend.run(run_id)
    except NotFound:
        return {"status": "error", "error": "the run is gone"}
    if run is None or run.status in UNENDED or run.status == STOPPED:
        return {}
    if run.status in SUCCEEDED:
        files = [{**one, "belongs_to": "assistant"} for one in files_of(run.outputs, app)]
        return {"answer": answer_text(run.outputs), "message_files": files}
    return {"status": "error", "error": run.error.message if run.error else run.status}


async def conversation_page(
    backend: Backend, app: str, user: str, *, after: str, limit: int
) -> dict[str, Any]:
    """A user's conversations with a workflow, the one that was used last first.

    Raises:
        NotFound: The user has no conversation `after`.
    """
    cursor = ""
    if after:
        cursor = run_cursor((await conversation_of(backend, app, user, after)).seq)
    found: list[ConversationView] = []
    for _ in range(MOST_PAGES):
        page = await backend.conversations.lists.page(user, cursor=cursor, limit=MOST)
        found += [one for one in page.items if one.metadata.get(APP, app) == app]
        cursor = page.next_cursor
        if not cursor or len(found) > limit:
            break
    more = len(found) > limit or bool(cursor)
    return {
        "limit": limit,
        "has_more": more,
        "data": [shown_conversation(one) for one in found[:limit]],
    }


def shown_conversation(one: ConversationView) -> dict[str, Any]:
    """A conversation."""
    return {
        "id": one.conversation_id,
        "name": one.name,
        "inputs": {},
        "status": "normal",
        "introduction": "",
        "created_at": int(one.created_at),
        "updated_at": int(one.updated_at),
    }
