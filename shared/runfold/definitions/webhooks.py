"""Which webhooks the published workflows have, by path."""

from __future__ import annotations

import msgspec

from runfold.definitions.published import FRESH, Published
from runfold.definitions.store import DefinitionStore
from runfold.errors import Conflict, NotFound
from runfold.graph.definition import Finding, Workflow
from runfold.graph.webhooks import Webhook

LOOK_AGAIN = 0.2
"""Seconds after which a path that is not in the list is looked for again."""


class WebhookTarget(msgspec.Struct, frozen=True):
    """A webhook, and the workflow that it begins."""

    workflow_id: str
    version: int
    webhook: Webhook


class WebhookTable:
    """The webhooks of the newest published versions.

    Args:
        definitions: Where workflows are stored.
    """

    def __init__(self, definitions: DefinitionStore) -> None:
        self._published = Published(definitions, lambda workflow: workflow.settings.webhooks)

    async def all(self, *, within: float = FRESH) -> tuple[WebhookTarget, ...]:
        """All webhooks, by workflow, as they were at most so many seconds ago."""
        return tuple(
            WebhookTarget(head.workflow_id, head.latest, one)
            for head, webhooks in await self._published.all(within=within)
            for one in webhooks
        )

    async def at(self, path: str) -> tuple[WebhookTarget, ...]:
        """The webhooks at a path, one or several by their methods.

        Raises:
            NotFound: `webhook.not_found`.
            Conflict: `webhook.ambiguous`: several workflows have the path.
        """
        found = _at(path, await self.all()) or _at(path, await self.all(within=LOOK_AGAIN))
        if not found:
            message = f"no published workflow has a webhook at {path[:200]!r}"
            raise NotFound(message, code="webhook.not_found")
        if len({one.workflow_id for one in found}) > 1:
            message = f"several workflows have a webhook at {path!r}: give each a path of its own"
            raise Conflict(message, code="webhook.ambiguous")
        return found


async def taken_paths(table: WebhookTable, workflow: Workflow) -> tuple[Finding, ...]:
    """A warning for each webhook of a workflow whose path another published one has too."""
    if not workflow.settings.webhooks:
        return ()
    found = []
    targets = await table.all(within=0.0)
    for place, one in enumerate(workflow.settings.webhooks):
        at = _at(one.path, targets)
        others = sorted({target.workflow_id for target in at} - {workflow.id})
        if others:
            message = (
                f"workflow {', '.join(map(repr, others))} has a webhook at {one.path!r} too: while "
                "both are published, requests there begin no run"
            )
            where = f"settings.webhooks[{place}].path"
            found.append(Finding("warning", "webhook.taken", where, message))
    return tuple(found)


def _at(path: str, targets: tuple[WebhookTarget, ...]) -> tuple[WebhookTarget, ...]:
    return tuple(one for one in targets if one.webhook.path == path)
