"""`message_…`: single messages of the conversations of the run's user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.conversations import WhichConversation
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, Rules, no_rules, register

_MESSAGE = Form("reference", ("{{note.message_id}}",))


class CreateConfig(WhichConversation, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `message_create` node."""

    role: Literal["user", "assistant", "system"] = "user"
    """Who says it."""
    content: Any
    """What is said; what is not text is written as JSON."""
    files: Any = None
    """Files that go with it: one, or a list of them."""
    metadata: dict[str, Any] = {}  # noqa: RUF012 -- copied by msgspec
    """What is noted beside it."""
    FORM: ClassVar[Forms] = {
        "role": Form("choice"),
        "content": Form("template", ("Your order {{order}} was sent.",)),
        "files": Form("reference", ("{{photo}}",), group="more"),
        "metadata": Form("key_values", ({"source": "shop"},), group="more"),
    }


class ListConfig(WhichConversation, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `message_list` node."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    """How many at most."""
    before: str = ""
    """Id of a message: those before it, the newest of them; empty: the newest of all."""
    after: str = ""
    """Id of a message: those after it, the oldest of them."""
    FORM: ClassVar[Forms] = {
        "limit": Form("number", (50,)),
        "before": Form("reference", ("{{page.first_id}}",)),
        "after": Form("reference", ("{{page.last_id}}",)),
    }


class EditConfig(WhichConversation, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `message_edit` node."""

    message_id: str
    """Id of the message."""
    content: Any
    """What it says from now on; what is not text is written as JSON."""
    FORM: ClassVar[Forms] = {
        "message_id": _MESSAGE,
        "content": Form("template", ("Your order {{order}} arrived.",)),
    }


class DeleteConfig(WhichConversation, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `message_delete` node."""

    message_id: str
    """Id of the message."""
    FORM: ClassVar[Forms] = {"message_id": _MESSAGE}


def _one_side(config: dict[str, Any]) -> Iterator[Problem]:
    if config.get("before") and config.get("after"):
        yield Problem("after", "`before` or `after`, not both")


def _kind(
    verb: str,
    config: type[msgspec.Struct],
    summary: str,
    outputs: dict[str, str],
    rules: Rules = no_rules,
) -> Kind:
    return register(
        Kind(
            type=f"message_{verb}",
            group="data",
            config=config,
            summary=summary,
            outputs=tuple(outputs),
            rules=rules,
            hints=Hints(category="data", output_types={"output": "object", **outputs}),
        )
    )


_ONE = {"message_id": "string", "message": "object"}
CREATE = _kind("create", CreateConfig, "Say something in a conversation", _ONE)
LIST = _kind(
    "list",
    ListConfig,
    "Read the messages of a conversation",
    {"messages": "array", "first_id": "string", "last_id": "string", "has_more": "boolean"},
    _one_side,
)
EDIT = _kind("edit", EditConfig, "Let a message say something else", _ONE)
DELETE = _kind(
    "delete", DeleteConfig, "Remove a message", {"message_id": "string", "deleted": "boolean"}
)
