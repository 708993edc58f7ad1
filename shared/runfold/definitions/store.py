"""Where definitions are stored: one draft each, and published versions that never change.

<workflow>        the head: newest version, draft, when they were written
<workflow>.<n>    version n, canonical bytes
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog

from runfold.bus.ports.stores import KeyValue
from runfold.contracts.json_reader import WIRE, read_json
from runfold.contracts.subjects import workflow_token
from runfold.errors import Conflict, NotFound, Undecodable
from runfold.graph.definition import Workflow
from runfold.graph.loader import canonical_bytes
from runfold.ids import bus_token, checked_id, id_of_token, is_id
from runfold.lru import LruMap

log = structlog.get_logger("definitions")

DRAFT = "draft"
KEPT = 256
"""Versions kept by this process: they never change."""
_NUMBER = re.compile(r"[0-9]{1,18}")
HEAD_KEPT = 5.0
"""Seconds after which a head is read again although no change of it was heard of."""
TRIES = 10
"""Times a write is tried again when somebody else wrote the same head in between."""


class Version(msgspec.Struct, frozen=True, omit_defaults=True):
    """One published version."""

    version: int
    published_at: float
    note: str = ""


class Head(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a workflow as a whole."""

    workflow_id: str
    name: str = ""
    latest: int = 0
    """Newest published version; 0: none."""
    versions: tuple[Version, ...] = ()
    draft: msgspec.Raw = msgspec.Raw()
    created_at: float = 0.0
    updated_at: float = 0.0


class StoredDefinition(msgspec.Struct, frozen=True):
    """A definition as stored."""

    workflow_id: str
    version: str
    """A number as text, or `draft`."""
    body: bytes
    """Canonical bytes."""


