"""`human_review`: waits for a person, who approves or rejects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.forms import form_problems
from runfold.graph.kinds.asking import TIMEOUT, AskingConfig, asking_rules
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register

APPROVED = "approved"
REJECTED = "rejected"


class HumanReviewConfig(AskingConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `human_review` node."""

    message: str
    """What the person is asked."""
    review_content: Any = None
    """What is to be reviewed: a reference or a template."""
    form: dict[str, Any] = msgspec.field(default_factory=dict)
    """Fields the person fills in, by name or as a JSON Schema; checked, and given as `values`."""
    FORM: ClassVar[Forms] = {
        "message": Form("template", ("May this article be published?",)),
        "review_content": Form("template", ("{{draft.output}}",)),
        "form": Form("schema", ({"reason": {"type": "string", "required": True}},)),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from asking_rules(config)
    for problem in form_problems(config.get("form")):
        yield Problem("form", problem)


KIND = register(
    Kind(
        type="human_review",
        group=INLINE,
        config=HumanReviewConfig,
        summary="Wait for a person to approve or reject",
        aliases=("human",),
        ports=lambda _config: (APPROVED, REJECTED, TIMEOUT),
        outputs=("action", "feedback", "values"),
        rules=_rules,
        hints=Hints(
            category="people",
            output_types={
                "output": "any",
                "action": "string",
                "feedback": "string",
                "values": "object",
            },
        ),
    )
)
