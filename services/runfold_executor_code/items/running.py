"""What a step's JavaScript is given, and how it is run: one program for all items.

Of the libraries in `javascript/` only those are loaded that its text has a use for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from runfold.contracts.json_writer import write_json
from runfold.graph.kinds.items import ItemsConfig
from runfold_executor_code.items.preparing import writes_json
from runfold_executor_code.items.reading import Input
from runfold_executor_code.items.zones import zones_in
from runfold_executor_code.sandbox import Program

_DATES = re.compile(
    r"DateTime|luxon|Duration|Interval|\$now|\$today|toLocale|\bIntl\b|\bformat\b|\bisBetween\b|"
    r"\bisInLast\b|\bisWeekend\b|\bisDst\b|\bdiffTo|\bbeginningOf\b|\bendOfMonth\b|\bextract\b|"
    r"\bplus\b|\bminus\b|\btoDate\b"
)
_TOPICS = (
    (_DATES, ("zones", "durations", "moments", "locales", "formats", "dates")),
    (re.compile(r"\bhash\b|crypto"), ("hashes",)),
    (re.compile(r"\$jmes", re.IGNORECASE), ("jmespath",)),
    (re.compile(r"\blocaleCompare\b"), ("collation",)),
    (
        re.compile(
            r"\b(?:Buffer|URL|TextEncoder|TextDecoder|prepareBinaryData|getBinaryDataBuffer)\b"
        ),
        ("buffers",),
    ),
)
_EXTENDED = re.compile(r"__extend\(|__x_|\$(?:if|not|average|ifEmpty)|numberList|zip|average")
MOST_SCANNED = 2_000_000
"""Bytes of data in which names of time zones are looked for."""


def libraries_for(texts: Iterable[str]) -> tuple[str, ...]:
    """The libraries that programs have a use for, in the order in which they are loaded."""
    text = "\n".join(texts)
    found = ["names"]
    if _EXTENDED.search(text):
        found += ["extensions", "texts"]
    for pattern, libraries in _TOPICS:
        if pattern.search(text):
            found += libraries
    return tuple(found)


def data_of(
    config: ItemsConfig, inputs: tuple[Input, ...], run_id: str, now: float
) -> dict[str, Any]:
    """What the names of expressions and programs are made of."""
    first = inputs[0]
    timezone = config.workflow.get("timezone")
    return {
        "items": [{**item, "pairedItem": {"item": at}} for at, item in enumerate(first.items)],
        "links": first.links,
        "others": config.others,
        "written": config.written,
        "parameters": config.parameters,
        "version": config.version,
        "workflow": config.workflow,
        "execution_id": run_id,
        "provided": config.provided,
        "state": config.state,
        "run_index": config.run_index,
        "prev": {"node": first.node, "output": first.output},
        "objects_as_json": writes_json(config),
        "now": now,
        "timezone": timezone if isinstance(timezone, str) and timezone else "UTC",
    }


def program_of(source: str, texts: Iterable[str], data: dict[str, Any], *more: str) -> Program:
    """A program with the libraries and the time zones that it needs."""
    texts = tuple(texts)
    libraries = (*libraries_for(texts), *more)
    if "zones" in libraries:
        written = write_json([data["items"], data["parameters"], data["provided"], data["others"]])
        scanned = written[:MOST_SCANNED].decode("utf-8", "ignore")
        data = {**data, "zones": zones_in(*texts, scanned, also=data["timezone"])}
    return Program(source, {"params": data}, runtime="javascript", libraries=libraries)
