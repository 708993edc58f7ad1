"""What a user says to a run, written into the run's conversation before the run begins.

A request that is carried out again after a crash finds its message there. The run's answer is
written when the run has ended, by `runfold_scheduler.outbox.answers`.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import structlog
from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.bus.uploads import checked_files
from runfold.contracts.conversations import MessageCreated, MessageDeleted, RecordedMessage
from runfold.contracts.events import Turn
from runfold.contracts.requests import RunRequest
from runfold.conversations.history import history
from runfold.conversations.limits import MAX_FILES, checked_content, checked_user_id
from runfold.conversations.store import ConversationStore, since
from runfold.engine.decide.retries import spread
from runfold.errors import ArchiveCorrupt, Conflict, InvalidRequest
from runfold.graph.checks.references import SYS_TYPES
from runfold.lru import LruMap
from runfold_scheduler.outbox.answers import Answers

log = structlog.get_logger("scheduler")

TRIES = 20
PAUSE = 0.02
"""Seconds until the next try, at most, for each one before it."""
LOOKED_AT = 5
"""Runs without an answer that are looked at before a turn, the newest."""
SETTLED = 10_000
_OTHERS = "|".join(sorted({*SYS_TYPES, "node_id", "attempt"} - {"history"})).encode()
READS_HISTORY = re.compile(rb"sys(?![A-Za-z0-9_])(?!\.(?:" + _OTHERS + rb")(?![A-Za-z0-9_]))")
"""Is in every definition that may read `sys.history`: also by a name that is computed, or with all
of `sys`. What names another part of it reads no history."""


class Turns:
    """Lets runs take their turns in conversations.

    Args:
        bus: Where conversations are.
        runs: Loads runs whose answer may not be there yet.
    """

    def __init__(self, bus: Bus, runs: RunLog) -> None:
        self._bus = bus
        self._runs = runs
        self._store = ConversationStore(bus)
        self._answers = Answers(bus)
        self._settled: LruMap[str, None] = LruMap(SETTLED)
        """Runs that have ended, and whose answer is there if they have one."""

    async def checked(
        self, request: RunRequest, run_id: str, inputs: dict[str, Any]
    ) -> Turn | None:
        """What a request says; its conversation is begun, and nothing is said in it yet.

        Raises:
            NotFound: The conversation is somebody else's.
            InvalidRequest: Something of it cannot be.
            InvalidFile: A file whose bytes are not there.
        """
        asked = (request.conversation_id, request.query, request.user_id, request.files)
        if not any((*asked, request.history)):
            return None
        said = request.query or inputs.get("query")
        if len(request.files) > MAX_FILES:
            message = f"a message has up to {MAX_FILES} files, this one {len(request.files)}"
            raise InvalidRequest(message, code="conversation.invalid")
        files = await checked_files(self._bus.files, list(request.files), "files")
        turn = Turn(
            user_id=checked_user_id(request.user_id),
            query=checked_content(said) if isinstance(said, str) else "",
            files=tuple(files),
        )
        if not request.conversation_id:
            return replace(turn, history=request.history)
        if request.history:
            message = "a run with a conversation_id has its history there: leave `history` out"
            raise InvalidRequest(message, code="conversation.invalid")
        await self._store.begin(request.conversation_id, request.user_id, source=run_id)
        return replace(turn, answers=True)

    async def say(self, turn: Turn, conversation_id: str, run_id: str, definition: bytes) -> Turn:
        """Say it, once however often it is asked for; the turn with what the run sees.

        Raises:
            Conflict: The conversation is written by others all the time. Retryable.
        """
        await self._settle(conversation_id)
        if turn.query or turn.files:
            turn = await self._said(turn, conversation_id, run_id)
        else:
            newest = await self._bus.messages.newest(conversation_id)
            last = await self._bus.messages.newest(conversation_id, "turn")
            begun = await self._since(conversation_id)
            number = _number_of(last, begun)
            turn = replace(turn, joined=newest.seq if newest else 0, number=number)
        if READS_HISTORY.search(definition) is None:
            return turn
        conversation = await self._store.reading.fold(conversation_id)
        before = turn.joined if turn.message_id else turn.joined + 1
        told = history(conversation.messages.values(), before=before)
        return replace(turn, history=tuple(told))

    async def _settle(self, conversation_id: str) -> None:
        """Write the answers of runs that have ended and are not there yet.

        Who has seen a run end may go on at once, and the next run is to see its answer.
        """
        conversation = await self._store.reading.fold(conversation_id)
        asked = [one.run_id for one in conversation.unanswered if one.run_id not in self._settled]
        for run_id in asked[-LOOKED_AT:]:
            try:
                folder = await self._runs.find(run_id)
            except (ArchiveCorrupt, Conflict) as error:
                # One damaged run must not keep its conversation from going on.
                log.warning("answer cannot be looked for", run_id=run_id, code=error.code)
                self._settled[run_id] = None
                continue
            if folder is not None and folder.state.ended:
                await self._answers.write(folder.state)
                self._settled[run_id] = None

    async def withdraw(self, turn: Turn, conversation_id: str) -> None:
        """Take back what was said to a run that will not begin."""
        if turn.message_id:
            removal = MessageDeleted(conversation_id=conversation_id, message_id=turn.message_id)
            await self._bus.messages.append(removal)
            await self._bus.messages.erase(turn.joined)

    async def _said(self, turn: Turn, conversation_id: str, run_id: str) -> Turn:
        message_id = f"{run_id}:query"
        for attempt in range(TRIES):
            # Only other schedulers can have been first; they try again at other times.
            await asyncio.sleep(PAUSE * attempt * spread(f"{run_id}:{attempt}"))
            last = await self._bus.messages.newest(conversation_id, "turn")
            begun = await self._since(conversation_id)
            if not _is_ours(last, message_id):
                said = MessageCreated(
                    conversation_id=conversation_id,
                    message_id=message_id,
                    role="user",
                    content=turn.query,
                    files=turn.files,
                    run_id=run_id,
                    joined=begun,
                    number=_number_of(last, begun) + 1,
                )
                try:
                    ack = await self._bus.messages.append(said, after=last.seq if last else 0)
                except Conflict:
                    continue
                last = await self._bus.messages.find(ack.seq)
            if last is None:
                continue  # it was cleared in this moment
            number = _number_of(last, 0)
            return replace(turn, message_id=message_id, joined=last.seq, number=number)
        message = f"conversation {conversation_id!r} is being written by others all the time"
        raise Conflict(message, code="conversation.busy", retryable=True)

    async def _since(self, conversation_id: str) -> int:
        head = await self._bus.messages.newest(conversation_id, "head")
        return 0 if head is None else since(head)


def _is_ours(last: RecordedMessage | None, message_id: str) -> bool:
    """Whether a newest turn is what an earlier try wrote."""
    said = last.body if last is not None else None
    return isinstance(said, MessageCreated) and said.message_id == message_id


def _number_of(last: RecordedMessage | None, begun: int) -> int:
    """How many turns a conversation has had; none of those before it was cleared count."""
    said = last.body if last is not None and last.seq > begun else None
    return said.number if isinstance(said, MessageCreated) else 0
