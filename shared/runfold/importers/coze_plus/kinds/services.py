"""Code, HTTP requests, plugins, and what is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from runfold.graph.kinds.http_request import header_problems, method_problem
from runfold.importers.coze_plus.kinds.ends import type_named
from runfold.importers.coze_plus.step import Built, Kind, Step
from runfold.importers.coze_plus.values import escaped
from runfold.values.python_modules import sandbox_lacks

_MILLISECONDS = 1000
_SECRET = re.compile(r"(?i)authorization|api[-_]?key|token|secret|cookie")


def _code(step: Step) -> Built:
    written = step.constant("code")
    program = written if isinstance(written, str) and written.strip() else "result = None\n"
    params = step.value("params", "inputs")
    config: dict[str, Any] = {"code": program.strip("\n") + "\n"}
    config["params"] = params if isinstance(params, dict) else step.values("code", "language")
    outputs = {name: type_named(one) for name, one in step.node.outputs.items()}
    if outputs:
        config["outputs"] = outputs
    if str(step.constant("language") or "").lower() in ("javascript", "js"):
        return Built("code", {**config, "language": "javascript"})
    lack = next(iter(sandbox_lacks(program)), None)
    if lack is None:
        return Built("code", config)
    reason = f"needs the full runtime of Python, which an operator turns on: {lack.message}"
    return Built("code", {**config, "runtime": "full"}, "approximated", reason)


def _http(step: Step) -> Built:
    written = str(step.constant("method") or "GET")
    method = "GET" if method_problem(written) else written
    config: dict[str, Any] = {"method": method, "url": step.text("url") or "http://"}
    notes = [] if method == written else [f"{written!r} is no method"]
    headers = step.value("headers")
    kept: dict[str, Any] = {}
    for name, value in headers.items() if isinstance(headers, dict) else ():
        problem = next(header_problems([*kept, name]), "")
        if problem:
            notes.append(problem)
            continue
        kept[name] = value
        if isinstance(value, str) and "{{" not in value and _SECRET.search(name):
            notes.append(f"header {name} looks like a secret: store it, and refer to it")
    if kept:
        config["headers"] = kept
    params = step.value("params", "query")
    if isinstance(params, dict) and params:
        config["params"] = params
    body = step.value("body")
    if body is not None:
        config["body"] = body
    timeout = step.constant("timeout")
    if isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0:
        config["timeout"] = timeout / _MILLISECONDS
    return Built("http_request", config, "approximated" if notes else "mapped", "; ".join(notes))


def _plugin(step: Step) -> Built:
    plugin, api = step.constant("plugin_id"), step.constant("api_id", "api_name")
    need = f"{plugin or 'plugin'}/{api or step.node.key}"
    hint = "bind it to a plugin operation, an MCP tool, a workflow or an http request"
    step.need("tool", need, hint)
    parameters = step.value("parameters")
    given = parameters if isinstance(parameters, dict) else step.values("plugin_id", "api_id")
    reason = f"{need} is not bound: {hint}"
    config: dict[str, Any] = {
        "of": escaped(f"plugin {need}"),
        "reason": escaped(reason),
        "need": escaped(need),
    }
    config |= {"parameters": given} if given else {}
    return Built("placeholder", config, "approximated", reason)


def unknown(step: Step, known: Iterable[str]) -> Built:
    """A node of a type that there is not."""
    near = get_close_matches(step.node.type, list(known), n=1)
    meant = f"; the nearest that there is: {near[0]}" if near else ""
    type_ = step.node.type or "(none)"
    reason = f"there are no nodes of type {type_}{meant}"
    config: dict[str, Any] = {"of": escaped(f"a node of type {type_}"), "reason": escaped(reason)}
    values = step.values()
    config |= {"parameters": values} if values else {}
    return Built("placeholder", config, "unsupported", reason)


KINDS = {
    "CodeRunner": Kind(_code),
    "HTTPRequester": Kind(_http, {"response": ("body",)}),
    "Plugin": Kind(_plugin),
}
