"""`question`: asks a person, who chooses an option or answers in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import msgspec

from runfold.contracts.events import Option
from runfold.errors import NodeFailed
from runfold.graph.definition import ERROR, OUT
from runfold.graph.kinds.asking import ANSWERED, TIMEOUT, AskingConfig, asking_rules
from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.extract import Field, field_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.values.json_text import text_of
from runfold.values.references import is_computed

SELECTED = "selected"
"""The port of a choice among options that are only known at run time."""
DEFAULT = "default"
"""The port of an answer in words where there are options."""
INCOMPLETE = "incomplete"
"""The port at which a node goes on that has asked for missing fields often enough."""
_RESERVED = ("", SELECTED, DEFAULT, INCOMPLETE, TIMEOUT, ANSWERED, ERROR)


class Extraction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken out of an answer in words, and how often the rest is asked for again."""

    fields: dict[str, Field]
    """What is looked for, by name."""
    model: str = ""
    """As of an `extract` node."""
    instructions: Any = ""
    """As of an `extract` node."""
    max_follow_ups: Annotated[int, msgspec.Meta(ge=0, le=20)] = 3
    """How often a person is asked for required fields that are missing."""
    FORM: ClassVar[Forms] = {
        "fields": Form("named_objects", ({"size": {"required": True}},)),
        "model": Form("model"),
        "instructions": Form("template"),
        "max_follow_ups": Form("number", (3,)),
    }


class QuestionConfig(AskingConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `question` node."""

    question: str
    """What the person is asked."""
    options: Any = msgspec.field(default_factory=list)
    """What may be chosen: texts, or `{id, text}`; or a reference to such a list."""
    allow_text: bool = False
    """Whether an answer in words is taken beside the options."""
    extract: Extraction | None = None
    """Fields to be taken out of an answer in words."""
    FORM: ClassVar[Forms] = {
        "question": Form("template", ("Tea or coffee?",)),
        "options": Form("list", (["tea", "coffee"], [{"id": "tea", "text": "A cup of tea"}])),
        "allow_text": Form("boolean"),
        "extract": Form("object", ({"fields": {"size": {"required": True}}},), group="extract"),
    }


def has_dynamic_options(config: dict[str, Any]) -> bool:
    """Whether only rendering tells which options there are."""
    options = config.get("options", [])
    if not isinstance(options, list):
        return True
    return any(is_computed(one.get("id") if isinstance(one, dict) else one) for one in options)


def read_options(value: Any) -> list[Option]:
    """The options that a rendered list stands for.

    Raises:
        NodeFailed: `question.options_invalid`, naming what is none or comes twice.
    """
    if not isinstance(value, list):
        message = (
            f"options must be a list of texts or of {{id, text}}, not {text_of(value)[:100]!r}"
        )
        raise NodeFailed(message, code="question.options_invalid", kind="input")
    options = [_option(one) for one in value]
    for option_id, times in Counter(option.id for option in options).items():
        if times > 1:
            message = f"two options have the id {option_id!r}"
            raise NodeFailed(message, code="question.options_invalid", kind="input")
    return options


def _option(written: Any) -> Option:
    if isinstance(written, dict):
        option_id = text_of(written.get("id", ""))
        text = text_of(written.get("text", option_id))
    else:
        option_id = text = text_of(written) if isinstance(written, str | int | float) else ""
    if option_id in ("", ANSWERED):
        message = f"{text_of(written)[:100]!r} is no option: it needs an id, or a text"
        raise NodeFailed(message, code="question.options_invalid", kind="input")
    return Option(option_id, text)


def _static_ids(config: dict[str, Any]) -> tuple[str, ...]:
    ids = (one.get("id") if isinstance(one, dict) else one for one in config.get("options", []))
    return tuple(dict.fromkeys(str(one) for one in ids if one is not None))


def _ports(config: dict[str, Any]) -> tuple[str, ...]:
    ports: tuple[str, ...] = (OUT,)
    if config.get("options"):
        ports = (SELECTED,) if has_dynamic_options(config) else _static_ids(config)
        ports += (DEFAULT,) if config.get("allow_text") is True else ()
    if config.get("extract") is not None:
        ports += (INCOMPLETE,)
    return (*ports, TIMEOUT)


_FIXED = ("allow_text",)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    yield from asking_rules(config)
    options, extract = config.get("options", []), config.get("extract")
    if not isinstance(options, list) and not is_computed(options):
        yield Problem("options", "options must be a list, or a reference to one")
    elif not has_dynamic_options(config):
        try:
            read_options(options)
        except NodeFailed as error:
            yield Problem("options", error.message)
        for option_id in _static_ids(config):
            if option_id in _RESERVED:
                message = f"an option cannot be called {option_id!r}: the port is taken"
                yield Problem("options", message)
    if extract is not None and options and config.get("allow_text") is not True:
        message = "an option has no words to take fields out of: set allow_text, or give no options"
        yield Problem("extract", message)
    most = extract.get("max_follow_ups", 0) if isinstance(extract, dict) else 0
    if isinstance(most, str) or is_computed(most):
        message = f"max_follow_ups must be a whole number, not {most!r}, and is not rendered"
        yield Problem("extract.max_follow_ups", message, "config.wrong_type")
    for problem in field_problems(extract.get("fields") if isinstance(extract, dict) else None):
        yield Problem("extract.fields", problem)


def _declared(config: dict[str, Any]) -> dict[str, str]:
    outputs = {"answer": "string", "option_id": "string"}
    extract = config.get("extract")
    fields = extract.get("fields") if isinstance(extract, dict) else None
    if isinstance(fields, dict):
        outputs |= {**dict.fromkeys(fields, "any"), "fields": "object", "missing": "array"}
    return outputs


KIND = register(
    Kind(
        type="question",
        group=INLINE,
        config=QuestionConfig,
        summary="Ask a person, who chooses or answers in words",
        ports=_ports,
        rules=_rules,
        declared=_declared,
        hints=Hints(
            category="people",
            fixed=_FIXED,
            ports_from=("options", "allow_text", "extract"),
            ports_rule=(
                "`timeout`; with `extract` also `incomplete`; without `options` also `out`. With "
                "`options` the id of each, or `selected` when a reference decides which there are; "
                "with `allow_text` beside them also `default`."
            ),
            output_types={
                "output": "any",
                "answer": "string",
                "option_id": "string",
            },
            outputs_from=("extract",),
            may_need=("llm",),
        ),
    )
)
