"""What `runfold check` knows of what models take."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.cli.model_check import model_findings
from runfold.graph.loader import load_workflow
from runfold.settings import LLMSettings, ModelAbilities, Settings

BLIND = ModelAbilities(vision=False, audio=False, documents=False, tools=False)
SETTINGS = Settings(llm=LLMSettings(models={"near/m": BLIND}, default_model="near/m"))
URL = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
INPUTS = {
    "photo": {"type": "file", "media_types": ["image/*"], "required": True},
    "sound": {"type": "files", "media_types": ["audio/mpeg", "audio/wav"]},
    "table": {"type": "file", "media_types": ["text/csv", "application/json"]},
    "mixed": {"type": "file", "media_types": ["image/*", "text/*"]},
    "some": {"type": "file"},
}
GET = {"type": "http_request", "name": "get", "config": {"url": "https://example.com"}}
EXTRACT = {"text": "x", "fields": {"a": {}}}


def found(type_: str, config: dict[str, Any]) -> list[tuple[str, str]]:
    node = {"id": "n", "type": type_, "config": config}
    workflow = load_workflow({"id": "w", "inputs": INPUTS, "nodes": [node]}).workflow
    assert workflow is not None
    return [(one.level, one.code) for one in model_findings(workflow, SETTINGS)]


@pytest.mark.parametrize(
    ("type_", "config", "level", "code"),
    [
        ("llm", {"prompt": "x", "files": "{{photo}}"}, "error", "llm.no_vision"),
        ("llm", {"prompt": "x", "files": ["{{sound[0]}}"]}, "warning", "llm.no_audio"),
        ("llm", {"prompt": "x", "files": "{{photo}}", "backup_model": "big"}, "warning", ""),
        ("llm", {"messages": [{"role": "user", "content": [URL]}]}, "error", "llm.no_vision"),
        ("structured", {"schema": {}, "messages": [{"content": [URL]}]}, "error", ""),
        ("ocr", {"file": "{{some}}"}, "error", "llm.no_vision"),
        ("extract", {**EXTRACT, "mode": "function_calling"}, "error", "llm.tools_unsupported"),
        ("llm", {"prompt": "x", "tools": [GET]}, "error", "llm.tools_unsupported"),
    ],
)
def test_what_a_model_does_not_take(
    type_: str, config: dict[str, Any], level: str, code: str
) -> None:
    assert found(type_, config) == [(level, code or "llm.no_vision")]
    assert found(type_, {**config, "model": "big"}) == []


@pytest.mark.parametrize("name", ["table", "mixed", "some"])
def test_what_is_known_at_run_time_only(name: str) -> None:
    assert found("llm", {"prompt": "x", "files": "{{" + name + "}}"}) == []
    assert found("llm", {"prompt": "x", "files": "{{photo}}", "model": "{{some.name}}"}) == []


def test_others_are_not_told_of() -> None:
    assert found("agent", {"prompt": "x", "tools": [GET], "strategy": "auto"}) == []
    assert found("extract", EXTRACT) == []
    assert found("ocr", {"file": "{{photo}}", "engine": "local"}) == []


def test_bodies_are_looked_into() -> None:
    inner = {"id": "in", "type": "ocr", "config": {"file": "{{item}}"}}
    assert found("iteration", {"items": [1], "nodes": [inner]}) == [("error", "llm.no_vision")]
