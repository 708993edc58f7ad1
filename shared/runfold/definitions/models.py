"""Which published workflows are models of the OpenAI-compatible API, by name."""

from __future__ import annotations

import msgspec

from runfold.definitions.published import FRESH, Published
from runfold.definitions.store import DefinitionStore
from runfold.errors import Conflict, NotFound
from runfold.graph.definition import ModelSetting, Workflow


class WorkflowModel(msgspec.Struct, frozen=True):
    """A workflow as a model."""

    name: str
    workflow_id: str
    version: int
    created_at: float


class WorkflowModels:
    """The models among the published workflows.

    Args:
        definitions: Where workflows are stored.
    """

    def __init__(self, definitions: DefinitionStore) -> None:
        self._published = Published(definitions, _name)

    async def all(self, *, within: float = FRESH) -> tuple[WorkflowModel, ...]:
        """All models, by workflow."""
        return tuple(
            WorkflowModel(name, head.workflow_id, head.latest, head.created_at)
            for head, name in await self._published.all(within=within)
            if name
        )

    async def named(self, name: str) -> WorkflowModel:
        """The model of a name.

        Raises:
            NotFound: `model.not_found`.
            Conflict: `model.ambiguous`: several workflows have the name.
        """
        found = [one for one in await self.all() if one.name == name]
        found = found or [one for one in await self.all(within=0) if one.name == name]
        if not found:
            message = (
                f"there is no model {name[:200]!r}: a published workflow is one that says "
                "`settings: {model: true}`"
            )
            raise NotFound(message, code="model.not_found")
        if len(found) > 1:
            message = f"several workflows are the model {name!r}: give each a name of its own"
            raise Conflict(message, code="model.ambiguous")
        return found[0]


def _name(workflow: Workflow) -> str:
    said = workflow.settings.model
    if isinstance(said, ModelSetting):
        return said.name or workflow.id
    return workflow.id if said else ""
