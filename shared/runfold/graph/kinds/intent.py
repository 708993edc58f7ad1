"""`intent`: a model says which of several classes a text belongs to, and the run goes on there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.definition import ERROR
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.references import is_computed

OTHER = "other"
"""The port of a text that belongs to none of the classes, or of which the model said nothing that
can be read."""
MOST = 200
"""Classes: beyond that a model no longer tells them apart."""


class IntentClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One class."""

    id: str
    """The port at which the run goes on."""
    name: str = ""
    """What the model is told it is called; empty: the id."""
    label: str = ""
    """What it is called to people, as the output `class_label`; empty: its name."""
    description: str = ""
    """What belongs to it, for the model."""
    examples: list[str] = []
    """Texts that belong to it, for the model."""
    FORM: ClassVar[Forms] = {
        "id": Form("text", ("refund",)),
        "name": Form("text", ("Refund",)),
        "label": Form("text", ("Refunds",)),
        "description": Form("text", ("The customer wants money back.",)),
        "examples": Form("list", (["I want my money back"],)),
    }


class IntentConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `intent` node."""

    text: Any
    """What is classified; anything but text is read as JSON."""
    classes: list[str | IntentClass]
    """The classes: `{id, name, description, examples}`, or just an id."""
    fallback: str = ""
    """Id of the class of a text that belongs to none, or of which the model said nothing that can
    be read; empty: the run goes on at `other`."""
    mode: Literal["full", "fast"] = "full"
    """`full`: the model gives its reason first, then the class. `fast`: it says a number alone."""
    model: str = ""
    """`name`, or `provider/name`; empty: the settings' default model."""
    backup_model: str = ""
    """Asked once more when attempts with `model` are used up."""
    instructions: Any = ""
    """What the model is told besides."""
    history: Any = []
    """Earlier messages, usually a reference to a list of them."""
    history_window: Annotated[int, msgspec.Meta(ge=0)] = 10
    """How many of the last messages of the history are shown to the model."""
    temperature: float | None = 0.0
    """How freely words are chosen; null: the server's default."""
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most tokens of an answer, thoughts included."""
    extra: dict[str, Any] = {}
    """Further members of the request's body, for what a server alone understands."""
    FORM: ClassVar[Forms] = {
        "text": Form("template", ("{{message}}",)),
        "classes": Form(
            "objects",
            (
                ["refund", "complaint"],
                [{"id": "refund", "description": "The customer wants money back."}],
            ),
        ),
        "fallback": Form("text", ("complaint",)),
        "mode": Form("choice"),
        "model": Form("model", ("gpt-4o-mini",), group="model"),
        "backup_model": Form("model", ("local/llama",), group="errors"),
        "instructions": Form("template", ("Rude words are always a complaint.",), group="model"),
        "history": Form("reference", ("{{sys.history}}",), group="conversation"),
        "history_window": Form("number", (4,), group="conversation"),
        "temperature": Form("number", (0.0,), group="sampling"),
        "max_tokens": Form("number", (200,), group="limits"),
        "extra": Form("key_values", ({"top_k": 1},), group="more"),
    }


def class_ids(config: dict[str, Any]) -> list[str]:
    """The ids of the classes as they are written, those that are none left out."""
    classes = config.get("classes")
    ids = (
        one.get("id") if isinstance(one, dict) else one
        for one in (classes if isinstance(classes, list) else ())
    )
    return [one for one in ids if isinstance(one, str)]


def _ports(config: dict[str, Any]) -> tuple[str, ...]:
    return (*dict.fromkeys(class_ids(config)), OTHER)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    classes = config.get("classes")
    if is_computed(classes):
        yield Problem("classes", "classes is not rendered: the ports of the node follow from it")
        return
    if classes == []:
        yield Problem("classes", "name at least one class")
    if isinstance(classes, list) and len(classes) > MOST:
        yield Problem("classes", f"there are {len(classes)} classes, and {MOST} may be")
    fallback = config.get("fallback")
    if is_computed(fallback):
        yield Problem("fallback", "fallback is not rendered: name one of the classes")
    elif fallback and isinstance(classes, list) and fallback not in class_ids(config):
        yield Problem("fallback", f"there is no class {fallback!r}")
    for class_id, times in Counter(class_ids(config)).items():
        if times > 1:
            yield Problem("classes", f"two classes are called {class_id!r}")
        if class_id in ("", OTHER, ERROR):
            yield Problem("classes", f"a class cannot be called {class_id!r}: the port is taken")
        if is_computed(class_id):
            message = f"the id {class_id!r} is a template: ports must be known beforehand"
            yield Problem("classes", message)


KIND = register(
    Kind(
        type="intent",
        group="llm",
        backup="backup_model",
        config=IntentConfig,
        summary="Go on where a model says a text belongs",
        aliases=("question_classifier",),
        ports=_ports,
        outputs=(
            "output",
            "class_id",
            "class_name",
            "class_label",
            "index",
            "reason",
            "problem",
            "model",
            "usage",
        ),
        rules=_rules,
        hints=Hints(
            category="models",
            fixed=("classes", "fallback"),
            ports_from=("classes",),
            ports_rule="The `id` of each class, and `other`.",
            output_types={
                "output": "string",
                "class_id": "string",
                "class_name": "string",
                "class_label": "string",
                "index": "integer",
                "reason": "string",
                "problem": "string",
                "model": "string",
                "usage": "object",
            },
        ),
    )
)
