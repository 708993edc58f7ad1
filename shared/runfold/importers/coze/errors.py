"""What a node does when it fails: `settingOnError` as `on_error`, `retry` and `timeout`."""

from __future__ import annotations

from typing import Any, get_args

from runfold.errors import FailureKind
from runfold.importers.coze.fields import obj, parsed, plain, whole
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Step
from runfold.importers.coze.texts import Either, Parts
from runfold.importers.coze.types import is_file, schema_of, zero
from runfold.values.lenient import fitted

_OWN = ("errorBody", "isSuccess")
_RETRIED = [kind for kind in get_args(FailureKind) if kind not in ("cancelled", "human", "poison")]
"""Coze tries again after any failure, as long as its time is not up."""


def error_settings(step: Step, built: Built, outputs: Outputs) -> dict[str, Any]:
    """The settings of the native node, of the node that can fail."""
    setting = obj(step.block.inputs.get("settingOnError"))
    made: dict[str, Any] = {}
    retries = whole(setting.get("retryTimes")) or 0
    budget = whole(setting.get("timeoutMs")) or 0
    alone = whole(setting.get("singleTimeoutMs")) or 0
    if retries > 0 and built.is_task:
        made["retry"] = {
            "max_attempts": min(retries, 100) + 1,
            "delay": 0,
            # The time is for all attempts: what has used it up is not begun again. A single one may
            # have a time of its own, as nodes in batch mode have.
            "retry_on": [one for one in _RETRIED if one != "timeout" or alone or budget <= 0],
        }
    if (alone or budget) > 0 and built.is_task:
        made["timeout"] = (alone or budget) / 1000
    match step.canvas.on_failure(step.block):
        case 2:
            value = _as_outputs(_default_data(step, setting.get("dataOnErr")), outputs)
            made["on_error"] = {"strategy": "default_value", "value": value}
        case 3:
            made["on_error"] = {"strategy": "error_branch"}
        case _:
            pass
    return made


def _default_data(step: Step, written: Any) -> dict[str, Any]:
    """The outputs after a failure, each of its declared type.

    What is no JSON object is the text of each output that is text; others are empty.
    """
    declared = {
        plain(one.get("name")): one for one in step.block.outputs if one.get("name") not in _OWN
    }
    data = parsed(written) if isinstance(written, str) else written
    if not isinstance(data, dict):
        text = plain(written)
        return {
            name: text if zero(one) == "" and not is_file(one) else zero(one)
            for name, one in declared.items()
            if name
        }
    return data | {
        name: fitted(data.get(name), schema_of(one)) for name, one in declared.items() if name
    }


def _as_outputs(data: dict[str, Any], outputs: Outputs) -> dict[str, Any]:
    """Data by the names of Coze as the outputs of the native node."""
    made: dict[str, Any] = {}
    for name, value in data.items():
        way = outputs.get(name, (name,))
        path = way.first if isinstance(way, Either) else way
        if isinstance(path, Parts):
            continue
        inner = made
        for step in path[:-1]:
            inner = inner.setdefault(str(step), {})
            if not isinstance(inner, dict):
                break
        else:
            inner[str(path[-1])] = value
    return made
