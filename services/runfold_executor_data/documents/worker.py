"""`python -m runfold_executor_data.documents.worker MEMORY SECONDS`: a process for documents.

Reads jobs from its standard input until that ends, which it does with the process that asked. What
it reads comes from anybody and goes into native parsers: it has limits of memory and time, and may
open no connection and start no process.
"""

from __future__ import annotations

import math
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from runfold_executor_data.documents.formats import (
    epub,
    html,
    mail,
    pdf,
    plain,
    sheets,
    slides,
    word,
)
from runfold_executor_data.documents.formats.recognising import kind_of_document
from runfold_executor_data.documents.reading import Answer, Document, Job, Kind, Unreadable

HEADER = 4
"""Bytes before a body, that say how long it is."""
_DEEP = 5000
"""Calls in one another: XML may be nested 256 deep, and a few are made for each level."""
_NOT_NEEDED = ("numpy", "pandas", "PIL")
"""What openpyxl imports where it is installed, for what is not done here."""
_NEAR = 0.6
"""Part of its memory that a document took when a parser that fails failed for want of it: libxml2
says of it that a document is wrong."""
_LONGEST = 500
"""Characters of what a parser says."""
_REFUSED = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
)

READERS: dict[Kind, Callable[[bytes, Job], Document]] = {
    "pdf": pdf.read_pdf,
    "docx": word.read_docx,
    "pptx": slides.read_pptx,
    "xlsx": sheets.read_xlsx,
    "csv": sheets.read_csv,
    "html": html.read_html,
    "epub": epub.read_epub,
    "eml": mail.read_eml,
    "md": lambda body, job: plain.read("md", body, job),
    "text": lambda body, job: plain.read("text", body, job),
}
"""What reads each kind."""


def main(memory: int, seconds: float) -> int:
    """Read documents until there are no more."""
    _limit_memory(memory)
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    sys.setrecursionlimit(_DEEP)
    for name in _NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]
    sys.addaudithook(refuse)
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nowhere, standard)  # what a library prints must not come between answers
    _write(outgoing, bytes(HEADER))  # ready
    while (received := _read(incoming)) is not None:
        head, _, body = received.partition(b"\n")
        _limit_time(seconds)
        answer = msgspec.json.encode(answered(body, msgspec.json.decode(head, type=Job), memory))
        _write(outgoing, len(answer).to_bytes(HEADER, "big") + answer)
    return 0


def answered(body: bytes, job: Job, memory: int) -> Answer:
    """A document, or why it is not read."""
    _forget_peak()
    idle = _peak()
    try:
        return Answer(READERS[kind_of_document(body, job)](body, job))
    except Unreadable as error:
        problem, code = str(error), error.code
    except (MemoryError, RecursionError) as error:
        problem = "reading it needs more memory than it may have"
        if isinstance(error, RecursionError):
            problem = "it is nested too deep"
        return Answer(code="limit", problem=problem)
    except Exception as error:  # noqa: BLE001 -- a parser raises anything, and the document is why
        problem, code = f"{type(error).__name__}: {error}", "malformed"
    if code == "malformed" and _peak() - idle > memory * _NEAR:
        return Answer(code="limit", problem="reading it needs more memory than it may have")
    return Answer(code=code, problem=" ".join(problem.split())[:_LONGEST])


def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    """Refuse what reading a document never does, as a hook of the interpreter's."""
    if event.startswith(_REFUSED):
        message = "this process opens no connections and starts no processes"
        raise PermissionError(message)


def _limit_memory(memory: int) -> None:
    if sys.platform == "linux":
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory,) * 2)


def _limit_time(seconds: float) -> None:
    """Have the process ended when it has used so much more of a processor."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = math.ceil(used.ru_utime + used.ru_stime + seconds)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (end, hard))


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Bytes of memory that the process had at most; 0 where that is not known."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _write(pipe: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) or 0 :]


def _read(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(HEADER)
    if len(head) < HEADER:
        return None
    return pipe.read(int.from_bytes(head, "big"))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2])))
