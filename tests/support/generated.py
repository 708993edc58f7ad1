"""Answers of a gateway, held against the models of a generated Python client."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

LEFT_OUT = {
    *("streamRun", "streamChanges", "getRunEvents"),
    *("finishAuthorization", "exportWorkflow"),
}
"""Operations whose answer is not one document, one that only a browser has a state for, and one
that the workflow of these tests has no answer of: no other system has all its kinds."""


def snake(name: str) -> str:
    """What the generator makes of the name of an operation."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def unknown(model: Any, at: str = "") -> list[str]:
    """The members of a document that its models do not name, by place."""
    if isinstance(model, (list, tuple)):
        return [found for n, one in enumerate(model) for found in unknown(one, f"{at}[{n}]")]
    if not hasattr(model, "__attrs_attrs__"):
        return []
    fields = [one.name for one in model.__attrs_attrs__]
    surplus = getattr(model, "additional_properties", {})
    if fields == ["additional_properties"]:  # a map: its keys are the user's
        return [found for key, one in surplus.items() for found in unknown(one, f"{at}.{key}")]
    named = [name for name in fields if name != "additional_properties"]
    return [f"{at}.{key}" for key in surplus] + [
        found for name in named for found in unknown(getattr(model, name), f"{at}.{name}")
    ]


def check_frames(package: str, document: dict[str, Any], lines: list[str]) -> set[str]:
    """Hold the frames of a stream against the union; the types that came."""
    models = importlib.import_module(f"{package}.models")
    mapping = document["components"]["schemas"]["StreamEvent"]["discriminator"]["mapping"]
    seen = set()
    for line in lines:
        frame = json.loads(line)
        model = getattr(models, mapping[frame["type"]].rpartition("/")[2]).from_dict(frame)
        assert unknown(model) == [], frame
        assert model.to_dict() == frame
        seen.add(frame["type"])
    return seen


def check_reading(
    package: str, document: dict[str, Any], client: Any, known: dict[str, Any]
) -> set[str]:
    """Call every operation that only reads, and hold its answer against its models.

    Args:
        package: The generated package.
        document: What it was generated from.
        client: Its client.
        known: Values of parameters in paths, by name.

    Returns:
        The operations that were called.
    """
    called = set()
    for path, item in document["paths"].items():
        operation = item.get("get")
        names = re.findall(r"{(\w+)}", path)
        if operation is None or operation["operationId"] in LEFT_OUT or set(names) - set(known):
            continue
        name = snake(operation["operationId"])
        module = importlib.import_module(f"{package}.api.{snake_tag(operation)}.{name}")
        answer = module.sync_detailed(*(known[one] for one in names), client=client)
        assert answer.status_code == 200, (name, answer.content)
        assert answer.parsed is not None, f"{name} says nothing of its answer"
        assert unknown(answer.parsed) == [], name
        assert plain(answer.parsed) == json.loads(answer.content), name
        called.add(operation["operationId"])
    return called


def plain(model: Any) -> Any:
    """A model, or a list of them, as JSON values."""
    if isinstance(model, list):
        return [plain(one) for one in model]
    return model.to_dict() if hasattr(model, "to_dict") else model


def snake_tag(operation: dict[str, Any]) -> str:
    """The module that an operation is in."""
    return str(operation["tags"][0]).replace(" ", "_")
