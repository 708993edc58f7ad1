"""Which workflows are tools, and what a model is told of each. Nothing here knows the SDK."""

from __future__ import annotations

import hashlib
import re
import time
from typing import Any

import msgspec

from runfold.definitions.heads import Head
from runfold.definitions.store import DefinitionStore
from runfold.errors import NotFound, Undecodable
from runfold.graph.definition import ToolSetting, Workflow
from runfold.graph.inputs import schema_of_inputs
from runfold.graph.loader import workflow_from_canonical
from runfold.lru import LruMap

KEPT = 1000
"""Versions whose tools are remembered."""
FRESH = 2.0
"""Seconds for which the list of all tools holds; a tool that is not in it is looked for again."""
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
        self._definitions = definitions
        self._of_versions: LruMap[tuple[str, int, str], tuple[WorkflowTool | None]] = LruMap(KEPT)
        self._all: dict[str, WorkflowTool] = {}
        self._since = 0.0

    async def all(self) -> dict[str, WorkflowTool]:
        """All tools by name, in the order of their workflows' ids."""
        if time.monotonic() - self._since > FRESH or not self._since:
            tools: dict[str, WorkflowTool] = {}
            for head in await self._definitions.list():
                tool = await self._tool_of(head)
                if tool is not None:
                    name = tool.name if tool.name not in tools else _other_name(tool)
                    tools[name] = msgspec.structs.replace(tool, name=name)
            self._all, self._since = tools, time.monotonic()
        return self._all

    async def named(self, name: str) -> WorkflowTool | None:
        """The tool of a name; None when there is none."""
        found = (await self.all()).get(name)
        if found is None:
            self._since = 0.0
            found = (await self.all()).get(name)
        return found

    async def _tool_of(self, head: Head) -> WorkflowTool | None:
        if head.archived_at or not head.latest:
            return None
        key = (head.workflow_id, head.latest, head.shown_name)
        known = self._of_versions.get(key)
        if known is None:
            try:
                stored = await self._definitions.newest(head)
                workflow = workflow_from_canonical(stored.body)
            except (NotFound, Undecodable, msgspec.DecodeError):
                return None  # deleted meanwhile, or not readable: another version may be
            known = self._of_versions[key] = (_tool(workflow, head.shown_name),)
        return known[0]


def _tool(workflow: Workflow, title: str) -> WorkflowTool | None:
    setting = workflow.settings.tool
    if not setting:
        return None
    said = setting if isinstance(setting, ToolSetting) else ToolSetting()
    name = said.name or _NOT_IN_NAMES.sub("_", workflow.id).strip("_")[:LONGEST_NAME]
    return WorkflowTool(
        name=name or f"workflow_{_digest(workflow.id)}",
        workflow_id=workflow.id,
        title=title or workflow.id,
        description=said.description or workflow.description or title or workflow.id,
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
