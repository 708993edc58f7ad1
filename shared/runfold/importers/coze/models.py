"""Which model of here stands for one of Coze, and what it is asked with."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.fields import fraction, plain, whole
from runfold.importers.coze.step import Step


def model_of(step: Step, given: dict[str, Any]) -> dict[str, Any]:
    """`model`, when the source's has one here; else a need, and the default model serves."""
    name = model_name(given)
    numbered = plain(given.get("modelType"))
    for known in (name, numbered):
        if known and known in step.context.models:
            return {"model": step.context.models[known]}
    if name or numbered:
        hint = "say which model stands for it in --models; until then it is the default model"
        step.need("model", name or numbered, hint)
    return {}


def model_name(given: dict[str, Any]) -> str:
    """The model's name, which Coze spells in two ways."""
    return plain(given.get("modleName")) or plain(given.get("modelName"))


def sampling(given: dict[str, Any]) -> dict[str, Any]:
    """`temperature`, `top_p` and `max_tokens`, as far as they are set."""
    found: dict[str, Any] = {}
    for name, ours in (("temperature", "temperature"), ("topP", "top_p")):
        number = fraction(given.get(name))
        if number is not None:
            found[ours] = number
    most = whole(given.get("maxTokens"))
    return found | ({"max_tokens": most} if most else {})


def history(given: dict[str, Any]) -> dict[str, Any]:
    """Earlier messages, when they are asked for: a round is a message and its answer."""
    if given.get("enableChatHistory") is not True:
        return {}
    rounds = whole(given.get("chatHistoryRound"))
    window = {"history_window": 2 * rounds} if rounds else {}
    return {"history": "{{sys.history}}", **window}
