"""What is known of a workflow as a whole: one small record, which every change goes through.

Texts and versions are stored beside it, under keys that are written once; the head says which of
them count. So what a writer has stored and a crash left unmentioned is never seen.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from runfold.bus.ports.stores import KeyValue
from runfold.contracts.json_reader import WIRE, read_json
from runfold.errors import Conflict, NotFound, Undecodable
from runfold.ids import bus_token, checked_id, id_of_token, is_id

log = structlog.get_logger("definitions")

HEAD_KEPT = 5.0
"""Seconds after which a head is read again although no change of it was heard of."""


class Version(msgspec.Struct, frozen=True, omit_defaults=True):
    """One published version."""

    version: int
    published_at: float
    note: str = ""
    source: str = ""
    """The key of its text; empty: none was kept."""
    layout: str = ""
    """The key of its layout; empty: it has none."""


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    """The draft: which text it is."""

    revision: int
    """The bucket's revision of the text: another one for every draft that was ever saved."""
    source: str
    """The key of its text."""
    valid: bool = True
    """Whether it passed the checks when it was saved."""
    saved_at: float = 0.0


class DraftLayout(msgspec.Struct, frozen=True, omit_defaults=True):
    """The layout of the draft: which one it is."""

    revision: int
    """The bucket's revision of it: another one for every layout that was ever saved."""
    key: str


class SchedulePause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Since when, and why, a workflow does not run by the clock."""

    paused_at: float
    """Unix seconds."""
    reason: str = ""


class Head(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of a workflow as a whole."""

    workflow_id: str
    name: str = ""
    """What the newest document says that passed the checks."""
    title: str = ""
    """What it was renamed to; goes before the document's name."""
    labels: dict[str, str] = {}
    """What the newest document says that passed the checks."""
    set_labels: dict[str, str] = {}
    """What was set beside the document; goes before the document's labels."""
    latest: int = 0
    """Newest published version; 0: none."""
    numbered: int = 0
    """The highest number that a version has had under this id, deleted workflows included."""
    versions: tuple[Version, ...] = ()
    draft: Draft | None = msgspec.field(default=None, name="edited")
    layout: DraftLayout | None = None
    """None: the draft has none."""
    archived_at: float = 0.0
    """When it was archived; 0: it is not."""
    unarchived_at: float = 0.0
    """When it was last taken out of the archive; 0: it never was."""
    deleted: bool = False
    """What it had is to be removed, or was: the record stays, so that numbers go on."""
    swept: bool = False
    """Of a deleted workflow: nothing else is left of it."""
    schedules_paused: SchedulePause | None = None
    created_at: float = 0.0
    updated_at: float = 0.0

    @property
    def shown_name(self) -> str:
        """The name that people see."""
        return self.title or self.name

    @property
    def all_labels(self) -> dict[str, str]:
        """The document's labels, and over them those that were set."""
        return {**self.labels, **self.set_labels}


class Heads:
    """The heads in a bucket.

    Args:
        bucket: Where they are kept.
    """

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket
        self._kept: dict[str, tuple[Head, int, float]] | None = None

    async def keep(self) -> Callable[[], Awaitable[None]]:
        """Keep what was read of workflows until they change; returns the function that ends it."""
        kept: dict[str, tuple[Head, int, float]] = {}

        def forget(key: str, _value: bytes | None) -> None:
            kept.pop(id_of_token(key.partition(".")[0]), None)

        stop = await self._bucket.watch(forget)
        self._kept = kept
        return stop

    async def find(self, workflow_id: str, *, again: bool = False) -> tuple[Head, int]:
        """A workflow's head and its revision.

        Args:
            workflow_id: The workflow.
            again: Whether it is read although it is kept.

        Raises:
            NotFound: The workflow is unknown, or was deleted.
            Undecodable: What is stored is not a head.
        """
        found = await self.trace(workflow_id, again=again)
        if found is None or found[0].deleted:
            message = f"no workflow {workflow_id!r}"
            raise NotFound(message, code="workflow.not_found")
        return found

    async def trace(self, workflow_id: str, *, again: bool = False) -> tuple[Head, int] | None:
        """The head of a workflow that is there or was; None for one that never was."""
        now = time.monotonic()
        kept = self._kept.get(workflow_id) if self._kept is not None and not again else None
        if kept is not None and now - kept[2] < HEAD_KEPT:
            return kept[0], kept[1]
        found = await self._bucket.get(bus_token(workflow_id)) if is_id(workflow_id) else None
        if found is None:
            return None
        try:
            head = read_json(found[0], Head, bounds=WIRE)
        except Undecodable as error:
            message = f"what is stored of workflow {workflow_id!r} cannot be read: {error}"
            raise Undecodable(message, code="workflow.unreadable") from error
        if self._kept is not None:
            self._kept[workflow_id] = head, found[1], now
        return head, found[1]

    async def write(self, head: Head, revision: int) -> bool:
        """Write a head over a revision, 0 for none; False when another was written first."""
        key = bus_token(checked_id(head.workflow_id, "workflow id"))
        body = msgspec.json.encode(head)
        try:
            if revision:
                await self._bucket.update(key, body, revision)
            else:
                await self._bucket.create(key, body)
        except Conflict:
            return False
        finally:
            if self._kept is not None:
                self._kept.pop(head.workflow_id, None)
        return True

    async def all(self) -> list[Head]:
        """All heads that can be read, by key, those of deleted workflows included."""
        heads = []
        for key, found in (await self._bucket.entries(deep=False)).items():
            try:
                heads.append(read_json(found, Head, bounds=WIRE))
            except Undecodable as error:
                log.warning("workflow passed over", workflow=key, reason=str(error))
        return heads


def contended(workflow_id: str) -> Conflict:
    """What is raised when a head was written by others each time that it was tried."""
    message = f"workflow {workflow_id!r} is being written by others all the time: try again"
    return Conflict(message, code="workflow.contended")
