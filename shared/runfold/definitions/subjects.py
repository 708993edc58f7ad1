"""Which subjects begin runs of the published workflows, and those whose messages do not come."""

from __future__ import annotations

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.subscriptions import Standing, Subscription
from runfold.definitions.heads import Head
from runfold.definitions.published import UNREADABLE, Published
from runfold.definitions.store import DefinitionStore
from runfold.errors import BusUnavailable


class SubjectTarget(msgspec.Struct, frozen=True):
    """A subject, and the version that its messages begin runs of."""

    version: int
    subscription: Subscription

    @property
    def workflow_id(self) -> str:
        """The workflow."""
        return self.subscription.workflow_id


class SubjectTable:
    """The subjects of the newest published versions.

    Args:
        definitions: Where workflows are stored.
    """

    def __init__(self, definitions: DefinitionStore) -> None:
        self._definitions = definitions
        self._published = Published(definitions, lambda workflow: workflow.settings.subjects)

    async def by_workflow(self) -> dict[str, tuple[SubjectTarget, ...]]:
        """The subjects of each workflow that can be read: none of one that is not to run.

        Workflows that were deleted are there too, and those that cannot be read are not.
        """
        found = {}
        for head in await self._definitions.heads.all():
            try:
                said = await self._published.of(head)
            except UNREADABLE:
                continue
            since = _since(head)
            found[head.workflow_id] = tuple(
                SubjectTarget(
                    head.latest, Subscription(head.workflow_id, one.stream, one.subject, since)
                )
                for one in (said[0] if said else ())
            )
        return found

    async def all(self) -> list[SubjectTarget]:
        """All subjects, by workflow."""
        found = await self.by_workflow()
        return [one for name in sorted(found) for one in found[name]]


def _since(head: Head) -> float:
    """When the workflow came to be as it is: messages from before do not begin runs of it."""
    published = next((one.published_at for one in head.versions if one.version == head.latest), 0.0)
    return max(published, head.unarchived_at)


class SubjectStanding(msgspec.Struct, frozen=True):
    """A subject, and how it stands with its messages."""

    target: SubjectTarget
    standing: Standing


async def standings(bus: Bus, table: SubjectTable) -> list[SubjectStanding]:
    """All subjects, by workflow, with how it stands with them.

    Raises:
        BusUnavailable: The definitions cannot be read.
    """
    found = []
    for one in await table.all():
        try:
            standing = await bus.subscriptions.standing(one.subscription)
        except BusUnavailable as error:
            standing = Standing(problem=error.message)  # of one stream: the others are told
        found.append(SubjectStanding(one, standing))
    return found


async def silent(bus: Bus) -> list[str]:
    """The workflows that do not get the messages of a subject, each with the reason."""
    found = await standings(bus, SubjectTable(DefinitionStore(bus.definitions)))
    return [
        f"{one.target.workflow_id}: {one.standing.problem}" for one in found if one.standing.problem
    ]