class DefinitionStore:
    """Definitions in a key-value bucket.

    Args:
        bucket: Where they are kept.
        wall: The clock, in Unix seconds.
    """

    def __init__(self, bucket: KeyValue, wall: Callable[[], float] = time.time) -> None:
        self._bucket = bucket
        self._wall = wall
        self._versions: LruMap[tuple[str, str], StoredDefinition] = LruMap(KEPT)
        self._heads: dict[str, tuple[Head, int, float]] | None = None

    async def keep_heads(self) -> Callable[[], Awaitable[None]]:
        """Keep what was read of workflows until they change; returns the function that ends it."""
        heads: dict[str, tuple[Head, int, float]] = {}

        def forget(key: str, _value: bytes | None) -> None:
            heads.pop(id_of_token(key.partition(".")[0]), None)

        stop = await self._bucket.watch(forget)
        self._heads = heads
        return stop

    async def save_draft(self, workflow: Workflow) -> None:
        """Store a workflow as its draft."""
        draft = msgspec.Raw(canonical_bytes(workflow))
        await self._change(workflow.id, draft=draft, name=workflow.name)

    async def publish(self, workflow_id: str, *, note: str = "") -> int:
        """Make the draft the next version, for ever; returns its number.

        Raises:
            NotFound: When there is no draft.
        """
        for _ in range(TRIES):
            head, revision = await self._head(workflow_id)
            if not head.draft:
                message = f"workflow {workflow_id!r} has no draft to publish"
                raise NotFound(message, code="workflow.no_draft")
            number = head.latest + 1
            body = bytes(head.draft)
            try:
                await self._bucket.create(f"{workflow_token(workflow_id)}.{number}", body)
            except Conflict:
                # A publisher that died before it wrote the head, or one that is about to: the
                # number is taken if its body is another.
                present = await self._bucket.get(f"{workflow_token(workflow_id)}.{number}")
                if present is None or present[0] != body:
                    number = await self._next_free(workflow_id, number)
                    await self._bucket.create(f"{workflow_token(workflow_id)}.{number}", body)
            version = Version(number, self._wall(), note)
            changed = msgspec.structs.replace(
                head,
                latest=number,
                versions=(*head.versions, version),
                updated_at=self._wall(),
            )
            if await self._write(changed, revision):
                return number
        raise _contended(workflow_id)

    async def get(self, workflow_id: str, version: str = "") -> StoredDefinition:
        """A version by its number, the draft, or with an empty `version` the newest published.

        Raises:
            NotFound: When there is none such.
        """
        if (known := self._versions.get((workflow_id, version))) is not None:
            return known
        if version in ("", DRAFT):
            head, _ = await self._head(workflow_id)
            if version == DRAFT or not head.latest:
                if not head.draft:
                    message = f"workflow {workflow_id!r} has no {DRAFT}"
                    raise NotFound(message, code="workflow.no_draft")
                return StoredDefinition(workflow_id, DRAFT, bytes(head.draft))
            version = str(head.latest)
            if (known := self._versions.get((workflow_id, version))) is not None:
                return known
        key = f"{workflow_token(workflow_id)}.{version}"
        # The bucket refuses some characters, and is not asked for what cannot be there.
        found = await self._bucket.get(key) if _NUMBER.fullmatch(version) else None
        if found is None:
            message = f"workflow {workflow_id!r} has no version {version!r}"
            raise NotFound(message, code="workflow.not_found")
        stored = StoredDefinition(workflow_id, version, found[0])
        self._versions[workflow_id, version] = stored
        return stored

    async def head(self, workflow_id: str) -> Head:
        """What is known of a workflow. Raises `NotFound`."""
        return (await self._head(workflow_id))[0]

    async def versions(self, workflow_id: str) -> tuple[Version, ...]:
        """The published versions, oldest first. Raises `NotFound`."""
        return (await self.head(workflow_id)).versions

    async def list(self) -> list[Head]:
        """All workflows that can be read, by id."""
        heads = []
        for key, found in (await self._bucket.entries(deep=False)).items():
            try:
                heads.append(read_json(found, Head, bounds=WIRE))
            except Undecodable as error:
                log.warning("workflow passed over", workflow=key, reason=str(error))
        return heads

    async def _head(self, workflow_id: str) -> tuple[Head, int]:
        now = time.monotonic()
        kept = self._heads.get(workflow_id) if self._heads is not None else None
        if kept is not None and now - kept[2] < HEAD_KEPT:
            return kept[0], kept[1]
        found = await self._bucket.get(bus_token(workflow_id)) if is_id(workflow_id) else None
        if found is None:
            message = f"no workflow {workflow_id!r}"
            raise NotFound(message, code="workflow.not_found")
        try:
            head = read_json(found[0], Head, bounds=WIRE)
        except Undecodable as error:
            message = f"what is stored of workflow {workflow_id!r} cannot be read: {error}"
            raise Undecodable(message, code="workflow.unreadable") from error
        if self._heads is not None:
            self._heads[workflow_id] = head, found[1], now
        return head, found[1]

    async def _change(self, workflow_id: str, **fields: Any) -> None:
        checked_id(workflow_id, "workflow id")
        for _ in range(TRIES):
            now = self._wall()
            try:
                head, revision = await self._head(workflow_id)
            except NotFound:
                head, revision = Head(workflow_id, created_at=now), 0
            changed = msgspec.structs.replace(head, updated_at=now, **fields)
            if await self._write(changed, revision):
                return
        raise _contended(workflow_id)

    async def _write(self, head: Head, revision: int) -> bool:
        body = msgspec.json.encode(head)
        try:
            if revision:
                await self._bucket.update(bus_token(head.workflow_id), body, revision)
            else:
                await self._bucket.create(bus_token(head.workflow_id), body)
        except Conflict:
            return False
        return True

    async def _next_free(self, workflow_id: str, number: int) -> int:
        while await self._bucket.get(f"{workflow_token(workflow_id)}.{number}") is not None:
            number += 1
        return number


def _contended(workflow_id: str) -> Conflict:
    message = f"workflow {workflow_id!r} is being written by others all the time: try again"
    return Conflict(message, code="workflow.contended")
