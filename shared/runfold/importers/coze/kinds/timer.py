"""Timer of the hosted product: waits for some time."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.fields import fraction, obj, plain
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import Place, native

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _timer(step: Step) -> Built:
    given = obj(step.block.inputs.get("timerParam"))
    written = given.get("delay_duration")
    content = obj(written).get("content", written)
    refers = obj(written).get("type") == "ref" and isinstance(content, dict)
    value: Any = step.names.reference(obj(content), step.block).value if refers else content
    unit = plain(given.get("duration_unit")) or "s"
    seconds = fraction(value)
    if seconds is not None:
        duration: Any = max(seconds, 0) * _SECONDS.get(unit, 1)
    else:
        duration = f"{native(value)}{unit}" if isinstance(value, Place) else 0
    return Built(type="wait", config={"duration": duration}, is_task=False)


TIMER = Kind("Timer", _timer)
