"""`ocr`: the text in pictures, by a model that sees or by an engine on the machine itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register

_OF_MODEL = ("model", "backup_model", "instructions", "max_tokens", "extra")


class OcrConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `ocr` node."""

    file: Any
    """A picture as a file value, or a list of them."""
    engine: Literal["model", "local"] = "model"
    """`model`: a chat model that sees pictures. `local`: an engine on the executor's machine, from
    the extra `ocr`; nothing leaves it."""
    model: str = ""
    """`name`, or `provider/name`; empty: the settings' default model."""
    backup_model: str = ""
    """Asked once more when attempts with `model` are used up."""
    instructions: Any = ""
    """What the model is told besides."""
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most tokens of the text of one picture."""
    min_confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """Lines of which the local engine is less sure are left out."""
    extra: dict[str, Any] = {}
    """Further members of the request's body, for what a server alone understands."""
    FORM: ClassVar[Forms] = {
        "file": Form("reference", ("{{scan}}",)),
        "engine": Form("choice"),
        "model": Form("model", ("gpt-4o-mini",), group="model"),
        "backup_model": Form("model", ("local/llama",), group="errors"),
        "instructions": Form("template", ("Write tables as Markdown.",), group="model"),
        "max_tokens": Form("number", (4000,), group="limits"),
        "min_confidence": Form("number", (0.8,), group="local"),
        "extra": Form("key_values", ({"top_k": 1},), group="more"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    others = _OF_MODEL if config.get("engine") == "local" else ("min_confidence",)
    for name in others:
        if name in config:
            engine = "model" if config.get("engine") == "local" else "local"
            yield Problem(name, f"{name} counts with engine {engine!r} only")


def _extra_for(config: dict[str, Any]) -> str:
    return "ocr" if config.get("engine") == "local" else ""


KIND = register(
    Kind(
        type="ocr",
        group="llm",
        extra_for=_extra_for,
        backup="backup_model",
        config=OcrConfig,
        summary="Read the text in pictures",
        outputs=("output", "pages", "lines", "model", "usage"),
        streams=True,
        rules=_rules,
        hints=Hints(
            category="models",
            output_types={
                "output": "string",
                "pages": "array",
                "lines": "array",
                "model": "string",
                "usage": "object",
            },
        ),
    )
)
