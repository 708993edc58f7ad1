"""An MCP server for fault tests: it notes when each call begins, in the file NOTES."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from mcp.server import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("notes")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def note(run: str, number: int) -> int:
    """Note that a run called."""
    with Path(os.environ["NOTES"]).open("a") as file:
        file.write(json.dumps([run, number, time.time()]) + "\n")
    return number * 2


if __name__ == "__main__":
    server.run("stdio")
