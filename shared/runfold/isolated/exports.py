"""Exporting a definition in a process apart, as importing one: its original is anybody's bytes."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.errors import InvalidInputs, InvalidRequest, InvalidWorkflow, RunfoldError
from runfold.exporters.exporting import Export, export_of
from runfold.graph.definition import Finding
from runfold.isolated.imports import MEMORY, SECONDS
from runfold.isolated.pool import Died, Pool

_pool = Pool(size=1, seconds=SECONDS, memory=MEMORY)


class Job(msgspec.Struct, frozen=True):
    """What is to be exported."""

    definition: dict[str, Any]
    wanted: str
    partial: bool


class Outcome(msgspec.Struct, frozen=True):
    """The export, or why there is none."""

    export: Export | None = None
    code: str = ""
    message: str = ""
    details: dict[str, Any] = {}
    findings: tuple[Finding, ...] = ()


async def export_apart(definition: dict[str, Any], wanted: str, *, partial: bool) -> Export:
    """Export a definition.

    Raises:
        InvalidInputs: What `export_of` raises.
        InvalidWorkflow: The definition is not sound.
        InvalidRequest: `export.too_complex`: it took too long, or too much memory.
    """
    body = msgspec.json.encode(Job(definition, wanted, partial))
    try:
        done = msgspec.json.decode(await _pool.run("export", body), type=Outcome)
    except Died as error:
        message = f"the export was ended ({error}): the document is too large or too odd"
        raise InvalidRequest(message, code="export.too_complex") from error
    if done.export is not None:
        return done.export
    if done.findings:
        raise InvalidWorkflow(done.message, done.findings)
    raise InvalidInputs(done.message, code=done.code, details=done.details)


def exported(job: bytes) -> bytes:
    """The work of the process apart."""
    asked = msgspec.json.decode(job, type=Job)
    try:
        export = export_of(asked.definition, asked.wanted, partial=asked.partial)
    except InvalidWorkflow as error:
        return msgspec.json.encode(Outcome(message=error.message, findings=error.findings))
    except RunfoldError as error:
        outcome = Outcome(code=error.code, message=error.message, details=error.details)
        return msgspec.json.encode(outcome)
    return msgspec.json.encode(Outcome(export))
