"""The model of a node, and its settings."""

from __future__ import annotations

from typing import Any

from runfold.exporters.writing import Writing

SETTINGS = (
    *("temperature", "top_p", "presence_penalty", "frequency_penalty"),
    *("max_tokens", "seed", "stop", "reasoning_effort"),
)


def write_model(writing: Writing, settings: tuple[str, ...] = ()) -> None:
    """Write which model is asked, and how.

    Args:
        writing: The node.
        settings: The settings of models that nodes of its kind have.
    """
    config = writing.config
    writing.put("model", ("model", *settings), lambda: _model(config, settings))
    if not config.get("model"):
        writing.said.append("it names no model: choose one in Dify")


def _model(config: dict[str, Any], settings: tuple[str, ...]) -> dict[str, Any]:
    provider, _, name = str(config.get("model", "")).rpartition("/")
    params = {key: config[key] for key in settings if config.get(key) is not None}
    if isinstance(params.get("stop"), str):
        params["stop"] = [params["stop"]]
    if config.get("response_format") == "json" and "response_format" in settings:
        params["response_format"] = "json_object"
    else:
        params.pop("response_format", None)
    return {"provider": provider, "name": name, "mode": "chat", "completion_params": params}
