"""The SDK's server with workflows as its tools. Imports the SDK: import it lazily."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from mcp import MCPError, types
from mcp.server import Server
from mcp.server.context import ServerRequestContext

from runfold import __version__
from runfold.contracts.json_reader import VALUE
from runfold.contracts.json_writer import write_json
from runfold.engine.views.runs import RunView
from runfold.errors import RunfoldError
from runfold.mcp_server.calls import Calls
from runfold.mcp_server.tools import WorkflowTool, WorkflowTools

PAGE = 100
"""Tools of one page of the list."""
IDEMPOTENCY_KEY = "runfold/idempotency-key"
"""Name in a call's `_meta` of what is the same for every delivery of it."""
RUN_ID = "runfold/run-id"
"""Name in a result's `_meta` of the run that it is of."""
MOST_KEY = 512
INSTRUCTIONS = (
    "Each tool runs a durable workflow and answers with its outputs. A call may take long: it "
    "reports progress while it runs, and cancelling it cancels the run."
)
_GOOD = frozenset(("succeeded", "partial_succeeded"))

log = structlog.get_logger("mcp_server")


def tool_server(tools: WorkflowTools, calls: Calls) -> Server[Any]:
    """A server over published workflows.

    Args:
        tools: Which there are.
        calls: Runs them.
    """
    handlers = _Handlers(tools, calls)
    return Server(
        "runfold",
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
    )


class _Handlers:
    """What the server does when it is asked."""

    def __init__(self, tools: WorkflowTools, calls: Calls) -> None:
        self._tools = tools
        self._calls = calls

    async def list_tools(
        self, _ctx: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        """A page of the tools; the cursor is the name of the last one before it."""
        try:
            tools = await self._tools.all()
        except RunfoldError as error:
            raise MCPError(types.INTERNAL_ERROR, error.message) from error
        names, cursor = list(tools), params.cursor if params else None
        if cursor is not None and cursor not in tools:
            message = f"invalid cursor {cursor[:80]!r}: begin with the first page"
            raise MCPError(types.INVALID_PARAMS, message)
        begin = names.index(cursor) + 1 if cursor is not None else 0
        page = names[begin : begin + PAGE]
        more = page[-1] if begin + PAGE < len(names) else None
        return types.ListToolsResult(tools=[_told(tools[one]) for one in page], next_cursor=more)

    async def call_tool(
        self, ctx: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        """Run a workflow. What a model can mend is a result, not an error of the protocol."""
        try:
            tool = await self._tools.named(params.name)
            if tool is None:
                message = f"there is no tool {params.name[:80]!r}"
                raise MCPError(types.INVALID_PARAMS, message)
            view = await self._calls.run(
                tool,
                params.arguments or {},
                key=_key_of(ctx),
                tell=_progress(ctx),
            )
        except RunfoldError as error:
            return _failed(f"{error.message} ({error.code})", {})
        return _result(view)


def _told(tool: WorkflowTool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.schema,
        annotations=types.ToolAnnotations(
            read_only_hint=tool.read_only, idempotent_hint=tool.repeatable
        ),
    )


def _key_of(ctx: ServerRequestContext[Any]) -> str:
    meta: Any = ctx.meta or {}
    key = meta.get(IDEMPOTENCY_KEY, "")
    if not isinstance(key, str) or len(key) > MOST_KEY:
        message = f"_meta[{IDEMPOTENCY_KEY!r}] must be text of at most {MOST_KEY} characters"
        raise MCPError(types.INVALID_PARAMS, message)
    return key


def _progress(ctx: ServerRequestContext[Any]) -> Callable[[str], Any]:
    told = 0

    async def tell(text: str) -> None:
        nonlocal told
        told += 1
        await ctx.session.report_progress(told, None, text)

    return tell


def _result(view: RunView) -> types.CallToolResult:
    """What a run came to, for a model."""
    meta = {RUN_ID: view.run_id}
    if view.status not in _GOOD:
        error = view.error
        why = f": {error.message} ({error.code})" if error else ""
        where = f" at node {view.error_node!r}" if view.error_node else ""
        return _failed(f"run {view.run_id} {view.status}{where}{why}", meta)
    outputs = view.outputs if isinstance(view.outputs, dict) else {"output": view.outputs}
    texts = list(outputs.values())
    only = texts[0] if len(texts) == 1 and isinstance(texts[0], str) else None
    text = write_json(outputs, VALUE).decode() if only is None else only
    return types.CallToolResult(
        content=[types.TextContent(text=text)], structured_content=outputs, _meta=meta
    )


def _failed(text: str, meta: dict[str, Any]) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(text=text)], is_error=True, _meta=meta or None
    )
