"""Models of Dify: which one is asked here, and with what settings."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.flow import Flow
from runfold.importers.dify.reading import number_of, object_at, text_at
from runfold.importers.dify.source import SourceNode

_NUMBERS = {
    "temperature": float,
    "top_p": float,
    "presence_penalty": float,
    "frequency_penalty": float,
    "max_tokens": int,
    "seed": int,
}
_RENAMED = {
    "max_output_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "num_predict": "max_tokens",
}
_JSON_FORMATS = ("json", "json_object", "json_schema")


def model_config(flow: Flow, node: SourceNode, model: dict[str, Any]) -> dict[str, Any]:
    """The model of a node, by the mapping of models; without one the default model serves it."""
    provider, name = text_at(model, "provider"), text_at(model, "name", "model")
    for known in (f"{provider}/{name}", f"{provider.rpartition('/')[2]}/{name}", name):
        if known and known in flow.context.models:
            return {"model": flow.context.models[known]}
    if name:
        hint = "name the model here in --models; without it the default model serves it"
        flow.need("model", f"{provider.rpartition('/')[2] or 'model'}/{name}", node, hint)
    return {}


def sampling(model: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The settings of a model that an `llm` node has, and what is to be said of the others."""
    config: dict[str, Any] = {}
    dropped: list[str] = []
    for written, value in object_at(model, "completion_params").items():
        name = _RENAMED.get(written, written)
        if name in _NUMBERS:
            number = number_of(value)
            if number is not None and (name != "max_tokens" or number >= 1):
                config[name] = _NUMBERS[name](number)
        elif name == "stop":
            stops = (
                [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
            )
            if stops:
                config["stop"] = stops
        elif name == "response_format":
            if isinstance(value, str) and value.lower() in _JSON_FORMATS:
                # It is said to the model alone: any text that comes is taken, as in Dify.
                config["extra"] = {"response_format": {"type": "json_object"}}
        elif name == "reasoning_effort" and isinstance(value, str):
            config["reasoning_effort"] = value
        elif value not in (None, False, ""):
            dropped.append(name)
    said = f"settings of the model that are its maker's own are left out: {', '.join(dropped)}"
    return config, [said] if dropped else []
