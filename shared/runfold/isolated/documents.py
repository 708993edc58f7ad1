"""Checking documents beside the event loop: what may kill a parser apart, the rest in a thread.

The same findings as `runfold.graph.loader` gives; services check documents only through here.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.contracts.json_writer import write_json
from runfold.errors import Unencodable
from runfold.graph import loader
from runfold.graph.definition import Finding, Workflow
from runfold.graph.findings import Findings, placed
from runfold.graph.layouts import Layout
from runfold.graph.loader import Loaded, accepted
from runfold.graph.reading.document import MAX_DOCUMENT, read_document
from runfold.graph.reading.places import Place, Places
from runfold.importers.places import layout_of
from runfold.isolated.pool import Died, Pool, Threads
from runfold.isolated.worker import Read, Sought
from runfold.values.template_scan import is_plain

SMALL = 64 * 1024
"""Bytes of a document up to which it is read in this process, when no parser but ours reads it."""
PARSED = frozenset(("code", "condition"))
"""Keys of text that is Python."""
SECONDS = 30.0
"""What checking a document may take; the largest that are sound take about three."""
MEMORY = 2 * 1024**3
"""Bytes of address space of a process that checks."""

LOOKUP_SECONDS = 5.0
"""What looking up lines may take: a large text is read once more for them."""

_pool = Pool(size=2, seconds=SECONDS, memory=MEMORY)
_lookups = Pool(size=1, seconds=LOOKUP_SECONDS, memory=MEMORY)
_threads = Threads(2, "check")


async def prepare(source: bytes | str | dict[str, Any]) -> tuple[Workflow, tuple[Finding, ...]]:
    """A workflow fit to be stored and run, with the findings that are not errors.

    Raises:
        InvalidWorkflow: With all findings, when any is an error.
    """
    loaded, sought = await _loaded(source, "")
    if sought is not None and any(one.level == "error" for one in loaded.findings):
        loaded = await _placed_apart(loaded, source, sought)
    return accepted(loaded)


async def load_workflow(source: bytes | str | dict[str, Any], *, workflow_id: str = "") -> Loaded:
    """Read and check a document; what is wrong with it is in the findings.

    Args:
        source: The document.
        workflow_id: The id it is to have; empty: any.
    """
    loaded, sought = await _loaded(source, workflow_id)
    return loaded if sought is None else await _placed_apart(loaded, source, sought)


async def layout_in(source: bytes) -> Layout:
    """Where a document says itself that its nodes stand; empty for one that cannot be read."""
    found, _ = await _threads.run(_read_here, source)
    if found is None:
        found, _ = await _read_apart(source)
    return Layout() if isinstance(found, Loaded) else await _threads.run(layout_of, found)


async def _loaded(
    source: bytes | str | dict[str, Any], workflow_id: str
) -> tuple[Loaded, Sought | None]:
    """The document, checked, and the paths whose lines are not known yet."""
    found, places = await _threads.run(_read_here, source)
    is_json = False
    if found is None:
        found, is_json = await _read_apart(source)
    if isinstance(found, Loaded):
        return found, None
    loaded = await _threads.run(loader.load_workflow, found, places, workflow_id)
    if places is not None or isinstance(source, dict) or not loaded.findings:
        return loaded, None
    return loaded, Sought(list(dict.fromkeys(one.path for one in loaded.findings)), is_json)


def _read_here(
    source: bytes | str | dict[str, Any],
) -> tuple[Loaded | dict[str, Any] | None, Places | None]:
    """A small document that no native parser has to read; None when a process has to.

    With it the places in a small text: looking them up in a large one would hold the event loop,
    and is done apart.
    """
    if isinstance(source, dict):
        return None if _has_parsed(source) else source, None
    if len(source) > SMALL:
        return None, None
    findings = Findings()
    document = read_document(source, findings)
    if document is None:
        return Loaded(None, findings.in_order()), None
    return None if _has_parsed(document) else document, findings.places


def _has_parsed(document: Any) -> bool:
    """Whether a document has text that is more than plain references."""
    left = [("", document)]
    while left:
        key, one = left.pop()
        if isinstance(one, dict):
            left += one.items()
        elif isinstance(one, list):
            left += [(key, inner) for inner in one]
        elif isinstance(one, str) and (key in PARSED or not is_plain(one)):
            return True
    return False


async def _read_apart(
    source: bytes | str | dict[str, Any],
) -> tuple[Loaded | dict[str, Any], bool]:
    """The document, read by a process that tries every parser on it; whether its text is JSON."""
    if isinstance(source, dict):
        try:
            body = write_json(source)
        except Unencodable:
            return source, True  # the check says what is wrong, and where
    else:
        body = _bytes(source)
    if len(body) > 2 * MAX_DOCUMENT:
        body = body[: MAX_DOCUMENT + 1]
    try:
        answer = await _pool.run("document", body)
    except Died as error:
        return Loaded(None, (_died(error),)), False
    read = msgspec.json.decode(answer, type=Read)
    return Loaded(None, read.findings) if read.document is None else read.document, read.is_json


async def _placed_apart(loaded: Loaded, source: Any, sought: Sought) -> Loaded:
    """What was loaded of a large text with the lines of its findings, if they are found in time."""
    body = msgspec.json.encode(sought) + b"\n" + _bytes(source)
    try:
        answer = await _lookups.run("places", body)
    except Died:
        return loaded
    found = msgspec.json.decode(answer, type=list[Place])
    places = dict(zip(sought.paths, found, strict=True))
    return replace(loaded, findings=placed(loaded.findings, places.__getitem__))


def _bytes(source: bytes | str) -> bytes:
    return source.encode(errors="replace") if isinstance(source, str) else source


def _died(error: Died) -> Finding:
    place = error.note.decode(errors="replace")[:600]
    what = f"the text at {place} " if place else "the document "
    return Finding(
        "error",
        "document.too_complex",
        place,
        f"{what}cannot be parsed: the parser was ended ({error})",
        "make it shorter, or split it",
    )
