"""`moveBinaryData`: from a file of an item to its fields, and the other way round."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.files import bytes_of, file_of
from runfold_executor_code.items.javascript_values import MISSING, json_text, text
from runfold_executor_code.items.parameters import flag, options_of, word
from runfold_executor_code.items.paths import copied, found, put, removed
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step


def run(step: Step) -> list[list[Made]]:
    """Each item with its data moved."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            mode = word(written.get("mode"), "binaryToJson")
            if mode not in ("binaryToJson", "jsonToBinary"):
                raise ItemFailed(index, f"there is no mode {mode!r}")
            move = _to_json if mode == "binaryToJson" else _to_file
            made.append(move(written, item, index))
    return [made]


def _to_json(written: Mapping[str, Any], item: Item, index: int) -> Made:
    options = options_of(written)
    sets_all = flag(written.get("setAllData"), default=True)
    source = word(written.get("sourceKey"), "data")
    if not isinstance((item.get("binary") or {}).get(source), Mapping):
        return Made(item["json"], item.get("binary"), paired=(0, index))
    data = bytes_of(item, source, index)
    encoding = word(options.get("encoding"), "utf-8")
    if flag(options.get("keepAsBase64")) or encoding == "base64":
        content: Any = base64.b64encode(data).decode()
    elif encoding == "hex":
        content = data.hex()
    else:
        try:
            content = data.decode(encoding, "replace")
        except LookupError as error:
            raise ItemFailed(index, f"there is no encoding {encoding!r}") from error
        content = (
            content.removeprefix("\ufeff")
            if flag(options.get("stripBOM"), default=True)
            else content
        )
    if sets_all or flag(options.get("jsonParse")):
        content = _parsed(content, source, index)
    json_: dict[str, Any] = {} if sets_all else copied(item["json"])
    if sets_all:
        json_ = dict(content) if isinstance(content, Mapping) else {"data": content}
    else:
        put(json_, word(written.get("destinationKey"), "data"), content)
    files = dict(item.get("binary") or {})
    if not flag(options.get("keepSource")):
        files.pop(source, None)
    return Made(json_, files or None, paired=(0, index))


def _parsed(content: str, source: str, index: int) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ItemFailed(index, f"the file {source!r} is not valid JSON") from error


def _to_file(written: Mapping[str, Any], item: Item, index: int) -> Made:
    options = options_of(written)
    converts_all = flag(written.get("convertAllData"), default=True)
    source = word(written.get("sourceKey"), "data")
    value = item["json"] if converts_all else found(item["json"], source)
    if value is MISSING:
        return Made(item["json"], item.get("binary"), paired=(0, index))
    if isinstance(value, list | dict) or (converts_all or flag(options.get("useRawData"))) is False:
        content = json_text(value)
    else:
        content = text(value)
    if flag(options.get("addBOM")):
        content = "\ufeff" + content
    data = content.encode()
    if flag(options.get("dataIsBase64")):
        data = base64.b64decode(text(value))
    kind = word(options.get("mimeType"), "application/json")
    made = file_of(data, word(options.get("fileName")), kind)
    files = {**(item.get("binary") or {}), word(written.get("destinationKey"), "data"): made}
    json_: dict[str, Any] = copied(item["json"])
    if not flag(options.get("keepSource")):
        if converts_all:
            json_ = {}
        else:
            removed(json_, source)
    return Made(json_, files, paired=(0, index))
