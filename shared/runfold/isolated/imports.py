"""Importing documents in a process apart: they are anybody's bytes, and large ones take seconds."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import structs

from runfold.errors import InvalidInputs, InvalidRequest
from runfold.importers.importing import Options, PassedOver, Refused, SourceFile, import_files
from runfold.importers.report import Imported, not_with
from runfold.isolated.pool import Died, Pool

SECONDS = 30.0
MEMORY = 2 * 1024**3

_pool = Pool(size=1, seconds=SECONDS, memory=MEMORY)


class Job(msgspec.Struct, frozen=True):
    """What is to be imported."""

    files: list[SourceFile]
    options: Options


class RefusedFile(msgspec.Struct, frozen=True):
    """A file, or a member of a zip, that is not a workflow of any format or cannot be read."""

    name: str
    code: str
    message: str
    within: str = ""
    """Name of the zip that it is a member of."""


class Done(msgspec.Struct, frozen=True):
    """What became of all files."""

    items: list[Imported] = []
    refused: list[RefusedFile] = []
    passed_over: list[PassedOver] = []
    """Members of zips that are no workflows, nor mean to be: pictures, manifests."""


class ImportedFile(Imported, frozen=True):
    """The first document of a file, and what else is in the file."""

    others: tuple[str, ...] = ()
    """Ids of further workflows in it, which a form of files imports as well."""
    refused: tuple[RefusedFile, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()


async def import_apart(files: Sequence[SourceFile], options: Options) -> Done:
    """Import files; one that cannot be read stops no other.

    Raises:
        InvalidRequest: `import.too_complex`: it took too long, or too much memory.
    """
    body = msgspec.json.encode(Job(list(files), options))
    try:
        return msgspec.json.decode(await _pool.run("import", body), type=Done)
    except Died as error:
        message = f"the import was ended ({error}): the document is too large or too odd"
        raise InvalidRequest(message, code="import.too_complex") from error


async def import_one(name: str, body: bytes, options: Options) -> ImportedFile:
    """Import one document; of a file with several, the first.

    Raises:
        InvalidInputs: `import.unreadable` or `import.not_a_workflow`.
        InvalidRequest: `import.too_complex`.
    """
    done = await import_apart([SourceFile(name, body)], options)
    if done.items:
        first, *more = done.items
        return ImportedFile(
            **structs.asdict(first),
            others=not_with(first, more),
            refused=tuple(done.refused),
            passed_over=tuple(done.passed_over),
        )
    refused = done.refused[0]
    raise InvalidInputs(refused.message, code=refused.code)


def imported(job: bytes) -> bytes:
    """The work of the process apart."""
    asked = msgspec.json.decode(job, type=Job)
    made = import_files(asked.files, asked.options)
    items = [one for one in made if isinstance(one, Imported)]
    refused = [
        RefusedFile(one.name, one.error.code, one.error.message, one.within)
        for one in made
        if isinstance(one, Refused)
    ]
    passed_over = [one for one in made if isinstance(one, PassedOver)]
    return msgspec.json.encode(Done(items, refused, passed_over))
