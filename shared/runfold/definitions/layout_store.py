"""Layouts beside the texts: the draft's, which changes, and those of versions, which do not.

<workflow>.layout.<id>     a layout: the draft's, or a version's

Like a text, each has a key of its own, and the head says which of them count.
"""

from __future__ import annotations

import os
from collections.abc import Collection

import msgspec
import structlog
from msgspec.structs import replace

from runfold.contracts.subjects import workflow_token
from runfold.definitions.heads import DraftLayout, Head, contended
from runfold.definitions.layouts import read_layout
from runfold.definitions.reading import DRAFT, DefinitionReader
from runfold.errors import BusUnavailable, NotFound, PreconditionFailed, RunfoldError
from runfold.graph.layouts import Layout
from runfold.ids import uuid7
from runfold.isolated.documents import layout_in

log = structlog.get_logger("definitions")

TRIES = 10
"""Times a write is tried again when somebody else wrote the same head in between."""
NO_LAYOUT = 0
"""Stands for a revision where no layout is stored."""

Seen = Collection[int]
"""Revisions that a writer may have seen; what else is there is not written over."""


class LayoutStore(DefinitionReader):
    """Layouts in the bucket of definitions."""

    async def layout(self, workflow_id: str, version: str = "") -> tuple[Layout, int | None]:
        """A layout and its revision.

        One that was never stored is made of what the text says of its nodes' positions; of a text
        that was imported, as the import would have placed them.

        Args:
            workflow_id: The workflow.
            version: A number; `draft` or empty: the draft's, whose revision is given as well.

        Raises:
            NotFound: The workflow or the version is unknown.
        """
        head, stored = await self._found_layout(workflow_id, version)
        of_draft = version in ("", DRAFT)
        revision = _revision(head) if of_draft else None
        if stored:
            return read_layout(stored), revision
        if of_draft and head.draft is None:
            return Layout(), revision
        source = await self.source(workflow_id, version or DRAFT)
        return await layout_in(source.body), revision

    async def layout_bytes(self, workflow_id: str, version: str = "") -> bytes:
        """A layout as it is stored; empty when there is none. Raises `NotFound`."""
        return (await self._found_layout(workflow_id, version))[1]

    async def save_layout(
        self, workflow_id: str, stored: bytes, *, seen: Seen | None = None
    ) -> int:
        """Store the draft's layout; returns its revision.

        Args:
            workflow_id: The workflow.
            stored: What `runfold.definitions.layouts.layout_of` gives.
            seen: The revisions that may be written over, `NO_LAYOUT` for none; None: any.

        Raises:
            NotFound: The workflow is unknown.
            PreconditionFailed: Another layout is there than the writer has seen.
            PayloadTooLarge: It does not fit a message of the broker.
        """
        await self._check_layout_seen((await self.heads.find(workflow_id, again=True))[0], seen)
        layout = await self._new_layout(workflow_id, stored)
        try:
            for _ in range(TRIES):
                before, at = await self.heads.find(workflow_id, again=True)
                await self._check_layout_seen(before, seen)
                head = replace(before, layout=layout)
                if await self.heads.write(head, at):
                    await self._forget_layout(before, head)
                    return layout.revision
            raise contended(workflow_id)
        except BusUnavailable:
            raise  # the head may have been written all the same
        except RunfoldError:
            await self._drop(layout.key)
            raise

    async def _new_layout(self, workflow_id: str, stored: bytes) -> DraftLayout:
        """A layout that is stored, and that no head names yet."""
        token = workflow_token(workflow_id)
        key = f"{token}.layout.{uuid7(int(self._wall() * 1000), os.urandom(10))}"
        return DraftLayout(await self._bucket.create(key, stored), key)

    async def _found_layout(self, workflow_id: str, version: str) -> tuple[Head, bytes]:
        """The head, and the layout that it names; empty when it names none."""
        before = ""
        while True:
            head, _ = await self.heads.find(workflow_id, again=bool(before))
            key = _key_of(head, version)
            found = await self._bucket.get(key) if key else None
            # Another layout may take its place between the two reads.
            if found is not None or key in ("", before):
                return head, found[0] if found is not None else b""
            before = key

    async def _check_layout_seen(self, head: Head, seen: Seen | None) -> None:
        """Refuse to write over a layout that the writer has not seen.

        Raises:
            PreconditionFailed: With what is there now.
        """
        if seen is None or _revision(head) in seen:
            return
        head, stored = await self._found_layout(head.workflow_id, DRAFT)
        raise PreconditionFailed(
            f"the layout of workflow {head.workflow_id!r} was changed meanwhile: look at what is "
            "there now, and send your change with its etag",
            code="workflow.layout_changed",
            details={
                "etag": etag(_revision(head)),
                "layout": msgspec.Raw(stored) if stored else None,
            },
        )

    async def _forget_layout(self, before: Head, after: Head) -> None:
        """Remove the layout that the draft had, unless it is a version's."""
        if before.layout is None or before.layout == after.layout:
            return
        if before.layout.key not in {one.layout for one in after.versions}:
            await self._drop(before.layout.key)

    async def _drop(self, key: str) -> None:
        """Remove what no head names; when that cannot be, it stays and is not seen."""
        try:
            await self._bucket.drop(key)
        except BusUnavailable as error:
            log.warning("left behind", key=key, reason=str(error))


def etag(revision: int) -> str:
    """A revision of a draft or a layout as the entity tag that clients are given."""
    return f'"{revision}"'


def _revision(head: Head) -> int:
    return head.layout.revision if head.layout else NO_LAYOUT


def _key_of(head: Head, version: str) -> str:
    """The key of a layout; empty when there is none. Raises `NotFound` for an unknown version."""
    if version in ("", DRAFT):
        return head.layout.key if head.layout else ""
    keys = [one.layout for one in head.versions if str(one.version) == version]
    if not keys:
        message = f"workflow {head.workflow_id!r} has no version {version!r}"
        raise NotFound(message, code="workflow.not_found")
    return keys[0]
