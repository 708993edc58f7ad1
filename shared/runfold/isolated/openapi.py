"""Reading OpenAPI documents in a process apart: large ones take seconds, odd ones end a parser."""

from __future__ import annotations

import msgspec

from runfold.errors import InvalidRequest, PayloadTooLarge
from runfold.isolated.pool import Died, Pool
from runfold.openapi.document import Fault
from runfold.openapi.operations import checked

LARGEST = 32 * 1024 * 1024
"""Bytes of a document; the largest that are published have some 15 MB."""
SECONDS = 60.0
MEMORY = 2 * 1024**3

_pool = Pool(size=1, seconds=SECONDS, memory=MEMORY)


class ReadDocument(msgspec.Struct, frozen=True):
    """A document that can be used."""

    body: bytes
    """As JSON, its keys in their order: what is stored, and what the hash is of."""
    title: str
    version: str
    """Of OpenAPI."""
    operations: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True):
    """What the process apart says of a document."""

    read: ReadDocument | None = None
    faults: list[Fault] = []


async def read_openapi(body: bytes) -> ReadDocument:
    """An OpenAPI document from its text, JSON or YAML.

    Raises:
        InvalidRequest: The code of the first thing that is wrong; `details` has all `findings`.
        PayloadTooLarge: It is over `LARGEST`.
    """
    if len(body) > LARGEST:
        message = f"an OpenAPI document of {len(body)} bytes; the limit is {LARGEST}"
        raise PayloadTooLarge(message, details={"size": len(body), "limit": LARGEST})
    try:
        answer = msgspec.json.decode(await _pool.run("openapi", body), type=Answer)
    except Died as error:
        message = f"the OpenAPI document cannot be read: the parser was ended ({error})"
        raise InvalidRequest(message, code="openapi.invalid") from error
    if answer.read is None:
        raise refused(answer.faults)
    return answer.read


def examined(value: object, body: bytes) -> Answer:
    """What is said of a document's value; `body` is its text as JSON."""
    operations, faults = checked(value)
    if operations is None:
        return Answer(faults=faults)
    document = operations.document
    version = str(document.value["openapi"])
    return Answer(ReadDocument(body, document.title, version, operations.ids))


def refused(faults: list[Fault]) -> InvalidRequest:
    """The error that a document's faults come to."""
    first = faults[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    findings = [{"code": one.code, "place": one.place, "message": one.message} for one in faults]
    return InvalidRequest(
        f"the OpenAPI document cannot be used: {first.place}: {first.message}{more}",
        code=first.code,
        details={"findings": findings},
    )
