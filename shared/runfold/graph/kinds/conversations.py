"""`conversation_…`: nodes that begin, list, read and remove the conversations of a run's user."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, register

_NAME = Form("text", ("Trip to {{city}}", "support"))
_ID = Form("text", ("{{sys.conversation_id}}", "c-17"))


class WhichConversation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which conversation of the run's user is meant."""

    conversation_id: str = ""
    """Its id; empty, with `name` empty as well: the conversation that the run is a part of."""
    name: str = ""
    """Its name, in place of its id."""
    FORM: ClassVar[Forms] = {"conversation_id": _ID, "name": _NAME}


class CreateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `conversation_create` node."""

    name: str = ""
    """Its name. A user's conversation of that name that is there already is taken."""
    conversation_id: str = ""
    """Its id: any text; empty: one is made of the name, or of the node where there is none."""
    metadata: dict[str, Any] = {}
    """What is noted beside it."""
    FORM: ClassVar[Forms] = {
        "name": _NAME,
        "conversation_id": Form("text", ("order-{{order}}",), group="more"),
        "metadata": Form("key_values", ({"topic": "travel"},), group="more"),
    }


class ListConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `conversation_list` node."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    """How many at most."""
    cursor: str = ""
    """`next_cursor` of the list before; empty: from the one that was used last."""
    FORM: ClassVar[Forms] = {
        "limit": Form("number", (20,)),
        "cursor": Form("reference", ("{{first_page.next_cursor}}",)),
    }


class UpdateConfig(WhichConversation, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `conversation_update` node."""

    new_name: str | None = None
    """What it is called from now on; absent: as before."""
    metadata: dict[str, Any] | None = None
    """What is noted beside it from now on, in place of what was; absent: as before."""
    FORM: ClassVar[Forms] = {
        "new_name": Form("text", ("Trip to {{city}}",)),
        "metadata": Form("key_values", ({"topic": "travel"},)),
    }


class HistoryConfig(WhichConversation, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `conversation_history` node."""

    rounds: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    """How many of the last messages that users said, each with its answer."""
    FORM: ClassVar[Forms] = {"rounds": Form("number", (5,))}


class DeleteConfig(WhichConversation, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `conversation_delete` node."""

    FORM: ClassVar[Forms] = {}


class ClearConfig(WhichConversation, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `conversation_clear` node."""

    FORM: ClassVar[Forms] = {}


def _kind(verb: str, config: type[msgspec.Struct], summary: str, outputs: dict[str, str]) -> Kind:
    return register(
        Kind(
            type=f"conversation_{verb}",
            group="data",
            config=config,
            summary=summary,
            outputs=tuple(outputs),
            hints=Hints(category="data", output_types={"output": "object", **outputs}),
        )
    )


_ONE = {"conversation_id": "string", "name": "string"}
CREATE = _kind("create", CreateConfig, "Begin a conversation", {**_ONE, "existed": "boolean"})
LIST = _kind(
    "list",
    ListConfig,
    "List a user's conversations",
    {"conversations": "array", "next_cursor": "string"},
)
UPDATE = _kind("update", UpdateConfig, "Rename a conversation", {**_ONE, "metadata": "object"})
DELETE = _kind(
    "delete",
    DeleteConfig,
    "Remove a conversation with all that was said",
    {"conversation_id": "string", "deleted": "boolean"},
)
HISTORY = _kind(
    "history",
    HistoryConfig,
    "Read what was said, as a model's history",
    {"messages": "array", "count": "integer"},
)
CLEAR = _kind(
    "clear",
    ClearConfig,
    "Remove what was said in a conversation",
    {"conversation_id": "string", "cleared": "boolean"},
)
