"""What `runfold check` says of webhooks by what is published, where a server is at hand."""

from __future__ import annotations

import asyncio

from runfold.bus.jetstream.connect import connect
from runfold.cli.stack import running_server
from runfold.definitions.store import DefinitionStore
from runfold.definitions.webhooks import WebhookTable, taken_paths
from runfold.errors import RunfoldError
from runfold.graph.definition import Finding, Workflow
from runfold.settings import Settings

WITHIN = 5.0
"""Seconds that JetStream is given to answer."""


def path_findings(workflow: Workflow, settings: Settings) -> tuple[Finding, ...]:
    """A warning for each path that another published workflow has; none without a server."""
    url = settings.nats_url or running_server(settings.data_dir)
    if not url or not workflow.settings.webhooks:
        return ()
    try:
        return asyncio.run(_looked_up(workflow, settings.model_copy(update={"nats_url": url})))
    except RunfoldError as error:
        message = f"whether another workflow has the same path is not known: {error.message}"
        return (Finding("info", "webhook.not_compared", "settings.webhooks", message),)


async def _looked_up(workflow: Workflow, settings: Settings) -> tuple[Finding, ...]:
    bus = await connect(settings, role="reader", within=WITHIN)
    try:
        return await taken_paths(WebhookTable(DefinitionStore(bus.definitions)), workflow)
    finally:
        await bus.close()
