"""`iteration` → iteration."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing

_ON_ERROR = {
    "terminate": "terminated",
    "continue": "continue-on-error",
    "drop": "remove-abnormal-output",
}
_MOST = 10
"""Items under way at a time in Dify, at most."""


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    writing.put("iterator_selector", "items", lambda: room.selector(config.get("items")))
    writing.put("output_selector", "output", lambda: _output(config, room))
    concurrency = config.get("concurrency", 1)
    writing.put("is_parallel", "concurrency", lambda: concurrency != 1)
    writing.put("parallel_nums", "concurrency", lambda: _parallel(concurrency, writing))
    on_error = config.get("on_item_error", "terminate")
    writing.put("error_handle_mode", "on_item_error", lambda: _ON_ERROR[on_error])
    writing.put("flatten_output", "flatten", lambda: bool(config.get("flatten")))
    write_errors(writing, retries=False)


def _output(config: dict[str, Any], room: Room) -> list[str]:
    if config.get("output") is None:
        message = "Dify's iterations name what an item comes to: write `output`"
        raise NotMappable(message)
    return room.inside().selector(config["output"])


def _parallel(concurrency: Any, writing: Writing) -> int:
    if not isinstance(concurrency, int):
        message = "Dify takes a number of items at a time"
        raise NotMappable(message)
    if concurrency > _MOST:
        writing.said.append(f"{_MOST} items are under way at a time, the most that Dify has")
    return _MOST if concurrency == 1 else min(_MOST, concurrency)


KIND = WrittenKind(type="iteration", write=_write, outputs={"output": ("output",)})
