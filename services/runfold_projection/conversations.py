"""The read model of conversations: what lists of them need, folded from the stream MESSAGES.

What is said in one conversation is read from its own messages; here is which there are, whose, and
when something was said last. One writer with a connection of its own, and the position in the same
transaction as the rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec
import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.conversations import Heard
from runfold.contracts.conversations import ConversationHead, MessageCreated, RecordedMessage
from runfold.errors import BusUnavailable

log = structlog.get_logger("projection")

SCHEMA = """
create table if not exists message_position (
    id integer primary key check (id = 0), seq integer not null
);
create table if not exists conversations (
    conversation_id text primary key, user_id text not null, name text not null,
    since integer not null, touched integer not null, turns integer not null,
    created_at real not null, updated_at real not null, metadata blob not null
) without rowid;
create index if not exists conversations_by_user on conversations (user_id, touched desc);
create index if not exists conversations_by_name on conversations (user_id, name, touched desc);
"""
TABLES = ("message_position", "conversations")
BEGUN = """
insert or replace into conversations
values (:id, :user, :name, :seq, :seq, 0, :time, :time, :metadata)
"""
RENAMED = """
update conversations set name = :name, metadata = :metadata, touched = :seq, updated_at = :time
where conversation_id = :id
"""
CLEARED = """
update conversations set since = :seq, turns = 0, touched = :seq, updated_at = :time
where conversation_id = :id
"""
DELETED = "delete from conversations where conversation_id = :id"
SAID = """
update conversations set touched = :seq, updated_at = :time, turns = max(turns, :number)
where conversation_id = :id and (:joined = 0 or :joined >= since)
"""
HEADS = {"created": BEGUN, "updated": RENAMED, "cleared": CLEARED, "deleted": DELETED}
BEHIND = 3.0
"""Seconds for which a list waits until all is folded that was said before it was asked for."""


class ConversationModel:
    """Folds what is said into rows.

    Args:
        bus: The stream.
        path: The read model's file, whose tables are there.
    """

    def __init__(self, bus: Bus, path: Path) -> None:
        self._bus = bus
        self._path = path
        self._seq = 0
        self._written = asyncio.Condition()
        self.caught_up = asyncio.Event()

    async def follow(self) -> None:
        """Fold for ever."""
        async with aiosqlite.connect(self._path) as db:
            self._seq = await self._position(db)
            async for heard in self._bus.messages.follow(after=self._seq):
                if heard.seq:
                    await self._write(db, heard)
                else:
                    self.caught_up.set()

    async def seen(self, seq: int) -> None:
        """Wait until what was said up to a sequence is folded.

        Raises:
            BusUnavailable: `projection.behind`: it is not in time.
        """
        try:
            async with asyncio.timeout(BEHIND), self._written:
                await self._written.wait_for(lambda: self._seq >= seq)
        except TimeoutError:
            message = f"it has folded conversations up to {self._seq} of {seq}: ask again"
            raise BusUnavailable(message, code="projection.behind") from None

    async def _position(self, db: aiosqlite.Connection) -> int:
        async with db.execute("select seq from message_position") as cursor:
            row = await cursor.fetchone()
        if row is not None and row[0] <= await self._bus.messages.last_seq():
            return int(row[0])
        for table in TABLES:
            await db.execute(f"delete from {table}")  # noqa: S608 -- our own names
        await db.commit()
        return 0

    async def _write(self, db: aiosqlite.Connection, heard: Heard) -> None:
        try:
            for sql, values in _changes(heard.records):
                await db.execute(sql, values)
            await db.execute("insert or replace into message_position values (0, ?)", (heard.seq,))
            await db.commit()
        except BaseException:
            await db.rollback()
            raise
        async with self._written:
            self._seq = heard.seq
            self._written.notify_all()


def _changes(batch: Iterable[RecordedMessage]) -> Iterable[tuple[str, dict[str, Any]]]:
    """The statements that a batch comes to."""
    for record in batch:
        body = record.body
        values: dict[str, Any] = {
            "id": body.conversation_id,
            "seq": record.seq,
            "time": record.time,
        }
        if isinstance(body, ConversationHead):
            metadata = msgspec.json.encode(body.metadata)
            values |= {"user": body.user_id, "name": body.name, "metadata": metadata}
            yield HEADS[body.change], values
        elif isinstance(body, MessageCreated):
            yield SAID, {**values, "number": body.number, "joined": body.joined}
