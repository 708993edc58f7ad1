"""`runfold export`: an imported workflow as the document it came from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from runfold.cli.outcome import OK, say
from runfold.cli.source import read_source
from runfold.cli.workflows import opened
from runfold.errors import ConfigurationError, InvalidInputs
from runfold.graph.findings import Findings
from runfold.graph.reading.document import read_document
from runfold.importers.exporting import original


async def export(
    what: str, wanted: str, to: Path | None, version: str, server: str, data_dir: Path | None
) -> int:
    """Print or write the document that a file's or a stored workflow was imported from.

    Raises:
        InvalidInputs: It was not imported from that format, or was changed since.
        NotFound: No such workflow or version.
        ConfigurationError: A file cannot be read or written.
    """
    if _is_file(what):
        body = read_source(what)
    else:
        async with opened(server, data_dir) as workflows:
            body = (await workflows.source(what, version)).body
    text = original(_document(body, what), wanted)
    if to is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return OK
    _write(to, text)
    return OK


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
    found = Findings()
    document = read_document(body, found)
    if document is None:
        raise InvalidInputs(f"{what}: {found.in_order()[0].message}")
    return document
