"""What Dify calls failures: the `error_type` that a branch for errors reads.

Dify names the class of the exception. Here is the one for each code of runfold that has one, else
the one of the kind of node.
"""

from __future__ import annotations

_BY_CODE = {
    "code.output_invalid": "OutputValidationError",
    "http.status": "HTTPResponseCodeError",
    "http.too_large": "ResponseSizeError",
    "http.invalid": "InvalidURLError",
    "llm.messages_invalid": "NoPromptFoundError",
    "llm.not_configured": "ModelNotExistError",
    "llm.file_unsupported": "FileTypeNotSupportError",
}
_BY_KIND = {
    "network": "InvokeConnectionError",
    "timeout": "InvokeConnectionError",
    "server": "InvokeServerUnavailableError",
    "rate_limit": "InvokeRateLimitError",
    "auth": "InvokeAuthorizationError",
    "input": "InvokeBadRequestError",
    "reference": "VariableNotFoundError",
}
"""Of a model that is asked."""
_MODELS = frozenset(("llm", "extract", "intent"))
_BY_NODE = {
    "code": "CodeExecutionError",
    "http_request": "HttpRequestNodeError",
    "llm": "LLMNodeError",
    "mcp": "ToolNodeError",
    "plugin": "ToolNodeError",
    "placeholder": "ToolNodeError",
    "agent": "AgentNodeError",
}
_OTHER = "WorkflowNodeError"


def error_type(node_type: str, code: str, kind: str) -> str:
    """The name of a failure.

    Args:
        node_type: The kind of the node that failed.
        code: The failure's code.
        kind: The failure's kind.
    """
    if found := _BY_CODE.get(code):
        return found
    if node_type in _MODELS and kind in _BY_KIND:
        return _BY_KIND[kind]
    return _BY_NODE.get(node_type, _OTHER)
