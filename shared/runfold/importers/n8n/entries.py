"""Which nodes begin runs."""

from __future__ import annotations

from runfold.importers.n8n.document import Node

_PLAIN = frozenset(
    (
        *("manualTrigger", "start", "webhook", "cron", "interval", "emailReadImap"),
        *("formTrigger", "chatTrigger", "manualChatTrigger", "scheduleTrigger", "errorTrigger"),
        *("executeWorkflowTrigger", "mcpTrigger", "rssFeedReadTrigger", "sseTrigger"),
    )
)
GIVEN = frozenset(("manualTrigger", "start"))
"""Triggers that give one empty item where a run is given nothing."""


def is_trigger(node: Node) -> bool:
    """Whether a run can begin at a node."""
    return node.kind in _PLAIN or node.kind.endswith("Trigger")
