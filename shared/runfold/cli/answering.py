"""What somebody said at the command line, as an answer to a waiting node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runfold.cli.arguments import json_object
from runfold.cli.source import named
from runfold.contracts.events import NodeRunWaiting
from runfold.contracts.requests import AnswerRequest
from runfold.engine.accept.replies import checked_reply
from runfold.errors import ExpressionFailed, InvalidInputs
from runfold.graph.forms import field_types
from runfold.graph.kinds.asking import ANSWERED
from runfold.graph.kinds.human_review import APPROVED
from runfold.values.types import JSON_TYPE_NAMES, cast

HOW = "node=answer, such as review=approved"


def parse_answers(given: Iterable[str]) -> dict[str, list[str]]:
    """`node=answer`, by node; several for one node are its answers in turn.

    Raises:
        InvalidInputs: When one is written otherwise.
    """
    answers: dict[str, list[str]] = {}
    for text in given:
        node, said = named("--answer", text, HOW, empty=False)
        answers.setdefault(node, []).append(said)
    return answers


def how_to_answer(waiting: NodeRunWaiting) -> str:
    """The `--answer` that a waiting node takes, for messages."""
    node = waiting.node_id
    if waiting.options:
        return f"--answer {node}={waiting.options[0].id}"
    if waiting.allow_text:
        return f"--answer {node}='your words'"
    if ANSWERED in waiting.actions:
        names = field_types(waiting.answer_schema) or {"name": "any"}
        return f"""--answer {node}='{{"{next(iter(names))}": …}}'"""
    return f"--answer {node}=approved (or =rejected:why)"


def reply_to(waiting: NodeRunWaiting, said: str) -> AnswerRequest:
    """An answer in one line: an action, an option, words, or values as JSON.

    Raises:
        InvalidInputs: It cannot be read.
        InvalidRequest: It is not offered, or does not fit what is asked for.
    """
    if waiting.options or waiting.allow_text:
        return checked(waiting, "", {}, said)
    if said.lstrip().startswith("{"):
        action = ANSWERED if ANSWERED in waiting.actions else APPROVED
        return checked(waiting, action, json_object("the answer", said), "")
    if ANSWERED in waiting.actions:
        return checked(waiting, ANSWERED, _only_field(waiting, said), "")
    action, _, feedback = said.partition(":")
    return checked(waiting, action, {}, feedback)


def checked(
    waiting: NodeRunWaiting, action: str, values: dict[str, Any], words: str
) -> AnswerRequest:
    """The request for an answer that may be given.

    Raises:
        InvalidRequest: It may not.
    """
    reply = checked_reply(waiting, action, values, words)
    return AnswerRequest(
        token=waiting.token, action=reply.action, values=reply.values, feedback=reply.feedback
    )


def typed(text: str, type_name: str) -> Any:
    """What was typed as a field's type; as it is when it cannot be, for the schema to say so."""
    try:
        return cast(text, type_name if type_name in JSON_TYPE_NAMES else "string")
    except ExpressionFailed:
        return text


def _only_field(waiting: NodeRunWaiting, said: str) -> dict[str, Any]:
    fields = field_types(waiting.answer_schema)
    if len(fields) != 1:
        message = f"{waiting.node_id} asks for several values: {how_to_answer(waiting)}"
        raise InvalidInputs(message)
    ((name, type_name),) = fields.items()
    return {name: typed(said, type_name)}
