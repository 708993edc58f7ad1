"""The MCP server that goes with the demo model: a few tools that need no network.

    python -m runfold.model_servers.demo.mcp_server      speaks on standard input and output

`--demo-model` declares it as the server `demo`, where the extra `mcp` is installed and the operator
has declared no server of that name.
"""

from __future__ import annotations

import sys
from datetime import date

from runfold.settings import MCPServer

NAME = "demo"


def declared() -> MCPServer:
    """How an operator would declare it."""
    return MCPServer(command=sys.executable, args=["-m", __name__])


def _serve() -> None:
    from mcp.server import MCPServer as Server
    from mcp.types import ToolAnnotations

    server = Server(NAME)
    reads = ToolAnnotations(read_only_hint=True)

    @server.tool(annotations=reads)
    def days_between(first: str = "2026-01-01", last: str = "2026-12-24") -> int:
        """Count the days from one date to another, both written as YYYY-MM-DD."""
        return (date.fromisoformat(last) - date.fromisoformat(first)).days

    @server.tool(annotations=reads)
    def weekday(day: str = "2026-12-24") -> str:
        """Say which day of the week a date is, written as YYYY-MM-DD."""
        return date.fromisoformat(day).strftime("%A")

    server.run("stdio")


if __name__ == "__main__":
    _serve()
