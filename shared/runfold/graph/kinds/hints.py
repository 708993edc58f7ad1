"""What editors are told about kinds and their settings, beside what the checks need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

Widget = Literal[
    "text",
    "template",
    "code",
    "condition",
    "duration",
    "instant",
    "reference",
    "value",
    "model",
    "schema",
    "workflow",
    "boolean",
    "number",
    "choice",
    "list",
    "key_values",
    "object",
    "objects",
    "named_objects",
    "nodes",
    "edges",
    "body",
    "bodies",
]
"""What a setting is filled in with. `code` is a program, in what `language` says; `value` is any
JSON; `named_objects` are objects by name;
`body` is `nodes` and `edges`, or one `prompt`, and `bodies` are several by name."""
Category = Literal["flow", "models", "people", "data", "text", "code", "web", "other"]
"""Where a kind stands in a palette."""

MAIN = "main"
"""The group of settings that say no other: what a form shows first."""


class Form(NamedTuple):
    """How a form shows one setting. Its description is the field's docstring."""

    widget: Widget
    examples: tuple[Any, ...] = ()
    """Values that the checks accept."""
    group: str = MAIN
    """Settings of one group stand together."""


Forms = Mapping[str, Form]
"""By the setting's name, as authors spell it: `FORM` of a configuration's struct."""


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """What an editor is told about a kind. All of it may be left out."""

    category: Category = "other"
    fixed: tuple[str, ...] = ()
    """Settings that are read as they are written: they cannot be a reference or a template."""
    ports_from: tuple[str, ...] = ()
    """Settings that the ports follow from; none: they are the same for every configuration."""
    ports_rule: str = ""
    """How they follow from those, in words."""
    output_types: dict[str, str] = {}
    """Types of outputs by name, `output` among them; of others nothing is known."""
    outputs_from: tuple[str, ...] = ()
    """Settings that further outputs follow from."""
    body_places: tuple[str, ...] = ()
    """Where a composite's bodies stand in its configuration, `*` for any name: `branches.*`. Empty
    text: the configuration is the body itself."""
    provides_from: tuple[str, ...] = ()
    """Settings that further names provided inside the bodies follow from."""
    may_need: tuple[str, ...] = ()
    """Executor groups whose tasks some configurations lead to, beside the kind's own group."""

    def __hash__(self) -> int:
        # Kinds are hashable, and a dict is not.
        return hash((self.category, self.ports_rule, *sorted(self.output_types.items())))
