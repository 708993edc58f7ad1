"""What of a run is not as its case expects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.cases.document import Expected
from runfold.engine.views.runs import RunView

_SHOWN = 200


def differences(expect: Expected, view: RunView) -> list[str]:
    """A line for each thing that is not as expected; none: the case holds."""
    return list(_differences(expect, view))


def _differences(expect: Expected, view: RunView) -> Iterator[str]:
    if view.status != expect.status:
        why = f": {view.error_node or 'run'}: {view.error.message}" if view.error else ""
        yield f"the run {view.status}, not {expect.status}{why}"
    if expect.error and (
        view.error is None or expect.error not in f"{view.error.code} {view.error.message}"
    ):
        said = f"{view.error.code}: {view.error.message}" if view.error else "no error"
        yield f"error: {said}, not {expect.error}"
    if expect.outputs is not msgspec.UNSET:
        yield from _compared("outputs", view.outputs, expect.outputs)
    if expect.answer is not msgspec.UNSET:
        outputs = view.outputs if isinstance(view.outputs, dict) else {}
        yield from _compared("answer", outputs.get("answer"), expect.answer)
    for node, outputs in expect.nodes.items():
        yield from _of_node(node, outputs, view)


def _of_node(node: str, wanted: dict[str, Any], view: RunView) -> Iterator[str]:
    found = [one for one in view.nodes if node in (one.address, one.node_id)]
    if not found:
        yield f"node {node}: it was not reached"
        return
    for name, value in wanted.items():
        given = _unlinked(found[-1].outputs.get(name), value)
        yield from _compared(f"node {node}: {name}", given, value)


def _unlinked(found: Any, wanted: Any) -> Any:
    """Items without what links them to others, where the wanted ones say nothing of it."""
    if not isinstance(found, list) or not isinstance(wanted, list):
        return found
    says = any(isinstance(one, dict) and "pairedItem" in one for one in wanted)
    is_items = all(isinstance(one, dict) and "json" in one for one in (*found, *wanted))
    if says or not is_items:
        return found
    return [{key: one[key] for key in one if key != "pairedItem"} for one in found]


def _compared(what: str, found: Any, wanted: Any, path: str = "") -> Iterator[str]:
    """The first places at which two values differ."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in dict.fromkeys((*wanted, *found)):
            if key not in found or key not in wanted:
                yield f"{what}{path}.{key}: {_said(found, key)}, not {_said(wanted, key)}"
            else:
                yield from _compared(what, found[key], wanted[key], f"{path}.{key}")
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for index, (one, other) in enumerate(zip(found, wanted, strict=True)):
            yield from _compared(what, one, other, f"{path}[{index}]")
    elif found != wanted or isinstance(found, bool) is not isinstance(wanted, bool):
        yield f"{what}{path}: {_shown(found)}, not {_shown(wanted)}"


def _said(value: dict[str, Any], key: str) -> str:
    return _shown(value[key]) if key in value else "nothing"


def _shown(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
