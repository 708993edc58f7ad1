"""`runfold mcp`: published workflows as tools of an MCP server on standard input and output."""

from __future__ import annotations

from pathlib import Path

from runfold.cli.outcome import OK, say
from runfold.cli.stack import open_stack, settings_for
from runfold.definitions.store import DefinitionStore
from runfold.errors import ConfigurationError
from runfold.graph.extras import how_to_install, missing
from runfold.mcp_server.calls import Calls
from runfold.mcp_server.tools import WorkflowTools
from runfold.service.catalog import EXECUTOR, GROUPS

SERVICES = ("scheduler", *(EXECUTOR + group for group in GROUPS))
"""What runs workflows, where NATS is this process's own."""


async def serve(server: str, data_dir: Path | None, model: str) -> int:
    """Serve until standard input ends.

    Raises:
        ConfigurationError: `extra.missing`.
    """
    if missing("mcp"):
        message = f"runfold mcp needs the extra 'mcp': {how_to_install('mcp')}"
        raise ConfigurationError(message, code="extra.missing")
    from mcp.server.stdio import stdio_server

    from runfold.mcp_server.server import tool_server

    settings = settings_for(server, data_dir)
    async with open_stack(settings, SERVICES, model=model) as stack:
        definitions = DefinitionStore(stack.bus.definitions)
        calls = Calls(stack.bus, definitions)
        serving = tool_server(WorkflowTools(definitions), calls)
        say("serving MCP on standard input and output")
        async with stdio_server() as (read, write):
            await serving.run(read, write, serving.create_initialization_options())
        await calls.close()
    return OK
