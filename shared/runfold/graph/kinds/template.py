"""`template`: text from a template, for what prompts and answers share."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, register


class TemplateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `template` node."""

    template: Any
    """The text; a lone reference to something else is written as JSON."""
    FORM: ClassVar[Forms] = {
        "template": Form("template", ("Hello, {{name}}!",)),
    }


KIND = register(
    Kind(
        type="template",
        group="text",
        config=TemplateConfig,
        summary="Render a template to text",
        outputs=("output",),
        prints=("template",),
        hints=Hints(
            category="text",
            output_types={"output": "string"},
        ),
    )
)
