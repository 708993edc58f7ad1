"""Nodes that ask a model, and nodes about knowledge."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze_plus.step import Built, Kind, Step

_ASKED = ("user_query", "query", "question", "input")
_FORMATS = ("text", "markdown", "json")
_HINT = "make a knowledge base of this name"


def _model(step: Step) -> dict[str, Any]:
    written = step.constant("model_id", "model")
    name = str(written) if isinstance(written, str | int) else ""
    mapped = step.context.models.get(name)
    if mapped:
        return {"model": mapped}
    if name:
        step.need("model", name, "say which model stands for it in --models")
    return {}


def _llm(step: Step) -> Built:
    prompt, asked = step.text("prompt"), step.text(*_ASKED)
    config: dict[str, Any] = _model(step)
    if asked is not None:
        config["prompt"] = asked
        if prompt:
            config["system_prompt"] = prompt
    elif prompt:
        config["prompt"] = prompt
    else:
        config["messages"] = [{"role": "user", "content": ""}]
    system = step.text("system_prompt")
    if system is not None:
        config["system_prompt"] = system
    if "context" in step.node.inputs:
        config["context"] = step.value("context")
    for theirs, ours, kind in (
        ("temperature", "temperature", float),
        ("top_p", "top_p", float),
        ("max_tokens", "max_tokens", int),
    ):
        number = step.constant(theirs)
        if isinstance(number, int | float) and not isinstance(number, bool):
            config[ours] = kind(number)
    form = step.constant("response_format")
    if form in _FORMATS:
        config["response_format"] = form
    return _with_tools(step, config)


def _with_tools(step: Step, config: dict[str, Any]) -> Built:
    """Tools are named alone: those that are bound are given to the model."""
    tools, missing = [], []
    listed = step.constant("tools")
    for name in listed if isinstance(listed, list) else ():
        bound = step.context.bindings.get(str(name))
        if isinstance(bound, dict) and isinstance(bound.get("type"), str):
            tools.append({"name": str(name), **bound})
        else:
            step.need("tool", str(name), "bind it to a plugin, an MCP tool or a workflow")
            missing.append(str(name))
    if tools:
        config["tools"] = tools
    if not missing:
        return Built("llm", config)
    reason = f"its tools are left out until they are bound: {', '.join(missing)}"
    return Built("llm", config, "approximated", reason)


def _intent(step: Step) -> Built:
    listed = step.constant("intents", "classes")
    names = [one.get("name") if isinstance(one, dict) else one for one in listed or ()]
    classes = [{"id": f"branch_{at}", "name": str(name)} for at, name in enumerate(names, 1)]
    config = {
        "text": step.value("query", "input", "text") or "",
        "classes": classes or [{"id": "branch_1", "name": "1"}],
        **_model(step),
    }
    ports = {one["id"]: one["id"] for one in classes}
    return Built("intent", config, ports={**ports, "*": "other"})


def _base(step: Step) -> str:
    written = step.constant("dataset_id", "knowledge_id")
    base = str(written) if isinstance(written, str | int) and written != "" else "knowledge"
    step.need("knowledge", base, _HINT)
    return base


def _retrieve(step: Step) -> Built:
    config: dict[str, Any] = {"query": step.value("query", "question"), "bases": [_base(step)]}
    top, score = step.constant("top_k"), step.constant("score_threshold")
    if isinstance(top, int) and not isinstance(top, bool):
        config["top_k"] = min(max(top, 1), 100)
    if isinstance(score, int | float) and not isinstance(score, bool):
        config["score_threshold"] = float(score)
    if step.constant("rerank") is True:
        config["rerank"] = True
    return Built("knowledge_retrieve", config)


def _index(step: Step) -> Built:
    config: dict[str, Any] = {"base": _base(step), "create": True}
    url = step.value("url", "file_url", "file")
    text = step.value("content", "text", "document")
    config |= {"urls": url} if url else {"text": text or " "}
    return Built("knowledge_index", config)


def _delete(step: Step) -> Built:
    ids = step.value("document_id", "document_ids", "ids")
    return Built("knowledge_delete", {"base": _base(step), "ids": ids if ids is not None else []})


KINDS = {
    "LLM": Kind(_llm, {"reasoning_content": ("reasoning",)}),
    "IntentDetector": Kind(_intent, {"intent": ("class_name",), "classificationId": ("index",)}),
    "KnowledgeRetriever": Kind(_retrieve),
    "KnowledgeIndexer": Kind(_index, {"document_id": ("documents", "0", "id")}),
    "KnowledgeDeleter": Kind(_delete),
}
