"""`runfold import`: documents of other systems as native workflows, with a report for each node."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import msgspec

from runfold.cli.outcome import OK, USAGE, say
from runfold.cli.output import print_json, print_table
from runfold.cli.source import print_findings, read_source
from runfold.errors import ConfigurationError, InvalidInputs, InvalidWorkflow
from runfold.graph.reading.yaml_writing import yaml_of
from runfold.importers.importing import Options, Refused, SourceFile, import_files
from runfold.importers.reading import read_value
from runfold.importers.report import Imported

INCOMPLETE = 4
"""Exit code: something of a document has no counterpart here; the rest was imported."""


class ImportOptions(msgspec.Struct, frozen=True):
    """The command's options."""

    files: tuple[str, ...]
    folder: Path | None = None
    """Where the native documents are written; None: nowhere."""
    models: str = ""
    """A file that says which model stands for which of the source."""
    bind: str = ""
    """A file that says what stands for what the source left behind."""
    as_json: bool = False
    publish: bool = False
    server: str = ""
    data_dir: Path | None = None


async def import_(options: ImportOptions) -> int:
    """Import files, print what became of them; 4 for something unsupported, 2 for no workflow.

    Raises:
        ConfigurationError: A file cannot be read or written.
        InvalidInputs: A mapping is not one.
    """
    files = [SourceFile(_stem(file), read_source(file)) for file in options.files]
    wanted = Options(
        models=_mapping("--models", options.models), bindings=_mapping("--bind", options.bind)
    )
    code = OK
    for file, one in _by_file(options.files, import_files(files, wanted)):
        if isinstance(one, Refused):
            say(f"error: {file}: {one.error.message}")
            code = USAGE
            continue
        if options.as_json:
            print_json(one)
        else:
            print_report(one, to=sys.stdout)
        if options.folder is not None:
            _write(one, options.folder)
        if options.publish:
            await _publish(one, options)
        if one.status == "incomplete" and code == OK:
            code = INCOMPLETE
    return code


def _by_file(
    files: Sequence[str], made: Sequence[Imported | Refused]
) -> list[tuple[str, Imported | Refused]]:
    """Each result with the file that it came of, where that can be told."""
    named = {_stem(file): file for file in files}
    return [
        (named.get(one.name, one.name) if isinstance(one, Refused) else "", one) for one in made
    ]


def _stem(file: str) -> str:
    return "imported" if file == "-" else Path(file).stem


def _mapping(option: str, file: str) -> dict[str, Any]:
    if not file:
        return {}
    value = read_value(read_source(file))
    if not isinstance(value, dict):
        raise InvalidInputs(f"{option} {file}: not an object of names and values")
    return value


def print_report(imported: Imported, *, to: TextIO) -> None:
    """What became of a document, for a person."""
    counts = dict.fromkeys(("mapped", "approximated", "unsupported"), 0)
    for line in imported.report:
        counts[line.result] += 1
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "no nodes"
    head = f"{imported.workflow_id}: {imported.status} ({imported.format}; {said})"
    print(head, file=to)
    rows = [(line.node, line.type, line.result, line.reason) for line in imported.report]
    if rows:
        print_table(("NODE", "TYPE", "RESULT", "REASON"), rows, to=to)
    if imported.needs:
        print("needs", file=to)
        needs = [(one.kind, one.name, ", ".join(one.nodes), one.hint) for one in imported.needs]
        print_table(("WHAT", "NAME", "NODES", "HINT"), needs, to=to)
    print(file=to, flush=True)


def _write(imported: Imported, folder: Path) -> None:
    path = folder / f"{imported.workflow_id}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml_of(imported.definition), encoding="utf-8")
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise ConfigurationError(message, code="file.unwritable") from error
    say(f"wrote {path}")


async def _publish(imported: Imported, options: ImportOptions) -> None:
    """Store and publish one definition. Raises what the store does."""
    # A bus is most of what there is to import, and most imports need none.
    from runfold.cli.workflows import opened
    from runfold.definitions.sources import source_of

    source = source_of(yaml_of(imported.definition).encode(), "application/yaml")
    async with opened(options.server, options.data_dir) as workflows:
        try:
            saved = await workflows.save(source, draft=False)
        except InvalidWorkflow as error:
            print_findings(error.findings)
            raise
    say(f"published {saved.id} version {saved.version}")
