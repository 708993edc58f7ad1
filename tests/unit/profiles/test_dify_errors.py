"""What failures are called with the profile `dify`."""

from __future__ import annotations

import pytest

from runfold.values.profiles import rules_of


@pytest.mark.parametrize(
    ("node_type", "code", "kind", "name"),
    [
        ("http_request", "http.status", "server", "HTTPResponseCodeError"),
        ("http_request", "http.connect", "network", "HttpRequestNodeError"),
        ("code", "code.error", "code", "CodeExecutionError"),
        ("code", "code.output_invalid", "output", "OutputValidationError"),
        ("llm", "llm.rate_limit", "rate_limit", "InvokeRateLimitError"),
        ("intent", "llm.unreachable", "network", "InvokeConnectionError"),
        ("llm", "llm.refused", "output", "LLMNodeError"),
        ("placeholder", "placeholder.reached", "input", "ToolNodeError"),
        ("template", "expression.syntax", "expression", "WorkflowNodeError"),
    ],
)
def test_a_failure_is_called_as_there(node_type: str, code: str, kind: str, name: str) -> None:
    rules = rules_of("dify")
    assert rules is not None
    assert rules.error_type(node_type, code, kind) == name


def test_without_another_name_it_is_called_by_its_kind() -> None:
    rules = rules_of("coze")
    assert rules is not None
    assert rules.error_type("llm", "llm.unreachable", "network") == "network"
