"""`runfold export`: a workflow as a document of another system."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from runfold.cli.foreign_documents import imported_from
from runfold.cli.outcome import OK, say
from runfold.cli.output import print_table
from runfold.cli.source import read_source
from runfold.cli.workflows import opened
from runfold.errors import ConfigurationError, InvalidInputs
from runfold.exporters.exporting import Export, export_of
from runfold.graph.findings import Findings
from runfold.graph.reading.document import read_document

_RESULTS = ("kept", "written", "not_exported")


class ExportOptions(msgspec.Struct, frozen=True):
    """The command's options."""

    workflow: str
    """A file, or the id of a stored workflow."""
    wanted: str
    """The format."""
    to: Path | None = None
    partial: bool = False
    """Whether what cannot be written is left out."""
    version: str = ""
    server: str = ""
    data_dir: Path | None = None


async def export(options: ExportOptions) -> int:
    """Print or write a file's or a stored workflow as a document; what became of it beside that.

    Raises:
        InvalidInputs: Something of it cannot be written.
        InvalidWorkflow: It is not sound.
        NotFound: No such workflow or version.
        ConfigurationError: A file cannot be read or written.
    """
    what = options.workflow
    if _is_file(what):
        body = read_source(what)
    else:
        async with opened(options.server, options.data_dir) as workflows:
            body = (await workflows.source(what, options.version)).body
    made = export_of(_document(body, what), options.wanted, partial=options.partial)
    _report(made)
    if options.to is None:
        sys.stdout.write(made.document)
        sys.stdout.flush()
        return OK
    _write(options.to, made.document)
    return OK


def _report(made: Export) -> None:
    """Say what became of each node that is not as it was."""
    counts = {name: sum(one.result == name for one in made.report) for name in _RESULTS}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    say(f"{said or 'no nodes'}")
    rows = [
        (line.node, line.type, line.result, line.reason)
        for line in made.report
        if line.result != "kept"
    ]
    if rows:
        print_table(("NODE", "TYPE", "RESULT", "REASON"), rows, to=sys.stderr)


def _is_file(what: str) -> bool:
    return what == "-" or Path(what).is_file()


def _write(to: Path, text: str) -> None:
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"cannot write {to}: {error.strerror}"
        raise ConfigurationError(message, code="file.unwritable") from error
    say(f"wrote {to}")


def _document(body: bytes, what: str) -> dict[str, Any]:
    imported = imported_from(body, what)
    if imported is not None:
        return imported.definition
    found = Findings()
    document = read_document(body, found)
    if document is None:
        raise InvalidInputs(f"{what}: {found.in_order()[0].message}")
    return document
