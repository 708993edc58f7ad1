"""Which workflows are tools, and what a model is told of each. Nothing here knows the SDK."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.definitions.published import FRESH, Published
from runfold.definitions.store import DefinitionStore
from runfold.graph.definition import ToolSetting, Workflow
from runfold.graph.inputs import schema_of_inputs

LONGEST_NAME = 64
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


class WorkflowTool(msgspec.Struct, frozen=True):
    """A workflow as a tool."""

    name: str
    workflow_id: str
    title: str
    description: str
    schema: dict[str, Any]
    """JSON Schema of its arguments: an object."""
    read_only: bool = False
    repeatable: bool = False


class WorkflowTools:
    """The tools among the published workflows.

    Args:
        definitions: Where workflows are stored.
    """

    def __init__(self, definitions: DefinitionStore) -> None:
        self._published = Published(definitions, _tool)

    async def all(self, *, within: float = FRESH) -> dict[str, WorkflowTool]:
        """All tools by name, in the order of their workflows' ids."""
        tools: dict[str, WorkflowTool] = {}
        for head, said in await self._published.all(within=within):
            if said is not None:
                tool = replace(said, title=head.shown_name or head.workflow_id)
                if not tool.description:
                    tool = replace(tool, description=tool.title)
                name = tool.name if tool.name not in tools else _other_name(tool)
                tools[name] = replace(tool, name=name)
        return tools

    async def named(self, name: str) -> WorkflowTool | None:
        """The tool of a name; None when there is none."""
        return (await self.all()).get(name) or (await self.all(within=0)).get(name)


def _tool(workflow: Workflow) -> WorkflowTool | None:
    setting = workflow.settings.tool
    if not setting:
        return None
    said = setting if isinstance(setting, ToolSetting) else ToolSetting()
    name = said.name or _NOT_IN_NAMES.sub("_", workflow.id).strip("_")[:LONGEST_NAME]
    return WorkflowTool(
        name=name or f"workflow_{_digest(workflow.id)}",
        workflow_id=workflow.id,
        title="",
        description=said.description or workflow.description,
        schema=schema_of_inputs(workflow.inputs, closed=workflow.closed_inputs),
        read_only=said.read_only,
        repeatable=said.repeatable or said.read_only,
    )


def _other_name(tool: WorkflowTool) -> str:
    """A name for a tool whose own another workflow has, the same for ever."""
    digest = _digest(tool.workflow_id)
    return f"{tool.name[: LONGEST_NAME - len(digest) - 1]}_{digest}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
