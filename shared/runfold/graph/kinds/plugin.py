"""`plugin`: an operation of a service that an OpenAPI document describes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar

import msgspec

from runfold.errors import InvalidRequest
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.http_request import header_problems
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.openapi.arguments import Arguments, with_preset
from runfold.openapi.checking import name_problems
from runfold.openapi.document import Broken
from runfold.openapi.operations import Operations, checked
from runfold.openapi.plugin_names import split_reference
from runfold.openapi.security import alternatives
from runfold.openapi.servers import base_url
from runfold.values.durations import parse_duration, unreadable
from runfold.values.references import is_computed


class PluginConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `plugin` node."""

    plugin: str = ""
    """A stored plugin, `petstore`, whose newest document a run pins as it begins; or one version of
    it, `petstore@` and the beginning of its sha256."""
    document: dict[str, Any] | None = None
    """The OpenAPI document itself, in place of a stored one; not a template. In a workflow file for
    the command line also `{file: petstore.yaml}`, beside the workflow's file."""
    operation: str = ""
    """The operation's `operationId`; `get_pets_petId` by method and path where it has none."""
    parameters: dict[str, Any] = {}
    """Parameters and fields of the body by name, or `body` as a whole."""
    preset: dict[str, Any] = {}
    """Parameters that the author fills in, of the operations that have them: they go before
    `parameters`, and models are not shown them."""
    connection: str | dict[str, str] = ""
    """A stored connection, whose credentials the request carries; or security scheme → connection,
    where the operation wants several together."""
    server: str = ""
    """The service's URL, in place of the document's."""
    server_variables: dict[str, str] = {}
    """Values of the variables in the document's server."""
    headers: dict[str, Any] = {}
    """Further request headers."""
    list_tools: bool = False
    """Whether the operations are listed as tools for models, and none is called."""
    operations: list[str] = []
    """The operations that are listed; none: all."""
    timeout: float | str = 30.0
    """For the request, redirects included: seconds, or text such as `"90s"`."""
    max_bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Largest answer; at most, and by default, the service's limit."""
    verify_tls: bool = True
    """Whether the certificate must be valid."""
    fail_on_status: bool = True
    """Whether 4xx and 5xx fail the node."""
    idempotency_header: str = ""
    """Name of a header in which the attempt's idempotency key is sent; empty: none."""
    FORM: ClassVar[Forms] = {
        "plugin": Form("text", ("petstore",)),
        "document": Form("object"),
        "operation": Form("text", ("getPetById",)),
        "parameters": Form("key_values", ({"petId": "{{pet}}"},)),
        "preset": Form("key_values", ({"owner": "runfold"},), group="tools"),
        "connection": Form("value", ("petstore", {"appId": "app", "apiKey": "key"})),
        "server": Form("text", ("https://petstore.example.com/v3",), group="request"),
        "server_variables": Form("key_values", ({"region": "eu"},), group="request"),
        "headers": Form("key_values", ({"Accept-Language": "en"},), group="request"),
        "list_tools": Form("boolean", group="tools"),
        "operations": Form("list", (["getPetById"],), group="tools"),
        "timeout": Form("duration", (30, "90s"), group="limits"),
        "max_bytes": Form("number", (1000000,), group="limits"),
        "verify_tls": Form("boolean", group="more"),
        "fail_on_status": Form("boolean", group="errors"),
        "idempotency_header": Form("text", ("Idempotency-Key",), group="more"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from (Problem(*one) for one in unreadable(config, parse_duration, "timeout"))
    headers = config.get("headers")
    if isinstance(headers, dict):
        for why in header_problems(name for name in headers if not is_computed(name)):
            yield Problem("headers", why)
    yield from _which(config)
    if config.get("document") is not None:
        yield from _of_document(config, config["document"])


def _which(config: dict[str, Any]) -> Iterator[Problem]:
    plugin, document = config.get("plugin"), config.get("document")
    if not plugin and document is None:
        message = "say which plugin: `plugin` names a stored one, `document` is one itself"
        yield Problem("plugin", message, "config.missing")
    elif plugin and document is not None:
        yield Problem("document", "`plugin` or `document`, not both")
    if isinstance(plugin, str) and plugin and not is_computed(plugin):
        try:
            split_reference(plugin)
        except InvalidRequest as error:
            yield Problem("plugin", error.message, error.code)
    lists = config.get("list_tools") is True
    if not lists and not config.get("operation"):
        yield Problem("operation", "a plugin node needs `operation`", "config.missing")
    if lists and config.get("operation"):
        yield Problem("operation", "`list_tools` calls nothing: leave `operation` out")


def _of_document(config: dict[str, Any], written: Any) -> Iterator[Problem]:
    if isinstance(written, dict) and set(written) == {"file"}:
        message = (
            "a file is read by the command line alone, beside a workflow's file: store the "
            "document as a plugin, or write it here"
        )
        yield Problem("document", message, "plugin.file")
        return
    operations, faults = checked(written)
    for fault in faults:
        yield Problem("document", f"{fault.place}: {fault.message}", fault.code)
    if operations is None:
        return
    listed = config.get("operations")
    named = [config.get("operation"), *(listed if isinstance(listed, list) else ())]
    yield from _unknown(operations, (one for one in named if isinstance(one, str) and one))
    yield from _misnamed(operations, config)
    yield from _uncallable(operations, config)


def _unknown(operations: Operations, names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if not is_computed(name) and operations.find(name) is None:
            known = ", ".join(operations.ids[:20])
            message = f"the document has no operation {name!r}; it has: {known}"
            yield Problem("operation", message, "plugin.unknown_operation")


def _misnamed(operations: Operations, config: dict[str, Any]) -> Iterator[Problem]:
    name, given = config.get("operation"), config.get("parameters", {})
    operation = operations.find(name) if isinstance(name, str) else None
    if operation is None or not isinstance(given, dict) or is_computed(given):
        return
    if any(is_computed(one) for one in given):
        return
    arguments = Arguments(operations.document, operation)
    preset = config.get("preset")
    for why in name_problems(arguments, with_preset(arguments, given, preset)):
        yield Problem("parameters", why, "plugin.parameters")


def _uncallable(operations: Operations, config: dict[str, Any]) -> Iterator[Problem]:
    """What the document says of the named operation that no request can be made of."""
    name = config.get("operation")
    operation = operations.find(name) if isinstance(name, str) else None
    if operation is None:
        return
    server, variables = config.get("server", ""), config.get("server_variables", {})
    is_known = isinstance(server, str) and isinstance(variables, dict)
    is_known = is_known and not any(map(is_computed, (server, variables, *variables.values())))
    try:
        alternatives(operations.document, operation)
        if is_known:
            base_url(operation, server=server, variables=variables)
        Arguments(operations.document, operation).complete_schema()
    except Broken as broken:
        fault = broken.fault
        if fault.code == "openapi.too_large":
            return  # then arguments are not checked
        yield Problem("document", f"{fault.place}: {fault.message}", fault.code)


KIND = register(
    Kind(
        type="plugin",
        group="http",
        config=PluginConfig,
        summary="Call an operation of a service that an OpenAPI document describes",
        aliases=("openapi",),
        outputs=("status_code", "headers", "url", "files", "warnings", "tools"),
        raw=("document",),
        rules=_rules,
        hints=Hints(
            category="web",
            output_types={
                "output": "any",
                "status_code": "integer",
                "headers": "object",
                "url": "string",
                "files": "array",
                "warnings": "array",
                "tools": "array",
            },
        ),
    )
)
