"""What some operations need before they begin: expressions, programs, bytes of files."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runfold.executor.node import NodeContext
from runfold.graph.kinds.items import ItemsConfig
from runfold.values.files import is_file
from runfold_executor_code.items.files import MOST_BYTES
from runfold_executor_code.items.reading import Input
from runfold_executor_code.items.step import Item

_READ = (
    *("compression", "crypto", "extractFromFile", "html", "htmlExtract", "moveBinaryData"),
    "spreadsheetFile",
)
"""Operations that read the bytes of files."""
_RETURN = re.compile(r"\breturn\b")


def prepared(config: ItemsConfig) -> ItemsConfig:
    """A configuration as it is run: sorting by code is a program, a template an expression."""
    if _sorts_by_code(config):
        source = f"return $input.all().sort((a, b) => {{{config.parameters['code']}\n}});"
        return replace(config, operation="code", parameters={"jsCode": source})
    template = config.parameters.get("html")
    if config.operation != "html" or not isinstance(template, str) or "{{" not in template:
        return config
    if template.startswith("="):
        return config
    return replace(config, parameters={**config.parameters, "html": f"={template}"})


def _sorts_by_code(config: ItemsConfig) -> bool:
    written = config.parameters
    is_sort = config.operation == "sort" or (
        config.operation == "itemLists" and written.get("operation") == "sort"
    )
    code = written.get("code")
    return (
        is_sort
        and written.get("type") == "code"
        and isinstance(code, str)
        and _RETURN.search(code) is not None
    )


def writes_json(config: ItemsConfig) -> bool:
    """Whether objects between texts are written as JSON: they are in JSON that is written."""
    return config.operation == "set" and config.parameters.get("mode") == "raw"


async def with_bytes(
    ctx: NodeContext, operation: str, inputs: tuple[Input, ...]
) -> tuple[Input, ...]:
    """The inputs with the bytes of native files, where the operation reads them.

    Raises:
        NodeFailed: `file.…` when they are not there, or too many.
    """
    if operation not in _READ or not any(item.get("binary") for item in inputs[0].items):
        return inputs
    items = [await _with_bytes(ctx, item) for item in inputs[0].items]
    return (replace(inputs[0], items=items), *inputs[1:])


async def _with_bytes(ctx: NodeContext, item: Item) -> Item:
    files: Mapping[str, Any] = item.get("binary") or {}
    read = {}
    for name, one in files.items():
        if not isinstance(one, Mapping) or "data" in one:
            continue
        file = one.get("file", one)
        if not is_file(file):
            continue
        data = await ctx.files.read(file, limit=MOST_BYTES)
        said = {"mimeType": file.get("media_type", ""), "fileName": file.get("name", "")}
        read[name] = {**said, **one, "data": base64.b64encode(data).decode()}
    return {**item, "binary": {**files, **read}} if read else item
