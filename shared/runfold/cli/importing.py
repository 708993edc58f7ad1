"""`runfold import`: documents of other systems as native workflows, with a report for each node."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO, get_args

import msgspec

from runfold.cli.outcome import OK, USAGE, run_loop, say, say_error
from runfold.cli.output import print_json, print_table
from runfold.cli.source import print_findings, read_source
from runfold.errors import (
    BusUnavailable,
    ConfigurationError,
    InvalidInputs,
    InvalidWorkflow,
    RunfoldError,
)
from runfold.graph.reading.yaml_writing import yaml_of
from runfold.importers.draft import native_id
from runfold.importers.importing import Options, PassedOver, Refused, SourceFile, import_files
from runfold.importers.places import stored_layout
from runfold.importers.reading import read_value
from runfold.importers.report import Imported, Status

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


def import_(options: ImportOptions) -> int:
    """Import files, print what became of them; 4 for something unsupported, 2 for no workflow.

    In no event loop, so that a signal ends an import of many files at once.

    Raises:
        ConfigurationError: A file cannot be read or written, or stands where a folder is named.
        InvalidInputs: A mapping is not one.
    """
    if options.folder is not None and options.folder.exists() and not options.folder.is_dir():
        message = f"-o {options.folder} is a file: name a folder"
        raise ConfigurationError(message, code="file.unwritable")
    models, bindings = _models(options.models), Asked(_mapping("--bind", options.bind))
    wanted = Options(models=models, bindings=bindings)
    files, unread = _read(options.files)
    for file, error in unread:
        say_error(error, file)
    results = import_files([source for _, source in files], wanted)
    made = [one for one in results if isinstance(one, Imported)]
    codes = {USAGE if unread else OK, *(_reported(one, files, options) for one in results)}
    code = next(one for one in (USAGE, INCOMPLETE, OK) if one in codes)
    _say_passed_over([one for one in results if isinstance(one, PassedOver)], files)
    refused = sum(isinstance(one, Refused) for one in results)
    if len(made) + refused > 1:
        _say_counts(made, refused)
    _say_unasked("--models", models)
    _say_unasked("--bind", bindings)
    if options.publish and made:
        return run_loop(_published(made, options)) or code
    return code


def _reported(
    one: Imported | Refused | PassedOver,
    files: Sequence[tuple[str, SourceFile]],
    options: ImportOptions,
) -> int:
    """Print what became of a document, and write it where that is asked for; its exit code."""
    match one:
        case Refused():
            _say_refused(one, files, as_json=options.as_json)
            return USAGE
        case PassedOver():
            return OK
        case Imported():
            if options.as_json:
                print_json(one)
            else:
                print_report(one, to=sys.stdout)
            if options.folder is not None:
                _write(one, options.folder)
            return INCOMPLETE if one.status == "incomplete" else OK


class Asked(dict[str, Any]):
    """What is given by name, and which of it was ever looked for."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        super().__init__(given)
        self._asked: set[str] = set()

    def __contains__(self, name: object) -> bool:
        self._asked.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> Any:
        self._asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """What is given by a name."""
        self._asked.add(name)
        return super().get(name, default)

    def unasked(self) -> list[str]:
        """The names that nothing looked for."""
        return [name for name in self if name not in self._asked]


_SUFFIXES = frozenset((".json", ".yml", ".yaml", ".zip", ".flow"))
"""Of the files that are taken of a folder."""


def _read(
    named: Sequence[str],
) -> tuple[list[tuple[str, SourceFile]], list[tuple[str, RunfoldError]]]:
    """Each file with its bytes, those of a folder in the order of their names; what is unread."""
    found: list[tuple[str, SourceFile]] = []
    unread: list[tuple[str, RunfoldError]] = []
    for name in named:
        for file in _named_by(name):
            try:
                found.append((file, SourceFile(_stem(file), read_source(file))))
            except RunfoldError as error:
                unread.append((file, error))
    return found, unread


def _named_by(name: str) -> list[str]:
    """The file of a name, or those of a folder.

    Raises:
        InvalidInputs: The folder has none.
    """
    if name == "-" or not Path(name).is_dir():
        return [name]
    found = sorted(
        str(path)
        for path in Path(name).rglob("*")
        if path.suffix.lower() in _SUFFIXES and path.is_file()
    )
    if not found:
        message = f"the folder {name} has no files {', '.join(sorted(_SUFFIXES))} in it"
        raise InvalidInputs(message, code="import.no_file")
    return found


def _say_refused(one: Refused, files: Sequence[tuple[str, SourceFile]], *, as_json: bool) -> None:
    """Say why a file or a member of a zip is no workflow: as an error, and as a line of JSON."""
    file = next(file for file, source in files if source is one.file)
    about = f"{file}: {one.name}" if one.within else file
    say_error(one.error, about)
    if as_json:
        said = {"code": one.error.code, "message": one.error.message}
        named = {"file": file, "name": one.name, "workflow_id": "", "status": "refused"}
        print_json({**named, **said})


def _say_passed_over(
    several: Sequence[PassedOver], files: Sequence[tuple[str, SourceFile]]
) -> None:
    """Name what else is in zips."""
    named = {source.name: file for file, source in files}
    for within in dict.fromkeys(one.within for one in several):
        names = ", ".join(one.name for one in several if one.within == within)
        say(f"note: {named.get(within, within)}: no workflows: {names}")


def _say_counts(made: Sequence[Imported], refused: int) -> None:
    """What several documents came to together: their reports are long."""
    counts = Counter(one.status for one in made)
    said = [f"{counts[status]} {status}" for status in get_args(Status) if counts[status]]
    said += [f"{refused} not read"] if refused else []
    say(f"{len(made) + refused} documents: {', '.join(said)}")


def _stem(file: str) -> str:
    return "imported" if file == "-" else Path(file).stem


def _say_unasked(option: str, given: Asked) -> None:
    unasked = given.unasked()
    if unasked:
        say(f"note: {option}: nothing in these files asks for {', '.join(unasked)}")


def _models(file: str) -> Asked:
    given = _mapping("--models", file)
    unnamed = [name for name, one in given.items() if not isinstance(one, str)]
    if unnamed:
        message = f"--models {file}: {', '.join(unnamed)}: name a model here by a text"
        raise InvalidInputs(message)
    return Asked(given)


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
    path = folder / f"{native_id(imported.workflow_id) or 'imported'}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        was_there = path.exists()
        path.write_text(yaml_of(imported.definition), encoding="utf-8")
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise ConfigurationError(message, code="file.unwritable") from error
    say(f"wrote {path}{', over the one that was there' if was_there else ''}")


async def _published(made: Sequence[Imported], options: ImportOptions) -> int:
    """Store and publish definitions; 2 where one of them cannot be.

    Raises:
        BusUnavailable: There is no bus to store them on.
    """
    # A bus is most of what there is to import, and most imports need none.
    from runfold.cli.workflows import opened
    from runfold.definitions.sources import source_of

    code = OK
    async with opened(options.server, options.data_dir) as workflows:
        for imported in made:
            source = source_of(yaml_of(imported.definition).encode(), "application/yaml")
            try:
                layout = stored_layout(imported)
                saved = await workflows.save(source, draft=False, layout=layout)
            except BusUnavailable:
                raise
            except RunfoldError as error:
                if isinstance(error, InvalidWorkflow):
                    print_findings(error.findings)
                say_error(error, imported.workflow_id)
                code = USAGE
            else:
                say(f"published {saved.id} version {saved.version}")
    return code
