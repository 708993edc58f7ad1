"""Asks declared MCP servers for their tools, with the connections that they name.

Those are stored with the NATS server that is named, or that `runfold dev` runs; none is started.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from runfold.bus.jetstream.connect import connect
from runfold.cli.stack import running_server, with_own_key
from runfold.errors import RunfoldError
from runfold.settings import Settings

if TYPE_CHECKING:
    from runfold_executor_http.mcp_client.survey import Surveyed

_WITHIN = 10.0
"""Seconds that JetStream is given to answer."""


def server_of(settings: Settings) -> str:
    """The URL of the NATS server that has the connections, or empty when none is up."""
    return settings.nats_url or running_server(settings.data_dir)


async def surveyed(settings: Settings, names: Iterable[str]) -> dict[str, Surveyed]:
    """Each server as it was found."""
    from runfold_executor_http.mcp_client.survey import Surveyed, survey

    wanted = list(names)
    url = server_of(settings)
    connected = [one for one in wanted if settings.mcp.servers[one].connection]
    if not connected or not url:
        return await survey(settings, wanted)
    if not settings.nats_url:
        settings = with_own_key(settings, settings.data_dir)
    try:
        bus = await connect(
            settings.model_copy(update={"nats_url": url}), role="reader", within=_WITHIN
        )
    except RunfoldError as error:
        others = await survey(settings, [one for one in wanted if one not in connected])
        problem = f"the connection that it names cannot be read: {error.message}"
        return {one: others.get(one, Surveyed(problem=problem)) for one in wanted}
    try:
        return await survey(settings, wanted, bus)
    finally:
        await bus.close()
